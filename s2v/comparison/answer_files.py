"""Answers of a comparison in two files: numbers and structure as JSON, long arrays beside it.  Free of torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from s2v import comparison
from s2v.assets import asset_path, damaged
from s2v.fields import Grid

CARD, ARRAYS = "answers.json", "answers.npz"
LONG = 2000  # numbers in an array that is for pictures only
PRECISION = 2.0**-14  # relative, of long arrays: finer than any picture shows

_KINDS = {cls.__name__: cls for cls in (*(getattr(comparison, name) for name in comparison.__all__), Grid)}


def save(answers: Mapping[str, Any], folder: Path) -> None:
    """Writes answers by their names: numbers, texts, arrays, and lists, tuples and results made of these."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    card = {name: _encoded(answer, arrays) for name, answer in answers.items()}
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath(CARD).write_text(json.dumps(card, indent=0) + "\n", encoding="utf-8")
    np.savez_compressed(folder / ARRAYS, allow_pickle=False, **arrays)  # type: ignore[arg-type]


def load(*folder: str) -> dict[str, Any]:
    """The answers in a folder of ``assets/``; ``AssetError`` where a file is missing or damaged.

    Numbers and arrays are as they were, but long arrays are float32 with ``PRECISION``.
    """
    card, pictures = asset_path(*folder, CARD), asset_path(*folder, ARRAYS)
    try:
        encoded = json.loads(card.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(card, str(error)) from error
    try:
        with np.load(pictures, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # a broken archive raises whatever its unpacking meets first
        raise damaged(pictures, str(error) or type(error).__name__) from error
    try:
        return {name: _decoded(answer, arrays) for name, answer in encoded.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged(card, f"it does not fit its arrays or this version ({error})") from error


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
    return _KINDS[kind](**{name: _decoded(part, arrays) for name, part in content.items()})


def _rounded(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """As float32 whose last bits are zero, so that they take no room when compressed."""
    digits, power = np.frexp(values.astype(np.float32))
    return np.ldexp(np.rint(digits / PRECISION) * np.float32(PRECISION), power).astype(np.float32)
