"""The models that this session has trained last, and those of files that it has opened: the comparison pages offer
them beside the encoders.

A link finds a trained model in any session for as long as the server keeps its race; a file's model is found in the
session that has opened it.

trained_models.remember(run)      # when a run has finished; repeated calls do nothing
trained_models.models()
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from s2v import data, reading
from s2v.comparison.sources import TrainedModel, digest
from s2v.encoders.registry import EncoderConfig
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from s2v.ui.messages import plain, short_title, shorten

if TYPE_CHECKING:
    from s2v.engine import Run

PREFIX = "run:"
OPENED = "file:"
PREFIXES = (PREFIX, OPENED)
MAX_TITLE = 60  # letters of a title from a file
MAX_MODELS = 8  # that a session keeps: those of its last two races, or of a link and a race
MAX_BYTES = 16 << 20  # of one model: the widest and deepest network that the Train page offers would take 135 MB
_KEY, _OPENED_KEY = "trained models", "opened models"


@dataclass(frozen=True)
class SessionModel:
    """A trained model of this session: the source to compare, its recipe, the steps it has learned for, its file.

    ``opened`` is the name of the file that it came in; empty for one that was trained here.
    ``about`` says in a sentence what its code is, where that is not the last layer of a network; ``on`` is what the
    model of a file was trained on, if that is known.
    """

    source: TrainedModel
    recipe: Recipe
    steps: int
    file: bytes
    opened: str = ""
    about: str = ""
    on: str = ""

    @property
    def trained_on(self) -> str:
        """The data that it was trained on, and where."""
        if not self.opened:
            return f"{_data_title(self.recipe)}, here"
        return f"{self.on or 'not said'}, from a file"

    @property
    def file_name(self) -> str:
        """A name for the downloaded file that tells models of one kind apart."""
        if self.opened:
            as_it_came = self.about and not self.opened.endswith(".safetensors")
            suffix = ".pth" if as_it_came else ".safetensors"
            return f"{_file_stem(self.opened)}-{self.source.digest[:6]}{suffix}"
        return f"{self.recipe.data}-{self.recipe.encoder}-{self.source.digest[:6]}.safetensors"

    @property
    def summary(self) -> str:
        """What its code is, in a sentence."""
        if self.about:
            return self.about
        seen = "the encoder's own features" if self.recipe.network == "linear" else "its last hidden layer"
        if self.opened:
            return (
                f"A network ({self.recipe.network}) of the file {plain(shorten(self.opened))}. Its code is its "
                f"embedding: what its last matrix sees of a place, {seen}."
            )
        return (
            f"A network ({self.recipe.network}) that was trained here on {_data_title(self.recipe)} for "
            f"{self.steps:,} steps. Its code is its embedding: what its last matrix sees of a place, {seen}."
        )


def remember(run: Run) -> SessionModel | None:
    """Keep the model of a run that has ended; None if the run has none with an embedding, or one too large to keep."""
    latest = run.latest
    return (
        None
        if latest is None or run.recipe.predictor
        else _remember(PREFIX + run.id[:8], run.recipe, latest.step, latest.weights)
    )


def models() -> list[SessionModel]:
    """The models that the session keeps, the oldest first, including those of a race that has just ended."""
    if race := session_race.current():
        for run in race.firsts:
            remember(run)
    return [*_kept().values(), *opened()]


def keep_opened(file: bytes, recipe: Recipe, title: str, opened_as: str, about: str = "", on: str = "") -> SessionModel:
    """Keep the model of a file; beyond ``MAX_MODELS``, or ``S2V_MAX_MODEL_MB`` in all, the oldest are dropped.

    ``title`` is cut, and numbered where another model has it.
    """
    kept = _opened()
    name = OPENED + digest(file)[:8]
    if name not in kept:
        base = _harmless(title)
        taken = [model.source.title for model in kept.values()]
        titles = (f"{base}{number}" for number in ("", *(f", {n}" for n in range(2, MAX_MODELS + 2))))
        free = next(title for title in titles if title not in taken)
        kept[name] = SessionModel(TrainedModel(name, free, digest(file)), recipe, 0, file, opened_as, about, on)
        while len(kept) > MAX_MODELS or (
            len(kept) > 1 and sum(len(model.file) for model in kept.values()) > reading.max_model_bytes()
        ):
            del kept[next(iter(kept))]
    return kept[name]


def opened() -> list[SessionModel]:
    """The models that the session has opened from files, the oldest first."""
    return list(_opened().values())


def forget_opened(name: str) -> None:
    """Keep that model of a file no longer."""
    _opened().pop(name, None)


def find(name: str) -> SessionModel:
    """The model of that name; ``ValueError`` says why there is none."""
    if name in _kept():
        return _kept()[name]
    if name.startswith(OPENED):
        if name in _opened():
            return _opened()[name]
        raise ValueError(
            f"{name!r} is the model of a file, which stays in the session that has opened it: open the file again on "
            "the page Published models."
        )
    stored = session_race.stored_model(name.removeprefix(PREFIX))
    found = _remember(name, *stored) if stored and not stored.recipe.predictor else None
    if found is None:
        there = f"it has {', '.join(_kept())}" if _kept() else "it has none yet"
        raise ValueError(
            f"{name!r} is a trained model that neither this session has ({there}) nor this server keeps any more: "
            "train it again on the Train page."
        )
    return found


def file_of(source: TrainedModel) -> bytes:
    """The file of one of the session's models."""
    return find(source.name).file


def show_invitation() -> None:
    """Say how a trained model comes to be among the encoders to choose from."""
    st.caption("A network that you train is offered here, too: what its last layer sees, as a code of its own.")
    st.page_link("pages/train.py", label="Train one", icon=":material/model_training:")


def _remember(name: str, recipe: Recipe, steps: int, file: bytes) -> SessionModel | None:
    kept = _kept()
    if name not in kept and 0 < len(file) <= MAX_BYTES:
        kept[name] = SessionModel(TrainedModel(name, _title(recipe), digest(file)), recipe, steps, file)
        while len(kept) > MAX_MODELS:
            del kept[next(iter(kept))]
    return kept.get(name)


def _title(recipe: Recipe) -> str:
    """sphereM on Geoid height (trained); numbered if the session keeps several of this title."""
    base = f"{short_title(EncoderConfig.of(recipe.encoder, **recipe.encoder_params).title)} on {_data_title(recipe)}"
    taken = [model.source.title for model in _kept().values()]
    titles = (f"{base} (trained{number})" for number in ("", *(f", {n}" for n in range(2, MAX_MODELS + 2))))
    return next(title for title in titles if title not in taken)


def _data_title(recipe: Recipe) -> str:
    return data.title_of(recipe.data)


def _kept() -> dict[str, SessionModel]:
    kept: dict[str, SessionModel] = st.session_state.setdefault(_KEY, {})
    return kept


def _opened() -> dict[str, SessionModel]:
    opened: dict[str, SessionModel] = st.session_state.setdefault(_OPENED_KEY, {})
    return opened


def _harmless(text: str) -> str:
    """A title from a file: short, and with nothing in it that Markdown would take for a link or a formula."""
    return " ".join(re.sub(r"[^\w ,+()-]", " ", text).split())[:MAX_TITLE].strip() or "a file"


def _file_stem(name: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", name.split(".")[0])[:MAX_TITLE].strip("-.") or "model"
