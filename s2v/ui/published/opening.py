"""The models that a session has opened on the page: uploaded files, and the demonstration that ships with the lab."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import reading
from s2v.assets import asset_path, damaged
from s2v.comparison import understood
from s2v.comparison.questions import NoAnswerError, OpenedModelOf
from s2v.comparison.results import OpenedModel
from s2v.comparison.sources import TrainedModel, digest
from s2v.encoders.registry import EncoderConfig
from s2v.errors import clipped
from s2v.models.recipe import Recipe
from s2v.models.tensor_file import read_classes, read_header
from s2v.ui import answers, trained_models
from s2v.ui.messages import plain, short_title, shorten
from s2v.ui.trained_models import SessionModel

if TYPE_CHECKING:
    from s2v.engine.session_file import ModelFile

MAX_FILES = 8  # opened at a time, as many models as a session keeps
MAX_MODEL, UPLOAD_MB = "S2V_MAX_MODEL_MB", 200  # the setting, and MB of an upload without it
MAX_NAMES = 1_000_000  # bytes of a file of class names
_GEOCLIP_FILE = ("model", "weights", "location_encoder_weights.pth")
_DEMONSTRATION = ("land_cover-grid.safetensors", "land_cover-sphereM.safetensors")
_RESULTS = "published opened"  # key of the session: what opening each file gave, by its content and the class names
_MODELS = "published models"  # key of the session: those of uploaded files, by name
_FORGOTTEN = "published uploads forgotten"  # how many: a new key empties the uploader


@dataclass(frozen=True)
class Model:
    """A model on the page: of this session, with its classes and what was understood of its file.

    ``content`` is the digest of the file as it was uploaded.
    """

    kept: SessionModel
    classes: tuple[str, ...]
    understood: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    content: str = ""
    is_demonstration: bool = False
    is_embedding: bool = False

    @property
    def name(self) -> str:
        return self.kept.source.name

    @property
    def title(self) -> str:
        return self.kept.source.title


def opened() -> list[Model]:
    """The models that the session has opened from files, the oldest first."""
    kept = {model.source.name for model in trained_models.opened()}
    return [model for name, model in _models().items() if name in kept]


def saved(model: Model) -> ModelFile | None:
    """The model for a session file; None for an embedding, which session files do not hold."""
    if model.is_embedding:
        return None
    from s2v.engine.session_file import ModelFile  # here, because the engine takes a second to import

    return ModelFile(model.kept.file, model.kept.opened, model.title, model.understood, model.remarks)


def take_in(found: ModelFile) -> Model:
    """Opens a model from a session file, as if from a file of its own; ``ValueError`` says why not."""
    reading.check_model_size(shorten(found.opened), len(found.file), "file")
    result = _ask(shorten(found.opened), found.file, ())
    if isinstance(result, str):
        raise ValueError(result)
    metadata, _ = read_header(result.file)
    recipe, classes = Recipe.from_json(metadata["recipe"]), read_classes(metadata["classes"])
    kept = trained_models.keep_opened(result.file, recipe, found.title, found.opened)
    model = Model(kept, classes, tuple(found.understood), tuple(found.remarks), digest(found.file))
    _models()[model.name] = model
    return model


def forget(name: str) -> None:
    """Keeps a model no longer."""
    trained_models.forget_opened(name)
    _models().pop(name, None)
    st.session_state.pop(_RESULTS, None)
    st.session_state[_FORGOTTEN] = st.session_state.get(_FORGOTTEN, 0) + 1


def uploader() -> list[Model]:
    """Shows where to drop files, and opens them; returns the new models.  A file that holds none gets a sentence."""
    cap = reading.max_model_bytes() if MAX_MODEL in os.environ else UPLOAD_MB * 10**6
    files = st.file_uploader(
        "Drop checkpoints of TorchSpatial, sphere2vec, SINR or geo_prior, or models of this lab (safetensors)",
        accept_multiple_files=True,
        key=f"published upload {st.session_state.get(_FORGOTTEN, 0)}",
        max_upload_size=max(1, cap // 10**6),
        help=f"A file may have {cap / 1e6:g} MB. Whoever runs this server can change that: {MAX_MODEL} in its "
        "environment. Nothing in a file is run, and nothing of it is written to disk here.",
    )
    if len(files) > MAX_FILES:
        st.info(
            f"{len(files)} files are here; the first {MAX_FILES} are opened. Remove some to see the others.",
            icon=":material/info:",
        )
    names = _class_names() if files else ()
    new = []
    for file in files[:MAX_FILES]:
        try:
            model = _opened(file.name, file.getvalue(), names)
        except (ValueError, NoAnswerError) as error:
            st.error(plain(str(error)), icon=":material/error:")
            continue
        if model.name not in _models():
            for name in [name for name, other in _models().items() if other.content == model.content]:
                trained_models.forget_opened(name)  # the same file with other names of classes
                del _models()[name]
            new.append(model)
        _models()[model.name] = model
    if (path := _installed_geoclip()) is not None and st.button("Open GeoCLIP's location encoder", key="geoclip"):
        try:
            model = _opened(path.name, path.read_bytes(), ())
            _models()[model.name] = model
            new.append(model)
        except (ValueError, OSError, NoAnswerError) as error:
            st.error(plain(str(error)), icon=":material/error:")
    return new


def demonstration() -> list[Model]:
    """Two small models that were trained here: a planar and a spherical encoder on land cover."""
    made = []
    for name in _DEMONSTRATION:
        file, recipe, task, classes = _shipped(name)
        kept = trained_models.keep_opened(file, recipe, _title_of(recipe, "land cover"), name, on="Land cover")
        lines = understood.lines(recipe, task, len(classes))
        made.append(Model(kept, classes, lines, is_demonstration=True))
    return made


def _class_names() -> tuple[str, ...]:
    """Shows where to give names of classes, and returns them."""
    with st.expander("Names of the classes", icon=":material/label:"):
        st.caption(
            "Checkpoints of TorchSpatial, sphere2vec and geo_prior have no names of classes, only numbers. A text file "
            "with a name a line, in the order of the training, gives them to every model with as many classes."
        )
        file = st.file_uploader("A text file of names", key="published names", max_upload_size=1)
    if file is None:
        return ()
    try:
        text = file.getvalue()[: MAX_NAMES + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error(f"{plain(file.name)} is not text in UTF-8. Save it as UTF-8.", icon=":material/error:")
        return ()
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _opened(name: str, content: bytes, names: tuple[str, ...]) -> Model:
    """The model in a file; ``ValueError`` says why there is none."""
    shown = shorten(name)
    reading.check_model_size(shown, len(content), "file")
    results: dict[tuple[str, tuple[str, ...]], OpenedModel | str] = st.session_state.setdefault(_RESULTS, {})
    key = (digest(content), names)
    if key not in results:
        results[key] = _ask(shown, content, names)
        while len(results) > MAX_FILES or (len(results) > 1 and _bytes(results) > reading.max_model_bytes()):
            del results[next(iter(results))]
    result = results[key]
    if isinstance(result, str):
        raise ValueError(result)
    if result.is_embedding:
        untrained = EncoderConfig.parse(result.untrained)
        recipe = Recipe(data="own:presence", encoder=untrained.name, encoder_params=dict(untrained.params))
        kept = trained_models.keep_opened(result.file, recipe, result.title, name, result.about, result.data)
        return Model(kept, (), result.understood, result.remarks, digest(content), is_embedding=True)
    metadata, _ = read_header(result.file)
    recipe, classes = Recipe.from_json(metadata["recipe"]), read_classes(metadata["classes"])
    kept = trained_models.keep_opened(
        result.file, recipe, _title_of(recipe, result.data or name.partition(".")[0]), name, on=result.data
    )
    return Model(kept, classes, result.understood, result.remarks, digest(content))


def _ask(name: str, content: bytes, names: tuple[str, ...]) -> OpenedModel | str:
    """What the worker makes of a file, or why it makes nothing of it."""
    source = TrainedModel(name, name, digest(content))
    with st.spinner(f"Opening {plain(name)} …", show_time=True):
        try:
            if names:
                try:
                    return answers.ask_once(content, OpenedModelOf(source, names))
                except ValueError:  # of another model, perhaps
                    return answers.ask_once(content, OpenedModelOf(source))
            return answers.ask_once(content, OpenedModelOf(source))
        except ValueError as error:
            return clipped(error)


def _installed_geoclip() -> Path | None:
    """The weights in the optional package geoclip, where it is installed; nothing of it is imported."""
    spec = importlib.util.find_spec("geoclip")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *_GEOCLIP_FILE)
    return path if path.is_file() else None


def _bytes(results: Mapping[Any, OpenedModel | str]) -> int:
    return sum(len(result.file) for result in results.values() if isinstance(result, OpenedModel))


def _title_of(recipe: Recipe, on: str) -> str:
    return f"{short_title(EncoderConfig.of(recipe.encoder).title)} on {on}"


def _models() -> dict[str, Model]:
    models: dict[str, Model] = st.session_state.setdefault(_MODELS, {})
    return models


@lru_cache(maxsize=len(_DEMONSTRATION))
def _shipped(name: str) -> tuple[bytes, Recipe, str, tuple[str, ...]]:
    path = asset_path("published", name)
    file = path.read_bytes()
    try:
        metadata, _ = read_header(file)
        return file, Recipe.from_json(metadata["recipe"]), metadata["task"], read_classes(metadata["classes"])
    except (KeyError, ValueError) as error:
        raise damaged(path, str(error)) from None
