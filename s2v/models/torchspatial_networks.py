"""Networks of published models as networks of this lab: settings of a recipe, and weights under our names."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.model import LocationModel
from s2v.models.torchspatial_encoders import ImportedEncoder
from s2v.models.torchspatial_file import FIRST, Params, Weights, matrix
from s2v.models.torchspatial_sources import GEO_PRIOR, SINR, Source

MAX_WIDENED = 1 << 26  # numbers of a matrix that is filled up with zeros: a small file could ask for 256 times its own


class ImportedNetwork(NamedTuple):
    """Settings of a recipe, the prefix of the weights that become ``body``, and the name of its first layer.

    ``embedding`` is how many numbers the published embedding has, where ours has zeros behind them.
    """

    settings: dict[str, Any]
    body: str
    first: str
    embedding: int | None = None


def network_of(source: Source, params: Params, weights: Weights) -> ImportedNetwork:
    """The network of a file; ``ValueError`` for one that this lab does not have."""
    if source is SINR:
        if (kind := params["model"]) == "LinNet":
            return ImportedNetwork({"network": "linear"}, "feats.", "class_emb")
        if kind != "ResidualFCNet":
            raise ValueError(f"its model is {shown(kind)}; those of SINR are ResidualFCNet and LinNet.")
        return _residual(weights)
    if source is GEO_PRIOR or params["spa_enc_type"] in ("wrap", "geo_net"):
        return _residual(weights)
    return _feed_forward(params, weights)


def absorb(encoder: ImportedEncoder, network: ImportedNetwork, weights: Weights) -> None:
    """Give the first layer the linear part of an encoder, so that it takes our code in place of the published one."""
    if encoder.turn is None:
        return
    name = f"{network.first}.weight"
    first = matrix(weights, name).double()
    if first.shape[1] != len(encoder.turn):
        raise ValueError(
            f"by its params the weights {name!r} take {len(encoder.turn)} features, but they have the shape "
            f"{tuple(first.shape)}: params and weights are not of one model."
        )
    if network.settings["network"] == "ffn" and network.settings["layers"] > 1 and first.shape[1] == len(first):
        raise ValueError(
            f"its first layer is as wide as its {first.shape[1]} features and adds them to its outputs; this lab has "
            f"other features in their place ({encoder.name}), which only a layer without that short cut can take in."
        )
    weights[name] = (first * encoder.turn if encoder.turn.ndim == 1 else first @ encoder.turn).float()
    if encoder.shift is not None:
        bias = weights.get(f"{network.first}.bias", torch.zeros(len(first)))
        if bias.shape != first.shape[:1]:
            raise ValueError(f"its {network.first}.bias has the shape {tuple(bias.shape)}, not ({len(first)},).")
        weights[f"{network.first}.bias"] = (bias.double() + first @ encoder.shift).float()


def network_weights(model: LocationModel, weights: Weights, body: str) -> dict[str, Tensor]:
    """The network's weights, which the file has under ``body`` and ``class_emb``; all of them must be used."""
    given = {}
    for name, own in model.network.state_dict().items():
        published = name.replace("body.", body, 1).replace("head.", "class_emb.", 1)
        if published == "class_emb.bias":  # no published class matrix has a bias, our linear network does
            given[name] = torch.zeros(own.shape)
            continue
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
            "need more than a place cannot be imported."
        )
    return given


def _feed_forward(params: Params, weights: Weights) -> ImportedNetwork:
    """MultiLayerFeedForwardNN (module.py 126-220).  A layer adds its input where it is as wide as its output."""
    hidden_layers, width = max(0, params.whole("num_hidden_layer")), params.whole("num_filts")
    hidden = params.whole("hidden_dim") if hidden_layers else width
    ours = min(hidden, 256)  # in a recipe it has no setting of its own
    if not 0 < width <= ours:
        raise ValueError(
            f"its embedding is {width} wide after hidden layers of {hidden}; in this lab it can be up to {ours} wide "
            "there: as wide as the hidden layers, but at most 256."
        )
    if hidden_layers and params["use_layn"] is not True:
        raise ValueError(
            f"its use_layn is {shown(params['use_layn'])}; networks of this lab always have their layer norm."
        )
    may_skip = hidden_layers > 1 or (hidden_layers and matrix(weights, f"{FIRST}.weight").shape[1] == hidden)
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
    if width < ours:
        _widen(weights, f"spa_enc.ffn.layers.{hidden_layers}.linear", width, ours)
    return ImportedNetwork(settings, "spa_enc.ffn.layers.", FIRST, width if width < ours else None)


def _widen(weights: Weights, last: str, width: int, ours: int) -> None:
    """Put zeros behind an embedding; what is there counts nothing, as the class matrix has zeros for it, too."""
    for name, axis in ((f"{last}.weight", 0), (f"{last}.bias", 0), ("class_emb.weight", 1)):
        tensor = weights.get(name)
        if tensor is None or tensor.ndim <= axis or tensor.shape[axis] != width:
            found = "there are none" if tensor is None else f"they have the shape {tuple(tensor.shape)}"
            raise ValueError(
                f"by its params the weights {name!r} are for an embedding {width} wide, but {found}: params and "
                "weights are not of one model."
            )
        if (size := tensor.numel() // width * ours) > MAX_WIDENED:
            raise ValueError(
                f"its weights {name!r}, for an embedding {width} wide, would be {size:,} numbers for one of {ours} as "
                f"it is here; allowed are {MAX_WIDENED:,}."
            )
        zeros = torch.zeros(*tensor.shape[:axis], ours - width, *tensor.shape[axis + 1 :])
        weights[name] = torch.cat((tensor, zeros), axis)


def _residual(weights: Weights) -> ImportedNetwork:
    """FCNet and ResidualFCNet (models.py of all projects): as its weights are; its dropout is always 0.5."""
    hidden = len(matrix(weights, "feats.0.weight"))
    blocks = sum(name.startswith("feats.") and name.endswith(".w1.weight") for name in weights)
    settings = {"network": "residual", "hidden": hidden, "layers": max(1, blocks), "dropout": 0.5}
    return ImportedNetwork(settings, "feats.", "feats.0")
