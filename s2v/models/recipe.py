"""A training run, described: what pages, the command line, benchmarks and the cluster hand to ``s2v.train``.

Free of torch, picklable, and equal to its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from s2v.data.catalogue import Task, check_name, entry
from s2v.data.splits import SPLITS, Split, check_split
from s2v.encoders import registry
from s2v.encoders.registry import EncoderConfig
from s2v.errors import shown
from s2v.models.choices import ACTIVATIONS, BACKGROUNDS, DEVICES, LOSSES, NETWORKS, PRECISIONS, losses_for
from s2v.models.contestant import PredictorConfig
from s2v.parameters import Parameter, check_all
from s2v.predictors import PREDICTORS, names
from s2v.reading import MAX_TEXT

MAX_STEPS = 100_000
MIN_POINTS, MAX_POINTS = 10, 1_000_000
MAX_BATCH = 65_536
MAX_TRIALS = 9

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("data", str, "geoid", "Data", "The field or the classes to learn."),
    Parameter("encoder", str, "sphereM", "Encoder", "How a place becomes numbers.", choices=tuple(registry.ENCODERS)),
    Parameter(
        "predictor",
        str,
        "",
        "Reference predictor",
        "Takes the place of encoder and network: what needs no training, such as kriging.",
        choices=("", *PREDICTORS),
    ),
    Parameter(
        "network",
        str,
        "ffn",
        "Network",
        "What is learned on top of the encoder: ffn is the paper's.",
        choices=tuple(NETWORKS),
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
        "The nonlinearity of ffn: relu is the paper's, leakyrelu TorchSpatial's; other networks have their own.",
        choices=ACTIVATIONS,
    ),
    Parameter("points", int, 20000, "Training points", "Places drawn for training.", low=MIN_POINTS, high=MAX_POINTS),
    Parameter("steps", int, 2500, "Steps", "Steps of the optimiser.", low=1, high=MAX_STEPS),
    Parameter("batch", int, 256, "Batch", "Places per step.", low=1, high=MAX_BATCH),
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
        "What training minimises; auto is the usual loss for the data's task.",
        choices=("auto", *LOSSES),
    ),
    Parameter(
        "background",
        str,
        "sphere",
        "Background points",
        "Where losses of presences assume absence: all over the sphere, or in the published quarter of it.",
        choices=BACKGROUNDS,
    ),
    Parameter(
        "split",
        str,
        "random",
        "Held-out places",
        "How far from the training places the held-out ones lie, by which a network is judged.",
        forms=SPLITS,
        read=check_split,
    ),
    Parameter(
        "precision",
        str,
        "float32",
        "Precision",
        "Number format in training: bfloat16 is quicker for wide networks, if the processor has it.",
        choices=PRECISIONS,
    ),
    Parameter(
        "trials",
        int,
        0,
        "Trials of the scale",
        "Short trainings from which the encoder's scale is chosen on validation places, around the spacing of the "
        "training places. With 0 it stays as it was set.",
        low=0,
        high=MAX_TRIALS,
    ),
    Parameter(
        "device",
        str,
        "auto",
        "Device",
        "Where it is trained: cuda is a GPU, auto a GPU where there is one. The seed gives the same training on both, "
        "up to rounding.",
        choices=DEVICES,
    ),
    Parameter("seed", int, 0, "Seed", "Fixes the points, the weights and the batches.", low=0, high=2**31 - 1),
)

# The defaults of a Recipe and, but for the encoder, of the estimators.
DEFAULTS: Mapping[str, Any] = {parameter.name: parameter.default for parameter in PARAMETERS}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result of a training run.  All values are checked when the recipe is made.

    Parameters
    ----------
    data : str, default "geoid"
        Name of a data set (``s2v.data.names()``), with settings after commas, such as "checkerboard,cells=400".
    encoder : str, default "sphereM"
        Name of an encoder (``s2v.ENCODERS``).
    encoder_params : mapping, default {}
        Parameters of the encoder; those left out have its defaults.  The one that decides how fine its code is, such
        as ``min_radius`` or ``degree``, may be "auto": it then follows from the spacing of the training places.  The
        recipe of the trained model (``model.recipe``) has the number.
    predictor : str, default ""
        Name of a reference predictor (``s2v.predictors.names()``), which takes the place of encoder and network: their
        settings, and those of the training, then have no effect.  Its constants are chosen on validation places.
    network : str, default "ffn"
        What is learned on top of the encoder; ``s2v.models.choices.NETWORKS`` has the others.
    hidden : int, 1 to 2048, default 128
        Width of the hidden layers.
    layers : int, 1 to 8, default 2
        Number of hidden layers.
    dropout : float, 0 to 0.9, default 0
        Share of hidden units that are switched off at random in each step.
    activation : str, default "relu"
        Nonlinearity of ffn, one of ``s2v.models.choices.ACTIVATIONS``; the other networks have their own.
    points : int, 10 to 1000000, default 20000
        Number of training places to draw.
    steps : int, 1 to 100000, default 2500
        Steps of the optimiser (Adam).
    batch : int, 1 to 65536, default 256
        Places per step; thousands make use of a GPU.
    learning_rate : float, 1e-6 to 1, default 0.005
        Peak of the one-cycle schedule.
    loss : str, default "auto"
        "auto" is the usual loss for the data's task; ``s2v.models.choices.LOSSES`` has the others.
    background : {"sphere", "published"}, default "sphere"
        Where losses of presences draw their background points; other losses ignore it.
    split : str, default "random"
        How far from the training places the held-out ones lie: "random", "blocks:KM", "buffer:KM", "control:KM" or
        "latitude:DEG" (``s2v.data.load``).
    precision : {"float32", "bfloat16"}, default "float32"
        bfloat16 is torch's automatic mixed precision: in a step the network computes, forward and backward, with
        numbers of 8 significant bits; weights, loss, optimiser and predictions stay float32.  It is slower in narrow
        networks, and on processors without AVX-512 BF16 or AMX.
    trials : int, 0 to 9, default 0
        Short trainings from which the encoder's scale is chosen on the validation places (``s2v.models.tuning``); the
        one that ``encoder_params`` gives is then replaced.  0 takes the parameters as given, and so do encoders without
        a scale.
    device : {"auto", "cpu", "cuda"}, default "auto"
        Where the training runs: "cuda" is a GPU, "auto" one where there is one.  The seed gives the same places, first
        weights and batches on both, so results differ by rounding alone, and by the masks of dropout.
    seed : int, default 0
        Fixes the places, the first weights and the batches.

    Raises
    ------
    ValueError
        For an unknown name, a value outside its range, or a loss or predictor that does not fit the data's task.

    Examples
    --------
    >>> recipe = Recipe(data="land_ocean", encoder="sphereC", encoder_params={"scales": 8}, steps=500)
    >>> recipe.task, recipe.loss_in_force
    ('classification', 'cross_entropy')
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    >>> Recipe(hidden=0)
    Traceback (most recent call last):
    ValueError: hidden=0 is outside its range; allowed is a whole number from 1 to 2048.
    """

    data: str = DEFAULTS["data"]
    encoder: str = DEFAULTS["encoder"]
    encoder_params: Mapping[str, Any] = field(default_factory=dict)
    predictor: str = DEFAULTS["predictor"]
    network: str = DEFAULTS["network"]
    hidden: int = DEFAULTS["hidden"]
    layers: int = DEFAULTS["layers"]
    dropout: float = DEFAULTS["dropout"]
    activation: str = DEFAULTS["activation"]
    points: int = DEFAULTS["points"]
    steps: int = DEFAULTS["steps"]
    batch: int = DEFAULTS["batch"]
    learning_rate: float = DEFAULTS["learning_rate"]
    loss: str = DEFAULTS["loss"]
    background: str = DEFAULTS["background"]
    split: Split = DEFAULTS["split"]
    precision: str = DEFAULTS["precision"]
    trials: int = DEFAULTS["trials"]
    device: str = DEFAULTS["device"]
    seed: int = DEFAULTS["seed"]

    def __post_init__(self) -> None:
        given = {p.name: getattr(self, p.name) for p in PARAMETERS}
        for name, value in check_all(PARAMETERS, given, "a recipe").items():
            object.__setattr__(self, name, value)
        check_name(self.data)
        fit = losses_for(entry(self.data).task)
        if self.loss not in ("auto", *fit):
            raise ValueError(
                f"loss={self.loss!r} does not go with data={shown(self.data)}, a {entry(self.data).task}; allowed is "
                f"one of auto, {', '.join(fit)}."
            )
        if self.predictor and self.predictor not in (serving := names(self.task)):
            raise ValueError(
                f"predictor={self.predictor!r} does not go with data={shown(self.data)}, a {self.task}; allowed is one "
                f"of {', '.join(serving)}."
            )
        if not isinstance(self.encoder_params, Mapping):
            raise ValueError(f"encoder_params={shown(self.encoder_params)} is not a mapping of names to values.")
        params = registry.spec(self.encoder).check(self.encoder_params)
        object.__setattr__(self, "encoder_params", params)

    @property
    def loss_in_force(self) -> str:
        """The name of the loss: the default of the data's task where ``loss`` is "auto"."""
        return losses_for(entry(self.data).task)[0] if self.loss == "auto" else self.loss

    @property
    def task(self) -> Task:
        """The task of the model: that of the data, but "presence" for classes learned one by one."""
        return LOSSES[self.loss_in_force].tasks[0]

    @property
    def is_auto(self) -> bool:
        """Whether the encoder's scale is left to the data."""
        return not self.predictor and registry.spec(self.encoder).is_auto(self.encoder_params)

    @property
    def contestant(self) -> EncoderConfig | PredictorConfig:
        """What predicts: the encoder with its parameters, or the reference predictor."""
        if self.predictor:
            return PredictorConfig(self.predictor)
        return EncoderConfig.of(self.encoder, **self.encoder_params)

    def check_data(self, name: str) -> None:
        """``ValueError`` for a data set of another name than the recipe's."""
        if name != check_name(self.data):
            raise ValueError(
                f"The data set is {name!r}, and the recipe is of {self.data!r}: make the recipe with data={name!r}."
            )

    def to_json(self) -> str:
        """The recipe as JSON text, which ``Recipe.from_json`` reads.  A device that is "auto" is left out."""
        settings = asdict(self)
        if self.device == DEFAULTS["device"]:  # so that a recipe without one has the text that it always had
            del settings["device"]
        return json.dumps(settings, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """A recipe from JSON text.

        Parameters
        ----------
        text : str
            A JSON object of settings; those left out have their defaults.

        Raises
        ------
        ValueError
            Where the text is not JSON, not an object, not a valid recipe, or of more than a million letters.

        Examples
        --------
        >>> Recipe.from_json('{"encoder": "xyz", "steps": 100}').steps
        100
        """
        if isinstance(text, str) and len(text) > MAX_TEXT:
            raise ValueError(f"The recipe has {len(text):,} letters; allowed are {MAX_TEXT:,}.")
        try:
            given = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"The recipe is not JSON: see line {error.lineno}, column {error.colno}.") from None
        except (TypeError, ValueError, RecursionError):  # no text, a number of thousands of digits, deep nesting
            raise ValueError(
                "The recipe cannot be read: it must be JSON text without huge numbers or deep lists."
            ) from None
        if not isinstance(given, dict):
            raise ValueError(f"The recipe is a JSON {type(given).__name__}; it must be an object of settings.")
        unknown = set(given) - {p.name for p in PARAMETERS} - {"encoder_params"}
        if unknown:
            raise ValueError(f"A recipe has no setting {shown(sorted(unknown)[0])}.")
        try:
            return cls(**given)
        except RecursionError:
            raise ValueError("The recipe cannot be read: its lists are nested too deeply.") from None
