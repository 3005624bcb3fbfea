"""Which cells there are."""

from __future__ import annotations

import pytest

from s2v.benchmark.cell import empty_row
from s2v.benchmark.results import key_of
from s2v.benchmark.setting import setting_of
from s2v.benchmark.suites import SUITES
from s2v.encoders import ENCODERS
from s2v.predictors import names


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
def test_every_cell_is_there_once(suite):
    cells = suite.cells()
    assert len({key_of(cell) for cell in cells}) == len(cells)
    assert {cell.seed for cell in cells} == set(range(suite.seeds))
    assert {cell.data for cell in cells} == set(suite.data)


def test_everybody_takes_part_with_the_same_number_of_trials():
    cells = [cell for cell in SUITES["vmf"].cells(seeds=1) if cell.data == "vmf:U1"]
    assert [cell.encoder for cell in cells if not cell.predictor] == list(ENCODERS)
    assert [cell.predictor for cell in cells if cell.predictor] == list(names("classification"))
    for cell in cells:
        scaled = not cell.predictor and ENCODERS[cell.encoder].has_scale(cell.encoder_params)
        assert cell.trials == (5 if scaled else 0)


def test_smallest_radii_are_given_to_all_multi_scale_encoders_and_to_no_other():
    """Searched radii have trials; a given one is a setting, in radians whatever the unit of the encoder."""
    cells = [cell for cell in SUITES["phase"].cells(seeds=1) if cell.data == "vmf:U1" and cell.points == 500]
    found = {setting_of(empty_row(cell)).radius: set() for cell in cells}
    for cell in cells:
        found[setting_of(empty_row(cell)).radius].add(cell.predictor or cell.encoder)
    given = next(grid for grid in SUITES["phase"].grids if grid.radii)
    assert set(found) == {None, *given.radii}
    for radius in given.radii:
        assert found[radius] == set(given.contestants)
    assert {"xyz", "knn"} <= found[None]
    assert SUITES["phase"].cells(seeds=1, names=["xyz", "knn"], data_sets=["vmf:U1"], points=500)


def test_a_predictor_sits_out_a_task_that_it_does_not_serve():
    cells = SUITES["fields"].cells(seeds=1, names=["kriging", "xyz"])
    assert {cell.task for cell in cells if cell.predictor} == {"regression"}
    assert {cell.task for cell in cells} == {"regression", "classification"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seeds": 0}, "seeds=0 is outside its range; allowed is a whole number from 1 to 100"),
        ({"names": ["sphereQ"]}, "'sphereQ' is no encoder and no reference predictor; there are: direct, wrap"),
        ({"steps": 0}, "steps=0 is outside its range"),
        ({"points": 1}, "points=1 is outside its range"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        SUITES["vmf"].cells(**wrong)
