"""The command line trains, draws and exports as the library does, and says in one sentence what is wrong."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr

import s2v
from s2v import assets, data, sphere
from s2v.cli import main, train
from s2v.data.readers import READERS
from s2v.evaluation.metrics import log_loss
from s2v.fields import Grid
from s2v.models import checkpoints, training
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.models.presets import PRESETS
from s2v.models.training import Snapshot

SUFFIXES = [reader.suffixes[0] for reader in READERS]
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


def test_a_predictor_takes_the_place_of_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "knn"
    assert main(["train", "--data", "land_ocean", "--points", "300", "--predictor", "knn", "--out", str(folder)]) == 0
    told = capsys.readouterr()
    assert "settings on the validation places" in told.err
    recipe = s2v.Recipe.from_json((folder / "recipe.json").read_text())
    assert (recipe.predictor, recipe.points) == ("knn", 300)
    model = s2v.load(folder / "model.safetensors")
    assert model.predict_proba([[15.6, 78.2]]).shape == (1, 2)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert f"test_accuracy            {metrics['test_accuracy']:.4f}" in told.out
    assert [row["step"] for row in csv.DictReader((folder / "curve.csv").open())] == ["0"]
    with pytest.raises(ValueError, match=r"needs no training: s2v\.predictors\.fit"):
        s2v.train(recipe)


def test_a_recipe_file_can_be_repeated_and_changed(land: Path, tmp_path: Path) -> None:
    assert main(["train", str(land / "recipe.json"), "--out", str(tmp_path / "again")]) == 0
    first, again = (s2v.load(folder / "model.safetensors") for folder in (land, tmp_path / "again"))
    places = sphere.random_points(50)
    np.testing.assert_array_equal(first.predict(places), again.predict(places))
    changes = ["--seed", "1", "--encoder", "xyz", "--steps", "5"]
    assert main(["train", str(land / "recipe.json"), *changes, "--out", str(tmp_path / "other")]) == 0
    recipe = s2v.load(tmp_path / "other" / "model.safetensors").recipe
    assert (recipe.data, recipe.encoder, recipe.seed, recipe.points) == ("land_ocean", "xyz", 1, 300)


def test_a_preset_is_a_recipe_that_options_override(tmp_path: Path) -> None:
    asked = ["train", "--preset", "NeRF", "--data", "land_ocean", "--steps", "2", "--points", "300", "--hidden", "16"]
    assert main([*asked, "--out", str(tmp_path / "m")]) == 0
    recipe = s2v.load(tmp_path / "m" / "model.safetensors").recipe
    assert recipe == PRESETS["NeRF"].recipe(data="land_ocean", steps=2, points=300, hidden=16)
    assert main([*asked, "--encoder", "xyz", "--out", str(tmp_path / "other")]) == 0
    recipe = s2v.load(tmp_path / "other" / "model.safetensors").recipe
    assert (recipe.encoder, recipe.encoder_params, recipe.dropout) == ("xyz", {}, 0.5)


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


def test_a_map_can_be_veiled_and_its_data_have_the_distance(land: Path, tmp_path: Path) -> None:
    asked = ["map", str(land / "model.safetensors"), "--degrees", "10"]
    for name, veil in (("clear.png", []), ("veiled.png", ["--veil", "usual"]), ("all.png", ["--veil", "1"])):
        assert main([*asked, *veil, "--out", str(tmp_path / name)]) == 0
    assert len({(tmp_path / name).read_bytes() for name in ("clear.png", "veiled.png", "all.png")}) == 3
    assert main([*asked, "--veil", "500", "--out", str(tmp_path / "m.csv")]) == 0
    table = np.genfromtxt(tmp_path / "m.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    recipe = s2v.load(land / "model.safetensors").recipe
    dataset = s2v.data.load(recipe.data, recipe.points, recipe.seed)
    expected = s2v.data.distance_to_nearest(Grid.equirectangular(10.0).lonlat, dataset.lonlat[dataset.train])
    np.testing.assert_allclose(table["distance_km"], expected.ravel(), rtol=1e-5)


def test_a_predictor_is_veiled_by_the_places_that_it_keeps(
    land: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = s2v.data.load("geoid", 50)
    s2v.save(s2v.predictors.fit("nearest", dataset), tmp_path / "nearest.safetensors")
    asked = ["--degrees", "10", "--veil", "500", "--out", str(tmp_path / "m.csv")]
    assert main(["map", str(tmp_path / "nearest.safetensors"), *asked]) == 0
    table = np.genfromtxt(tmp_path / "m.csv", delimiter=",", names=True)
    expected = s2v.data.distance_to_nearest(Grid.equirectangular(10.0).lonlat, dataset.lonlat[dataset.train])
    np.testing.assert_allclose(table["distance_km"], expected.ravel(), rtol=1e-5)
    recipe = s2v.Recipe(data="own:regression", encoder="xyz", hidden=8)
    s2v.save(LocationModel(recipe, "regression"), tmp_path / "own.safetensors")
    assert main(["map", str(tmp_path / "own.safetensors"), *asked]) == 2
    assert "holds no training places" in capsys.readouterr().err


def test_values_are_drawn_with_the_units_of_their_data(tmp_path: Path) -> None:
    assert main(["train", "--data", "geoid", "--encoder", "xyz", "--steps", "2", "--out", str(tmp_path / "g")]) == 0
    assert (
        main(["map", str(tmp_path / "g" / "model.safetensors"), "--degrees", "10", "--out", str(tmp_path / "g.nc")])
        == 0
    )
    with xr.open_dataset(tmp_path / "g.nc") as read:
        assert (read.geoid_height.units, read.geoid_height.shape) == ("m", (18, 36))
        assert json.loads(read.recipe)["data"] == "geoid"
        assert read.fingerprint.startswith("sha256:")
        again = predicted(s2v.load(tmp_path / "g" / "model.safetensors"), Grid.equirectangular(90))
        assert again.about["fingerprint"] == read.fingerprint
        assert read.credit == "EGM96, NGA and NASA. Public domain."
        assert read.source == "location encoder xyz with network ffn, fitted to Geoid height"


def test_a_polar_map_of_classes_is_a_geotiff_with_their_names(land: Path, tmp_path: Path) -> None:
    asked = ["map", str(land / "model.safetensors"), "--projection", "south", "--out", str(tmp_path / "m.tif")]
    assert main([*asked, "--cog"]) == 0
    model = s2v.load(land / "model.safetensors")
    with rasterio.open(tmp_path / "m.tif") as read:
        assert read.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert json.loads(read.tags()["class_names"]) == list(model.classes)
        row, column = read.index(0.0, 0.0)
        assert read.read(1)[row, column] == model.predict([0.0, -90.0]).argmax()
    assert "<Category>" in (tmp_path / "m.tif.aux.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--data", "moon", "--out", "{}"], "data='moon' is unknown"),
        (["train", "--data", "{}/birds.csv", "--target", "x", "--out", "{}"], "There is no file"),
        (["train", "--data", "{}/birds.parquet", "--out", "{}"], "There is no file"),
        (["train", "--data", "vmf:S9.9", "--out", "{}"], "data='vmf:S9.9' is unknown"),
        (["train", "--data", "geoid", "--target", "x", "--out", "{}"], "--target: that is said of a file"),
        (["train", "--data", "geoid", "--set", "scales", "--out", "{}"], "NAME=VALUE"),
        (["train", "--data", "geoid", "--set", "scale=3", "--out", "{}"], "no parameter 'scale'"),
        (["train", "--data", "geoid", "--steps", "0", "--out", "{}"], "steps='0' is outside"),
        (["train", "{}/no.json", "--out", "{}"], "no.json"),
        (["train", "{}/birds.tsv", "--out", "{}"], "birds.tsv is no recipe: The recipe is not JSON"),
        (["train", "{}/birds.tsv", "--out", "{}"], "with --data FILE"),
        (["train", "{model}", "--out", "{}"], "model.safetensors is no recipe"),
        (["train"], "--out"),
        (["train", "--data", "geoid", "--out", "{}/birds.tsv"], "birds.tsv is a file; name a folder"),
        (["train", "--data", "geoid", "--out", "{}/birds.tsv/deep/er"], "birds.tsv is a file; name a folder"),
        (["map", "{model}", "--out", "{}/folder.png"], "folder.png cannot be written: is a directory"),
        (["import", "{model}", "--out", "{}/folder.png"], "folder.png cannot be written: is a directory"),
        (["bench", "step", "--out", "{}/birds.tsv"], "birds.tsv is a file; name a folder"),
        (["bench", "step", "--scheduler", "tcp://127.0.0.1:1"], "the suite step has no --scheduler"),
        (["bench", "small", "--sessions", "3"], "the suite small has no --sessions"),
        (
            ["bench", "small", "--encoders", "sphereQ", "--out", "{}"],
            "'sphereQ' is no encoder and no reference predictor",
        ),
        (["bench", "small", "--workers", "0", "--out", "{}"], "--workers 0: allowed is a whole number of at least 1"),
        (["find", "nowhere"], "data='nowhere' is unknown"),
        (["find", "geoid", "--target", "metres"], "--target: that is said of a file; give it with the path of yours"),
        (["find", "geoid", "--points", "3"], "--points 3: allowed is a whole number of at least 10"),
        (["train", "--preset", "moon", "--out", "{}"], "preset='moon' is unknown; there are: tile, wrap"),
        (["train", "{}/no.json", "--preset", "xyz", "--out", "{}"], "only one is allowed"),
        (["map", "{}/no.safetensors", "--out", "{}/x.png"], "no model file"),
        (["map", "{model}", "--out", "{}/x.gif"], "must be one of .png"),
        (["map", "{model}", "--out", "{}/nowhere/x.png"], "there is no folder"),
        (["map", "{model}", "--class", "Moon", "--out", "{}/x.png"], "class 'Moon' is unknown; there are: "),
        (["map", "{model}", "--degrees", "0", "--out", "{}/x.png"], "allowed is 0.1 or more"),
        (["map", "{model}", "--degrees", "nan", "--out", "{}/x.png"], "allowed is 0.1 or more"),
        (["map", "{model}", "--degrees", "7", "--out", "{}/x.png"], "does not divide 180"),
        (["map", "{model}", "--projection", "north", "--out", "{}/x.geojson"], "Choose the whole world, or .nc, .tif"),
        (["map", "{model}", "--cog", "--out", "{}/x.nc"], "only a GeoTIFF can be cloud-optimised, not .nc"),
        (["map", "{model}", "--cog", "--out", "{}/x.png"], "only a GeoTIFF can be cloud-optimised, not .png"),
        (["map", "{model}", "--projection", "north", "--edge", "-80", "--out", "{}/x.png"], "from 0 to 85"),
        (["map", "{model}", "--projection", "moon", "--out", "{}/x.png"], "world"),
        (["map", "{model}", "--lat", "10", "--out", "{}/x.png"], "the projection world has none; these have: orthogra"),
        (["map", "{model}", "--limits", "0", "1", "--out", "{}/x.png"], "this map is of classes, which have their own"),
        (["map", "{model}", "--colors", "jet", "--out", "{}/x.png"], "--colors jet: allowed are viridis, cividis"),
        (["map", "geoid", "--out", "{}/x.png"], "There is no model file geoid"),
        (["map", "geoid", "--quantity", "truth", "--veil", "usual", "--out", "{}/x.png"], "has no training places"),
        (
            ["map", "{model}", "--veil", "far", "--out", "{}/x.png"],
            "--veil far: allowed are usual, or a distance from 1",
        ),
        (["map", "{model}", "--veil", "nan", "--out", "{}/x.png"], "--veil nan: allowed are usual"),
        (["map", "{model}", "--veil", "500", "--out", "{}/x.geojson"], "Choose .csv, .nc, .tif or a picture"),
        (["fly"], "fly"),
        ([], "COMMAND"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], words: str, land: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "birds.tsv").write_text("lon\tlat\n1\t2")
    (tmp_path / "folder.png").mkdir()
    filled = [
        text.replace("{}", str(tmp_path)).replace("{model}", str(land / "model.safetensors")) for text in arguments
    ]
    assert main(filled) == 2
    printed = capsys.readouterr().err.strip().splitlines()
    assert printed[-1].startswith("s2v: ")
    assert words in printed[-1]


def test_every_setting_of_a_recipe_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    printed = capsys.readouterr().out
    for name in (
        "--learning-rate",
        "--split",
        "--background",
        "--set",
        "--target",
        "languages",
        "vmf:",
        *PRESETS,
        *SUFFIXES,
    ):
        assert name.replace("-", "") in "".join(printed.split()).replace("-", "")  # argparse breaks lines at hyphens
    assert set(data.SPLITS) <= set(printed.replace(",", " ").replace(";", " ").split())


def birds(folder: Path, rows: int = 300) -> str:
    places = sphere.random_points(rows, seed=1)
    lines = [f"{lon},{lat},{'north' if lat > 0 else 'south'},{lat / 7}" for lon, lat in places]
    (folder / "birds.csv").write_text("\n".join(["lon,lat,half,value", *lines]))
    return str(folder / "birds.csv")


@pytest.mark.parametrize(("asked", "points", "split"), [([], None, "random"), (["--points", "50"], 50, "blocked")])
def test_places_of_a_file_are_split_and_drawn_as_asked(
    asked: list[str], points: int | None, split: str, tmp_path: Path
) -> None:
    settings = ["--encoder", "xyz", "--steps", "40", "--seed", "3", "--split", split]
    own = ["--data", birds(tmp_path), "--target", "half"]
    assert main(["train", *own, *settings, *asked, "--out", str(tmp_path / "m")]) == 0
    dataset = data.read_points(tmp_path / "birds.csv", target="half", points=points, seed=3, split=split)  # type: ignore[arg-type]
    recipe = s2v.Recipe.from_json((tmp_path / "m" / "recipe.json").read_text())
    assert (recipe.split, recipe.points) == (split, len(dataset.train))
    *_, last = s2v.train(recipe, dataset=dataset)
    assert json.loads((tmp_path / "m" / "metrics.json").read_text())["test_log_loss"] == last.metrics["test_log_loss"]
    # The written recipe and the file give the same model.
    assert main(["train", str(tmp_path / "m" / "recipe.json"), *own, "--out", str(tmp_path / "again")]) == 0
    models = [s2v.load(tmp_path / name / "model.safetensors").predict([10.0, 20.0]) for name in ("m", "again")]
    np.testing.assert_array_equal(*models)


def test_the_task_of_a_column_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{lon},{lat},{round(lat / 60)}" for lon, lat in sphere.random_points(60, seed=1)]
    (tmp_path / "counts.csv").write_text("\n".join(["lon,lat,count", *rows]))
    asked = ["train", "--data", str(tmp_path / "counts.csv"), "--target", "count", "--encoder", "xyz", "--steps", "2"]
    for more, task in ([], "classification"), (["--task", "regression"], "regression"):
        assert main([*asked, *more, "--out", str(tmp_path / task)]) == 0
        assert s2v.load(tmp_path / task / "model.safetensors").task == task
    assert main(["train", "--data", "geoid", "--task", "regression", "--out", str(tmp_path / "m")]) == 2
    assert "give it with --data FILE" in capsys.readouterr().err


def test_what_is_said_of_a_file_is_obeyed_and_what_was_understood_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["Чайка", "Крачка", "Кайра"]
    rows = [
        f"{lon:.3f};{lat:.3f};{names[i % 3 if i < 58 else 2]}" for i, (lon, lat) in enumerate(sphere.random_points(60))
    ]
    (tmp_path / "a.csv").write_bytes("\n".join(["lon;lat;Art", *rows, "x;1;Чайка", ";;Чайка", ""]).encode("cp1251"))
    asked = ["train", "--data", str(tmp_path / "a.csv"), "--target", "Art", "--encoder", "xyz", "--steps", "2"]
    assert main([*asked, "--out", str(tmp_path / "m")]) == 2
    assert "--encoding" in capsys.readouterr().err
    assert main([*asked, "--encoding", "cp1251", "--min-count", "20", "--out", str(tmp_path / "m")]) == 0
    said = capsys.readouterr().err
    for line in (
        "Read 60 of 62 rows of the file 'a.csv': text in cp1251, separated by semicolons, with decimal points.",
        "1 of 3 classes have fewer than 20 rows and are joined into 'other' (19 rows)",
        "left out: row 62: longitude 'x' is not a number",
        "left out: row 63: coordinates are missing.",
    ):
        assert line in said
    assert s2v.load(tmp_path / "m" / "model.safetensors").classes == ("Кайра", "Чайка", "other")
    assert main(["train", "--data", "geoid", "--min-count", "2", "--out", str(tmp_path / "g")]) == 2
    assert "--min-count: that is said of a file" in capsys.readouterr().err


def test_thousands_of_classes_are_trained_scored_and_mapped(tmp_path: Path) -> None:
    places = sphere.random_points(900)
    rows = [f"{lon:.4f},{lat:.4f},species {i % 300}" for i, (lon, lat) in enumerate(places)]
    (tmp_path / "a.csv").write_text("\n".join(["lon,lat,species", *rows]))
    own = ["--data", str(tmp_path / "a.csv"), "--target", "species", "--encoder", "xyz", "--steps", "2"]
    assert main(["train", *own, "--out", str(tmp_path / "m")]) == 0
    model = s2v.load(tmp_path / "m" / "model.safetensors")
    assert model.predict(places[:2]).shape == (2, 300)
    assert (tmp_path / "m" / "world.png").stat().st_size > 10_000


def test_scores_that_are_not_known_are_null(tmp_path: Path) -> None:
    own = ["--data", birds(tmp_path, 5), "--target", "value"]
    assert main(["train", *own, "--encoder", "xyz", "--steps", "2", "--out", str(tmp_path / "m")]) == 0

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text(), parse_constant=refuse)
    assert metrics["r2"] is None


def test_a_spatial_file_is_trained_on_by_its_layer_and_crs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"{500_000 + 1000 * i},{5_300_000 + 900 * i},{'ab'[i % 2]}" for i in range(60))
    with zipfile.ZipFile(tmp_path / "sites.zip", "w") as archive:
        archive.writestr("sites.csv", f"easting,northing,kind\n{rows}\n")
        archive.writestr("other.csv", "a,b\n1,2\n")
    command = ["train", "--data", str(tmp_path / "sites.zip"), "--target", "kind", "--steps", "2"]
    command += ["--out", str(tmp_path / "m"), "--layer", "sites.csv"]
    assert main(command)
    assert "pass their crs=... (--crs)" in capsys.readouterr().err
    assert not main([*command, "--crs", "EPSG:25832"])
    assert "converted from EPSG:25832" in capsys.readouterr().err
    assert main(["train", "--data", "geoid", "--crs", "EPSG:25832", "--out", str(tmp_path / "n")])
    assert "--crs: that is said of a file" in capsys.readouterr().err


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where a shell has started the tests in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_stops_after_a_step_and_writes_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruptible: None, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "EVERY", 1e-9)  # scores after each step
    shown: list[int] = []

    def show(snapshot: Snapshot) -> None:
        shown.append(snapshot.step)
        if snapshot.step == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(train, "_show", show)
    own = ["--data", birds(tmp_path), "--target", "half", "--encoder", "xyz"]
    assert main(["train", *own, "--out", str(tmp_path / "m")]) == 0
    assert shown == [0, 1, 2, 3]
    assert "Stopped after step 3" in capsys.readouterr().err
    dataset = data.read_points(tmp_path / "birds.csv", target="half")
    val = dataset.val
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text())
    model = s2v.load(tmp_path / "m" / "model.safetensors")
    loss = log_loss(dataset.target[val], model.predict(dataset.lonlat[val]))
    assert metrics["log_loss"] == pytest.approx(loss, rel=1e-5)  # float32
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("when", ["first", "twice"])
def test_ctrl_c_before_the_first_scores_or_twice_stops_at_once(
    when: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interruptible: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*arguments: object, **options: object) -> Iterator[Snapshot]:
        if when == "twice":
            yield next(real(*arguments, **options))  # type: ignore[arg-type]
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    real = training.train
    monkeypatch.setattr(training, "train", interrupted)
    asked = ["train", "--data", birds(tmp_path), "--encoder", "xyz", "--out", str(tmp_path / "m")]
    assert main(asked) == 130
    assert capsys.readouterr().err.strip().splitlines()[-1] == "s2v: stopped."
    assert not (tmp_path / "m" / "model.safetensors").exists()


def test_a_missing_asset_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    assert main(["train", "--data", "languages", "--out", str(tmp_path / "m")]) == 2
    assert capsys.readouterr().err.startswith("s2v: The file ")


def test_a_recipe_of_your_own_places_needs_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json").write_text(s2v.Recipe(data="own:presence").to_json())
    assert main(["train", str(tmp_path / "r.json"), "--out", str(tmp_path / "m")]) == 2
    assert "with --data FILE" in capsys.readouterr().err


def test_trials_choose_the_scale_and_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["train", "--data", "relief", "--encoder", "grid", "--points", "200", "--steps", "20", "--trials", "3"]
    assert main([*asked, "--out", str(tmp_path / "m")]) == 0
    told = capsys.readouterr().err
    assert "35 steps of about" in told  # those of three trials of five included
    assert told.count("trial 3 of 3: smallest radius ") == 1
    recipe = s2v.Recipe.from_json((tmp_path / "m" / "recipe.json").read_text())
    assert f"Trained with smallest radius {recipe.encoder_params['min_radius']:.3g} degrees, the best of 3" in told
    assert s2v.load(tmp_path / "m" / "model.safetensors").recipe == recipe


def test_a_scale_left_to_the_data_is_said_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["train", "--data", "relief", "--encoder", "grid", "--points", "200", "--steps", "20"]
    assert main([*asked, "--set", "min_radius=auto", "--out", str(tmp_path / "m")]) == 0
    told = capsys.readouterr().err
    recipe = s2v.Recipe.from_json((tmp_path / "m" / "recipe.json").read_text())
    assert not recipe.is_auto
    value = recipe.encoder_params["min_radius"]
    assert f"\nSmallest radius {value:.3g} degrees, from the data: training places lie " in f"\n{told}"
    assert s2v.load(tmp_path / "m" / "model.safetensors").recipe == recipe


# --- what is written, and when ----------------------------------------------------------------------------------


def never(*arguments: object, **options: object) -> None:
    raise AssertionError("trained or loaded in vain")


def no_room(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_written_is_noticed_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "train", never)
    asked = ["train", "--data", "geoid", "--encoder", "xyz", "--out", str(tmp_path)]
    (tmp_path / "poles.png").mkdir()
    assert main(asked) == 2
    assert "poles.png cannot be written: is a directory." in capsys.readouterr().err
    (tmp_path / "poles.png").rmdir()
    (tmp_path / "model.safetensors").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # permissions do not bind the superuser
    assert main(asked) == 2
    assert "model.safetensors cannot be written: permission denied." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_a_map_that_cannot_be_written_is_noticed_before_the_model_is_loaded(
    land: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkpoints, "load", never)
    (tmp_path / "map.png").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main(["map", str(land / "model.safetensors"), "--out", str(tmp_path / "map.png")]) == 2
    assert "map.png cannot be written: permission denied." in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ["--out", "{}/map.xls"],
        ["--out", "{}/map.nc", "--cog"],
        ["--out", "{}/map.geojson", "--projection", "south"],
        ["--out", "{}/map.geojson", "--veil", "usual"],
        ["--out", "{}/nowhere/map.tif"],
        ["--out", "{}/folder.tif"],
        ["--out", "{}/named.tif"],  # the file for the names of its classes is a folder
        ["--out", "{}/map.tif", "--degrees", "7"],
        ["--out", "{}/map.png", "--dpi", "20"],
        ["--out", "{}/map.png", "--projection", "robinson", "--lat", "10"],
        ["--out", "{}/map.png", "--projection", "extent"],
        ["--out", "{}/map.png", "--projection", "extent", "--extent", "0", "60", "10", "50"],
        ["--out", "{}/map.png", "--quantity", "difference"],
        ["--out", "{}/map.png", "--quantity", "error", "--class", "land"],
        ["--out", "{}/map.png", "--quantity", "error", "--stderr"],
    ],
)
def test_a_map_that_cannot_be_is_refused_before_the_model_is_loaded(
    asked: list[str], land: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "named.tif.aux.xml").mkdir()
    monkeypatch.setattr(checkpoints, "load", never)
    filled = [text.replace("{}", str(tmp_path)) for text in asked]
    assert main(["map", str(land / "model.safetensors"), *filled]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"folder.tif", "named.tif.aux.xml"}


def test_a_full_disk_leaves_the_old_map(land: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", no_room)
    for name in ("map.png", "map.nc"):
        (tmp_path / name).write_bytes(b"old")
        asked = ["map", str(land / "model.safetensors"), "--degrees", "10", "--out", str(tmp_path / name)]
        assert main(asked) == 2
        assert (tmp_path / name).read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"map.png", "map.nc"}


QUICK_RUN = ["train", "--data", "checkerboard", "--encoder", "xyz", "--points", "200", "--steps", "3", "--hidden", "8"]


def test_a_run_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = dict.fromkeys((*train.WRITTEN, "notes.txt"), b"old")
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    real = os.replace
    with monkeypatch.context() as patch:

        def replace(source: Path, destination: Path) -> None:
            if source.parent.name == "new" and source.name == "curve.csv":
                raise OSError(errno.EIO, "Input/output error")
            real(source, destination)

        patch.setattr(os, "replace", replace)
        assert main([*QUICK_RUN, "--out", str(tmp_path)]) == 2
    assert "cannot be written: input/output error." in capsys.readouterr().err
    model = tmp_path / train.CHECKPOINT
    assert s2v.load(model).recipe.steps == 3  # what was learned is not lost
    model.unlink()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old
    assert main([*QUICK_RUN, "--out", str(tmp_path)]) == 0
    new = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert new.keys() == old.keys()
    assert [name for name in new if new[name] == b"old"] == ["notes.txt"]


def test_a_long_training_keeps_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "EVERY", 1e-9)  # scores after each step
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    path = tmp_path / train.CHECKPOINT
    shown: list[int] = []

    def show(snapshot: Snapshot) -> None:
        shown.append(snapshot.step)
        if snapshot.step == 2:
            before = s2v.load(path).predict([10.0, 20.0])
            assert not np.array_equal(before, snapshot.model.predict([10.0, 20.0]))  # of step 1

    monkeypatch.setattr(train, "_show", show)
    assert main([*QUICK_RUN, "--out", str(tmp_path)]) == 0
    assert shown == [0, 1, 2, 3]
    assert not path.exists()


def test_a_checkpoint_that_cannot_be_written_does_not_stop_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkpoints, "save", lambda model, path: no_room(0))
    assert main([*QUICK_RUN, "--out", str(tmp_path)]) == 0
    assert "No checkpoint: " in capsys.readouterr().err
    assert s2v.load(tmp_path / "model.safetensors").recipe.steps == 3


def test_sigterm_is_ctrl_c(tmp_path: Path) -> None:
    endless = ["train", "--data", "checkerboard", "--encoder", "xyz", "--steps", "100000", "--out", str(tmp_path / "m")]
    with subprocess.Popen([sys.executable, "-m", "s2v", *endless], stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        try:
            for line in child.stderr:
                if "/100000" in line:
                    break
            child.terminate()
            rest = child.stderr.read()
            assert child.wait() == 0
        finally:
            child.kill()
    assert "writing what there is" in rest
    assert {path.name for path in (tmp_path / "m").iterdir()} == set(train.WRITTEN)
    assert s2v.load(tmp_path / "m" / "model.safetensors").recipe.steps == 100_000
