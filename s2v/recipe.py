"""A training run, described: what a page, a command line, a benchmark and a cluster all hand to ``s2v.train``.

Free of torch, picklable, and equal to its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from s2v.encoders import registry
from s2v.parameters import Parameter, check_all

NETWORKS = ("linear", "ffn", "residual", "siren")

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
    Parameter("points", int, 20000, "Training points", "Places drawn for training.", low=10, high=200000),
    Parameter("steps", int, 2500, "Steps", "Steps of the optimiser.", low=1, high=100000),
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
    Parameter("seed", int, 0, "Seed", "Fixes the points, the weights and the batches.", low=0, high=2**31 - 1),
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result of a training run.

    ``encoder_params`` are the parameters of the encoder (see ``s2v.ENCODERS``).  All values are checked when the
    recipe is made; ``ValueError`` says what was given and what is allowed.
    """

    data: str = "geoid"
    encoder: str = "sphereM"
    encoder_params: Mapping[str, Any] = field(default_factory=dict)
    network: str = "ffn"
    hidden: int = 128
    layers: int = 2
    dropout: float = 0.0
    points: int = 20000
    steps: int = 2500
    batch: int = 256
    learning_rate: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        from s2v.data import check_name  # here, because s2v.data builds its names from this module's neighbours

        given = {p.name: getattr(self, p.name) for p in PARAMETERS}
        for name, value in check_all(PARAMETERS, given, "a recipe").items():
            object.__setattr__(self, name, value)
        check_name(self.data)
        if not isinstance(self.encoder_params, Mapping):
            raise ValueError(f"encoder_params={self.encoder_params!r} is not a mapping of names to values.")
        params = registry.spec(self.encoder).check(self.encoder_params)
        object.__setattr__(self, "encoder_params", params)

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
