"""What the Maps page can draw: the finished and the opened models of this session, and the built-in data sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from s2v import data
from s2v.comparison.sources import TrainedModel, digest
from s2v.data import DataSet
from s2v.data.catalogue import check_task
from s2v.figures.quantities import unknown_data
from s2v.models.recipe import Recipe
from s2v.models.tensor_file import read_classes, read_header
from s2v.predictors import PREDICTORS
from s2v.ui import labels, session_race, trained_models
from s2v.ui.messages import shorten
from s2v.ui.race import maps
from s2v.ui.trained_models import SessionModel

if TYPE_CHECKING:
    from s2v.engine import Frame, Race

RUN, TRUTH = "run:", "truth:"
FIRST_TRUTH = "relief"  # on the page before there is a model


@dataclass(frozen=True, eq=False)
class Source:
    """A finished model with its recipe, its last frame if there is one, and its file; or the truth of a data set.

    ``described`` stands for the data of a model from a file, where nothing but their classes is known.
    """

    name: str  # in the address
    title: str
    data: str
    recipe: Recipe | None = None
    frame: Frame | None = None
    file: bytes = b""
    described: DataSet | None = None

    @property
    def dataset(self) -> DataSet:
        """Its data; use only what does not depend on the training places."""
        return self.described or maps.load_dataset(self.data)

    @property
    def label(self) -> str:
        """A title that says the data, too."""
        if self.name.startswith(trained_models.OPENED):
            return f"Opened: {self.title}"
        return f"{self.title}: {data.title_of(self.data)}" if self.recipe else f"The data: {self.title}"

    @cached_property
    def model(self) -> TrainedModel:
        """What the comparing process is asked about."""
        return TrainedModel(self.name, self.title, digest(self.file))

    @property
    def has_truth(self) -> bool:
        """Whether the truth is known everywhere."""
        return self.described is None and not data.entry(self.data).places_only

    @property
    def has_places(self) -> bool:
        """Whether its training places are known."""
        return self.recipe is not None and self.described is None

    @property
    def has_stderr(self) -> bool:
        """Whether the model knows how far it may be off."""
        return bool(self.recipe and self.recipe.predictor and PREDICTORS[self.recipe.predictor].has_stderr)

    @property
    def file_name(self) -> str:
        """The beginning of the names of files made of it."""
        if self.name.startswith(trained_models.OPENED):
            return f"opened-{self.name.removeprefix(trained_models.OPENED)}"
        model = [self.recipe.contestant.name] if self.recipe else ["truth"]
        return "-".join([self.data.partition(",")[0].replace(":", "-"), *model]).replace("+", "plus")


def models() -> list[Source]:
    """The finished models of this session, those of the newest race first, and then those of files."""
    races = session_race.earlier()
    shown = session_race.current()
    if shown is not None and all(race.id != shown.id for race in races):
        races = [shown, *races]
    found: dict[str, Source] = {}
    for race in races:
        for source in _models_of(race):
            found.setdefault(source.name, source)
    titles = [source.label for source in found.values()]
    opened = [each for each in map(_opened, reversed(trained_models.opened())) if each]
    return [*(s if titles.count(s.label) == 1 else _dated(s) for s in found.values()), *opened]


def linked(name: str) -> Source | None:
    """The model of that name, of any race that this server keeps; None where there is none."""
    stored = session_race.stored_model(name.removeprefix(RUN))
    if stored is None:
        return None
    (title,) = labels.titles([stored.recipe.contestant])
    return Source(name, title, stored.recipe.data, stored.recipe, None, stored.file)


def truths() -> list[Source]:
    """The built-in data sets that are known everywhere."""
    names = [name for name in data.names() if not data.entry(name).places_only]
    return [Source(TRUTH + name, data.entry(name).title, name) for name in names]


def _models_of(race: Race) -> list[Source]:
    titles = labels.titles([run.recipe.contestant for run in race.firsts])
    return [
        Source(RUN + run.id[:8], title, run.recipe.data, run.recipe, run.latest, run.latest.weights)
        for title, run in zip(titles, race.firsts, strict=True)
        if run.latest and run.latest.fine and run.latest.weights
    ]


def _opened(model: SessionModel) -> Source | None:
    """The model of a file; None for an embedding, which predicts nothing.  Its data are those of this name, if its
    classes are theirs.
    """
    name = model.recipe.data
    try:
        metadata, _ = read_header(model.file)
    except ValueError:  # models are kept as safetensors, and embeddings in the file that they came in
        return None
    classes = read_classes(metadata["classes"])
    known = not data.is_own(name) and maps.load_dataset(name).classes == classes
    credit = f"those of the model in the file {shorten(model.opened)}."
    described = None if known else unknown_data(name, check_task(metadata["task"]), classes, credit)
    return Source(model.source.name, model.source.title, name, model.recipe, None, model.file, described)


def _dated(source: Source) -> Source:
    """The same with the time of its training in its title, where another has the same one."""
    if source.frame is None or not source.frame.taken:
        return source
    zone = st.context.timezone
    time = datetime.fromtimestamp(source.frame.taken, ZoneInfo(zone) if zone else None)
    return replace(source, title=f"{source.title} ({time:%H:%M:%S})")
