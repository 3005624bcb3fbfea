"""Features of a place -> outputs: what is learned on top of an encoder.

Every network gives **raw** outputs, logits or values: no sigmoid, no softmax.  A new network is one builder and one
entry in ``NETWORKS``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

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

    ``settings`` are ``hidden`` (width, 128), ``layers`` (depth, 2), ``dropout`` (0.0) and what else the builder of
    that name takes.  Weights are drawn from torch's generator: ``torch.manual_seed`` before repeats them.
    ``ValueError`` for a name or setting that does not exist or is out of range.
    """
    if name not in NETWORKS:
        raise ValueError(f"network={name!r} is unknown; there are: {', '.join(NETWORKS)}.")
    names = inspect.signature(NETWORKS[name]).parameters
    known = [parameter for parameter in NETWORK_PARAMETERS if parameter.name in names]
    return NETWORKS[name](**check_all(known, {"inputs": inputs, "outputs": outputs, **settings}, f"network {name!r}"))


def linear(inputs: int, outputs: int, hidden: int, layers: int, dropout: float, bias: bool) -> Network:
    """One matrix, the plainest test of an encoder.  Without ``bias`` it is SINR's LinNet (models.py 61-85).

    It has no hidden units: ``hidden``, ``layers`` and ``dropout`` mean nothing here.
    """
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

    The published shape is ``hidden=512, layers=2``: 512 -> 256, because its embedding is 256 wide; here it is that, or
    ``hidden`` where that is less, unless ``embedding`` says otherwise.
    """
    width = embedding or min(hidden, 256)
    body = feed_forward(inputs, width, hidden, layers - 1, dropout, activation, skip, norm)
    return Network(body, nn.Linear(width, outputs, bias=False))


def residual(inputs: int, outputs: int, hidden: int, layers: int, dropout: float) -> Network:
    """FCNet (Mac Aodha et al. 2019, geo_prior models.py 8-58): Linear, ReLU, ``layers`` residual blocks, class matrix.

    The published one is ``hidden=256, layers=4, dropout=0.5``; any number of blocks is SINR's ResidualFCNet.
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


NETWORKS: Mapping[str, Callable[..., Network]] = {"linear": linear, "ffn": ffn, "residual": residual, "siren": siren}

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leakyrelu": lambda: nn.LeakyReLU(0.2),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
}

NETWORK_PARAMETERS = (
    Parameter("inputs", int, 1, "Inputs", "Number of features of the encoder.", low=1),
    Parameter("outputs", int, 1, "Outputs", "Number of classes, or of values.", low=1),
    Parameter("hidden", int, 128, "Hidden units", "Width of the hidden layers.", low=1, high=65536),
    Parameter("layers", int, 2, "Layers", "Hidden layers, residual blocks or layers of sines.", low=1, high=64),
    Parameter("dropout", float, 0.0, "Dropout", "Share of units zeroed at random in a step.", low=0.0, high=0.99),
    Parameter("bias", bool, True, "Bias", "Whether the matrix has a constant term."),
    Parameter("activation", str, "relu", "Activation", "What bends the lines.", choices=tuple(ACTIVATIONS)),
    Parameter("embedding", int, 0, "Embedding", "Width of the embedding; 0: hidden, at most 256.", low=0, high=65536),
    Parameter("skip", bool, True, "Skip", "Add a hidden layer's input to its output where the widths match."),
    Parameter("norm", bool, True, "Layer norm", "Normalise the output of each hidden layer."),
    Parameter("w0", float, 1.0, "Frequency", "Frequency of the later sines.", low=1e-3, high=1e3),
    Parameter(
        "w0_initial", float, 30.0, "First frequency", "Of the first sines: higher is sharper.", low=1e-3, high=1e4
    ),
)


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
        bend = nn.Sequential(ACTIVATIONS[activation](), Dropout(dropout))
        self.activation = ReluDropout(dropout) if activation == "relu" else bend
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


_BITS = torch.tensor([[1], [2], [4], [8], [16], [32], [64], [-128]], dtype=torch.int8)  # of an octet, each alone


class Dropout(nn.Module):
    """Zeroes each number with probability ``p`` and scales the others to keep the mean; does nothing in evaluation.

    On a CPU the masks of ``nn.Dropout`` cost more than anything else in a published training step.  Here a number takes
    one random bit for each binary digit of ``p``, a single one where ``p`` is 0.5, and at most 12: the probability in
    force is ``p`` rounded to 1/4096, and the scale is that of the rounded one, in the dtype of the numbers.  On other
    devices it is torch's own dropout.  Follows ``torch.manual_seed``.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p={p!r} is not a share from 0 to less than 1.")
        self.p = p

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return values
        if values.device.type != "cpu":
            return F.dropout(values, self.p)
        return values * _mask(values, self.p).mul_(_scale(self.p))

    def extra_repr(self) -> str:
        return f"p={self.p}"


class ReluDropout(Dropout):
    """``Dropout`` of ``relu``; while training on a CPU in one step, which remembers nothing but its result."""

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.p == 0 or values.device.type != "cpu":
            return super().forward(F.relu(values))
        result: Tensor = _ReluDropout.apply(values, self.p)
        return result


class _ReluDropout(torch.autograd.Function):
    @staticmethod
    def forward(values: Tensor, p: float) -> Tensor:
        return _mask(values, p).mul_(values).relu_().mul_(_scale(p))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float], output: Tensor) -> None:
        ctx.scale = _scale(inputs[1])
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _ReluDropout._passed(ctx, gradients[0]), None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor) -> Tensor:
        return _ReluDropout._passed(ctx, tangents[0])

    @staticmethod
    def _passed(ctx: Any, change: Tensor) -> Tensor:
        (result,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.threshold_backward(change, result, 0.0)  # torch.where takes four times as long
        return passed.mul_(ctx.scale)


def _share(p: float) -> tuple[int, int]:
    """The share kept by dropout with probability ``p``, as kept / 2^digits in lowest terms."""
    kept, digits = 2**12 - min(round(p * 2**12), 2**12 - 1), 12
    while kept % 2 == 0:
        kept, digits = kept // 2, digits - 1
    return kept, digits


def _scale(p: float) -> float:
    """What keeps the mean after dropout with probability ``p``."""
    kept, digits = _share(p)
    return 2**digits / kept


def _mask(values: Tensor, p: float) -> Tensor:
    """A new tensor like ``values`` of ones, and zeros with probability ``p``."""
    kept, digits = _share(p)
    if not digits:
        return torch.ones_like(values)
    words = torch.empty((digits, -(-values.numel() // 64)), dtype=torch.int64).random_(-(2**63), None)
    # With a random bit "or" makes (1 + q) / 2 of a probability q, "and" makes q / 2: the binary digits of the share
    # kept, from the last to the first.
    bits = words[0]
    for digit in range(1, digits):
        bits = bits | words[digit] if kept >> digit & 1 else bits & words[digit]
    octets = bits.view(torch.int8)
    mask = torch.empty((8, len(octets)), dtype=values.dtype)
    return torch.ne(octets & _BITS, 0, out=mask).view(-1)[: values.numel()].view(values.shape)


def _draw_uniform(layer: nn.Linear, bound: float) -> None:
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.uniform_(layer.bias, -bound, bound)
