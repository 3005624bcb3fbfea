"""Published encoders as encoders of this lab: each reader removes the encoder's weights from those of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.torchspatial_file import Params, Weights, matrix


class ImportedEncoder(NamedTuple):
    """An encoder of this lab: its name, its parameters, and its learned or random tensors."""

    name: str
    params: Mapping[str, Any] = {}
    weights: Mapping[str, Tensor] = {}


def _multi_scale(name: str) -> Callable[[Params, Weights], ImportedEncoder]:
    return lambda params, weights: _scales(name, params, params["min_radius"])


def _from_radius_one(name: str) -> Callable[[Params, Weights], ImportedEncoder]:
    """Frequencies max_radius^(-s/(S-1)) (SpatialRelationEncoder.py 2106-2121, 2340-2355): min_radius is not used."""

    def read(params: Params, weights: Weights) -> ImportedEncoder:
        largest = params["max_radius"]
        if not isinstance(largest, int | float) or largest < 1:
            raise ValueError(f"its max_radius is {shown(largest)}; that of a published {name} must be at least 1 here.")
        # Radii must rise here: where all of them are 1, the smallest is less by one bit.
        return _scales(name, params, 1.0 if largest > 1 else 1 - 2**-53)

    return read


def _scales(name: str, params: Params, min_radius: Any) -> ImportedEncoder:
    if params["freq_init"] != "geometric":
        raise ValueError(
            f"its freq_init is {shown(params['freq_init'])}; only 'geometric' frequencies can be imported: random ones "
            "are not in the file."
        )
    radii = {"min_radius": min_radius, "max_radius": params["max_radius"]}
    return ImportedEncoder(name, {"scales": params["frequency_num"], **radii})


def _nerf(params: Params, weights: Weights) -> ImportedEncoder:
    """The published octaves are 16 whatever frequency_num says (utils.py 886-900): they follow from the weights."""
    return ImportedEncoder("nerf", {"scales": matrix(weights, "spa_enc.ffn.layers.0.linear.weight").shape[1] // 6})


def _wrap(params: Params, weights: Weights) -> ImportedEncoder:
    """The input of FCNet (utils.py 256-309)."""
    if params["loc_encode"] != "encode_cos_sin" or params["use_date_feats"] is not False:
        raise ValueError(
            f"its loc_encode is {shown(params['loc_encode'])} and its use_date_feats "
            f"{shown(params['use_date_feats'])}; only 'encode_cos_sin' and False, the sines and cosines of "
            "the place alone, can be imported."
        )
    return ImportedEncoder("wrap", {"latitude": "stretched"})


def _rff(params: Params, weights: Weights) -> ImportedEncoder:
    """Directions and shifts are in the file; they absorb the extent by which a place is scaled to [-1, 1]."""
    directions = matrix(weights, "spa_enc.position_encoder.dirvec").double()  # (2, W)
    shifts = weights.get("spa_enc.position_encoder.shift", torch.empty(0)).double()  # (W,)
    if len(directions) != 2 or shifts.shape != directions.shape[1:]:
        raise ValueError(
            f"its directions have the shape {tuple(directions.shape)} and its shifts {tuple(shifts.shape)}; they must "
            "be (2, W) and (W,)."
        )
    del weights["spa_enc.position_encoder.dirvec"], weights["spa_enc.position_encoder.shift"]
    extent = params["map_range"]
    numbers = isinstance(extent, list | tuple) and all(isinstance(x, int | float) and abs(x) <= 360 for x in extent)
    if not (numbers and len(extent) == 4 and extent[0] < extent[1] and extent[2] < extent[3]):
        raise ValueError(
            f"its map_range is {shown(extent)}; it must be west, east, south and north in degrees, rising."
        )
    low, high = torch.tensor(extent, dtype=torch.float64).view(2, 2).T
    middle, half = (low + high) / 2, (high - low) / 2
    world = torch.tensor([180.0, 90.0], dtype=torch.float64)  # our encoder divides places by it
    return ImportedEncoder(
        "rff",
        {"features": len(shifts), "bandwidth": params["rbf_kernel_size"]},
        {"directions": directions * (world / half)[:, None], "shifts": shifts - (middle / half) @ directions},
    )


def _tile(params: Params, weights: Weights) -> ImportedEncoder:
    """A table of one cell (SpatialRelationEncoder.py 2825, 2833-2840 never use the interval): here two equal ones."""
    vectors = matrix(weights, "spa_enc.position_encoder.embedding.weight")
    if len(vectors) != 1:
        raise ValueError(f"its table has {len(vectors)} cells; the published tile_ffn has one, and only that is known.")
    del weights["spa_enc.position_encoder.embedding.weight"]
    return ImportedEncoder("tile", {"cell": 180.0, "features": vectors.shape[1]}, {"vectors": vectors.repeat(2, 1)})


ENCODERS: Mapping[str, Callable[[Params, Weights], ImportedEncoder]] = {
    "Space2Vec-grid": _multi_scale("grid"),
    "Space2Vec-theory": _multi_scale("theory"),
    "Sphere2Vec-sphereC": _multi_scale("sphereC"),
    "Sphere2Vec-sphereC+": _multi_scale("sphereC+"),
    "Sphere2Vec-sphereM": _multi_scale("sphereM"),
    "Sphere2Vec-sphereM+": _from_radius_one("sphereM+"),
    "Sphere2Vec-dfs": _from_radius_one("dfs"),
    "xyz": lambda params, weights: ImportedEncoder("xyz"),
    "NeRF": _nerf,
    "wrap": _wrap,
    "wrap_ffn": lambda params, weights: ImportedEncoder("wrap", {"latitude": "stretched"}),
    "rff": _rff,
    "tile_ffn": _tile,
}

REFUSED = {
    "rbf": "Its anchors are training places, and the file has only their numbers in the training data, not the places.",
    "spherical_harmonics": "The released code cannot run it: the module of its harmonics is not there. Those of "
    "related projects differ in signs and by a factor of pi, so what its weights expect is not known.",
}

_FROM_ONE = (
    "TorchSpatial ignores its min_radius; its scales go from 1 to max_radius, so with max_radius=1 all of them are the "
    "same. It is imported as it computes."
)
REMARKS: Mapping[str, str] = {
    "Sphere2Vec-sphereM+": _FROM_ONE,
    "Sphere2Vec-dfs": _FROM_ONE,
    "tile_ffn": "TorchSpatial never uses its interval; it has one cell and answers the same at every place. It is "
    "imported as it computes.",
}
