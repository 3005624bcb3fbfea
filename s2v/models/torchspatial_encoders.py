"""Published encoders as encoders of this lab: each reader removes the encoder's weights from those of the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.torchspatial_file import FIRST, Params, Weights, first_columns, matrix
from s2v.models.torchspatial_sources import GEO_PRIOR, SINR, SPHERE2VEC, TORCHSPATIAL, Source


class Given(NamedTuple):
    """What the user says beside the file, where the file alone is not a model of places."""

    time_of_year: float | None = None  # 0 to 1
    anchors: Tensor | None = None  # (anchors, 2) in degrees, float64


class ImportedEncoder(NamedTuple):
    """An encoder of this lab: its name, its parameters, its learned or random tensors, and how its code is used.

    The published code is ``turn`` (published, ours) times ours plus ``shift`` (published,), where there is one.  A
    ``turn`` of one dimension is a diagonal matrix.
    """

    name: str
    params: Mapping[str, Any] = {}
    weights: Mapping[str, Tensor] = {}
    turn: Tensor | None = None
    shift: Tensor | None = None


# The matrices that are made here grow with the square of what a file says.
MAX_SCALES, MAX_DEGREES, MAX_WIDTH = 128, 100, 256  # as many as the encoders and the embedding have here
MAX_OCTAVES = 32

Reader = Callable[[Params, Weights, Given], ImportedEncoder]

WRAP = ImportedEncoder("wrap", {"latitude": "stretched"})


def _multi_scale(name: str, unit: float = 1.0) -> Reader:
    """``unit`` is that of the file's radii in ours."""
    return lambda params, weights, given: _scales(name, params, params["min_radius"], unit)


def _from_radius_one(name: str) -> Reader:
    """Frequencies max_radius^(-s/(S-1)) (SpatialRelationEncoder.py 2106-2121, 2340-2355): min_radius is not used."""

    def read(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
        largest = params["max_radius"]
        if not isinstance(largest, int | float) or largest < 1:
            raise ValueError(f"its max_radius is {shown(largest)}; that of a published {name} must be at least 1 here.")
        return _scales(name, params, 1.0)

    return read


def _scales(name: str, params: Params, min_radius: Any, unit: float = 1.0) -> ImportedEncoder:
    if (kind := params["freq_init"]) != "geometric":
        reason = (
            "random ones are not in the file"
            if kind == "random"
            else "encoders of this lab at many scales have no others"
        )
        raise ValueError(f"its freq_init is {shown(kind)}; only 'geometric' frequencies can be imported: {reason}.")
    radii = {"min_radius": min_radius, "max_radius": params["max_radius"]}
    numbers = all(isinstance(radius, int | float) for radius in radii.values())
    if numbers and unit != 1:
        radii = {key: radius * unit for key, radius in radii.items()}
    if numbers and radii["min_radius"] == radii["max_radius"]:  # radii must rise here: the smallest is less by one bit
        radii["min_radius"] *= 1 - 2**-53
    return ImportedEncoder(name, {"scales": params["frequency_num"], **radii})


def _nerf(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """TorchSpatial's octaves are 16 whatever frequency_num says (utils.py 886-900): they follow from the weights."""
    octaves = first_columns(weights) // 6
    if octaves > MAX_OCTAVES:
        raise ValueError(
            f"it has {octaves} octaves; allowed are {MAX_OCTAVES}. The higher ones show the rounding errors of the "
            "machine that computed them, not places."
        )
    return ImportedEncoder("nerf", {"scales": octaves})


def _hexagons(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """Three sines a third of a turn apart are a sine and a cosine (SpatialRelationEncoder.py 350-450).

    Its frequencies begin at 1 per degree whatever min_radius says; its only layer has no layer norm.
    """
    first = _only_layer(params, weights, matrix(weights, "spa_enc.post_linear.weight"))
    if first.shape[1] % 6 or first.shape[1] > 6 * MAX_SCALES:
        raise ValueError(
            f"its first layer takes {first.shape[1]} features; it must be six for each of at most {MAX_SCALES} scales."
        )
    angles = torch.arange(3, dtype=torch.float64) * (2 * math.pi / 3)
    # sin(x + angle) of x, of which the code has sine and cosine
    three = torch.stack((angles.cos(), angles.sin()), 1)
    turn = torch.block_diag(*[three] * (first.shape[1] // 3))
    geometric = Params({**params, "freq_init": "geometric"})  # it has no other frequencies
    return _from_radius_one("grid")(geometric, weights, given)._replace(turn=turn)


def _diagonal(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """A matrix of its own for each scale, then one for all (SpatialRelationEncoder.py 740-900): together one matrix."""
    own = weights.get("spa_enc.post_mat", torch.empty(0)).double()
    if own.ndim != 3 or own.shape[1] != 6 or own.shape[0] > MAX_SCALES or own.shape[2] > MAX_WIDTH:
        raise ValueError(
            f"its post_mat has the shape {tuple(own.shape)}; it must be (S, 6, D / S) for S scales, at most "
            f"{MAX_SCALES}, and an embedding of width D, at most {MAX_WIDTH}."
        )
    for name in ("spa_enc.post_mat", "spa_enc.spa_postmat"):
        weights.pop(name, None)
    first = torch.block_diag(*own.transpose(1, 2))  # (D, 6 S)
    if params["spa_enc_use_postmat"] is True:
        after = matrix(weights, "spa_enc.post_linear.weight").double()
        if after.shape[1] != len(first):
            raise ValueError(
                f"its post_linear has the shape {tuple(after.shape)}, but post_mat gives {len(first)} numbers."
            )
        first = after @ first
    _only_layer(params, weights, first.float())
    return _scales("theory", params, params["min_radius"])


def _only_layer(params: Params, weights: Weights, first: Tensor) -> Tensor:
    """The layer as one of a feed-forward network without hidden ones."""
    weights.pop("spa_enc.post_linear.weight", None)
    params["num_hidden_layer"] = 0
    bias = weights.pop("spa_enc.post_linear.bias", torch.zeros(len(first)))
    weights[f"{FIRST}.weight"], weights[f"{FIRST}.bias"] = first, bias
    return first


def _harmonics(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """TorchSpatial's (spherical_harmonics_ylm_numpy.py) are ours at the antipode, with those of m = 0 times pi."""
    degrees = math.isqrt(count := first_columns(weights))
    if degrees**2 != count or degrees > MAX_DEGREES:
        raise ValueError(
            f"its first layer takes {count} features; L degrees of harmonics, at most {MAX_DEGREES}, are L * L."
        )
    factors = [(-1.0) ** n * (math.pi if m == 0 else 1) for n in range(degrees) for m in range(-n, n + 1)]
    turn = torch.tensor(factors, dtype=torch.float64)
    return ImportedEncoder("spherical_harmonics", {"degree": degrees}, turn=turn)


def _rff(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """Directions and shifts are in the file; they absorb the extent by which a place is scaled to [-1, 1]."""
    prefix = "spa_enc." if "spa_enc.dirvec" in weights else "spa_enc.position_encoder."
    directions = matrix(weights, f"{prefix}dirvec").double()  # (2, W)
    shifts = weights.get(f"{prefix}shift", torch.empty(0)).double()  # (W,)
    if len(directions) != 2 or shifts.shape != directions.shape[1:]:
        raise ValueError(
            f"its directions have the shape {tuple(directions.shape)} and its shifts {tuple(shifts.shape)}; they must "
            "be (2, W) and (W,)."
        )
    del weights[f"{prefix}dirvec"], weights[f"{prefix}shift"]
    scale, shift = _extent(params)
    return ImportedEncoder(
        "rff",
        {"features": len(shifts), "bandwidth": _kernel_size(params)},
        {"directions": directions * scale[:, None], "shifts": shifts + shift @ directions},
    )


def _naive(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    scale, shift = _extent(params)
    if bool((scale == 1).all()) and not shift.any():
        return ImportedEncoder("direct")
    return ImportedEncoder("direct", turn=scale, shift=shift)


def _extent(params: Params) -> tuple[Tensor, Tensor]:
    """Factor and shift (2,) from our places in [-1, 1], the world, to theirs, the map_range."""
    extent = params["map_range"]
    numbers = isinstance(extent, list | tuple) and all(isinstance(x, int | float) and abs(x) <= 360 for x in extent)
    if not (numbers and len(extent) == 4 and extent[0] < extent[1] and extent[2] < extent[3]):
        raise ValueError(
            f"its map_range is {shown(extent)}; it must be west, east, south and north in degrees, rising."
        )
    low, high = torch.tensor(extent, dtype=torch.float64).view(2, 2).T
    middle, half = (low + high) / 2, (high - low) / 2
    world = torch.tensor([180.0, 90.0], dtype=torch.float64)  # our encoder divides places by it
    return world / half, -middle / half


def _kernel_size(params: Params) -> Any:
    return params["rbf_kernel_size" if "rbf_kernel_size" in params else "rbf_kernal_size"]


def _rbf(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """Its anchors are an attribute, no weights (SpatialRelationEncoder.py 1239-1256): the file has only row numbers."""
    count = first_columns(weights)
    if given.anchors is None:
        raise ValueError(
            f"its encoder is rbf, whose {count} anchors are places of its training data, and the file has only their "
            "row numbers there (rbf_anchor_pt_ids). Give these places, in that order, as anchors, or train such a "
            "model here: encoder rbf."
        )
    if given.anchors.shape != (count, 2):
        raise ValueError(f"its first layer takes {count} anchors; there are {len(given.anchors)} places in anchors.")
    return ImportedEncoder("rbf", {"anchors": count, "bandwidth": _kernel_size(params)}, {"centers": given.anchors})


def _tile(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """A table of one cell (SpatialRelationEncoder.py 2825, 2833-2840 never use the interval): here two equal ones."""
    vectors = matrix(weights, "spa_enc.position_encoder.embedding.weight")
    if len(vectors) != 1:
        raise ValueError(f"its table has {len(vectors)} cells; the published tile_ffn has one, and only that is known.")
    del weights["spa_enc.position_encoder.embedding.weight"]
    return ImportedEncoder("tile", {"cell": 180.0, "features": vectors.shape[1]}, {"vectors": vectors.repeat(2, 1)})


def _fcnet_input(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """The input of FCNet: the place and, if it takes one, a fixed date (geo_prior utils.py, encode_loc_time)."""
    kind, dated = params["loc_encode"], params["use_date_feats"]
    place = {"encode_cos_sin": WRAP, "encode_none": ImportedEncoder("direct")}.get(str(kind))
    if place is None or not isinstance(dated, bool):
        double = " encode_3D takes the unit vector at twice the latitude, which no encoder here does." * (
            kind == "encode_3D"
        )
        raise ValueError(
            f"its loc_encode is {shown(kind)} and its use_date_feats {shown(dated)}; what can be imported is "
            f"'encode_cos_sin' or 'encode_none', and False or True.{double}"
        )
    if not dated:
        return place
    if given.time_of_year is None:
        raise ValueError(
            "it predicts for a place and a date. Say for which time of year it is to be imported: time_of_year, from 0 "
            "(1 January) to 1 (31 December)."
        )
    turn = 2 * given.time_of_year - 1  # in half turns
    dates = {"encode_cos_sin": (math.sin(math.pi * turn), math.cos(math.pi * turn)), "encode_none": (turn,)}
    if (date := params["date_encode"]) not in tuple(dates):
        raise ValueError(f"its date_encode is {shown(date)}; allowed are {', '.join(dates)}.")
    features = 4 if place is WRAP else 2
    constant = torch.tensor((0.0,) * features + dates[date], dtype=torch.float64)
    return place._replace(turn=torch.eye(len(constant), features, dtype=torch.float64), shift=constant)


def _sinr_input(params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    if params["input_enc"] != "sin_cos":
        raise ValueError(
            f"its input_enc is {shown(params['input_enc'])}: it takes values of environmental rasters (climate and "
            "elevation) at each place, which are not in the file. Only 'sin_cos', the place alone, can be imported."
        )
    return WRAP


# What both call alike.  sphere2vec's own sphereM+ and dfs heed min_radius, its nerf frequency_num.
_ALIKE: Mapping[str, Reader] = {
    "gridcellnorm": _multi_scale("grid"),  # it scales before it turns degrees into radians, which are then unused
    "theorynorm": _multi_scale("theory", 180 / math.pi),  # radii of radians
    "theorydiag": _diagonal,
    "hexagridcell": _hexagons,
    "xyz": lambda params, weights, given: ImportedEncoder("xyz"),
    "rff": _rff,
    "rbf": _rbf,
    "naive": _naive,
}
ENCODERS: Mapping[str, Mapping[str, Reader]] = {
    TORCHSPATIAL.name: {
        "Space2Vec-grid": _multi_scale("grid"),
        "Space2Vec-theory": _multi_scale("theory"),
        "Sphere2Vec-sphereC": _multi_scale("sphereC"),
        "Sphere2Vec-sphereC+": _multi_scale("sphereC+"),
        "Sphere2Vec-sphereM": _multi_scale("sphereM"),
        "Sphere2Vec-sphereM+": _from_radius_one("sphereM+"),
        "Sphere2Vec-dfs": _from_radius_one("dfs"),
        "NeRF": _nerf,
        "wrap": _fcnet_input,
        "wrap_ffn": lambda params, weights, given: WRAP,
        "tile_ffn": _tile,
        "spherical_harmonics": _harmonics,
        **_ALIKE,
    },
    SPHERE2VEC.name: {
        "gridcell": _multi_scale("grid"),
        "theory": _multi_scale("theory"),
        "sphere": _multi_scale("sphereC"),
        "spheregrid": _multi_scale("sphereC+"),
        "spheremixscale": _multi_scale("sphereM"),
        "spheregridmixscale": _multi_scale("sphereM+"),
        "dft": _multi_scale("dfs"),
        "nerf": _nerf,
        "geo_net": _fcnet_input,
        "geo_net_fft": lambda params, weights, given: WRAP,
        **_ALIKE,
    },
}


def encoder_of(source: Source, params: Params, weights: Weights, given: Given) -> ImportedEncoder:
    """The encoder of a file; ``ValueError`` for one that this lab does not have, and for what belongs to no encoder."""
    kind = params[source.key]
    if given.anchors is not None and kind != "rbf":
        raise ValueError("it has no anchors, which only an rbf has: leave anchors out.")
    if given.time_of_year is not None and (
        not takes_features(source, params) or params.get("use_date_feats") is not True
    ):
        raise ValueError("it takes no date: leave time_of_year out.")
    if source is SINR:
        return _sinr_input(params, weights, given)
    if source is GEO_PRIOR:
        return _fcnet_input(params, weights, given)
    readers = ENCODERS[source.name]
    if not isinstance(kind, str) or kind not in readers:
        raise ValueError(f"its encoder is {shown(kind)}; those that can be imported are: {', '.join(names())}.")
    return readers[kind](params, weights, given)


def takes_features(source: Source, params: Params) -> bool:
    """Whether its network is FCNet, which takes features and has no encoder of its own."""
    return source is GEO_PRIOR or params.get("spa_enc_type") in ("wrap", "geo_net")


def names() -> list[str]:
    """All names of encoders, TorchSpatial's first."""
    return list(dict.fromkeys(name for readers in ENCODERS.values() for name in readers))


_FROM_ONE = (
    "TorchSpatial ignores its min_radius; its scales go from 1 to max_radius, so with max_radius=1 all of them are the "
    "same. It is imported as it computes."
)
_HEXAGONS = "Its min_radius is ignored; its scales go from 1 degree to max_radius. It is imported as it computes."
REMARKS: Mapping[tuple[str, str], str] = {
    (TORCHSPATIAL.name, "Sphere2Vec-sphereM+"): _FROM_ONE,
    (TORCHSPATIAL.name, "Sphere2Vec-dfs"): _FROM_ONE,
    (TORCHSPATIAL.name, "tile_ffn"): "TorchSpatial never uses its interval; it has one cell and answers the same at "
    "every place. It is imported as it computes.",
    (TORCHSPATIAL.name, "spherical_harmonics"): "TorchSpatial's harmonics of m = 0 are pi times too large, and all are "
    "those of the antipode. It is imported as it computes.",
    (SPHERE2VEC.name, "hexagridcell"): _HEXAGONS,
    (TORCHSPATIAL.name, "hexagridcell"): _HEXAGONS,
}
