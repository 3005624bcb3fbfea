"""Cells of longitude and latitude hold out less and less towards the poles; blocks of equal area do not."""

from __future__ import annotations

import pytest

from s2v.bench import SUITES, folds


def test_cells_of_degrees_bring_training_places_near_at_the_poles():
    assert "folds" in SUITES
    report = folds.run(points=4000, repeat=2)
    km = {row["where"]: [float(str(row[kind]).split(" ")[0]) for kind in folds.KINDS] for row in report.rows}
    assert km["80 to 85 degrees"][0] < 0.8 * km["0 to 30 degrees"][0]
    assert km["80 to 85 degrees"][1] == pytest.approx(km["0 to 30 degrees"][1], rel=0.2)
    assert folds.blocks() == 415


def test_folds_are_dealt_at_least_once():
    with pytest.raises(ValueError, match="repeat=0 is not a whole number of at least 1"):
        folds.run(points=100, repeat=0)
