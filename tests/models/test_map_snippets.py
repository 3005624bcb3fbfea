"""The code of a map that a page offers to copy runs, and gives the values of the map."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import s2v
from s2v import cli, data, evaluation
from s2v.fields import Grid
from s2v.models.map_snippets import QUANTITIES, DrawnMap, map_code, map_command
from s2v.models.recipe import Recipe

GRID = Grid.equirectangular(10)
SHORT = {"points": 200, "steps": 10, "hidden": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four models in files."""
    folder = tmp_path_factory.mktemp("models")
    recipes = {
        "xyz": Recipe(encoder="xyz", **SHORT),
        "grid": Recipe(encoder="grid", encoder_params={"scales": 4}, **SHORT),
        "kriging": Recipe(predictor="kriging", points=100),
        "cover": Recipe(data="land_cover", encoder="xyz", **SHORT),
    }
    for name, recipe in recipes.items():
        s2v.save(s2v.fit(recipe).model, folder / f"{name}.safetensors")
    return folder


def run(code: str) -> tuple[Any, ...]:
    printed: list[tuple[Any, ...]] = []
    exec(code, {"print": lambda *values: printed.append(values)})
    return printed[0]


def predict(folder: Path, name: str) -> np.ndarray:
    return s2v.load(folder / f"{name}.safetensors").predict(GRID.lonlat)


CASES: dict[str, tuple[DrawnMap, Callable[[Path], np.ndarray]]] = {
    "prediction": (DrawnMap("xyz.safetensors", "prediction"), lambda f: predict(f, "xyz")),
    "class": (
        DrawnMap("cover.safetensors", "prediction", has_classes=True),
        lambda f: predict(f, "cover").argmax(-1),
    ),
    "entropy": (
        DrawnMap("cover.safetensors", "entropy", has_classes=True),
        lambda f: evaluation.entropy(predict(f, "cover")),
    ),
    "stderr": (
        DrawnMap("kriging.safetensors", "stderr"),
        lambda f: s2v.load(f / "kriging.safetensors").stderr(GRID.lonlat),
    ),
    "error": (
        DrawnMap("xyz.safetensors", "error", data="geoid"),
        lambda f: predict(f, "xyz") - data.load("geoid", 1).truth_at(GRID.lonlat),
    ),
    "error of classes": (
        DrawnMap("cover.safetensors", "error", data="land_cover", has_classes=True),
        lambda f: predict(f, "cover").argmax(-1) != data.load("land_cover", 1).truth_at(GRID.lonlat),
    ),
    "difference": (
        DrawnMap("xyz.safetensors", "difference", rival="grid.safetensors"),
        lambda f: predict(f, "xyz") - predict(f, "grid"),
    ),
    "truth": (DrawnMap("", "truth", data="relief"), lambda f: data.load("relief", 1).truth_at(GRID.lonlat)),
    "distance": (
        DrawnMap("xyz.safetensors", "distance", data="geoid", points=200, seed=1),
        lambda f: data.distance_to_nearest(GRID.lonlat, (d := data.load("geoid", 200, 1)).lonlat[d.train]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_python_gives_the_values_of_the_map(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    drawn, values = CASES[name]
    expected = values(folder)
    monkeypatch.chdir(folder)
    shape, low, high = run(map_code(replace(drawn, degrees=10, dpi=30, name=name.replace(" ", "-"))))
    assert shape == expected.shape
    assert (low, high) == pytest.approx((float(np.nanmin(expected)), float(np.nanmax(expected))), rel=1e-5)
    written = {path.name for path in folder.glob(f"{name.replace(' ', '-')}-*")}
    assert written >= {f"{name.replace(' ', '-')}-{end}" for end in ("10deg.tif", "equal-earth.png")}


def test_the_probability_of_a_class(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    name = s2v.load("cover.safetensors").classes[3]
    drawn = DrawnMap("cover.safetensors", "probability", of=name, has_classes=True, degrees=10)
    expected = predict(folder, "cover")[..., 3]
    assert run(map_code(drawn))[1:] == pytest.approx((expected.min(), expected.max()), rel=1e-5)
    first, second = map_command(drawn).split("\n")
    assert cli.main(shlex.split(first)[3:]) == 0
    assert cli.main(shlex.split(second)[3:]) == 0
    with rasterio.open("map-10deg.tif") as file:
        written = file.read(1)
    assert (written.min(), written.max()) == pytest.approx((expected.min(), expected.max()), rel=1e-3)


def test_what_a_file_does_not_hold_is_said_beside_the_command() -> None:
    own = DrawnMap("birds.safetensors", "prediction", veil="500")
    first, *commands = map_command(own).split("\n")
    assert first.startswith("# Without the veil")
    assert not any("--veil" in command for command in commands)
    assert "Veil.of(places, 500)" in map_code(own)
    assert map_command(DrawnMap("birds.safetensors", "distance")).startswith("# The file of this model does not hold")


def test_numbers_have_no_exponents_that_a_command_line_takes_for_options() -> None:
    drawn = DrawnMap("a.safetensors", "prediction", limits=(-1e-7, 2e20), projection="orthographic", layout={"lat": -9})
    for command in map_command(drawn).split("\n"):
        assert "--limits -0.0000001 200000000000000000000" in command
    assert "--projection orthographic --lat -9" in command


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_has_code_and_commands(quantity: str) -> None:
    drawn = DrawnMap("a.safetensors", quantity, data="geoid", of="x", rival="b.safetensors")
    compile(map_code(drawn), "snippet", "exec")
    assert all(command.startswith("python -m s2v map a.safetensors") for command in map_command(drawn).split("\n"))
