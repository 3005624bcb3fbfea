"""The questions that a page asks about an encoder or a trained model.  Free of torch and Dask.

Each question is a frozen dataclass: hashable, so that answers can be cached, and picklable.  Its base class names the
type of the answer.  To add a question, write its class here and its function, and pair the two in ``answering``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import ClassVar, Generic, TypeVar

from s2v.comparison.results import (
    Character,
    Ellipse,
    HalfSills,
    Image,
    KernelVariogram,
    Lobe,
    OpenedModel,
    Overview,
    Profile,
    SimilarityMap,
    StretchMap,
    StretchProfile,
    Values,
    Walk,
)
from s2v.comparison.sources import DataSource, Source, TrainedModel
from s2v.encoders.registry import EncoderConfig
from s2v.predictors import Empirical

Answer = TypeVar("Answer")
Place = tuple[float, float]  # longitude and latitude in degrees


class NoAnswerError(RuntimeError):
    """A question could not be answered; the message is a sentence for the reader of the page."""


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """A question about one ``source``; its other fields are further arguments of the function that answers it.

    ``name`` stands for the class in files, so that answers on disk outlive a renamed class.
    """

    name: ClassVar[str] = ""

    source: Source | DataSource

    @property
    def key(self) -> str:
        """The question as JSON: the key of its answer in a file."""
        return json.dumps([self.name, asdict(self)], sort_keys=True)


@dataclass(frozen=True)
class FeaturesOf(Question[int]):
    """The number of features."""

    name = "features"


@dataclass(frozen=True)
class SimilarityMapOf(Question[SimilarityMap]):
    """Cosine similarity of every cell of a grid with cells of ``degrees`` to the place ``probe``."""

    name = "similarity_map"

    probe: Place
    degrees: float


@dataclass(frozen=True)
class IsQuick(Question[bool]):
    """Whether ``SimilarityMapOf`` takes only milliseconds with cells of ``degrees``."""

    name = "is_quick"

    degrees: float


@dataclass(frozen=True)
class WalkOf(Question[Walk]):
    """Similarity maps for ``frames`` places from ``probe`` to the nearer pole, with cells of ``degrees``."""

    name = "walk"

    probe: Place
    frames: int
    degrees: float


@dataclass(frozen=True)
class ProfileOf(Question[Profile]):
    """Similarity to ``probe`` against distance."""

    name = "similarity_profile"

    probe: Place


@dataclass(frozen=True)
class LobeOf(Question[Lobe]):
    """Width of the main lobe of the similarity to ``probe``."""

    name = "main_lobe"

    probe: Place


@dataclass(frozen=True)
class CharacterOf(Question[Character]):
    """Rank agreement with great-circle distance, and tears."""

    name = "character"


@dataclass(frozen=True)
class OverviewOf(Question[Overview]):
    """A row of the table of all encoders."""

    name = "overview"


@dataclass(frozen=True)
class CodeVariogramOf(Question[KernelVariogram]):
    """The variogram of a code by latitude and bearing."""

    name = "code_variogram"


@dataclass(frozen=True)
class HalfSillsOf(Question[HalfSills]):
    """Half-sill distances of a code, for the table of all encoders."""

    name = "half_sills"


@dataclass(frozen=True)
class DataVariogramOf(Question[Empirical]):
    """The empirical variogram of data."""

    name = "data_variogram"

    source: DataSource


@dataclass(frozen=True)
class SuggestedOf(Question[EncoderConfig]):
    """The encoder with the scale at which the half-sill of its code meets that of data.

    ``half_sill`` of the data and ``spacing`` of their places are in kilometres.
    """

    name = "suggested"

    source: EncoderConfig
    half_sill: float
    spacing: float


@dataclass(frozen=True)
class StretchMapOf(Question[StretchMap]):
    """Anisotropy and area factor on a grid."""

    name = "stretch_map"


@dataclass(frozen=True)
class StretchProfileOf(Question[StretchProfile]):
    """Stretch by latitude."""

    name = "stretch_profile"


@dataclass(frozen=True)
class EllipsesOf(Question[list[Ellipse]]):
    """Tissot's ellipses, spread over the sphere."""

    name = "ellipses"


@dataclass(frozen=True)
class ImageOf(Question[Image]):
    """The graticule on the first three principal components of the code."""

    name = "principal_image"


@dataclass(frozen=True)
class PredictedRowsOf(Question[Values]):
    """What a trained model says of the rows ``first`` to ``end`` of a grid with cells of ``degrees``.

    ``quantity`` is "prediction", "probability" of the class with the ``number``, "entropy" or "stderr".
    """

    name = "predicted_rows"

    source: TrainedModel
    quantity: str
    number: int
    degrees: float
    first: int
    end: int


@dataclass(frozen=True)
class OpenedModelOf(Question[OpenedModel]):
    """A file of somebody's model, published or of this lab, as a model of this lab.

    ``source`` stands for the file as it is, its title is the name of the file; ``classes`` are names for its classes,
    in the file's order, where it has none.
    """

    name = "opened_model"

    source: TrainedModel
    classes: tuple[str, ...] = ()
