"""The page "Maps": models and data are drawn in every quantity and projection, and files are offered."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import shlex
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import streamlit as st
import torch
from PIL import Image

from s2v import cli, data
from s2v.comparison import answering, sources
from s2v.comparison.questions import PredictedRowsOf
from s2v.comparison.sources import TrainedModel
from s2v.fields import Grid
from s2v.figures.quantities import coloured
from s2v.models.checkpoints import dumps, loads
from s2v.models.map_snippets import DrawnMap, map_code, map_command
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.ui import answers, trained_models
from s2v.ui.maps import code, fields, printing, settings
from s2v.ui.maps.settings import PROJECTIONS, Choice
from s2v.ui.maps.sources import Source, truths
from s2v.ui.trained_models import SessionModel
from tests.ui.conftest import WorkerHere
from tests.ui.test_pages import HandmadeRace, opened, started, text

__all__ = ["started"]

FILES = ["PNG", "SVG", "PDF", "GeoTIFF", "NetCDF", "GeoJSON", "CSV"]


def race_on(made: list[HandmadeRace], name: str, *encoders: str) -> HandmadeRace:
    """A race that has ended, with untrained networks: their weights are drawn, and that is enough for maps."""
    recipes = [Recipe(data=name, encoder=e, encoder_params={"scales": 4}, hidden=16, points=300) for e in encoders]
    race = HandmadeRace(recipes, 1, True, len(made))
    for i, run in enumerate(race.firsts):
        run.id = f"{len(made)}{i}{run.id[:-2]}"
        run.add(100, fine=True)
        torch.manual_seed(i)
        dataset = data.load(name, 300)
        file = dumps(LocationModel(run.recipe, dataset.task, dataset.classes))
        run.latest = dataclasses.replace(run.latest, weights=file)
    race.end("finished")
    made.append(race)
    return race


def box(app: Any, label: str) -> Any:
    """A choice, as a list or side by side."""
    return next(w for w in (*app.selectbox, *app.get("button_group")) if w.label == label)


def picked(app: Any, label: str, value: str) -> Any:
    box(app, label).set_value(value).run()
    assert not app.exception
    return app


def buttons(app: Any) -> list[str]:
    return [part.proto.label for part in app.get("download_button")]


def pictures(app: Any) -> list[Any]:
    return list(app.get("image"))


def test_without_a_model_the_page_draws_the_data_and_says_how_to_get_one(started: list[HandmadeRace]) -> None:
    app = opened("maps")
    assert not app.exception
    assert not app.error
    assert "no finished model in this session yet" in text(app)
    links = [link.proto.label for link in app.get("page_link")]
    assert "Train a model" in links
    assert box(app, "Map of").value == "truth:relief"
    assert len(pictures(app)) == 1
    assert buttons(app) == FILES


@pytest.mark.parametrize("projection", list(PROJECTIONS))
def test_every_projection_is_drawn(started: list[HandmadeRace], projection: str) -> None:
    app = opened("maps", model="truth:geoid", projection=projection, degrees="2")
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert len(pictures(app)) == 1
    assert buttons(app) == FILES


def test_the_names_of_projections_are_those_that_are_printed() -> None:
    from s2v.figures.layouts import TITLES

    assert set(PROJECTIONS) == set(TITLES)


@pytest.mark.parametrize("quantity", ["prediction", "error", "difference", "truth", "distance"])
def test_every_quantity_of_a_regression_is_drawn(started: list[HandmadeRace], quantity: str) -> None:
    race_on(started, "geoid", "sphereM", "grid")
    app = opened("maps", show=quantity, degrees="2")
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert len(pictures(app)) == 1
    assert buttons(app) == [*FILES, "Model"]
    assert app.query_params["show"] in (quantity, [quantity])


@pytest.mark.parametrize("quantity", ["prediction", "probability", "entropy", "error", "difference"])
def test_every_quantity_of_classes_is_drawn(started: list[HandmadeRace], quantity: str) -> None:
    race_on(started, "land_cover", "sphereM", "grid")
    app = opened("maps", show=quantity, degrees="2", projection="robinson")
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert len(pictures(app)) == 1
    assert ("Class" in [b.label for b in app.selectbox]) == (quantity in ("probability", "difference"))


def test_presences_of_one_class_are_a_probability_with_a_veil(started: list[HandmadeRace]) -> None:
    name = "cities:presence"
    recipe = Recipe(data=name, encoder="xyz", hidden=16, points=300)
    dataset = data.load(name, 300)
    file = dumps(LocationModel(recipe, dataset.task, dataset.classes))
    source = Source("run:00000000", "xyz", name, recipe, None, file)
    assert fields.quantities(source, []) == ("probability", "distance")
    field = fields.field(source, "probability", 0, None, 2.0)
    assert field.limits == (0.0, 1.0)
    assert 0 <= field.values.min() <= field.values.max() <= 1
    choice = Choice(source, "probability", 0, None, "1000")
    over = printing.veil_of(choice)
    assert over is not None
    assert over.km == 1000


def test_values_are_the_models_own(started: list[HandmadeRace]) -> None:
    """Those of the map, at every resolution, are what the model in the file predicts there."""
    race = race_on(started, "geoid", "sphereM", "grid")
    one, two = (Source(f"run:{r.id[:8]}", "m", "geoid", r.recipe, r.latest, r.latest.weights) for r in race.firsts)
    grid = Grid.equirectangular(0.5)
    shares: list[float] = []
    field = fields.field(one, "prediction", 0, None, 0.5, shares.append)
    np.testing.assert_allclose(field.values, loads(one.file).predict(grid.lonlat), atol=1e-4)
    assert shares == [0.0, 0.25, 0.5, 0.75, 1.0]
    difference = fields.field(one, "difference", 0, two, 0.5)
    np.testing.assert_allclose(difference.values, field.values - loads(two.file).predict(grid.lonlat), atol=1e-4)
    assert difference.limits[0] == -difference.limits[1]
    brought = fields.field(one, "prediction", 0, None, 1.0)  # by the race: nothing is asked
    np.testing.assert_array_equal(brought.values, race.firsts[0].latest.maps["world"])
    assert fields.is_ready(one, "prediction", 0, None, 0.5)
    assert not fields.is_ready(one, "prediction", 0, None, 0.25)


def test_probabilities_of_a_model_add_up_to_one(started: list[HandmadeRace]) -> None:
    (run,) = race_on(started, "land_ocean", "sphereM").firsts
    source = Source("run:1", "m", "land_ocean", run.recipe, run.latest, run.latest.weights)
    total = sum(fields.field(source, "probability", i, None, 2.0).values for i in range(len(source.dataset.classes)))
    np.testing.assert_allclose(total, 1, atol=1e-5)
    entropy = fields.field(source, "entropy", 0, None, 2.0).values
    assert (entropy >= 0).all()
    assert (entropy <= 1 + 1e-6).all()


@pytest.mark.parametrize(
    ("quantity", "number", "message"),
    [
        ("probability", 0, "predicts values, so it has no probabilities of classes"),
        ("entropy", 0, "predicts values"),
        ("stderr", 0, "knows no standard error of its predictions"),
    ],
)
def test_a_model_is_not_asked_for_what_it_cannot_answer(quantity: str, number: int, message: str) -> None:
    file = dumps(LocationModel(Recipe(data="geoid", encoder="xyz", hidden=8), "regression"))
    sources.take([file])
    model = TrainedModel("run:1", "A model", sources.digest(file))
    with pytest.raises(ValueError, match=message):
        answering.answer(PredictedRowsOf(model, quantity, number, 10.0, 0, 2))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"projection": "mercator"}, "projection='mercator' is not one of north, south, poles"),
        ({"model": "run:12345678"}, "run:12345678 is a model that neither this session has nor this server keeps"),
        ({"model": "truth:nothing"}, "model='truth:nothing' is not one of truth:geoid"),
        ({"low": "deep"}, "limit='deep' is no number; allowed is a number such as -20 or 3.5"),
        ({"edge": "95"}, "edge='95' is outside its range; allowed is a number from 0 to 85"),
        ({"projection": "extent", "south": "80", "north": "60"}, "its north must be at least 1 degree north of"),
        ({"projection": "extent", "west": "10", "east": "10"}, "it must be at least 1 degree wide"),
        ({"low": "5", "high": "-5"}, "the highest value must be above the lowest"),
        ({"show": "entropy"}, "show='entropy' is not one of truth"),
    ],
)
def test_bad_settings_get_a_sentence(started: list[HandmadeRace], address: dict[str, str], message: str) -> None:
    app = opened("maps", **address)
    assert not app.exception
    assert message in text(app)


def test_typed_limits_that_are_no_numbers_get_a_sentence_and_can_be_corrected(started: list[HandmadeRace]) -> None:
    app = opened("maps", degrees="2")
    low = next(t for t in app.text_input if t.label == "Lowest value")
    low.set_value("nought").run()
    assert not app.exception
    assert "limit='nought' is no number" in text(app)
    assert not pictures(app)
    next(t for t in app.text_input if t.label == "Lowest value").set_value("−4000,5").run()
    assert not app.exception
    assert not app.error
    assert len(pictures(app)) == 1


def test_diverging_colours_have_their_middle_where_it_is_set() -> None:
    (truth,) = [s for s in truths() if s.data == "geoid"]
    field = fields.field(truth, "truth", 0, None, 2.0)
    assert coloured(field, "", None, None, 0.0) == field
    centred = coloured(field, "RdBu_r", None, None, 10.0)
    assert centred.limits[1] - 10 == 10 - centred.limits[0] > 0
    assert coloured(field, "PuOr", None, 30.0, 10.0).limits == (-10.0, 30.0)
    assert coloured(field, "PuOr", -5.0, 30.0, 10.0).limits == (-5.0, 30.0)
    assert coloured(field, "viridis", 1.0, None, 0.0).limits == (1.0, field.limits[1])
    with pytest.raises(ValueError, match="the highest value must be above the lowest"):
        coloured(field, "viridis", 5.0, 5.0, 0.0)


def test_a_new_race_is_shown_and_an_earlier_one_stays_to_be_chosen(started: list[HandmadeRace]) -> None:
    first = race_on(started, "geoid", "sphereM")
    app = opened("maps", degrees="2")
    assert box(app, "Map of").value == f"run:{first.firsts[0].id[:8]}"
    second = race_on(started, "relief", "grid")
    app.query_params.clear()
    app.run()
    assert not app.exception
    assert box(app, "Map of").value == f"run:{second.firsts[0].id[:8]}"
    picked(app, "Map of", f"run:{first.firsts[0].id[:8]}")
    assert len(pictures(app)) == 1


def test_files_are_named_after_what_they_hold_and_say_where_it_is_from() -> None:
    recipe = Recipe(data="geoid", encoder="sphereC+", encoder_params={"scales": 4}, hidden=16, points=300)
    source = Source("run:1", "sphereC+", "geoid", recipe, None, b"")
    choice = Choice(source, "error", 0, None, "off")
    assert printing.file_name(choice) == "geoid-sphereCplus-error"
    caption = printing.caption(choice)
    assert "EGM96" in caption
    assert "sphereC+, 4 scales" in caption
    assert "300 training places (seed 0)" in caption


def test_values_in_files_say_where_they_are_from() -> None:
    recipe = Recipe(data="geoid", encoder="xyz", hidden=16, points=300)
    said = printing.about(Choice(Source("run:1", "xyz", "geoid", recipe), "error", 0, None, "off"))
    assert "EGM96" in said["credit"]
    assert said["source"].startswith("xyz, ")
    assert Recipe.from_json(said["recipe"]) == recipe
    said = printing.about(Choice(Source("truth:geoid", "Geoid", "geoid"), "truth", 0, None, "off"))
    assert (said["source"], said["recipe"]) == ("", "")


def test_files_of_cells_hold_the_distance_where_a_veil_lies(started: list[HandmadeRace]) -> None:
    (run,) = race_on(started, "geoid", "sphereM").firsts
    source = Source("run:1", "m", "geoid", run.recipe, run.latest, run.latest.weights)
    field = fields.field(source, "prediction", 0, None, 2.0)
    veiled = printing.veil_of(Choice(source, "prediction", 0, None, "500"))
    header = printing._data(field, ".csv", veiled).split(b"\n", 1)[0]
    assert header.endswith(b",distance_km")
    assert b"distance" not in printing._data(field, ".csv", None).split(b"\n", 1)[0]
    assert printing._data(field, ".geojson", veiled)[:1] == b"{"


def test_settings_of_a_look_reach_the_printed_map(monkeypatch: pytest.MonkeyPatch) -> None:
    from s2v.figures import printed

    asked: dict[str, Any] = {}
    monkeypatch.setattr(printed, "printed_map", lambda field, format, **how: asked.update(how, field=field) or b"")
    look = settings.Look(
        (("name", "orthographic"), ("lon", 15.6), ("lat", 78.2)),
        2.0, "", None, None, 0.0, False, True, True, False, "My $title", 300,
    )  # fmt: skip
    source = Source("truth:geoid", "Geoid", "geoid")
    field = fields.field(source, "truth", 0, None, 2.0)
    printing.draw(field, Choice(source, "truth", 0, None, "off"), look, "png")
    assert (asked["dpi"], asked["coast"], asked["graticule"], asked["dark"]) == (300, False, True, True)
    assert (asked["caption"], asked["field"].title, asked["projection"].lat) == ("", "My $title", 78.2)


@pytest.mark.parametrize(
    ("name", "task", "classes"),
    [
        ("own:presence", "presence", ("gull", "tern")),
        ("own:regression", "regression", ()),
        ("land_ocean", "classification", ("land", "ocean")),
    ],
)
def test_a_model_of_a_file_is_drawn_with_what_is_known_of_its_data(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch, name: str, task: Any, classes: tuple[str, ...]
) -> None:
    classes = classes if name.startswith("own") else data.load(name, 10).classes
    recipe = Recipe(data=name, encoder="xyz", hidden=16)
    file = dumps(LocationModel(recipe, task, classes))
    model = SessionModel(
        TrainedModel("file:12345678", "xyz on birds", sources.digest(file)), recipe, 0, file, "b.safetensors"
    )
    monkeypatch.setattr(trained_models, "opened", lambda: [model])
    app = opened("maps", degrees="2")
    assert not app.exception
    assert not app.error
    assert box(app, "Map of").value == "file:12345678"
    assert len(pictures(app)) == 1
    shown = box(app, "Show").options if classes else []
    assert ("Distance to data" in shown) == (name == "land_ocean")  # of others no places are known


POLAR_VIEW = (("name", "north"), ("edge", 60.0))
GLOBE = (("name", "orthographic"), ("lon", 15.6), ("lat", -78.2))
PART = (("name", "extent"), ("extent", (170.0, 50.0, -150.0, 75.0)))
LOOKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "prediction over the north": ("geoid", "prediction", {"layout": POLAR_VIEW, "colormap": "PuOr", "centre": 10.0}),
    "error on a globe": ("geoid", "error", {"layout": GLOBE, "low": -20.5, "high": 1e-3, "title": "It's $off"}),
    "difference on a part": ("geoid", "difference", {"layout": PART, "coast": False, "caption": True}),
    "difference of classes": ("land_ocean", "difference", {"layout": (("name", "poles"), ("edge", 50.0))}),
    "most probable classes": ("land_ocean", "prediction", {"layout": (("name", "robinson"), ("lon", 90.0))}),
    "right or wrong": ("land_ocean", "error", {"layout": (("name", "equal_earth"), ("lon", -30.0)), "dark": True}),
    "uncertainty": ("land_ocean", "entropy", {"layout": (("name", "plate_carree"), ("lon", 0.0)), "graticule": False}),
    "distance": ("geoid", "distance", {"layout": (("name", "south"), ("edge", 0.0))}),
    "truth": ("geoid", "truth", {"layout": GLOBE}),
}
PLAIN: dict[str, Any] = {
    "degrees": 2.0, "colormap": "", "low": None, "high": None, "centre": 0.0, "coast": True, "graticule": True,
    "dark": False, "caption": False, "title": "", "dpi": 60,
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_copied_makes_the_map_of_the_page(
    name: str, started: list[HandmadeRace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every quantity, projection and setting: the commands and the Python give the page's pixels and its cells."""
    dataset, quantity, how = LOOKS[name]
    race = race_on(started, dataset, "sphereM", "grid")
    one, two = (
        Source(f"run:{r.id[:8]}", r.recipe.encoder, dataset, r.recipe, None, r.latest.weights) for r in race.firsts
    )
    veiled = "1000" if quantity == "prediction" else "off"
    choice = Choice(one, quantity, 1, two if quantity == "difference" else None, veiled)
    look = settings.Look(**{**PLAIN, **how})
    found = coloured(fields.field(one, quantity, 1, choice.rival, 2.0), look.colormap, look.low, look.high, look.centre)
    drawn = code.drawn_map(found, choice, look)
    monkeypatch.chdir(tmp_path)
    Path(drawn.file).write_bytes(one.file)
    if drawn.rival:
        Path(drawn.rival).write_bytes(two.file)
    expected = pixels(printing.draw(found, choice, look, "png"))
    for make in (run_commands, run_python):
        make(drawn)
        assert np.mean((pixels(Path(drawn.picture).read_bytes()) != expected).any(-1)) < 1e-3
        with rasterio.open(drawn.raster) as file:
            cells = file.read(1)
        np.testing.assert_allclose(np.where(found.known, cells, np.nan), found.values, atol=1e-3)
        Path(drawn.picture).unlink()
        Path(drawn.raster).unlink()


def run_commands(drawn: DrawnMap) -> None:
    for command in map_command(drawn).split("\n"):
        assert cli.main(shlex.split(command)[3:]) == 0


def run_python(drawn: DrawnMap) -> None:
    exec(map_code(drawn), {})


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_two_models_with_one_name_are_two_files_in_the_code(started: list[HandmadeRace]) -> None:
    first, second = (race_on(started, "geoid", "sphereM").firsts[0] for _ in range(2))
    one, two = (Source(f"run:{r.id[:8]}", "m", "geoid", r.recipe, None, r.latest.weights) for r in (first, second))
    choice = Choice(one, "difference", 0, two, "off")
    drawn = code.drawn_map(fields.field(one, "difference", 0, two, 2.0), choice, settings.Look(layout=GLOBE, **PLAIN))
    assert drawn.file != drawn.rival


def test_title_colours_and_projection_predict_nothing_and_a_quantity_once(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    race_on(started, "land_cover", "sphereM")
    predicted: list[str] = []
    computed: list[str] = []
    predict, field = answering.FUNCTIONS[PredictedRowsOf], fields.field
    monkeypatch.setitem(
        answering.FUNCTIONS,
        PredictedRowsOf,
        lambda **asked: (predicted.append(asked["quantity"]), predict(**asked))[1],
    )
    monkeypatch.setattr(fields, "field", lambda *given: (computed.append(given[1]), field(*given))[1])
    cache = answers.AnswerCache(WorkerHere())  # that has no answer of another test
    monkeypatch.setattr(answers, "_cache", lambda: cache)
    app = opened("maps", degrees="2")
    assert predicted == computed == ["prediction"]
    first = pictures(app)[0].proto.imgs[0].url
    next(t for t in app.text_input if t.label == "Title").set_value("Another").run()
    second = pictures(app)[0].proto.imgs[0].url
    picked(app, "Projection", "robinson")
    assert len({first, second, pictures(app)[0].proto.imgs[0].url}) == 3
    picked(app, "Show", "entropy")
    assert predicted == computed == ["prediction", "entropy"]
    shown = pictures(app)[0].proto.imgs[0].url
    picked(app, "Colour map", "cividis")
    assert pictures(app)[0].proto.imgs[0].url != shown
    assert predicted == computed == ["prediction", "entropy"]
    picked(app, "Show", "prediction")
    assert predicted == ["prediction", "entropy"]  # known still


def test_the_page_says_that_it_draws(started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(st, "spinner", lambda text, **_: said.append(text) or contextlib.nullcontext())
    opened("maps", degrees="2")
    assert said == ["Drawing the map…"]


def test_a_geotiff_of_classes_comes_with_their_names(tmp_path: Path) -> None:
    (source,) = [s for s in truths() if s.data == "land_ocean"]
    found = fields.field(source, "truth", 0, None, 2.0)
    (tmp_path / "m.zip").write_bytes(printing._data(found, ".tif", None, "land-2deg.tif"))
    with rasterio.open(f"/vsizip/{tmp_path}/m.zip/land-2deg.tif") as file:
        np.testing.assert_array_equal(np.where(found.known, file.read(1), np.nan), found.values)
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert archive.namelist() == ["land-2deg.tif", "land-2deg.tif.aux.xml"]
        assert archive.read("land-2deg.tif.aux.xml").count(b"<Category>") == len(found.classes)
