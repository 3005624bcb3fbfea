"""Public docstrings: each has an example, the examples run, and parameters are described."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import s2v
from s2v import data, distortion, evaluation, export, fields, kernels, predictors, sphere

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages(s2v.__path__, "s2v.")
    if ">>>" in Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")  # type: ignore[union-attr, arg-type]
]
# All that they offer is public.
WHOLE_MODULES = (sphere, fields, kernels, distortion, export, data, evaluation, predictors)


def _offers(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    return [name for name in names if getattr(getattr(module, name), "__module__", "").startswith("s2v.")]


def public() -> Iterator[tuple[str, Any]]:
    """Names and objects that users of the library call: functions, classes, and the methods that a class defines."""
    seen: set[int] = set()
    own = [name for name in s2v.__all__ if not isinstance(getattr(s2v, name), ModuleType)]
    for module, names in ((s2v, own), *((module, _offers(module)) for module in WHOLE_MODULES)):
        for name in names:
            found = getattr(module, name)
            if module in (fields, kernels, distortion, sphere) and found.__module__ != module.__name__:
                continue
            if id(found) in seen or not (inspect.isfunction(found) or inspect.isclass(found)):
                continue
            seen.add(id(found))
            yield f"{module.__name__}.{name}", found


PUBLIC = dict(public())


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert result.failed == 0
    assert result.attempted > 0


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_an_example(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    methods = [
        inspect.getdoc(m) or "" for key, m in vars(PUBLIC[name]).items() if inspect.isfunction(m) and key[0] != "_"
    ]
    assert any(">>>" in doc for doc in (text, *methods)), f"{name} has no >>> example"


@pytest.mark.parametrize("name", [name for name, found in PUBLIC.items() if inspect.isfunction(found)])
def test_public_functions_describe_their_parameters(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    for parameter in inspect.signature(PUBLIC[name]).parameters.values():
        label = parameter.name if parameter.kind is not parameter.VAR_KEYWORD else f"**{parameter.name}"
        assert f"\n{label} : " in text or f"\n{label}, " in text or f", {label} : " in text, f"{name}: {label}"
