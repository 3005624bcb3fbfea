"""A user's own data as the bytes of a file, and back: safetensors, with texts as JSON in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from s2v import sphere
from s2v.data.catalogue import check_task
from s2v.data.class_names import check_class_names
from s2v.data.held import MAX_PLACES, OwnData

FORMAT = "s2v-own-data-1"
MAX_LETTERS = 2000  # of a title, a credit and the like
_TEXTS = ("title", "credit", "summary", "units", "file")


def dumps(data: OwnData) -> bytes:
    """Own data as bytes that ``loads`` reads."""
    about = {
        "task": data.task,
        "classes": list(data.classes),
        **{name: getattr(data, name) for name in _TEXTS},
        "how": {name: value for name, value in data.how.items() if isinstance(value, str | int | float | bool)},
    }
    tensors = {"lonlat": np.ascontiguousarray(data.lonlat), "target": np.ascontiguousarray(data.target)}
    return safetensors.numpy.save(tensors, {"format": FORMAT, "data": json.dumps(about)})


def loads(content: bytes) -> OwnData:
    """The own data in the bytes of ``dumps``; ``ValueError`` for anything else."""
    try:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {str(header['format'])[:50]!r}, not {FORMAT!r}")
        return _checked(json.loads(header["data"]), safetensors.numpy.load(content))
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it holds no data of this lab ({type(error).__name__}: {str(error)[:200]})") from None


def _checked(about: Mapping[str, Any], tensors: Mapping[str, Any]) -> OwnData:
    task, lonlat, target = check_task(about["task"]), tensors["lonlat"], tensors["target"]
    texts = {name: str(about[name])[:MAX_LETTERS] for name in _TEXTS}
    wanted = np.float64 if task == "regression" else np.int64
    if lonlat.dtype != np.float64 or lonlat.ndim != 2 or not 1 <= len(lonlat) <= MAX_PLACES:
        raise ValueError(f"its places are {lonlat.dtype} of shape {lonlat.shape}")
    if target.dtype != wanted or target.shape != lonlat.shape[:1]:
        raise ValueError(f"its target is {target.dtype} of shape {target.shape}")
    classes = check_class_names([str(name) for name in about["classes"]]) if about["classes"] else ()
    made = OwnData(task, sphere.check_lonlat(lonlat), target, classes, how=dict(about["how"]), **texts)
    made.dataset()  # checks what is left, as for data that have just been read
    return made
