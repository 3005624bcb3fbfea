"""The ranges of pyproject.toml, the pins, the tools and the locked versions of the requirements agree."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import s2v

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def requirements(lines: Iterable[str]) -> dict[str, Requirement]:
    """By name; comments and lines such as ``-r requirements.txt`` are left out."""
    texts = [line.partition("#")[0].strip() for line in lines]
    parsed = [Requirement(text) for text in texts if text and not text.startswith("-")]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def in_file(name: str) -> dict[str, Requirement]:
    return requirements((ROOT / name).read_text(encoding="utf-8").splitlines())


RANGES = requirements(PROJECT["dependencies"])
PINS = in_file("requirements.txt")
TOOLS = in_file("requirements-dev.txt")
LOCKED = PINS | in_file("constraints.txt")


def test_dependencies_are_pinned_one_by_one() -> None:
    assert list(PINS) == list(RANGES)


@pytest.mark.parametrize("name", RANGES)
def test_a_pin_lies_inside_its_range(name: str) -> None:
    (pin,) = PINS[name].specifier
    assert pin.operator == "=="
    assert pin.version in RANGES[name].specifier


@pytest.mark.parametrize("name", RANGES)
def test_a_range_has_a_lower_bound_and_its_reason(name: str) -> None:
    assert any(bound.operator == ">=" for bound in RANGES[name].specifier)
    assert re.search(
        rf'^ +"{re.escape(name)}>=.*", +# \w+', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M
    )


def test_developers_have_what_builds_the_wheel_and_what_the_extras_bring() -> None:
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    needed = requirements([*PYPROJECT["build-system"]["requires"], *extras])
    assert needed == {name: TOOLS.get(name) for name in needed}


def needed_here(roots: Iterable[Requirement]) -> set[str]:
    """The names of all packages that these requirements bring on this system, themselves included."""
    found: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(root.name), extra) for root in roots for extra in ("", *root.extras)]
    while waiting:
        name, extra = step = waiting.pop()
        if step in found:
            continue
        found.add(step)
        for requirement in map(Requirement, metadata.requires(name) or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(requirement.name), e) for e in ("", *requirement.extras)]
    return {name for name, _ in found}


def test_every_package_that_is_installed_has_one_tested_version() -> None:
    names = needed_here([*PINS.values(), *TOOLS.values()])
    assert len(names) > 80
    unlocked = sorted(names - set(LOCKED))
    assert not unlocked, f"run make lock: constraints.txt lacks {', '.join(unlocked)}"
    assert {str(specifier)[:2] for name in names for specifier in LOCKED[name].specifier} == {"=="}


def test_constraints_allow_what_the_requirements_ask() -> None:
    for name, tool in TOOLS.items():
        (locked,) = LOCKED[name].specifier
        assert locked.version in tool.specifier, name


def test_the_version_is_written_once() -> None:
    assert "version" not in PROJECT
    assert re.fullmatch(r"\d+\.\d+\.\d+", s2v.__version__)
