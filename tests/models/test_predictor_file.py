"""Reference predictors come back from their files; other files are refused with one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import s2v
from s2v.cli import main
from s2v.fields import Grid
from s2v.models import predictor_file
from s2v.models.predictions import predicted, standard_error
from s2v.models.tensor_file import read_header
from tests.predictors.test_fitting import DATA, SERVED

PLACES = np.array([[0.0, 90.0], [-180, 0], [180, 0], [15.6, 78.2], [77, -90]])


@pytest.mark.parametrize(("name", "task"), SERVED)
def test_round_trip(name: str, task: str, tmp_path: Path) -> None:
    dataset = DATA[task]()
    saved = s2v.predictors.fit(name, dataset)
    s2v.save(saved, tmp_path / "predictor.safetensors")
    loaded = s2v.load(tmp_path / "predictor.safetensors")
    assert isinstance(loaded, s2v.predictors.Predictor)
    assert (loaded.name, loaded.params, loaded.data) == (name, saved.params, dataset.name)
    assert (loaded.task, loaded.classes) == (task, dataset.classes)
    np.testing.assert_array_equal(loaded.predict(PLACES), saved.predict(PLACES))
    if saved.spec.has_stderr:
        np.testing.assert_array_equal(loaded.stderr(PLACES), saved.stderr(PLACES))
        assert loaded.variogram.sill == saved.variogram.sill


def test_a_map_has_the_units_and_colours_of_the_data() -> None:
    idw = s2v.predictors.fit("idw", s2v.data.load("geoid", points=200))
    field = predicted(idw, Grid.equirectangular(20.0))
    assert (field.units, field.title) == ("m", "Geoid height")
    assert np.isfinite(field.values).all()
    knn = s2v.predictors.fit("knn", s2v.data.load("land_ocean", points=200))
    assert predicted(knn, Grid.equirectangular(20.0), "Land").title == "Probability of Land"


def test_the_standard_error_is_a_map_of_kriging_alone() -> None:
    geoid = s2v.data.load("geoid", points=100)
    grid = Grid.equirectangular(20.0)
    field = standard_error(s2v.predictors.fit("kriging", geoid, seconds=0), grid)
    assert (field.units, field.limits[0]) == ("m", 0)
    assert (field.values > 0).all()
    with pytest.raises(ValueError, match="knows no standard error"):
        standard_error(s2v.predictors.fit("idw", geoid, seconds=0), grid)


def file(**changes: Any) -> bytes:
    """The file of kriging with other metadata or arrays; None takes one out."""
    content = predictor_file.dumps(s2v.predictors.fit("kriging", DATA["regression"](), {"range": 500}, seconds=0))
    metadata, _ = read_header(content)
    arrays = safetensors.numpy.load(content)
    for name, value in changes.items():
        where: dict[str, Any] = arrays if name in ("lonlat", "target", "sill", "more") else metadata
        where.pop(name, None)
        if value is not None:
            where[name] = value
    return safetensors.numpy.save(arrays, metadata)


N = 140  # training places of the file


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predictor": "spline"}, "predictor='spline' is not one of mean"),
        ({"predictor": None}, "its metadata has no 'predictor'"),
        ({"predictor": "mean"}, "its arrays are .* not lonlat, target"),
        ({"predictor": "knn"}, "does not serve a regression"),
        ({"params": "{"}, "not JSON"),
        ({"params": "[" * 100000}, "not JSON"),
        ({"params": "[1]"}, "not an object"),
        ({"params": json.dumps({"k": 10**9})}, "k=1000000000 is outside its range"),
        ({"params": json.dumps({"distance": "great_circle", "smoothness": 2})}, "valid up to 0.5"),
        ({"task": "spelling"}, "task"),
        ({"task": "presence"}, "does not serve a presence"),
        ({"classes": '["a"]'}, "1 classes do not go with a regression"),
        ({"data": "nowhere"}, "nowhere"),
        ({"target": None}, "its arrays are"),
        ({"more": np.zeros(1)}, "its arrays are"),
        ({"target": np.zeros(N, dtype=np.int64)}, "int64 targets"),
        ({"target": np.zeros(N, dtype=np.float32)}, "'F32'; allowed are F64, I64"),
        ({"target": np.zeros(N - 1)}, "of shape"),
        ({"target": np.array(1.0)}, "of shape"),
        ({"target": np.full(N, np.nan)}, "not finite"),
        ({"lonlat": np.zeros((N, 3))}, "of shape"),
        ({"lonlat": np.full((N, 2), 91.0)}, "latitude 91"),
        ({"lonlat": np.zeros((N, 2), dtype=np.int64)}, "int64 places"),
        ({"lonlat": np.zeros((0, 2)), "target": np.zeros(0)}, "no training places"),
        ({"sill": np.array([-1.0])}, "its sill"),
        ({"sill": np.zeros(2)}, "its sill"),
    ],
)
def test_a_wrong_file_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "predictor.safetensors"
    path.write_bytes(file(**changes))
    with pytest.raises(ValueError, match=f"cannot be loaded: .*{message}"):
        s2v.load(path)


def test_class_numbers_out_of_range_are_refused(tmp_path: Path) -> None:
    content = predictor_file.dumps(s2v.predictors.fit("nearest", DATA["classification"]()))
    metadata, _ = read_header(content)
    arrays = safetensors.numpy.load(content)
    for wrong in (-1, 2):
        path = tmp_path / "predictor.safetensors"
        path.write_bytes(safetensors.numpy.save({**arrays, "target": np.full_like(arrays["target"], wrong)}, metadata))
        with pytest.raises(ValueError, match="of no class"):
            s2v.load(path)


@pytest.mark.parametrize("kept", [0.0, 0.05, 0.5, 0.99])
def test_a_truncated_file_is_refused(kept: float, tmp_path: Path) -> None:
    content = file()
    path = tmp_path / "predictor.safetensors"
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        s2v.load(path)


def test_the_command_line_draws_a_predictor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kriging.safetensors"
    s2v.save(s2v.predictors.fit("kriging", s2v.data.load("geoid", points=100), seconds=0), path)
    for options in ([], ["--stderr"]):
        out = tmp_path / "map.csv"
        assert main(["map", str(path), "--degrees", "30", "--out", str(out), *options]) == 0
        values = np.loadtxt(out, delimiter=",", skiprows=1, usecols=2)
        assert np.isfinite(values).all()
        assert (values.min() > 0) == bool(options)  # heights have both signs
    assert main(["map", str(path), "--class", "Land", "--stderr", "--out", str(out)]) != 0
    assert "Both --class and --stderr given" in capsys.readouterr().err
