"""What can be told of the contestants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2v.benchmark.report import markdown
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Table, simultaneous
from s2v.models.recipe import Recipe
from tests.benchmark.made_up import cell, rows


def test_a_clear_difference_is_told_and_luck_is_a_tie():
    table = Table(rows({"xyz": 0.6, "grid": 0.6, "sphereM": 0.7}, luck=0.02))
    setting = table.settings[0]
    assert table.contestants[0] == "sphereM"
    assert table.not_behind(setting) == ["sphereM"]
    against = table.against("sphereM", setting)
    assert {name: gap.sign for name, gap in against.items()} == {"xyz": -1, "grid": -1}
    assert against["xyz"].low < against["xyz"].value < against["xyz"].high < 0
    assert table.against("xyz", setting)["grid"].sign == 0
    assert table.rank("sphereM") == 1
    assert table.rank("xyz") + table.rank("grid") == 5
    assert table.gap_to_ceiling("sphereM") == pytest.approx(0.9 - 0.7, abs=0.02)


def test_with_fewer_than_three_seeds_nothing_is_told():
    table = Table(rows({"xyz": 0.5, "sphereM": 0.9}, seeds=2))
    assert table.not_behind(table.settings[0]) == ["sphereM", "xyz"]
    assert "Fewer than 3 seeds" in markdown(rows({"xyz": 0.5, "sphereM": 0.9}, seeds=2))


def test_one_seed_on_one_setting_is_written_in_the_singular():
    text = markdown(rows({"xyz": 0.5, "sphereM": 0.9}, seeds=1, data=("vmf:U1",)))
    assert "the mean over 1 setting and 1 seed;" in text
    assert "the mean over 2 settings and 3 seeds;" in markdown(rows({"xyz": 0.5, "sphereM": 0.9}))


def test_a_contestant_without_a_cell_is_not_ranked():
    found = rows({"xyz": 0.5, "sphereM": 0.6})
    found.append(cell("grid", "vmf:U1", 0, 0.9))
    table = Table(found)
    assert table.complete_settings == (Setting("vmf:U1", 20000, "random"),)
    assert table.rank("grid") == 1
    assert table.cells("grid", Setting("vmf:U2", 20000, "random")) == []
    assert "| Space2Vec grid | 1.0 |" in markdown(found)


def test_the_critical_difference_is_that_of_the_literature():
    """Demsar 2006: four classifiers on fourteen data sets, q = 2.291 at 10 %."""
    names = ("xyz", "grid", "sphereM", "sphereC")
    found = [{**cell(name, f"checkerboard,cells={100 + i}", 0, 0.5)} for i in range(14) for name in names]
    assert Table(found).critical_difference == pytest.approx(2.291 * math.sqrt(4 * 5 / (6 * 14)), rel=1e-3)
    assert math.isnan(Table(found[:4]).critical_difference)


def test_intervals_hold_together_as_often_as_they_say():
    rng, covered = np.random.default_rng(0), 0
    for repetition in range(100):
        common = rng.normal(size=300)
        drawn = common + rng.normal(size=(8, 300))  # correlated, with the mean 0
        low, high = simultaneous(drawn, seed=repetition)
        covered += bool(((low < 0) & (high > 0)).all())
    assert 82 <= covered <= 97


def test_places_of_a_block_count_as_one():
    """Copies of places are no news."""
    few = np.random.default_rng(0).normal(size=(2, 200))
    copied, groups = np.repeat(few, 10, axis=1), np.repeat(np.arange(200), 10)
    wide = np.subtract(*simultaneous(few)[::-1])
    assert np.subtract(*simultaneous(copied, groups)[::-1]) == pytest.approx(wide, rel=0.15)
    assert (np.subtract(*simultaneous(copied)[::-1]) < wide / 2).all()


def test_each_task_has_a_table_of_its_own():
    """Kriging serves values alone, nearest neighbours classes alone: both are ranked among those that they met."""
    found = rows({"xyz": 0.5, "grid": 0.6})
    found += [cell("xyz", "geoid", seed, 0.7) for seed in range(3)]
    first, second = markdown(found).split("\n\n- Score: ")[:2]
    assert "| xyz | 2.0 | 0.500 |" in first
    assert second.startswith("accuracy, the mean over 2 settings")
    assert "| xyz | 1.0 | 0.700 |" in second
    assert "Space2Vec grid" not in second


def test_contestants_without_a_radius_are_in_the_settings_of_every_radius():
    """What has no smallest radius is not computed again for each."""
    found = [row for name, share in (("xyz", 0.5), ("grid", 0.6)) for row in searched(name, share)]
    found += [given("grid", math.degrees(radius), share) for radius, share in ((0.1, 0.7), (0.2, 0.4))]
    table = Table(found)
    usual = Setting("vmf:U1", 20000, "random")
    assert [table.best(usual._replace(radius=radius)) for radius in (None, 0.1, 0.2)] == ["grid", "grid", "xyz"]
    assert [setting.title for setting in table.settings][1] == "vmf:U1, 20,000 places, smallest radius 0.1"
    assert table.by_task()["classification"].settings == (usual,)
    assert "| Space2Vec grid | 1.0 | 0.600 |" in markdown(found)


def searched(name: str, share: float) -> list[dict[str, object]]:
    return [cell(name, "vmf:U1", seed, share) for seed in range(2)]


def given(name: str, radius: float, share: float) -> dict[str, object]:
    row = cell(name, "vmf:U1", 0, share)
    recipe = Recipe(data="vmf:U1", encoder=name, encoder_params={"min_radius": radius})
    return {**row, "recipe": recipe.to_json(), "key": f"{radius}"}
