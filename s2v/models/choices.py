"""What a recipe can choose from, free of torch.

Widgets, the command line, checks and the tables of torch functions derive from these tables.  A new network or loss is
one line here and one function of that name in ``networks.py`` or ``losses.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from s2v.data.catalogue import Task


@dataclass(frozen=True)
class NetworkSpec:
    """A network's title, as widgets show it, how many weights it has, and the settings of a recipe that it takes.

    ``weights`` is a function of inputs, outputs, hidden units and layers: a size is known before anything is built.
    """

    title: str
    weights: Callable[[int, int, int, int], int]
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class LossSpec:
    """A loss's title, the tasks of data it fits, its own first, and what it needs."""

    title: str
    tasks: tuple[Task, ...]
    background: bool = False  # outputs at background points
    min_classes: int = 0


def _linear(inputs: int, outputs: int, hidden: int, layers: int) -> int:
    return (inputs + 1) * outputs


def _ffn(inputs: int, outputs: int, hidden: int, layers: int) -> int:
    width, last = min(hidden, 256), hidden if layers > 1 else inputs
    norms = 2 * hidden * (layers - 1)
    first, middle = (inputs + 1) * hidden, (hidden + 1) * hidden * (layers - 2)
    return (first + middle + norms if layers > 1 else 0) + (last + 1) * width + width * outputs


def _residual(inputs: int, outputs: int, hidden: int, layers: int) -> int:
    return (inputs + 1) * hidden + 2 * layers * (hidden + 1) * hidden + hidden * outputs


def _siren(inputs: int, outputs: int, hidden: int, layers: int) -> int:
    return (inputs + 1) * hidden + (layers - 1) * (hidden + 1) * hidden + (hidden + 1) * outputs


NETWORKS: Mapping[str, NetworkSpec] = {
    "linear": NetworkSpec("linear: a weighted sum", _linear),
    "ffn": NetworkSpec("ffn: the paper's, feed-forward", _ffn, ("hidden", "layers", "dropout", "activation")),
    "residual": NetworkSpec("residual: with short cuts", _residual, ("hidden", "layers", "dropout")),
    "siren": NetworkSpec("siren: with sine waves", _siren, ("hidden", "layers", "dropout")),
    "residual_sine": NetworkSpec("residual sine: sine waves, with short cuts", _siren, ("hidden", "layers", "dropout")),
}

# The first loss of a task is its "auto".  Losses of presences learn classes one by one, so they fit classifications.
LOSSES: Mapping[str, LossSpec] = {
    "cross_entropy": LossSpec("Cross entropy", ("classification",)),
    "squared_error": LossSpec("Squared error", ("regression",)),
    "presence_absence": LossSpec("Presence and absence", ("presence", "classification"), background=True),
    "an_full": LossSpec("Assume negative, full", ("presence", "classification"), background=True),
    "an_slds": LossSpec("Same location, different species", ("presence", "classification"), min_classes=2),
    "an_ssdl": LossSpec("Same species, different location", ("presence", "classification"), background=True),
}

ACTIVATIONS = ("relu", "leakyrelu", "sigmoid", "tanh", "gelu")
BACKGROUNDS = ("sphere", "published")
PRECISIONS = ("float32", "bfloat16")  # names of torch dtypes
DEVICES = ("auto", "cpu", "cuda")


def losses_for(task: Task) -> tuple[str, ...]:
    """The losses that fit data of a task, its default first."""
    return tuple(name for name, loss in LOSSES.items() if task in loss.tasks)


def implemented(names: Iterable[str], functions: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The functions of these names; ``ImportError`` where one is missing, with the place where it is expected."""
    names = tuple(names)
    if missing := [name for name in names if name not in functions]:
        raise ImportError(f"s2v/models/choices.py names {missing[0]!r}, but {where} has no such function.")
    return {name: functions[name] for name in names}
