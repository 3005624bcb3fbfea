"""``train`` and ``map`` say where a model is torn and the data lie there."""

from pathlib import Path

import numpy as np

import s2v
from s2v import cli
from s2v.models.torn import differences

QUICK = ["--steps", "20", "--points", "300", "--hidden", "16", "--set", "scales=4", "min_radius=0.1"]


def train(folder: Path, *more: str) -> int:
    return cli.main(["train", "--data", "geoid", *QUICK, *more, "--out", str(folder)])


def test_a_torn_model_is_told_of_by_train_and_map(tmp_path: Path, capsys) -> None:
    assert train(tmp_path / "m", "--encoder", "sphereM") == 0
    told = capsys.readouterr().err
    assert told.count("note: sphereM is torn at the dateline and the poles: one place there can have two answers") == 1
    assert "of 300 training places lie within 500 km. Without tears: frequencies=odd, or" in told
    file = tmp_path / "m" / "model.safetensors"
    assert cli.main(["map", str(file), "--degrees", "10", "--out", str(tmp_path / "m.csv")]) == 0
    told = capsys.readouterr().err
    dateline, north, south = differences(s2v.load(file).predict)
    assert "of 300 training places lie within 500 km" in told
    apart = f"{dateline:.3g} m at the dateline, {north:.3g} m at the north pole and {south:.3g} m at the south pole"
    assert f"Values of one place differ by up to {apart}." in told


def test_a_whole_model_is_not(tmp_path: Path, capsys) -> None:
    assert train(tmp_path / "m", "--encoder", "plane_waves") == 0
    file = tmp_path / "m" / "model.safetensors"
    assert cli.main(["map", str(file), "--degrees", "10", "--out", str(tmp_path / "m.csv")]) == 0
    assert "torn" not in capsys.readouterr().err


def test_places_of_ones_own_are_counted_by_train_and_unknown_to_map(tmp_path: Path, capsys) -> None:
    places = s2v.sphere.random_points(200, seed=1)
    for name, lonlat in (("world", places), ("europe", places * 0.1 + [10, 50])):
        rows = np.c_[lonlat, lonlat[:, 1]]
        np.savetxt(tmp_path / f"{name}.csv", rows, delimiter=",", header="lon,lat,value", comments="")
        asked = ["train", "--data", str(tmp_path / f"{name}.csv"), "--encoder", "grid", "--steps", "5", "--hidden", "8"]
        assert cli.main([*asked, "--out", str(tmp_path / name)]) == 0
        told = capsys.readouterr().err
        assert ("training places lie within 500 km. Without tears: the encoder plane_waves." in told) == (
            name == "world"
        )
    file = tmp_path / "europe" / "model.safetensors"
    assert cli.main(["map", str(file), "--degrees", "10", "--out", str(tmp_path / "m.csv")]) == 0
    told = capsys.readouterr().err
    assert "grid is torn at the dateline and the poles" in told
    assert "training places" not in told
    assert "at the dateline" in told
