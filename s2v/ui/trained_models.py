"""The models that a session has trained lately: what the pages of comparisons offer beside the encoders.

trained.remember(run)      # when a run has ended; again and again, if you like
trained.link(run)          # where the run is shown: the way to its picture
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from s2v import data
from s2v.comparison.sources import TrainedModel, digest
from s2v.encoders.registry import EncoderConfig
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from s2v.ui.messages import short_title

if TYPE_CHECKING:
    from s2v.engine import Run

PREFIX = "run:"
MAX_MODELS = 4  # models a session keeps
MAX_BYTES = 16 << 20  # bytes of one: the widest and deepest network that the Train page offers would take 135 MB
_KEY = "trained models"


@dataclass(frozen=True)
class Model:
    """A trained model of this session: its name for the comparison, how it was made, and its file."""

    trained: TrainedModel
    recipe: Recipe
    file: bytes

    @property
    def file_name(self) -> str:
        """What its file is called when it is taken away; the name tells models of one kind apart."""
        return f"{self.recipe.data}-{self.recipe.encoder}-{self.trained.digest[:6]}.safetensors"

    @property
    def summary(self) -> str:
        """What its code is, in a sentence."""
        seen = "the encoder's own features" if self.recipe.network == "linear" else "its last hidden layer"
        return (
            f"A network ({self.recipe.network}) that this session trained on {_title_of_data(self.recipe)} for "
            f"{self.recipe.steps:,} steps. Its code is its embedding: what its last matrix sees of a place, {seen}."
        )


def remember(run: Run) -> Model | None:
    """Keeps the model of a run that has finished; None for one that has none, or one that is too large to be kept."""
    name = PREFIX + run.id[:8]
    kept = _kept()
    if name in kept:
        return kept[name]
    if run.latest is None or not 0 < len(run.latest.weights) <= MAX_BYTES:
        return None
    file, recipe = run.latest.weights, run.recipe
    kept[name] = Model(TrainedModel(name, _title(recipe), digest(file)), recipe, file)
    while len(kept) > MAX_MODELS:
        del kept[next(iter(kept))]
    return kept[name]


def link(run: Run) -> None:
    """Shows the way from a finished run to what its model finds alike, beside its encoder as it was; else nothing."""
    # Here, because the choice of encoders offers these models.
    from s2v.ui import contestants

    if model := remember(run):
        untrained = EncoderConfig.of(model.recipe.encoder, **model.recipe.encoder_params)
        st.page_link(
            "pages/similarity.py",
            label="See what the trained network finds alike",
            icon=":material/join_inner:",
            query_params=contestants.address([untrained, model.trained]),
        )


def models() -> list[Model]:
    """The models that the session keeps, the oldest first; those of a race that ended meanwhile are among them."""
    if race := session_race.current():
        for run in race.firsts:
            remember(run)
    return list(_kept().values())


def find(name: str) -> Model:
    """The model of that name; ``ValueError`` says why there is none."""
    try:
        return _kept()[name]
    except KeyError:
        there = f"it keeps {', '.join(_kept())}" if _kept() else "it has none yet"
        raise ValueError(
            f"{name!r} is a trained model that this session does not keep; {there}. A session keeps its last "
            f"{MAX_MODELS} models, and no other session sees them: train it again on the Train page."
        ) from None


def file_of(trained: TrainedModel) -> bytes:
    """The file of one of the session's models."""
    return find(trained.name).file


def show_invitation() -> None:
    """Where encoders are chosen: how a trained model comes to be among them."""
    st.caption("A network that you train is offered here, too: what its last layer sees, as a code of its own.")
    st.page_link("pages/train.py", label="Train one", icon=":material/model_training:")


def _title(recipe: Recipe) -> str:
    """sphereM on Geoid height (trained); numbered where the session keeps several of the kind."""
    base = f"{short_title(EncoderConfig.of(recipe.encoder, **recipe.encoder_params).title)} on {_title_of_data(recipe)}"
    taken = [model.trained.title for model in _kept().values()]
    titles = (f"{base} (trained{number})" for number in ("", *(f", {n}" for n in range(2, MAX_MODELS + 2))))
    return next(title for title in titles if title not in taken)


def _title_of_data(recipe: Recipe) -> str:
    return data.entry(recipe.data).title


def _kept() -> dict[str, Model]:
    kept: dict[str, Model] = st.session_state.setdefault(_KEY, {})
    return kept
