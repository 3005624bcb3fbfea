"""Features of a place -> outputs: what is learned on top of an encoder.

Every network gives **raw** outputs, logits or values: no sigmoid, no softmax.  A new network is one builder here, under
the name of its line in ``choices.py``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

from s2v.errors import shown
from s2v.models.choices import ACTIVATIONS, NETWORKS, implemented
from s2v.models.dropout import Dropout, ReluDropout
from s2v.models.recipe import PARAMETERS
from s2v.parameters import Parameter, check_all


class Network(nn.Module):
    """``body`` turns features (..., inputs) into an embedding (..., width), ``head``, one matrix, that into outputs.

    Published weights fit: their ``feats``, ``spa_enc.ffn.layers`` or ``layers`` are ``body`` here, their ``class_emb``
    or ``last_layer`` is ``head``; below these the names are the same.
    """

    def __init__(self, body: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, features: Tensor) -> Tensor:
        """Raw outputs (..., outputs) of features (..., inputs)."""
        outputs: Tensor = self.head(self.body(features))
        return outputs


def network(name: str, inputs: int, outputs: int, **settings: Any) -> Network:
    """The network of that name for features (..., inputs) and raw outputs (..., outputs).

    ``settings`` are the arguments of its builder.  Weights follow ``torch.manual_seed``.
    ``ValueError`` for a name or setting that does not exist or is out of range.
    """
    if name not in _BUILDERS:
        raise ValueError(f"network={shown(name)} is unknown; there are: {', '.join(_BUILDERS)}.")
    takes = inspect.signature(_BUILDERS[name]).parameters
    known = [parameter for parameter in _PARAMETERS if parameter.name in takes]
    return _BUILDERS[name](**check_all(known, {"inputs": inputs, "outputs": outputs, **settings}, f"network {name!r}"))


def linear(inputs: int, outputs: int, bias: bool) -> Network:
    """One matrix, the plainest test of an encoder.  Without ``bias`` it is SINR's LinNet (models.py 61-85)."""
    return Network(nn.Identity(), nn.Linear(inputs, outputs, bias=bias))


def ffn(
    inputs: int,
    outputs: int,
    hidden: int,
    layers: int,
    dropout: float,
    activation: str,
    embedding: int,
    skip: bool,
    norm: bool,
) -> Network:
    """The paper's network: ``layers`` layers, the last of which gives the embedding, and a class matrix without bias.

    The embedding is ``hidden`` wide, at most 256, unless ``embedding`` says otherwise.  The published shape is
    ``hidden=512, layers=2``: 512 -> 256.
    """
    width = embedding or min(hidden, 256)
    body = feed_forward(inputs, width, hidden, layers - 1, dropout, activation, skip, norm)
    return Network(body, nn.Linear(width, outputs, bias=False))


def residual(inputs: int, outputs: int, hidden: int, layers: int, dropout: float) -> Network:
    """FCNet (Mac Aodha et al. 2019, geo_prior models.py 8-58): Linear, ReLU, ``layers`` residual blocks, class matrix.

    The published one is ``hidden=256, layers=4, dropout=0.5``; with any number of blocks it is SINR's ResidualFCNet.
    """
    blocks = (ResidualBlock(hidden, dropout) for _ in range(layers))
    return Network(nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), *blocks), nn.Linear(hidden, outputs, bias=False))


def siren(inputs: int, outputs: int, hidden: int, layers: int, dropout: float, w0: float, w0_initial: float) -> Network:
    """SirenNet (Sitzmann et al. 2020, as in Rußwurm et al. 2024): ``layers`` layers of sines, then a linear one.

    ``w0_initial`` is the frequency of the first layer, ``w0`` that of the others; the first layer's weights and biases
    are uniform within 1/inputs, all others within sqrt(6/hidden)/w0.
    """
    bound = math.sqrt(6 / hidden) / w0
    first = SineLayer(inputs, hidden, 1 / inputs, w0_initial, dropout)
    others = (SineLayer(hidden, hidden, bound, w0, dropout) for _ in range(layers - 1))
    head = nn.Linear(hidden, outputs)
    _draw_uniform(head, bound)
    return Network(nn.Sequential(first, *others), head)


def residual_sine(
    inputs: int, outputs: int, hidden: int, layers: int, dropout: float, w0: float, w0_initial: float
) -> Network:
    """A SIREN with short cuts (MIND, arXiv 2609.25454): h = sin(w0_initial (W e + b)), then h + sin(w0 (W h + b)).

    ``layers`` layers of sines, the first of which has no short cut, then a linear one.  A short cut ends after the
    sine, so a layer adds to what is there and never takes it through another sine.  Weights start as in ``siren``.
    """
    start = siren(inputs, outputs, hidden, layers, dropout, w0, w0_initial)
    first, *others = start.body.children()
    return Network(nn.Sequential(first, *map(ShortCut, others)), start.head)


def feed_forward(
    inputs: int,
    outputs: int,
    hidden: int = 512,
    hidden_layers: int = 1,
    dropout: float = 0.5,
    activation: str = "relu",
    skip: bool = True,
    norm: bool = True,
) -> nn.Sequential:
    """MultiLayerFeedForwardNN (sphere2vec module.py 150-243): features (..., inputs) -> embedding (..., outputs).

    The last layer has activation and dropout, but neither skip nor norm; with relu an embedding is never negative.
    """
    widths = [inputs] + [hidden] * hidden_layers
    return nn.Sequential(
        *(FeedForwardLayer(a, hidden, dropout, activation, skip, norm) for a in widths[:-1]),
        FeedForwardLayer(widths[-1], outputs, dropout, activation, skip=False, norm=False),
    )


class FeedForwardLayer(nn.Module):
    """Linear, activation, dropout, skip where the widths match, layer norm: the published order."""

    def __init__(self, inputs: int, outputs: int, dropout: float, activation: str, skip: bool, norm: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        nn.init.xavier_uniform_(self.linear.weight)
        self.activation = (
            ReluDropout(dropout)
            if activation == "relu"
            else nn.Sequential(ACTIVATION_LAYERS[activation](), Dropout(dropout))
        )
        self.skip = skip and inputs == outputs
        self.layernorm = nn.LayerNorm(outputs) if norm else None

    def forward(self, features: Tensor) -> Tensor:
        outputs: Tensor = self.activation(self.linear(features))
        if self.skip:
            outputs = outputs + features
        return outputs if self.layernorm is None else self.layernorm(outputs)


class ResidualBlock(nn.Module):
    """ResLayer of the same sources: x + relu(W2 dropout(relu(W1 x + b1)) + b2)."""

    def __init__(self, width: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.w1 = nn.Linear(width, width)
        self.w2 = nn.Linear(width, width)
        self.dropout = Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        return features + F.relu(self.w2(self.dropout(F.relu(self.w1(features)))))


class SineLayer(nn.Linear):
    """sin(w0 dropout(W x + b)), with W and b uniform within ``bound``.

    Dropout comes before the sine, as in SatCLIP (location_encoder.py 66-151).
    """

    def __init__(self, inputs: int, outputs: int, bound: float, w0: float, dropout: float) -> None:
        super().__init__(inputs, outputs)
        _draw_uniform(self, bound)
        self.w0 = w0
        self.dropout = Dropout(dropout)

    def forward(self, input: Tensor) -> Tensor:
        return torch.sin(self.w0 * self.dropout(super().forward(input)))


class ShortCut(nn.Module):
    """x + layer(x)."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, features: Tensor) -> Tensor:
        outputs: Tensor = features + self.layer(features)
        return outputs


def _draw_uniform(layer: nn.Linear, bound: float) -> None:
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.uniform_(layer.bias, -bound, bound)


_PARAMETERS = (
    Parameter("inputs", int, 1, "Inputs", "Number of features of the encoder.", low=1),
    Parameter("outputs", int, 1, "Outputs", "Number of classes, or of values.", low=1),
    *PARAMETERS,
    Parameter("bias", bool, True, "Bias", "Whether the matrix has a constant term."),
    Parameter("embedding", int, 0, "Embedding", "Width of the embedding; 0: hidden, at most 256.", low=0, high=65536),
    Parameter("skip", bool, True, "Skip", "Add a hidden layer's input to its output where the widths match."),
    Parameter("norm", bool, True, "Layer norm", "Normalise the output of each hidden layer."),
    Parameter("w0", float, 1.0, "Frequency", "Frequency of the later sines.", low=1e-3, high=1e3),
    Parameter(
        "w0_initial", float, 30.0, "First frequency", "Of the first sines: higher is sharper.", low=1e-3, high=1e4
    ),
)


def _builders() -> Mapping[str, Callable[..., Network]]:
    """The builders by name; ``ImportError`` where one does not take the settings that ``choices.py`` says."""
    builders = implemented(NETWORKS, globals(), "networks.py")
    of_recipe = {parameter.name for parameter in PARAMETERS}
    for name, builder in builders.items():
        takes = tuple(setting for setting in inspect.signature(builder).parameters if setting in of_recipe)
        if takes != NETWORKS[name].parameters:
            raise ImportError(f"networks.py: {name} takes {takes}; choices.py says {NETWORKS[name].parameters}.")
    return builders


_BUILDERS = _builders()

ACTIVATION_LAYERS: Mapping[str, Callable[[], nn.Module]] = implemented(
    ACTIVATIONS,
    {
        "relu": nn.ReLU,
        "leakyrelu": lambda: nn.LeakyReLU(0.2),
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "gelu": nn.GELU,
    },
    "ACTIVATION_LAYERS in networks.py",
)
