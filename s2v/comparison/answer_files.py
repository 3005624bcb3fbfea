"""Answers on disk, those about one encoder in a pair of files: numbers and structure as JSON, long arrays beside it.

Free of torch.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from s2v import assets, files
from s2v.comparison.results import (
    Character,
    Ellipse,
    HalfSills,
    Image,
    Lobe,
    Overview,
    Profile,
    StretchMap,
    StretchProfile,
)
from s2v.fields import Grid

FOLDER = "answers"  # in assets/
LONG = 2000  # numbers; a longer array is for pictures only
PRECISION = 2.0**-14  # relative, of long arrays: finer than any picture shows

_CLASSES = {
    cls.__name__: cls
    for cls in (Character, Ellipse, Grid, HalfSills, Image, Lobe, Overview, Profile, StretchMap, StretchProfile)
}


def save(answers: Mapping[str, Any], folder: Path, name: str) -> None:
    """Write answers by their keys: numbers, texts, arrays, and lists, tuples and results made of these."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    encoded = {key: _encoded(answer, arrays) for key, answer in answers.items()}
    content = json.dumps({"arrays": len(arrays), "answers": encoded}, indent=0)
    archive = io.BytesIO()
    np.savez_compressed(archive, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    pair = {f"{name}.json": (content + "\n").encode(), f"{name}.npz": archive.getvalue() if arrays else None}
    files.write_files(folder, pair)


def load(name: str) -> dict[str, Any]:
    """The answers about an encoder in ``assets/answers/``, none if it has no file; ``AssetError`` for a damaged one.

    Numbers and arrays are as they were saved, but long arrays are float32 with a relative error of ``PRECISION``.
    """
    path = assets.ASSETS / FOLDER / f"{name}.json"
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        encoded, has_arrays = content["answers"], content["arrays"] > 0
    except (KeyError, TypeError, ValueError) as error:
        raise assets.damaged(path, str(error)) from error
    arrays = _arrays(assets.asset_path(FOLDER, f"{name}.npz")) if has_arrays else {}
    try:
        return {key: _decoded(answer, arrays) for key, answer in encoded.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise assets.damaged(path, f"it does not fit its arrays or this version ({error})") from error


def _arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # a broken archive raises whatever error its unpacking meets first
        raise assets.damaged(path, str(error) or type(error).__name__) from error


def _encoded(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if is_dataclass(value):
        return {type(value).__name__: {f.name: _encoded(getattr(value, f.name), arrays) for f in fields(value)}}
    if isinstance(value, np.ndarray):
        arrays[f"{len(arrays)}"] = _rounded(value) if value.size > LONG else value
        return {"array": f"{len(arrays) - 1}"}
    if isinstance(value, tuple):
        return {"tuple": [_encoded(part, arrays) for part in value]}
    return [_encoded(part, arrays) for part in value] if isinstance(value, list) else value


def _decoded(value: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, list):
        return [_decoded(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "tuple":
        return tuple(_decoded(part, arrays) for part in content)
    return _CLASSES[kind](**{name: _decoded(part, arrays) for name, part in content.items()})


def _rounded(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """As float32 whose last bits are zero, so that they take no room when compressed."""
    digits, power = np.frexp(values.astype(np.float32))
    return np.ldexp(np.rint(digits / PRECISION) * np.float32(PRECISION), power).astype(np.float32)
