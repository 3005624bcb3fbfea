"""The code of a map that a page offers to copy runs, and gives the values of the map."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
    shape, low, high = run(map_code(replace(drawn, degrees=10), "map.nc"))
    assert shape == expected.shape
    assert (low, high) == pytest.approx((float(np.nanmin(expected)), float(np.nanmax(expected))), rel=1e-5)
    assert (folder / "map.nc").stat().st_size > 1000


def test_the_probability_of_a_class(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    name = s2v.load("cover.safetensors").classes[3]
    drawn = DrawnMap("cover.safetensors", "probability", of=name, has_classes=True, degrees=10)
    expected = predict(folder, "cover")[..., 3]
    assert run(map_code(drawn, "map.nc"))[1:] == pytest.approx((expected.min(), expected.max()), rel=1e-5)
    words = shlex.split(map_command(drawn, "map.csv"))
    assert cli.main(words[3:]) == 0
    written = np.genfromtxt("map.csv", delimiter=",", skip_header=1)[:, -1]
    assert (written.min(), written.max()) == pytest.approx((expected.min(), expected.max()), rel=1e-3)


@pytest.mark.parametrize(
    ("model", "quantity", "projection"),
    [("xyz", "prediction", "north"), ("cover", "prediction", "south"), ("kriging", "stderr", "robinson")],
)
def test_the_command_draws_the_map(
    model: str, quantity: str, projection: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    drawn = DrawnMap(f"{model}.safetensors", quantity, projection=projection, edge=60, degrees=5)
    assert cli.main(shlex.split(map_command(drawn, "map.tif"))[3:]) == 0


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_has_code_and_a_command_or_a_reason(quantity: str) -> None:
    drawn = DrawnMap("a.safetensors", quantity, data="geoid", of="x", rival="b.safetensors")
    compile(map_code(drawn), "snippet", "exec")
    command = map_command(drawn)
    assert command.startswith("python -m s2v map a.safetensors") or command.startswith("# The command maps")
