"""Reference predictors in files: their training places as safetensors, constants in the metadata.  Free of torch."""

from __future__ import annotations

import json
from typing import Any

import safetensors.numpy

from s2v.data.catalogue import check_name, check_task
from s2v.errors import clipped, shown
from s2v.models.tensor_file import DAMAGED, read_classes, read_header
from s2v.predictors import PREDICTORS, Predictor
from s2v.predictors.fitting import implementation

FORMAT = "s2v-predictor-1"
DTYPES = ("F64", "I64")  # of the arrays, as safetensors names them


def dumps(predictor: Predictor, recipe: str = "") -> bytes:
    """A predictor as the bytes of a safetensors file, with the JSON of the recipe that it was fitted for, if any."""
    metadata = {
        "format": FORMAT,
        "predictor": predictor.name,
        "params": json.dumps(predictor.params),
        "task": predictor.task,
        "classes": json.dumps(predictor.classes),
        "data": predictor.data,
        "recipe": recipe,
    }
    return safetensors.numpy.save(predictor.arrays(), metadata)


def loads(content: bytes) -> Predictor:
    """The predictor in the bytes of ``dumps``; ``ValueError`` for any others."""
    metadata, tensors = read_header(content)
    for name, tensor in tensors.items():
        if tensor.dtype not in DTYPES:
            raise ValueError(f"the array {shown(name)} is {shown(tensor.dtype)}; allowed are {', '.join(DTYPES)}.")
    try:
        spec = PREDICTORS.get(metadata["predictor"])
        if spec is None:
            raise ValueError(f"predictor={shown(metadata['predictor'])} is not one of {', '.join(PREDICTORS)}")
        params = _params(metadata["params"])
        task, classes = check_task(metadata["task"]), read_classes(metadata["classes"])
        arrays = safetensors.numpy.load(content)
        found = implementation(spec).from_arrays(spec, params, task, classes, arrays)
        found.data = check_name(metadata["data"]) if metadata["data"] else ""
    except KeyError as error:
        raise ValueError(f"its metadata has no {error}.") from None
    except ValueError as error:
        raise ValueError(clipped(f"its description is wrong ({error}).")) from None
    except safetensors.SafetensorError:
        raise ValueError(DAMAGED) from None
    return found


def _params(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the constants are not JSON that can be read") from None
    if not isinstance(params, dict):
        raise ValueError("the constants are not an object of names and values")
    return params
