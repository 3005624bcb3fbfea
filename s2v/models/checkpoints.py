"""Models and reference predictors in files: safetensors and what they are as metadata.  Nothing is ever unpickled."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import safetensors.torch
import torch

from s2v import files, reading
from s2v.data.catalogue import Task, check_task
from s2v.encoders import registry
from s2v.errors import clipped, shown
from s2v.models import predictor_file
from s2v.models.device import torch_device
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.tensor_file import DAMAGED, Tensor, read_classes, read_header
from s2v.predictors import Predictor

FORMAT = "s2v-model-1"
DTYPES = ("F16", "BF16", "F32", "F64")  # floating-point numbers, as safetensors names them


def save(model: LocationModel | Predictor, path: str | os.PathLike[str]) -> None:
    """Write a model to a file: its weights, and its recipe, task and classes as JSON in the file's metadata.

    The file of a reference predictor holds the training places and their targets, from which it predicts.

    Parameters
    ----------
    model : LocationModel or Predictor
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


def dumps(model: LocationModel | Predictor) -> bytes:
    """The bytes that ``save`` writes."""
    if isinstance(model, Predictor):
        return predictor_file.dumps(model)
    metadata = {
        "format": FORMAT,
        "recipe": model.recipe.to_json(),
        "task": model.task,
        "classes": json.dumps(model.classes),
    }
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save(weights, metadata)


def load(path: str | os.PathLike[str], device: str = "cpu") -> LocationModel | Predictor:
    """Read a model from a file that ``save`` wrote.

    Parameters
    ----------
    path : str or path, of a safetensors file
    device : {"cpu", "cuda", "auto"}, default "cpu"
        Where it predicts, whatever its recipe says: "auto" is a GPU where there is one.  A reference predictor does so
        on the CPU.

    Returns
    -------
    LocationModel or Predictor
        What was saved, ready to predict.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        For any other file, a damaged one, or weights that do not fit the recipe or are not finite; for a GPU that is
        not there.

    Examples
    --------
    >>> import s2v
    >>> s2v.load("missing.safetensors")
    Traceback (most recent call last):
    FileNotFoundError: There is no model file missing.safetensors.
    """
    path, where = Path(path), torch_device(device)
    content = reading.read_model(path, "model file")
    try:
        model = loads(content)
    except ValueError as error:
        raise ValueError(clipped(f"{path} cannot be loaded: {error} Give a file that s2v.save wrote.")) from None
    return model.to(where) if isinstance(model, LocationModel) else model


def loads(content: bytes) -> LocationModel | Predictor:
    """The model in the bytes of ``dumps``, ready to predict; ``ValueError`` as in ``load``."""
    metadata, tensors = read_header(content)
    if metadata.get("format") == predictor_file.FORMAT:
        return predictor_file.loads(content)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"its format is {shown(metadata.get('format'))}, not {FORMAT!r}: it is not a model of this lab."
        )
    try:
        recipe = Recipe.from_json(metadata["recipe"])
        described = recipe, check_task(metadata["task"]), read_classes(metadata["classes"])
        wanted = _shapes(described, sum(math.prod(tensor.shape) for tensor in tensors.values()))
    except KeyError as error:
        raise ValueError(f"its metadata has no {error}.") from None
    except ValueError as error:
        raise ValueError(clipped(f"its description is wrong ({error}).")) from None
    _check_shapes(wanted, tensors)
    try:
        weights = safetensors.torch.load(content)
    except Exception:  # SafetensorError, KeyError and others for a damaged file
        raise ValueError(DAMAGED) from None
    model = LocationModel(*described)
    model.load_state_dict(weights)
    infinite = [name for name, tensor in model.state_dict().items() if not torch.isfinite(tensor).all()]
    if infinite:
        raise ValueError(f"the weights {infinite[0]!r} are not finite.")
    return model.eval()


def _shapes(described: tuple[Recipe, Task, tuple[str, ...]], count: int) -> dict[str, tuple[int, ...]]:
    """The shapes of a model's weights, built without their numbers, since a small file may ask for gigabytes."""
    try:
        with torch.device("meta"):
            model = LocationModel(*described)
    except ValueError:  # an installed package's encoder may need the numbers
        recipe = described[0]
        if (size := registry.spec(recipe.encoder).table_size(recipe.encoder_params)) > count:
            raise ValueError(f"its encoder has {size:,} numbers, the file {count:,}") from None
        model = LocationModel(*described)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _check_shapes(wanted: dict[str, tuple[int, ...]], tensors: dict[str, Tensor]) -> None:
    """``ValueError`` unless the file has exactly the weights of its recipe, as floating-point numbers."""
    mismatch = "its weights are not those of its recipe"
    for name, tensor in tensors.items():
        if name not in wanted:
            raise ValueError(f"{mismatch}, which has none named {shown(name)}.")
        if tensor.shape != wanted[name]:
            raise ValueError(f"{mismatch}: {name!r} has the shape {shown(tensor.shape)}, not {wanted[name]}.")
        if tensor.dtype not in DTYPES:
            raise ValueError(f"the weights {name!r} are {shown(tensor.dtype)}; allowed are {', '.join(DTYPES)}.")
    if missing := [name for name in wanted if name not in tensors]:
        raise ValueError(f"{mismatch}: there are no {missing[0]!r}.")
