"""Imports models that the authors of TorchSpatial released.  Only tensors and plain values are ever unpickled.

Their files are what torch.save makes of ``{"epoch", "state_dict", "optimizer", "params"}`` (trainer.py 1532-1538):
``params`` say which encoder and network it is, ``state_dict`` has the weights of LocationEncoder or FCNet (models.py).
"""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

Weights = dict[str, Tensor]
_GIVE = "Give a checkpoint that TorchSpatial's trainer wrote"


def import_torchspatial(path: str | os.PathLike[str], classes: Sequence[str] | None = None) -> LocationModel:
    """Import the location model of a checkpoint that TorchSpatial's trainer wrote.

    It predicts as the authors' model does: an independent probability for each class (their sigmoid), so its task is
    "presence".  Its recipe has the encoder and the network of the file, but not how it was trained.  The optimiser and
    the embedding of users are ignored.  NeRF gets as many octaves as its weights take, 16 in the published code,
    whatever the file says.

    A ``UserWarning`` says where the published code does not compute what its name promises: sphereM+ and dfs ignore the
    smallest radius, tile_ffn has one cell.  Such a model is imported as it computes.

    Parameters
    ----------
    path : str or path, of the checkpoint
    classes : sequence of str, optional
        Names of the classes in the file's order, which a checkpoint does not hold; without them they are "class 0",
        "class 1" and so on.

    Returns
    -------
    LocationModel
        In evaluation mode, ready to predict.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        For any other file; a damaged one; one that holds more than tensors and plain values (no code in a file is run);
        weights that are not finite or do not fit; and models that are more than an encoder and a network of this lab.

    Examples
    --------
    >>> import s2v
    >>> s2v.import_torchspatial("missing.pth.tar")
    Traceback (most recent call last):
    FileNotFoundError: There is no checkpoint missing.pth.tar.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        params, weights = _read(path)
        model = _model(params, weights, classes)
    except ValueError as error:
        raise ValueError(f"{path} cannot be imported: {error}") from None
    if (kind := params["spa_enc_type"]) in _REMARKS:
        warnings.warn(f"{path} is a {kind}: {_REMARKS[kind]}", stacklevel=2)
    return model


class _Params(dict[str, Any]):
    """The settings of a published model."""

    def __missing__(self, name: str) -> Any:
        raise ValueError(f"its params have no {name!r}. {_GIVE}.")

    def whole(self, name: str) -> int:
        """A setting that must be a whole number."""
        value = self[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"its params say {name}={value!r}, which is not a whole number.")
        return value


class _Encoder(NamedTuple):
    """An encoder of this lab: its name, its parameters, and its learned or random tensors."""

    name: str
    params: Mapping[str, Any] = {}
    weights: Mapping[str, Tensor] = {}


def _model(params: _Params, weights: Weights, classes: Sequence[str] | None) -> LocationModel:
    kind = params["spa_enc_type"]
    if isinstance(kind, str) and kind in _REFUSED:
        raise ValueError(f"its encoder is {kind}. {_REFUSED[kind]}")
    if not isinstance(kind, str) or kind not in _ENCODERS:
        raise ValueError(f"its encoder is {kind!r}; those that can be imported are: {', '.join(_ENCODERS)}.")
    encoder = _ENCODERS[kind](params, weights)
    settings, body = (_fcnet if kind == "wrap" else _feed_forward)(params, weights)
    names = _class_names(_matrix(weights, "class_emb.weight").shape[0], classes)
    try:
        made = {"encoder": encoder.name, "encoder_params": encoder.params, **settings}
        model = LocationModel(Recipe(data="own:presence", **made), "presence", names)
    except ValueError as error:
        raise ValueError(f"its params ask for a model that this lab does not have ({error})") from None
    model.encoder.load_state_dict(encoder.weights)
    _fill(model, weights, body)
    return model.eval()


def _fill(model: LocationModel, weights: Weights, body: str) -> None:
    """Loads the network's weights, which the file has under ``body`` and ``class_emb``; all of them must be used."""
    given = {}
    for name, own in model.network.state_dict().items():
        published = name.replace("body.", body, 1).replace("head.", "class_emb.", 1)
        tensor = weights.pop(published, None)
        if tensor is None or tensor.shape != own.shape:
            found = "there are none" if tensor is None else f"they have the shape {tuple(tensor.shape)}"
            raise ValueError(
                f"by its params the weights {published!r} have the shape {tuple(own.shape)}, but {found}: params and "
                "weights are not of one model."
            )
        given[name] = tensor
    if weights:
        raise ValueError(
            f"it has the weights {next(iter(weights))!r}, which belong to no network on places alone. Models that take "
            "images or dates, too, cannot be imported."
        )
    model.network.load_state_dict(given)


def _class_names(count: int, classes: Sequence[str] | None) -> tuple[str, ...]:
    if classes is None:
        return tuple(f"class {number}" for number in range(count))
    if isinstance(classes, str) or len(classes) != count:
        raise ValueError(f"it has {count} classes; classes={classes!r} must be as many names, in the file's order.")
    return tuple(str(name) for name in classes)


def _read(path: Path) -> tuple[_Params, Weights]:
    """Settings and weights; the latter float32 and finite, without the embedding of users."""
    file = io.BytesIO(path.read_bytes())  # errors of the disk are raised here, not below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of old files
            content = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:  # torch.load raises anything for a foreign file
        if found := re.search(r"GLOBAL (\S+)", str(error)):
            raise ValueError(
                f"it holds {found[1]}, and only tensors and plain numbers, texts, lists and dictionaries are read: "
                "anything else could be code. If it is your own, save it again with plain params."
            ) from None
        raise ValueError(f"it is not a whole file of torch.save with tensors and plain values. {_GIVE}.") from None
    params, weights = ((content.get(k) if isinstance(content, dict) else None) for k in ("params", "state_dict"))
    if not isinstance(params, dict) or not isinstance(weights, dict):
        raise ValueError(f"it has no 'params' with a 'state_dict' beside them. {_GIVE}; weights alone are not enough.")
    kept = {}
    for name, tensor in weights.items():
        if str(name).startswith("user_emb."):
            continue
        plain = isinstance(tensor, Tensor) and tensor.layout == torch.strided and not tensor.is_meta
        if not plain or not tensor.is_floating_point():
            raise ValueError(f"its weights {name!r} are not a plain tensor of floating-point numbers. {_GIVE}.")
        kept[str(name)] = tensor.float()
        if not torch.isfinite(kept[str(name)]).all():
            raise ValueError(f"its weights {name!r} are not finite: the training that wrote it had failed.")
    return _Params(params), kept


def _matrix(weights: Weights, name: str) -> Tensor:
    if name not in weights or weights[name].ndim != 2:
        raise ValueError(f"its state_dict has no matrix {name!r}. {_GIVE}.")
    return weights[name]


# Networks: the settings of a recipe, and the prefix of the weights that become ``body``.


def _feed_forward(params: _Params, weights: Weights) -> tuple[dict[str, Any], str]:
    """MultiLayerFeedForwardNN (module.py 126-220).  A layer adds its input where it is as wide as its output."""
    body = "spa_enc.ffn.layers."
    hidden_layers, width = max(0, params.whole("num_hidden_layer")), params.whole("num_filts")
    hidden = params.whole("hidden_dim") if hidden_layers else width
    if width != min(hidden, 256):
        raise ValueError(
            f"its embedding is {width} wide after hidden layers of {hidden}; in this lab it is {min(hidden, 256)} wide "
            "there: as the hidden layers, but at most 256."
        )
    if hidden_layers and params["use_layn"] is not True:
        raise ValueError(f"its use_layn is {params['use_layn']!r}; networks of this lab always have their layer norm.")
    may_skip = hidden_layers > 1 or (hidden_layers and _matrix(weights, f"{body}0.linear.weight").shape[1] == hidden)
    if may_skip and params["skip_connection"] is not True:
        raise ValueError(
            f"its skip_connection is {params['skip_connection']!r}; networks of this lab always have their short cuts."
        )
    settings = {
        "network": "ffn",
        "hidden": hidden,
        "layers": hidden_layers + 1,
        "dropout": params["dropout"],
        "activation": params["spa_f_act"],
    }
    return settings, body


def _fcnet(params: _Params, weights: Weights) -> tuple[dict[str, Any], str]:
    """FCNet of four blocks (models.py 281-301), whose dropout is 0.5 whatever the params say."""
    return {"network": "residual", "hidden": params.whole("num_filts"), "layers": 4, "dropout": 0.5}, "feats."


# Encoders: each reader removes the encoder's weights from those of the file.


def _multi_scale(name: str) -> Callable[[_Params, Weights], _Encoder]:
    return lambda params, weights: _scales(name, params, params["min_radius"])


def _from_radius_one(name: str) -> Callable[[_Params, Weights], _Encoder]:
    """Frequencies max_radius^(-s/(S-1)) (SpatialRelationEncoder.py 2106-2121, 2340-2355): min_radius is not used."""

    def read(params: _Params, weights: Weights) -> _Encoder:
        largest = params["max_radius"]
        if not isinstance(largest, int | float) or largest < 1:
            raise ValueError(f"its max_radius is {largest!r}; that of a published {name} must be at least 1 here.")
        # Radii must rise here: where all of them are 1, the smallest is less by one bit.
        return _scales(name, params, 1.0 if largest > 1 else 1 - 2**-53)

    return read


def _scales(name: str, params: _Params, min_radius: Any) -> _Encoder:
    if params["freq_init"] != "geometric":
        raise ValueError(
            f"its freq_init is {params['freq_init']!r}; only 'geometric' frequencies can be imported: random ones are "
            "not in the file."
        )
    radii = {"min_radius": min_radius, "max_radius": params["max_radius"]}
    return _Encoder(name, {"scales": params["frequency_num"], **radii})


def _nerf(params: _Params, weights: Weights) -> _Encoder:
    """The published octaves are 16 whatever frequency_num says (utils.py 886-900): they follow from the weights."""
    return _Encoder("nerf", {"scales": _matrix(weights, "spa_enc.ffn.layers.0.linear.weight").shape[1] // 6})


def _wrap(params: _Params, weights: Weights) -> _Encoder:
    """The input of FCNet (utils.py 256-309)."""
    if params["loc_encode"] != "encode_cos_sin" or params["use_date_feats"] is not False:
        raise ValueError(
            f"its loc_encode is {params['loc_encode']!r} and its use_date_feats {params['use_date_feats']!r}; only "
            "'encode_cos_sin' and False, the sines and cosines of the place alone, can be imported."
        )
    return _Encoder("wrap", {"latitude": "stretched"})


def _rff(params: _Params, weights: Weights) -> _Encoder:
    """Directions and shifts are in the file; they absorb the extent by which a place is scaled to [-1, 1]."""
    directions = _matrix(weights, "spa_enc.position_encoder.dirvec").double()  # (2, W)
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
        raise ValueError(f"its map_range is {extent!r}; it must be west, east, south and north in degrees, rising.")
    low, high = torch.tensor(extent, dtype=torch.float64).view(2, 2).T
    middle, half = (low + high) / 2, (high - low) / 2
    world = torch.tensor([180.0, 90.0], dtype=torch.float64)  # our encoder divides places by it
    return _Encoder(
        "rff",
        {"features": len(shifts), "bandwidth": params["rbf_kernel_size"]},
        {"directions": directions * (world / half)[:, None], "shifts": shifts - (middle / half) @ directions},
    )


def _tile(params: _Params, weights: Weights) -> _Encoder:
    """A table of one cell (SpatialRelationEncoder.py 2825, 2833-2840 never use the interval): here two equal ones."""
    vectors = _matrix(weights, "spa_enc.position_encoder.embedding.weight")
    if len(vectors) != 1:
        raise ValueError(f"its table has {len(vectors)} cells; the published tile_ffn has one, and only that is known.")
    del weights["spa_enc.position_encoder.embedding.weight"]
    return _Encoder("tile", {"cell": 180.0, "features": vectors.shape[1]}, {"vectors": vectors.repeat(2, 1)})


_ENCODERS: Mapping[str, Callable[[_Params, Weights], _Encoder]] = {
    "Space2Vec-grid": _multi_scale("grid"),
    "Space2Vec-theory": _multi_scale("theory"),
    "Sphere2Vec-sphereC": _multi_scale("sphereC"),
    "Sphere2Vec-sphereC+": _multi_scale("sphereC+"),
    "Sphere2Vec-sphereM": _multi_scale("sphereM"),
    "Sphere2Vec-sphereM+": _from_radius_one("sphereM+"),
    "Sphere2Vec-dfs": _from_radius_one("dfs"),
    "xyz": lambda params, weights: _Encoder("xyz"),
    "NeRF": _nerf,
    "wrap": _wrap,
    "wrap_ffn": lambda params, weights: _Encoder("wrap", {"latitude": "stretched"}),
    "rff": _rff,
    "tile_ffn": _tile,
}

_REFUSED = {
    "rbf": "Its anchors are training places, and the file has only their numbers in the training data, not the places.",
    "spherical_harmonics": "The released code cannot run it: the module of its harmonics is not there. Those of "
    "related projects differ in signs and by a factor of pi, so what its weights expect is not known.",
}

_FROM_ONE = (
    "TorchSpatial ignores its min_radius; its scales go from 1 to max_radius, so with max_radius=1 all of them are the "
    "same. It is imported as it computes."
)
_REMARKS: Mapping[str, str] = {
    "Sphere2Vec-sphereM+": _FROM_ONE,
    "Sphere2Vec-dfs": _FROM_ONE,
    "tile_ffn": "TorchSpatial never uses its interval; it has one cell and answers the same at every place. It is "
    "imported as it computes.",
}
