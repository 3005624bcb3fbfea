"""Models in files: safetensors with the recipe in the metadata.  Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError

from s2v import files
from s2v.data.catalogue import check_task
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

FORMAT = "s2v-model-1"


def save(model: LocationModel, path: str | os.PathLike[str]) -> None:
    """Write a model to a file: its weights, and its recipe, task and classes as JSON in the file's metadata.

    Parameters
    ----------
    model : LocationModel
    path : str or path, of the safetensors file to write
        A file that is there stays as it is until the new one is complete.

    Raises
    ------
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import s2v, tempfile
    >>> *_, last = s2v.train(s2v.Recipe(data="checkerboard", encoder="xyz", points=200, steps=10))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     s2v.save(last.model, f"{folder}/model.safetensors")
    ...     loaded = s2v.load(f"{folder}/model.safetensors")
    >>> bool((loaded.predict([15.6, 78.2]) == last.model.predict([15.6, 78.2])).all())
    True
    """
    files.write_bytes(path, dumps(model))


def dumps(model: LocationModel) -> bytes:
    """The bytes that ``save`` writes."""
    metadata = {
        "format": FORMAT,
        "recipe": model.recipe.to_json(),
        "task": model.task,
        "classes": json.dumps(model.classes),
    }
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save(weights, metadata)


def load(path: str | os.PathLike[str]) -> LocationModel:
    """Read a model from a file that ``save`` wrote.

    Parameters
    ----------
    path : str or path, of a safetensors file

    Returns
    -------
    LocationModel
        In evaluation mode, ready to predict.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        For any other file, a damaged one, or weights that do not fit the recipe or are not finite.

    Examples
    --------
    >>> import s2v
    >>> s2v.load("missing.safetensors")
    Traceback (most recent call last):
    FileNotFoundError: There is no model file missing.safetensors.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no model file {path}.")
    try:
        return loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} cannot be loaded: {error} Give a file that s2v.save wrote.") from None


def loads(content: bytes) -> LocationModel:
    """The model in the bytes of ``dumps``, ready to predict; ``ValueError`` as in ``load``."""
    metadata, weights = _read(content)
    if metadata.get("format") != FORMAT:
        raise ValueError(f"its format is {metadata.get('format')!r}, not {FORMAT!r}: it is not a model of this lab.")
    try:
        recipe = Recipe.from_json(metadata["recipe"])
        model = LocationModel(recipe, check_task(metadata["task"]), _classes(metadata["classes"]))
    except KeyError as error:
        raise ValueError(f"its metadata has no {error}.") from None
    except ValueError as error:
        raise ValueError(f"its description is wrong ({error}).") from None
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"its weights are not those of its recipe ({reason}).") from None
    infinite = [name for name, tensor in weights.items() if not torch.isfinite(tensor).all()]
    if infinite:
        raise ValueError(f"the weights {infinite[0]!r} are not finite.")
    return model.eval()


def _read(content: bytes) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Metadata and weights.  The metadata are in the header: its length in 8 bytes, then JSON."""
    try:
        weights = safetensors.torch.load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        return header.get("__metadata__", {}), weights
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"it is not a whole safetensors file ({error}).") from None


def _classes(text: str) -> tuple[str, ...]:
    names = json.loads(text)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("the classes are not a list of names")
    return tuple(names)
