"""The command line trains, draws and exports what the library does, and says in a sentence what is wrong."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import s2v
from s2v import data, sphere
from s2v.cli import main
from s2v.fields import Grid

QUICK = ["--steps", "40", "--points", "300", "--hidden", "16", "--set", "scales=4", "min_radius=0.1"]


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("land") / "model"
    assert main(["train", "--data", "land_ocean", "--encoder", "sphereC", *QUICK, "--out", str(folder)]) == 0
    return folder


def test_train_writes_all_it_learned(land: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {path.name for path in land.iterdir()}
    assert names == {"model.safetensors", "recipe.json", "metrics.json", "curve.csv", "world.png", "poles.png"}
    model = s2v.load(land / "model.safetensors")
    assert model.recipe == s2v.Recipe.from_json((land / "recipe.json").read_text())
    assert (model.recipe.encoder, model.recipe.encoder_params["scales"], model.recipe.steps) == ("sphereC", 4, 40)
    metrics = json.loads((land / "metrics.json").read_text())
    assert 0.5 < metrics["test_accuracy"] <= 1
    rows = list(csv.DictReader((land / "curve.csv").open()))
    assert (rows[0]["step"], rows[-1]["step"]) == ("0", "40")
    assert float(rows[-1]["accuracy"]) == metrics["accuracy"]


def test_a_recipe_file_can_be_repeated_and_changed(land: Path, tmp_path: Path) -> None:
    assert main(["train", str(land / "recipe.json"), "--out", str(tmp_path / "again")]) == 0
    first, again = (s2v.load(folder / "model.safetensors") for folder in (land, tmp_path / "again"))
    places = sphere.random_points(50)
    np.testing.assert_array_equal(first.predict(places), again.predict(places))
    changes = ["--seed", "1", "--encoder", "xyz", "--steps", "5"]
    assert main(["train", str(land / "recipe.json"), *changes, "--out", str(tmp_path / "other")]) == 0
    recipe = s2v.load(tmp_path / "other" / "model.safetensors").recipe
    assert (recipe.data, recipe.encoder, recipe.seed, recipe.points) == ("land_ocean", "xyz", 1, 300)


def test_places_of_a_file_can_be_learned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = sphere.random_points(300, seed=1)
    lines = [f"{lon},{lat},{'north' if lat > 0 else 'south'}" for lon, lat in places]
    (tmp_path / "birds.csv").write_text("\n".join(["lon,lat,half", *lines, "10,95,north"]))
    asked = ["train", "--data", str(tmp_path / "birds.csv"), "--target", "half", *QUICK, "--out", str(tmp_path / "m")]
    assert main(asked) == 0
    assert "95" in capsys.readouterr().err  # the row that was left out
    model = s2v.load(tmp_path / "m" / "model.safetensors")
    assert (model.task, set(model.classes)) == ("classification", {"north", "south"})


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".nc", ".tif", ".geojson", ".csv"])
def test_maps_in_every_format(land: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"map{suffix}"
    assert main(["map", str(land / "model.safetensors"), "--degrees", "10", "--out", str(out)]) == 0
    assert out.stat().st_size > 500


def test_a_csv_map_holds_what_the_model_predicts(land: Path, tmp_path: Path) -> None:
    model = s2v.load(land / "model.safetensors")
    name = model.classes[1]
    asked = [
        "map",
        str(land / "model.safetensors"),
        "--class",
        name,
        "--degrees",
        "10",
        "--out",
        str(tmp_path / "m.csv"),
    ]
    assert main(asked) == 0
    table = np.genfromtxt(tmp_path / "m.csv", delimiter=",", skip_header=1)
    expected = model.predict(Grid.equirectangular(10.0).lonlat)[..., 1].ravel()
    np.testing.assert_allclose(table[:, 2], expected, atol=1e-6)


def test_a_pole_as_picture_and_table(land: Path, tmp_path: Path) -> None:
    for out in ("pole.png", "pole.csv"):
        asked = ["map", str(land / "model.safetensors"), "--projection", "south", "--edge", "60"]
        assert main([*asked, "--out", str(tmp_path / out)]) == 0
    latitudes = np.genfromtxt(tmp_path / "pole.csv", delimiter=",", skip_header=1, usecols=1)
    assert latitudes.max() <= -60
    assert latitudes.min() < -89.8


def test_values_are_drawn_with_the_units_of_their_data(tmp_path: Path) -> None:
    assert main(["train", "--data", "geoid", "--encoder", "xyz", "--steps", "2", "--out", str(tmp_path / "g")]) == 0
    assert (
        main(["map", str(tmp_path / "g" / "model.safetensors"), "--degrees", "10", "--out", str(tmp_path / "g.nc")])
        == 0
    )
    assert b"geoid_height" in (tmp_path / "g.nc").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--data", "moon", "--out", "{}"], "data='moon' is unknown"),
        (["train", "--data", "geoid", "--target", "x", "--out", "{}"], "columns of a file"),
        (["train", "--data", "geoid", "--set", "scales", "--out", "{}"], "NAME=VALUE"),
        (["train", "--data", "geoid", "--set", "scale=3", "--out", "{}"], "no parameter 'scale'"),
        (["train", "--data", "geoid", "--steps", "0", "--out", "{}"], "steps='0' is outside"),
        (["train", "{}/no.json", "--out", "{}"], "no.json"),
        (["train"], "--out"),
        (["map", "{}/no.safetensors", "--out", "{}/x.png"], "no model file"),
        (["map", "{model}", "--out", "{}/x.gif"], "must be one of .png"),
        (["map", "{model}", "--class", "Moon", "--out", "{}/x.png"], "class 'Moon' is unknown; there are: "),
        (["map", "{model}", "--degrees", "7", "--out", "{}/x.png"], "does not divide 180"),
        (["map", "{model}", "--projection", "north", "--out", "{}/x.tif"], "Choose the whole world, or .csv"),
        (["map", "{model}", "--projection", "north", "--edge", "-80", "--out", "{}/x.png"], "from 0 to 85"),
        (["map", "{model}", "--projection", "moon", "--out", "{}/x.png"], "world"),
        (["fly"], "fly"),
        ([], "COMMAND"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], words: str, land: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [
        text.replace("{}", str(tmp_path)).replace("{model}", str(land / "model.safetensors")) for text in arguments
    ]
    assert main(filled) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert told[-1].startswith("s2v: ")
    assert words in told[-1]


def test_every_setting_of_a_recipe_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    told = capsys.readouterr().out
    for name in ("--learning-rate", "--split", "--background", "--set", "--target"):
        assert name in told
    assert set(data.SPLITS) <= set(told.replace(",", " ").replace(")", " ").split())
