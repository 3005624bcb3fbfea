"""Encoders of installed packages: each entry point of the group ``s2v.encoders`` names an ``EncoderSpec``, or several.

    [project.entry-points."s2v.encoders"]
    anything = "package.module:SPEC"

Keep that module free of torch: pages import it to list the encoders; the class is imported when one is built.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from s2v.encoders.spec import EncoderSpec

GROUP = "s2v.encoders"
_NAME = re.compile(r"(?!(none|run)$)[A-Za-z][\w+.-]*", re.ASCII)  # what addresses can carry


def load(taken: Collection[str]) -> tuple[dict[str, EncoderSpec], list[str]]:
    """The encoders that installed packages bring, by name, and a sentence for each one that is left out."""
    found: dict[str, EncoderSpec] = {}
    errors: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)):
        try:
            for spec in _specs(point.load()):
                _check(spec, {*taken, *found})
                found[spec.name] = spec
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            errors.append(f"Encoders of {_package(point)} ({point.value}) are left out: {' '.join(reason.split())}")
    return found, errors


def _specs(loaded: Any) -> Iterable[Any]:
    return loaded if isinstance(loaded, Iterable) else (loaded,)


def _check(spec: Any, taken: Collection[str]) -> None:
    if not isinstance(spec, EncoderSpec):
        raise TypeError(f"{spec!r} is not an EncoderSpec.")
    if not _NAME.fullmatch(spec.name):
        raise ValueError(
            f"the name {spec.name!r} is not allowed; begin with a letter, use letters, digits and + - _ . only, and "
            "neither 'none' nor 'run'."
        )
    if spec.name in taken:
        raise ValueError(f"there is already an encoder {spec.name!r}.")
    spec.check({})
    spec.check(spec.example)


def _package(point: EntryPoint) -> str:
    return str((point.dist and point.dist.name) or point.value.partition(".")[0])
