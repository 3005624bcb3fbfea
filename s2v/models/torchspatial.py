"""Imports models that the authors of TorchSpatial released."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from s2v import reading
from s2v.data.class_names import check_class_names
from s2v.errors import clipped, shown
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.torchspatial_encoders import ENCODERS, REFUSED, REMARKS
from s2v.models.torchspatial_file import Params, Weights, matrix, read

MAX_CLASSES = 1_000_000  # a weight that repeats one number has as many rows as its file has bytes


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
    raw = reading.read_model(path, "checkpoint")
    try:
        params, weights = read(raw)
        model = _model(params, weights, classes)
    except ValueError as error:
        raise ValueError(clipped(f"{path} cannot be imported: {error}")) from None
    if (kind := params["spa_enc_type"]) in REMARKS:
        warnings.warn(f"{path} is a {kind}: {REMARKS[kind]}", stacklevel=2)
    return model


def _model(params: Params, weights: Weights, classes: Sequence[str] | None) -> LocationModel:
    kind = params["spa_enc_type"]
    if isinstance(kind, str) and kind in REFUSED:
        raise ValueError(f"its encoder is {kind}. {REFUSED[kind]}")
    if not isinstance(kind, str) or kind not in ENCODERS:
        raise ValueError(f"its encoder is {shown(kind)}; those that can be imported are: {', '.join(ENCODERS)}.")
    encoder = ENCODERS[kind](params, weights)
    settings, body = (_fcnet if kind == "wrap" else _feed_forward)(params, weights)
    names = _class_names(matrix(weights, "class_emb.weight").shape[0], classes)
    try:
        made = {"encoder": encoder.name, "encoder_params": encoder.params, **settings}
        recipe = Recipe(data="own:presence", **made)
        with torch.device("meta"):  # shapes without numbers
            shapes = LocationModel(recipe, "presence", names)
    except ValueError as error:
        raise ValueError(f"its params ask for a model that this lab does not have ({error})") from None
    own = _network_weights(shapes, weights, body)
    model = LocationModel(recipe, "presence", names)
    model.encoder.load_state_dict(encoder.weights)
    model.network.load_state_dict(own)
    return model.eval()


def _network_weights(model: LocationModel, weights: Weights, body: str) -> Weights:
    """The network's weights, which the file has under ``body`` and ``class_emb``; all of them must be used."""
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
            f"it has the weights {shown(next(iter(weights)))}, which belong to no network on places alone. Models that "
            "take images or dates, too, cannot be imported."
        )
    return given


def _class_names(count: int, classes: Sequence[str] | None) -> tuple[str, ...]:
    if count > MAX_CLASSES:
        raise ValueError(f"it has {count:,} classes; allowed are {MAX_CLASSES:,}.")
    if classes is None:
        return tuple(f"class {number}" for number in range(count))
    names = [] if isinstance(classes, str) else list(classes)
    if len(names) != count:
        raise ValueError(
            f"it has {count} classes; classes={shown(classes)} must be as many names, in the file's order."
        )
    return check_class_names([str(name) for name in names])


# Networks: the settings of a recipe, and the prefix of the weights that become ``body``.


def _feed_forward(params: Params, weights: Weights) -> tuple[dict[str, Any], str]:
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
        raise ValueError(
            f"its use_layn is {shown(params['use_layn'])}; networks of this lab always have their layer norm."
        )
    may_skip = hidden_layers > 1 or (hidden_layers and matrix(weights, f"{body}0.linear.weight").shape[1] == hidden)
    if may_skip and params["skip_connection"] is not True:
        raise ValueError(
            f"its skip_connection is {shown(params['skip_connection'])}; networks of this lab always have their "
            "short cuts."
        )
    settings = {
        "network": "ffn",
        "hidden": hidden,
        "layers": hidden_layers + 1,
        "dropout": params["dropout"],
        "activation": params["spa_f_act"],
    }
    return settings, body


def _fcnet(params: Params, weights: Weights) -> tuple[dict[str, Any], str]:
    """FCNet of four blocks (models.py 281-301), whose dropout is 0.5 whatever the params say."""
    return {"network": "residual", "hidden": params.whole("num_filts"), "layers": 4, "dropout": 0.5}, "feats."
