"""The code that a page offers to copy runs, and gives the numbers that the page shows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2v import cli, data
from s2v.data import OwnData, held
from s2v.engine.references import run_reference
from s2v.engine.tasks import train_with_frames
from s2v.models.recipe import Recipe
from s2v.models.snippets import race_code, race_commands, reading, recipe_code

SHORT: Mapping[str, Any] = {"points": 200, "steps": 12, "batch": 64, "hidden": 8}
RACES = {
    "two encoders": [Recipe(encoder="grid", encoder_params={"scales": 4}, **SHORT), Recipe(encoder="xyz", **SHORT)],
    "a predictor": [Recipe(data="land_ocean", **SHORT), Recipe(data="land_ocean", predictor="knn", **SHORT)],
    "trials": [Recipe(data="checkerboard,cells=40", trials=2, **SHORT)],
    "a split": [Recipe(data="relief", split="buffer:500", precision="float32", network="ffn", **SHORT)],
    "presences": [Recipe(data="cities:presence", encoder="sphereC", **SHORT)],
}


def shown(recipe: Recipe) -> Mapping[str, float]:
    """What a worker sends of a recipe at the end."""
    frames: list[Any] = []
    if recipe.predictor:
        run_reference(recipe, frames.append, with_maps=False)
    else:
        for _ in train_with_frames(recipe, frames.append, with_maps=False):
            pass
    return frames[-1].metrics


def run_python(code: str) -> list[Mapping[str, float]]:
    """What a snippet prints."""
    printed: list[Mapping[str, float]] = []
    exec(code, {"print": lambda title, metrics: printed.append(metrics)})
    return printed


def run_commands(commands: str) -> list[Mapping[str, float]]:
    """The metrics that shell commands write."""
    found = []
    for line in commands.splitlines():
        words = shlex.split(line)
        assert words[:3] == ["python", "-m", "s2v"]
        assert cli.main(words[3:]) == 0
        found.append(json.loads((Path(words[-1]) / "metrics.json").read_text()))
    return found


def assert_same(found: Mapping[str, float], expected: Mapping[str, float]) -> None:
    known = {name: value for name, value in expected.items() if np.isfinite(value)}
    assert {name: found[name] for name in known} == pytest.approx(known, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("name", RACES)
def test_python_and_commands_give_what_the_page_shows(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = [shown(recipe) for recipe in RACES[name]]
    for found in (run_python(race_code(RACES[name])), run_commands(race_commands(RACES[name]))):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)


def test_own_data_are_read_from_their_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    rows = [f"{lon:.3f};{lat:.3f};{'gull' if lat > 10 else 'its'}" for lon, lat in rng.uniform(-80, 80, (150, 2))]
    Path("my birds.csv").write_text("\n".join(["x;y;what is it", *rows]))
    how = {"lon": "x", "lat": "y", "target": "what is it", "task": "classification"}
    own = held.hold(OwnData.of(data.read_points("my birds.csv", **how), "my birds.csv", how))
    recipes = [Recipe(data=own.name, encoder="xyz", steps=10, hidden=8, points=90, split="random", seed=3)]
    expected = shown(recipes[0])
    (printed,) = run_python(race_code(recipes, own=own))
    assert_same(printed, expected)
    (written,) = run_commands(race_commands(recipes, own=own))
    assert_same(written, expected)
    python, command = reading("my birds.csv", how)
    exec(python, {"print": lambda summary: None})
    assert cli.main([*shlex.split(command)[3:], "--steps", "2"]) == 0


def test_seeds_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = Recipe(encoder="xyz", seed=4, **SHORT)
    first, second = run_python(race_code([recipe], seeds=2))
    assert first != second
    written = run_commands(race_commands([recipe, recipe], seeds=2))  # twins have folders of their own
    assert len(list(tmp_path.iterdir())) == 4
    for found, expected in zip(written, (first, second, first, second), strict=True):
        assert_same(found, expected)


@pytest.mark.parametrize("recipe", [Recipe(), *(recipe for race in RACES.values() for recipe in race)])
def test_the_expression_of_a_recipe_makes_it_again(recipe: Recipe) -> None:
    import s2v

    made = eval(recipe_code(recipe), {"s2v": s2v})
    names = ("data", "predictor", "points", "split", "seed") if recipe.predictor else vars(recipe)
    assert {name: getattr(made, name) for name in names} == {name: getattr(recipe, name) for name in names}


def test_a_file_of_mostly_wrong_rows_is_read_again_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good = [f"{lon},{lat},{'a' if lon > 0 else 'b'}" for lon in range(-80, 81, 10) for lat in range(-60, 61, 20)]
    Path("half.csv").write_text("\n".join(["lon,lat,kind", *good, *["far,away,a"] * (len(good) + 5)]))
    how = {"target": "kind", "skip_wrong": True}
    python, command = reading("half.csv", how)
    exec(python, {"print": lambda summary: None})
    assert command.endswith("--skip-wrong --out half")
    assert cli.main([*shlex.split(command)[3:], "--steps", "2"]) == 0
