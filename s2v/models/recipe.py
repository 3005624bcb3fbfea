"""A training run, described: what a page, a command line, a benchmark and a cluster all hand to ``s2v.train``.

Free of torch, picklable, and equal to its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from s2v.data.blocks import SPLITS, Split
from s2v.data.catalogue import Task, check_name, entry
from s2v.encoders import registry
from s2v.parameters import Parameter, check_all

NETWORKS = ("linear", "ffn", "residual", "siren")
ACTIVATIONS = ("relu", "leakyrelu", "sigmoid", "tanh", "gelu")

# The losses of s2v.models.losses with the tasks that each goes with; the first of a task is its "auto".
# Those of presences take classes one by one, so they can learn a classification too.
LOSSES: Mapping[str, tuple[Task, ...]] = {
    "cross_entropy": ("classification",),
    "squared_error": ("regression",),
    "presence_absence": ("presence", "classification"),
    "an_full": ("presence", "classification"),
    "an_slds": ("presence", "classification"),
    "an_ssdl": ("presence", "classification"),
}
BACKGROUNDS = ("sphere", "published")
PRECISIONS = ("float32", "bfloat16")
MAX_STEPS = 100_000

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("data", str, "geoid", "Data", "The field or the classes to learn."),
    Parameter("encoder", str, "sphereM", "Encoder", "How a place becomes numbers.", choices=tuple(registry.ENCODERS)),
    Parameter(
        "network", str, "ffn", "Network", "What is learned on top of the encoder: ffn is the paper's.", choices=NETWORKS
    ),
    Parameter("hidden", int, 128, "Hidden units", "Width of the hidden layers.", low=1, high=2048),
    Parameter("layers", int, 2, "Hidden layers", "Depth of the network; linear has none.", low=1, high=8),
    Parameter(
        "dropout",
        float,
        0.0,
        "Dropout",
        "Share of hidden units switched off at random in each step.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        "activation",
        str,
        "relu",
        "Activation",
        "What bends the lines in ffn: relu is the paper's, leakyrelu TorchSpatial's; other networks have their own.",
        choices=ACTIVATIONS,
    ),
    Parameter("points", int, 20000, "Training points", "Places drawn for training.", low=10, high=200000),
    Parameter("steps", int, 2500, "Steps", "Steps of the optimiser.", low=1, high=MAX_STEPS),
    Parameter("batch", int, 256, "Batch", "Places a step.", low=1, high=16384),
    Parameter(
        "learning_rate",
        float,
        0.005,
        "Learning rate",
        "Peak of the one-cycle schedule; too high diverges.",
        low=1e-6,
        high=1.0,
        log=True,
    ),
    Parameter(
        "loss",
        str,
        "auto",
        "Loss",
        "What training makes small; auto is the usual one of the data's task.",
        choices=("auto", *LOSSES),
    ),
    Parameter(
        "background",
        str,
        "sphere",
        "Background points",
        "Where losses of presences take their absences: all over the sphere, or in the published quarter of it.",
        choices=BACKGROUNDS,
    ),
    Parameter(
        "split",
        str,
        "random",
        "Split",
        "Held-out places lie among the training places, or in whole blocks of their own.",
        choices=SPLITS,
    ),
    Parameter(
        "precision",
        str,
        "float32",
        "Precision",
        "What the network computes with in training: bfloat16 is quicker for wide networks, if the processor has it.",
        choices=PRECISIONS,
    ),
    Parameter("seed", int, 0, "Seed", "Fixes the points, the weights and the batches.", low=0, high=2**31 - 1),
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result of a training run.

    ``encoder_params`` are the parameters of the encoder (see ``s2v.ENCODERS``).  All values are checked when the
    recipe is made; ``ValueError`` says what was given and what is allowed, for a loss that does not go with the data's
    task too.  ``activation`` matters to ffn only, ``background`` to those losses only that need background points.

    ``precision="bfloat16"`` is torch's automatic mixed precision: in a step the network computes with numbers of 8
    significant bits, from its first product to its outputs and back; weights, loss, optimiser and predictions stay
    float32.  A processor without such products (AVX-512 BF16, AMX) takes longer with them, and so do narrow networks.
    """

    data: str = "geoid"
    encoder: str = "sphereM"
    encoder_params: Mapping[str, Any] = field(default_factory=dict)
    network: str = "ffn"
    hidden: int = 128
    layers: int = 2
    dropout: float = 0.0
    activation: str = "relu"
    points: int = 20000
    steps: int = 2500
    batch: int = 256
    learning_rate: float = 0.005
    loss: str = "auto"
    background: str = "sphere"
    split: Split = "random"
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        given = {p.name: getattr(self, p.name) for p in PARAMETERS}
        for name, value in check_all(PARAMETERS, given, "a recipe").items():
            object.__setattr__(self, name, value)
        check_name(self.data)
        fit = losses_for(entry(self.data).task)
        if self.loss not in ("auto", *fit):
            raise ValueError(
                f"loss={self.loss!r} does not go with data={self.data!r}, a {entry(self.data).task}; allowed is one of "
                f"auto, {', '.join(fit)}."
            )
        if not isinstance(self.encoder_params, Mapping):
            raise ValueError(f"encoder_params={self.encoder_params!r} is not a mapping of names to values.")
        params = registry.spec(self.encoder).check(self.encoder_params)
        object.__setattr__(self, "encoder_params", params)

    @property
    def loss_in_force(self) -> str:
        """The name of the loss: the data's own where ``loss`` is "auto"."""
        return losses_for(entry(self.data).task)[0] if self.loss == "auto" else self.loss

    @property
    def task(self) -> Task:
        """What the model learns to answer: that of the data, but "presence" for classes learned one by one."""
        return LOSSES[self.loss_in_force][0]

    def to_json(self) -> str:
        """The recipe as JSON text; ``Recipe.from_json`` gives it back."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """A recipe from JSON; ``ValueError`` for what is not JSON, not an object, or not a valid recipe."""
        try:
            given = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"The recipe is not JSON: {error}.") from None
        if not isinstance(given, dict):
            raise ValueError(f"The recipe is a JSON {type(given).__name__}; it must be an object of settings.")
        unknown = set(given) - {p.name for p in PARAMETERS} - {"encoder_params"}
        if unknown:
            raise ValueError(f"A recipe has no setting {sorted(unknown)[0]!r}.")
        return cls(**given)


def losses_for(task: Task) -> tuple[str, ...]:
    """The losses that go with the data's task, its own first."""
    return tuple(name for name, tasks in LOSSES.items() if task in tasks)
