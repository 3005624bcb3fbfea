"""The pages without a browser: what they show and offer, also when something fails."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import xarray as xr
from streamlit.testing.v1 import AppTest

from s2v import assets, coastlines, data
from s2v.comparison import start
from s2v.engine import FINE_GRIDS, LAYER_GRID, LIVE_GRIDS, Frame
from s2v.engine.turns import QueuePosition
from s2v.evaluation import MAIN_SCORES, background_places
from s2v.fields import Grid
from s2v.models import presets
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.models.trials import Trial, Tuning, in_force
from s2v.ui import session_race, shell
from s2v.ui.race import map_files, maps, results, settings, trials, veil, view

ROOT = Path(__file__).parent.parent.parent
WAIT = 60  # seconds for one run of a page on a busy machine


class HandmadeRun:
    """A run without an engine, whose frames the test adds."""

    def __init__(self, recipe: Recipe, number: int) -> None:
        self.id, self.recipe = f"{number:032x}", recipe
        self.status, self.message, self.worker = "waiting", "", ""
        self.history: list[Frame] = []
        self.latest: Frame | None = None
        self.queue_position: QueuePosition | None = None
        self.asked, self.tuning, self.trials, self.from_data = recipe, None, (), None

    @property
    def live(self) -> bool:
        return self.status in ("waiting", "running")

    @property
    def step(self) -> int:
        return self.history[-1].step if self.history else 0

    def wait(self, until: Callable[[Any], bool], timeout: float) -> bool:
        return until(self)

    def add(self, step: int, steps: int = 100, fine: bool = False, **metrics: float) -> None:
        dataset = maps.dataset_of(self)  # type: ignore[arg-type]  # all it asks for is the recipe
        values, layers, test, by_latitude, background = {}, {}, None, None, None
        for name, grid in (FINE_GRIDS if fine else LIVE_GRIDS).items():
            truth = np.nan_to_num(np.asarray(dataset.truth(grid).values))
            values[name] = truth.astype(np.uint8) if dataset.classes else (truth * step / steps).astype(np.float32)
        if dataset.classes:
            shares = np.full((len(dataset.classes), *LAYER_GRID.shape), 100, np.uint8)
            layers = {"probabilities": shares, "probability": shares[0], "entropy": shares[0]}
        if fine:
            right = dataset.target[dataset.test]
            test = np.eye(len(dataset.classes))[right] * 0.9 + 0.05 if dataset.classes else right * 0.9
            if at := dataset.by_latitude:
                by_latitude = at.target if dataset.classes else at.target * 0.9
            background = np.full((len(background_places()), max(1, len(dataset.classes))), 0.2)
        numbers = step, steps, 0.01 * step, 1 / (1 + step), metrics
        frame = Frame(*numbers, values, layers, 0, fine, test, background, by_latitude=by_latitude)
        self.history.append(frame.without_maps())
        self.latest, self.status = frame, "running"


class HandmadeRace:
    """A race without an engine, which records what the page asks of it."""

    def __init__(self, recipes: Sequence[Recipe], seeds: int, lockstep: bool, number: int) -> None:
        self.id, self.lockstep, self.began = f"race{number}", lockstep, 1e9 + 60 * number
        self.paused, self.finishing, self.watched_class = False, False, 0
        self.own_data = None
        self.asked: list[str] = []
        self.runs = tuple(
            tuple(HandmadeRun(dataclasses.replace(r, seed=r.seed + j), 100 * number + 10 * i + j) for j in range(seeds))
            for i, r in enumerate(recipes)
        )

    @property
    def recipe(self) -> Recipe:
        return self.firsts[0].recipe

    @property
    def firsts(self) -> tuple[HandmadeRun, ...]:
        return tuple(runs[0] for runs in self.runs)

    @property
    def all_runs(self) -> tuple[HandmadeRun, ...]:
        return tuple(run for runs in self.runs for run in runs)

    @property
    def live(self) -> bool:
        return any(run.live for run in self.all_runs)

    def add(self, step: int, **frame: Any) -> None:
        for run in self.all_runs:
            run.add(step, **frame)

    def end(self, status: str, message: str = "") -> None:
        for run in self.all_runs:
            run.status, run.message = status, message

    def stop(self) -> None:
        self.end("stopped")

    def finish(self) -> None:
        self.finishing = True

    def pause(self) -> None:
        self.paused = True

    def play(self) -> None:
        self.paused = False

    def one_step(self) -> None:
        self.asked.append("one step")

    def watch_class(self, number: int) -> None:
        self.watched_class = number


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[HandmadeRace]:
    """The races that the page has started; no engine is made."""
    made: list[HandmadeRace] = []

    def begin(recipes: Sequence[Recipe], seeds: int, lockstep: bool = False) -> HandmadeRace:
        for race in made:
            race.stop()
        made.append(HandmadeRace(recipes, seeds, lockstep, len(made)))
        return made[-1]

    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "start", begin)
    monkeypatch.setattr(session_race, "current", lambda: made[-1] if made else None)
    monkeypatch.setattr(session_race, "attach", lambda race: False)
    monkeypatch.setattr(session_race, "own", session_race.current)
    monkeypatch.setattr(session_race, "earlier", lambda: made[::-1])
    monkeypatch.setattr(session_race, "are_kept_on_disk", lambda: True)
    monkeypatch.setattr(session_race, "kept", lambda: "This server keeps some races.")
    monkeypatch.setattr(session_race, "is_known_again", lambda: False)
    monkeypatch.setattr(session_race, "stored_model", lambda run: None)
    monkeypatch.setattr(session_race, "standing", lambda: "own")
    monkeypatch.setattr(session_race, "live_races", lambda: len(made))
    monkeypatch.setattr(session_race, "cluster_problem", lambda: "")
    monkeypatch.setattr(session_race, "has_gpu", lambda: False)
    return made


@pytest.fixture
def own_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of ``assets/`` that a test may damage."""
    folder = tmp_path / "assets"
    shutil.copytree(assets.ASSETS, folder)
    monkeypatch.setattr(assets, "ASSETS", folder)
    caches = (start.load, maps.load_dataset, maps.truth, coastlines.coastlines)
    for cache in caches:
        cache.cache_clear()
    yield folder
    for cache in caches:
        cache.cache_clear()


def opened(page: str = "", **address: str) -> AppTest:
    """A page; a race without a reference predictor, unless the address asks for one."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    if page == "train":
        address = {"reference": "none", **address}
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(f"pages/{page}.py").run() if page else app


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.title, *app.subheader, *app.caption, *app.warning, *app.error]
    return "\n".join(part.value for part in parts).replace("\\", "")


def linked_maps(app: AppTest) -> list[Any]:
    return [part for part in app.get("bidi_component") if "linked_globes" in part.proto.component_name]


def button(app: AppTest, key: str) -> Any:
    return next(button for button in app.button if button.key == key)


def test_start_makes_its_point_without_a_click(started: list[HandmadeRace]) -> None:
    app = opened()
    assert not app.exception
    assert len(linked_maps(app)) == 1
    assert "4.9 times" in text(app)
    assert "1.2 times" in text(app)
    assert "Longyearbyen" in text(app)


def test_a_damaged_file_gets_a_sentence_and_the_page_goes_on(started: list[HandmadeRace], own_assets: Path) -> None:
    (own_assets / "start" / "similarity.npz").write_bytes(b"no archive")
    app = opened()
    assert not app.exception
    assert "similarity.npz is damaged" in text(app)
    assert "git checkout" in text(app)
    assert "Train" in text(app)


def test_train_shows_the_truth_first(started: list[HandmadeRace]) -> None:
    app = opened("train")
    assert not app.exception
    assert len(linked_maps(app)) == 1
    assert "Land and ocean" in text(app)
    assert all(button(app, key).disabled for key in ("pause", "step", "stop"))
    assert not button(app, "start").disabled


def table(app: AppTest) -> str:
    """The scores, as text."""
    return next(part.proto.body for part in app.get("html") if "class='race'" in part.proto.body)


@pytest.mark.parametrize("name", data.names()[:11])
def test_a_race_is_followed_to_its_end(started: list[HandmadeRace], name: str) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select(name).run()
    button(app, "start").click().run()
    (race,) = started
    assert [run.recipe.encoder for run in race.firsts] == ["grid", "sphereM"]
    assert race.recipe.data == name
    score = MAIN_SCORES[race.recipe.task]
    assert not button(app, "stop").disabled
    race.add(50, **{score.name: 0.5, f"{score.name}_north": float("nan"), f"{score.name}_south": -0.25})
    app.run()
    assert not app.exception
    assert not app.error
    assert score.text(0.5) in table(app)
    assert score.text(-0.25) in table(app)
    assert "–" in table(app)
    race.add(100, fine=True, **{f"test_{score.name}": 0.9, score.name: 0.8})
    race.end("finished")
    app.run()
    assert not app.exception
    assert not app.error
    assert score.text(0.9) in table(app)
    assert "The result" in text(app)
    assert "can be told between" in text(app)  # the two have said the same
    assert f"{score.title} by latitude" in text(app)
    if maps.load_dataset(name).by_latitude and race.recipe.task != "presence":
        assert "- **At the poles**: No difference can be told at 85 to 90 N or 85 to 90 S: at" in text(app)
        assert "On places of their own, 2,000 in each band" in text(app)
    assert len(linked_maps(app)) == 1
    assert len(app.get("deck_gl_json_chart")) == 1  # the training places
    assert button(app, "stop").disabled
    files = [each.proto.label for each in app.get("download_button")]
    assert len([label for label in files if label != "CSV"]) == 8  # beside the numbers of each chart
    assert {"GeoJSON", "SVG", "PNG"} <= set(files)  # of the places on the globe
    lonlat, columns = results.places_table(race.recipe)
    dataset = data.load(name, race.recipe.points, race.recipe.seed, race.recipe.split)
    assert [len(column) for column in columns.values()] == [len(lonlat)] * 2
    np.testing.assert_array_equal(lonlat[np.array(columns["part"]) == "test"], dataset.lonlat[dataset.test])
    with xr.open_dataset(map_files.netcdf(race, ["A", "B"]), engine="scipy", decode_coords="all") as read:  # type: ignore[arg-type]
        assert [array.long_name.partition(":")[0] for array in read.data_vars.values()][:3] == ["Truth", "A", "B"]
    with zipfile.ZipFile(io.BytesIO(map_files.geotiffs(race, ["A", "B"]))) as archive:  # type: ignore[arg-type]
        assert len([each for each in archive.namelist() if each.endswith(".tif")]) == 9


def test_the_result_is_a_list_that_begins_with_all_test_places_and_tells_the_poles_apart(
    started: list[HandmadeRace],
) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    (race,) = started
    race.add(100, fine=True, test_r2=0.8)
    run = race.firsts[0]
    at = maps.load_dataset("geoid").by_latitude
    assert at is not None
    blind = np.where(at.lonlat[:, 1] > 85, -run.latest.by_latitude, run.latest.by_latitude)
    run.latest = dataclasses.replace(run.latest, by_latitude=blind)
    race.end("finished")
    app.run()
    assert not app.exception
    assert "- **On all test places**: No difference in R² can be told between" in text(app)
    assert "\n- **At the poles**: At 85 to 90 N sphereM (R² " in text(app)
    assert "\n- **At other latitudes**: No difference can be told." in text(app)
    assert "Above zero grid is better, below zero sphereM." in text(app)


def test_errors_have_a_symmetric_scale_of_their_own_which_is_said(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    (race,) = started
    race.add(98)  # a prediction of 0.98 times the truth
    control(app, "train.regression.show").set_value("error")
    app.run()
    assert not app.exception
    _, (_, error), (_, other) = maps.world(race, ["a", "b"], "error", 0)
    low, high = error.limits
    assert (low, error.limits) == (-high, other.limits)
    spread = np.quantile(abs(error.values), maps.ERROR_QUANTILE)
    assert spread <= high <= 2.5 * spread  # on the truth's scale, of 80 m, all would be white
    assert f"on a scale of its own from −{high:g} m to {high:g} m" in text(app)


@pytest.mark.parametrize("quantity", ["error", "probability", "entropy"])
@pytest.mark.parametrize("kind", ["globe", "north", "world"])
def test_other_quantities_and_maps(started: list[HandmadeRace], quantity: str, kind: str) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select("land_cover").run()
    button(app, "start").click().run()
    started[0].add(50, accuracy=0.5)
    control(app, "train.classification.show").set_value(quantity)
    control(app, "train.view").set_value(kind)
    app.run()
    assert not app.exception
    assert not app.error
    if quantity == "probability":
        classes = maps.load_dataset("land_cover").classes
        app.selectbox(key="train.land_cover.class").select(classes[2]).run()
        assert started[0].watched_class == 2
        assert not app.exception
    assert app.query_params["show"] == quantity
    assert app.query_params["view"] == kind


def dots(app: AppTest) -> list[str | None]:
    """The dots of each map of a race: None, or the places as the browser gets them."""
    messages = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    (globes,) = [message for message in messages if "panels" in message]
    return [panel["points"] for panel in globes["panels"]]


def test_sites_are_dots_on_the_map_of_their_encoder_and_move(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", e1="voronoi", e2="sphereM", reference="none")
    button(app, "start").click().run()
    (race,) = started
    seen = []
    for step, sites in ((10, [[0.0, 90.0], [10.0, 20.0]]), (20, [[5.0, 80.0], [10.0, 20.0]])):
        race.add(step)
        race.firsts[0].latest = dataclasses.replace(race.firsts[0].latest, landmarks=np.array(sites, np.float32))
        app.run()
        assert not app.exception
        truth, own, other = dots(app)
        assert (truth, other) == (None, None)
        seen.append(own)
    assert None not in seen
    assert seen[0] != seen[1]
    assert "Dots: the 2 sites of Soft Voronoi, which move while it trains." in text(app)
    control(app, "train.learned.dots").set_value(False)
    app.run()
    assert dots(app) == [None] * 3
    assert "Dots: the" not in text(app)


def test_places_that_do_not_move_are_dots_only_if_asked_for(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", e1="plane_waves", e2="none", reference="none")
    button(app, "start").click().run()
    started[0].add(10)
    run = started[0].firsts[0]
    run.latest = dataclasses.replace(run.latest, landmarks=np.zeros((3, 2), np.float32))
    app.run()
    assert dots(app) == [None] * 3
    control(app, "train.fixed.dots").set_value(True)
    app.run()
    truth, prediction, error = dots(app)
    assert truth is None
    assert prediction
    assert prediction == error
    assert "Dots: the 3 wave directions of Spherical plane waves." in text(app)


def test_an_encoder_that_is_slow_on_mixtures_is_named(started: list[HandmadeRace]) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select("vmf:U3").run()
    assert "GeoCLIP" not in text(app)
    app.selectbox(key="train.e1 name").select("geoclip_rff").run()
    assert not app.exception
    assert "memorises the training places" in text(app)
    app.selectbox(key="train.data").select("geoid").run()
    assert "memorises" not in text(app)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("geoid", "The data have no noise, so a perfect score (R² of 1) is possible."),
        ("vmf:U3", "The best possible score (accuracy) is 0.520: in the long run no model can do better."),
        ("languages", "The best possible score (accuracy) on these data is not known."),
    ],
)
def test_a_data_set_says_what_its_ceiling_is(started: list[HandmadeRace], name: str, sentence: str) -> None:
    assert sentence in text(opened("train", data=name))


def test_a_race_of_four_giants_cannot_be_started(started: list[HandmadeRace]) -> None:
    app = opened("train", **{f"e{i}": "tile:cell=0.5,features=4096" for i in range(1, 5)})
    (error,) = [e.value.replace("\\", "") for e in app.error]
    assert "parameters; the lab trains at most 5,000,000. Choose a larger cell or fewer features." in error
    assert "1,06" in error
    assert app.button(key="start").disabled
    assert not started


def test_seeds_beyond_the_memory_cannot_be_started(started: list[HandmadeRace]) -> None:
    large = {f"e{i}": "rff:features=512" for i in range(1, 5)}
    app = opened("train", **large, data="relief", points="200000", batch="8192", seeds="5")
    (error,) = [e.value.replace("\\", "") for e in app.error]
    assert "5 seeds of each of 4 contestants need about 7." in error
    assert app.button(key="start").disabled
    app.slider(key="train.seeds").set_value(2).run()
    assert not app.error
    assert not started


def test_a_published_method_is_trained_as_chosen(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    app.selectbox(key="train method").select("SH+SIREN").run()
    app.number_input(key="train.seed").set_value(3).run()
    button(app, "start").click().run()
    assert not app.exception
    assert [run.recipe for run in started[0].all_runs] == [presets.recipe("SH+SIREN", seed=3)]


def control(app: AppTest, key: str) -> Any:
    return next(
        c
        for kind in ("selectbox", "button_group", "number_input", "select_slider", "toggle")
        for c in app.get(kind)
        if c.key == key
    )


def test_several_seeds_are_shown_together(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    app.slider(key="train.seeds").set_value(3).run()
    button(app, "start").click().run()
    (race,) = started
    assert [len(runs) for runs in race.runs] == [3, 3]
    for step in (0, 50):
        for j, run in enumerate(race.all_runs):
            run.add(step, r2=0.1 * j)
    app.run()
    assert not app.exception
    assert "Means over 3 seeds" in text(app)
    assert "0.100" in table(app)  # of 0, 0.1, 0.2
    race.add(100, fine=True, test_r2=0.9, r2=0.8)
    race.end("finished")
    app.run()
    assert not app.exception
    assert "3 seeds" in text(app)


def test_pause_step_play_stop(started: list[HandmadeRace]) -> None:
    app = opened("train")
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.run()
    button(app, "pause").click().run()
    assert started[0].paused
    assert (button(app, "play").label, button(app, "start").label) == ("Resume", "Restart")
    button(app, "step").click().run()
    assert started[0].asked == ["one step"]
    button(app, "play").click().run()
    assert not started[0].paused
    button(app, "stop").click().run()
    assert started[0].finishing
    assert all(button(app, key).disabled for key in ("pause", "step", "stop"))
    started[0].stop()
    app.run()
    assert button(app, "stop").disabled
    assert button(app, "start").label == "Start"
    assert not app.exception


def test_a_stopped_race_keeps_its_result(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    started[0].add(40, r2=0.5)
    button(app, "stop").click().run()
    for run in started[0].firsts:
        run.add(40, fine=True, r2=0.5, test_r2=0.6)
    started[0].stop()
    app.run()
    assert not app.exception
    assert not app.error
    assert "The result" in text(app)
    assert "Stopped at step 40 of 2,500" in text(app)
    assert "R² by latitude" in text(app)


def test_earlier_races_are_listed_and_opened(started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("train", data="geoid")
    for step in (40, 100, 0):
        button(app, "start").click().run()
        started[-1].add(10, r2=0.1)
        if step:
            started[-1].add(step, fine=step == 100, r2=0.2, test_r2=0.3)
            started[-1].end("finished" if step == 100 else "stopped")
            app.run()
    lines = [part.value.replace("\\", "") for part in app.markdown if "grid, sphereM." in part.value]
    assert len(lines) == 2
    assert "Geoid height" in lines[0]
    assert "No difference in R² can be told" in lines[0]  # the verdict: the two have said the same
    assert lines[1].endswith("Stopped at step 40, without a result.")
    asked = []
    monkeypatch.setattr(session_race, "attach", asked.append)
    button(app, "open race1").click().run()
    assert asked == ["race1"]
    assert not app.exception


def test_the_settings_of_another_race_can_be_taken(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(data="vmf:U1,draw=4", encoder="xyz", points=500, steps=77, hidden=64, loss="cross_entropy")
    started.append(HandmadeRace([recipe], 2, False, 0))
    started[0].end("interrupted", "The server ended.")
    monkeypatch.setattr(session_race, "standing", lambda: "watched")
    app = opened("train")
    assert "here is its result" not in app.info[0].value
    button(app, "take settings").click().run()
    assert not app.exception
    assert not any(b.key == "take settings" for b in app.button)
    button(app, "start").click().run()
    assert [run.recipe for run in started[1].firsts] == [dataclasses.replace(recipe, data=started[1].recipe.data)]
    assert started[1].recipe.data == data.check_name(recipe.data)
    assert (len(started[1].runs[0]), started[1].lockstep) == (2, False)


def test_one_reason_is_told_once(started: list[HandmadeRace]) -> None:
    app = opened("train")
    button(app, "start").click().run()
    started[0].end("interrupted", "The server ended.")
    app.run()
    (told,) = [w.value for w in app.warning]
    assert told == "**grid, sphereM**: The server ended."


def marks(app: AppTest) -> int:
    """How many settings are marked as not in force yet."""
    return sum(caption.value == settings.LATER for caption in app.caption)


def test_a_device_can_be_chosen_where_a_worker_has_a_gpu(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    def devices(app: AppTest) -> list[Any]:
        groups = [*app.get("button_group"), *app.selectbox, *app.radio]
        return [widget for widget in groups if widget.label == "Device"]

    app = opened("train")
    assert not devices(app)
    assert devices(opened("train", device="cuda"))  # of a link, which could not be undone without
    monkeypatch.setattr(session_race, "has_gpu", lambda: True)
    (widget,) = devices(app.run())
    assert widget.options == ["auto", "CPU", "GPU"]
    assert next(w for w in app.selectbox if w.label == "Loss").options[0] == "auto"
    widget.set_value("cuda").run()
    button(app, "start").click().run()
    assert {run.recipe.device for run in started[-1].all_runs} == {"cuda"}


def test_settings_changed_in_mid_race_are_marked(started: list[HandmadeRace]) -> None:
    app = opened("train")
    app.number_input(key="train.seed").set_value(7).run()
    assert not marks(app)  # no race yet
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.run()
    assert not marks(app)
    app.number_input(key="train.seed").set_value(8).run()
    app.slider(key="train.seeds").set_value(2).run()
    app.selectbox(key="train.e1 name").select("xyz").run()
    assert marks(app) == 3
    assert "From the next start: Contestants, Seed, Runs of each." in text(app)
    app.number_input(key="train.seed").set_value(7).run()
    assert marks(app) == 2
    button(app, "start").click().run()
    assert not marks(app)
    assert "From the next start" not in text(app)
    app.number_input(key="train.seed").set_value(9).run()
    assert marks(app) == 1
    started[1].end("finished")
    app.run()
    assert not marks(app)


def trials_of(run: HandmadeRun, *scores: float) -> tuple[Trial, ...]:
    radii = (18.1, 9.03, 4.51)
    return tuple(
        Trial({**run.recipe.encoder_params, "min_radius": r}, s, 25, 0.5) for r, s in zip(radii, scores, strict=False)
    )


def test_trials_of_the_scale_are_asked_for_shown_and_told(started: list[HandmadeRace]) -> None:
    app = opened("train", data="relief", e1="grid", e2="xyz", trials="3")
    assert "First each encoder is trained 3 times" in text(app)
    assert "before the first maps and takes 0.75 times as many steps as the race itself" in text(app)
    assert "xyz has no scale to choose: it trains as it is." in text(app)
    button(app, "start").click().run()
    assert {run.recipe.trials for run in started[0].all_runs} == {3}
    run = started[0].firsts[0]
    run.trials, run.status = trials_of(run, 0.5), "running"
    run.recipe = in_force(run.asked, run.trials)
    run.tuning = Tuning(2, 3, 10, 25, 0.7, run.trials, run.recipe)
    started[0].firsts[1].add(1, r2=0.1)  # xyz waits for it at its first step
    app.run()
    assert not app.exception
    assert app.get("progress")[0].proto.text == "**Choosing the scales**: trial 2 of 3, step 10 of 25"
    assert "so far smallest radius 18.1 degrees (it was set to 1.79 degrees), the best of 1" in text(app)
    run.trials, run.tuning = trials_of(run, 0.5, 0.8, 0.7), None
    run.recipe = in_force(run.asked, run.trials)
    started[0].add(100, fine=True, r2=0.9)
    started[0].end("finished")
    app.run()
    assert not app.exception
    chosen = "smallest radius 9.03 degrees (it was set to 1.79 degrees), the best of 3"
    assert f"Scales chosen on validation places: **grid** {chosen}" in text(app).replace("Space2Vec ", "")
    assert "smallest radius 4.51 degrees: R² 0.700" in text(app)
    assert "From the next start" not in text(app)  # what was asked is on the page, whatever was chosen


def test_a_scale_left_to_the_data_is_a_switch_and_its_number_is_told(started: list[HandmadeRace]) -> None:
    app = opened("train", e1="grid:min_radius=auto", e2="xyz", data="relief", trials="0", points="2000")
    assert not app.exception
    assert app.query_params["e1"] == "grid:min_radius=auto"
    apart = "Training places lie 502 km apart."
    assert f"From the data: **grid** smallest radius 4.51 degrees. {apart}" in text(app).replace("Space2Vec ", "")
    (switch,) = [toggle for toggle in app.toggle if toggle.label == "Smallest radius from the data"]
    assert switch.value
    assert not any("Smallest radius" in slider.label for slider in app.select_slider)
    button(app, "start").click().run()
    (run, _, *_) = started[0].firsts
    assert run.asked.is_auto
    run.from_data = FromData(502.0, 0.25, 2000)
    run.recipe = dataclasses.replace(run.asked, encoder_params={**run.asked.encoder_params, "min_radius": 9.0})
    app.run()
    told = "and 25 % of the variance is noise or finer detail; to average over it the radius is 3.8 times that "
    told += "distance."
    assert "Scales from the data: **grid** smallest radius 9 degrees." in text(app).replace("Space2Vec ", "")
    assert told in text(app)
    assert "From the next start" not in text(app)
    (switch,) = [toggle for toggle in app.toggle if toggle.label == "Smallest radius from the data"]
    switch.set_value(False).run()
    assert app.query_params["e1"] == "grid"
    assert any("Smallest radius" in slider.label for slider in app.select_slider)
    assert "From the data: **" not in text(app)


@pytest.mark.parametrize("page", ["similarity", "distortion"])
def test_pages_without_data_take_a_number_and_say_so(page: str) -> None:
    app = opened(page, e1="grid:scales=4,min_radius=auto", e2="spherical_harmonics:degree=auto")
    assert not app.exception
    assert app.query_params["e1"] == "grid:scales=4"
    assert app.query_params["e2"] == "spherical_harmonics"
    told = "min_radius=auto follows from the data that are learned, and this page has none. Smallest radius is 5.73 "
    assert told + "degrees here." in text(app).replace("\\", "")
    assert not [toggle for toggle in app.toggle if "from the data" in toggle.label]


def test_encoders_without_a_scale_have_no_trials(started: list[HandmadeRace]) -> None:
    app = opened("train", e1="xyz", e2="wrap", trials="3")
    assert app.slider(key="train.no trials.trials").disabled
    assert "xyz and Wrap have no scale to choose: they train as they are." in text(app)


def test_encoders_have_trials_beside_a_reference_but_not_in_the_first_race(started: list[HandmadeRace]) -> None:
    app = opened("train", reference="best")
    assert app.slider(key="train.no trials.trials").value == 0
    assert "only then is the comparison fair" in text(app)
    app.selectbox(key="train.data").select("geoid").run()
    assert app.slider(key="train.trials.trials").value == trials.USUAL
    assert "First each encoder is trained 5 times, each for a quarter of the steps" in text(app)
    button(app, "start").click().run()
    assert {run.asked.trials for run in started[0].all_runs} == {trials.USUAL}
    app = opened("train", data="geoid")
    assert app.slider(key="train.no trials.trials").value == 0
    assert "comparison fair" not in text(app)


@pytest.mark.parametrize("standing", ["other tab", "watched"])
def test_who_watches_a_race_is_told_the_truth(
    standing: str, started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    started.append(HandmadeRace([Recipe()], 1, True, 0))
    started[0].add(10, r2=0.1)
    monkeypatch.setattr(session_race, "standing", lambda: standing)
    app = opened("train", data="geoid")
    (info,) = app.info
    assert "**Start** begins a race of your own" in info.value
    assert button(app, "start").label == "Start"
    assert ("can be paused and stopped here" in info.value) == (standing == "other tab")
    assert ("who alone can pause or stop it" in info.value) == (standing == "watched")
    assert all(button(app, key).disabled == (standing == "watched") for key in ("pause", "step", "stop"))
    assert ("sends no cookies" in info.value) == (standing == "watched")  # a page without a browser has none
    app.number_input(key="train.seed").set_value(9).run()
    assert not marks(app)  # the next start does not change that race
    started[0].end("stopped")
    app.run()
    assert "This race has ended; here is what had arrived of it. This server keeps some races." in app.info[0].value
    started[0].add(10, fine=True, r2=0.1, test_r2=0.1)
    started[0].end("finished")
    app.run()
    (info,) = app.info
    assert "This race has ended; here is its result. This server keeps some races." in info.value
    assert "stop" not in info.value


def test_who_watches_a_race_and_starts_one_sees_that(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, attached = HandmadeRace([Recipe()], 1, True, 99), [""]

    def attach(race: str) -> bool:
        attached[0] = race
        return race == theirs.id

    begin = session_race.start

    def start(*asked: Any) -> Any:
        attached[0] = ""
        return begin(*asked)

    monkeypatch.setattr(session_race, "attach", attach)
    monkeypatch.setattr(session_race, "start", start)
    monkeypatch.setattr(
        session_race, "current", lambda: theirs if attached[0] == theirs.id else started[-1] if started else None
    )
    app = opened("train", race=theirs.id)
    assert app.query_params["race"] == theirs.id
    button(app, "start").click().run()  # all of the page, as when news of their race come meanwhile
    assert app.query_params["race"] == started[0].id
    app.run()
    assert app.query_params["race"] == started[0].id


def test_a_second_start_replaces_the_first_and_keeps_its_curves(started: list[HandmadeRace]) -> None:
    app = opened("train")
    button(app, "start").click().run()
    for step in (0, 10):
        started[0].add(step, r2=0.1)
    button(app, "start").click().run()
    assert len(started) == 2
    assert not started[0].live
    started[1].add(10, r2=0.2)
    app.run()
    assert not app.exception
    forget = next(b for b in app.button if "earlier" in b.label)
    forget.click().run()
    assert not any("earlier" in b.label for b in app.button)


def test_race_and_settings_survive_a_visit_to_another_page(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    app.number_input(key="train.seed").set_value(7).run()
    button(app, "start").click().run()
    app.switch_page("pages/start.py").run()
    started[0].add(60, r2=0.6)
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert app.number_input(key="train.seed").value == 7
    assert "0.600" in table(app)


def test_a_failed_contestant_says_why_and_the_others_go_on(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    first, second = started[0].firsts
    first.add(3, r2=0.1)
    second.add(3, r2=0.2)
    first.status, first.message = "failed", "Training diverged; try a smaller learning rate."
    app.run()
    assert not app.exception
    assert "grid" in app.error[0].value
    assert "smaller learning rate" in app.error[0].value
    assert "0.100" in table(app)  # what had arrived is kept
    second.add(100, fine=True, r2=0.8, test_r2=0.9)
    second.status = "finished"
    app.run()
    assert not app.exception
    assert "sphereM reaches an R² of" in text(app)


def test_a_waiting_race_shows_its_position_in_the_queue(started: list[HandmadeRace]) -> None:
    app = opened("train")
    button(app, "start").click().run()
    started[0].firsts[0].queue_position = QueuePosition(3, 1.6)
    app.run()
    assert "there are 3: about 2 s" in text(app)


def test_a_race_that_waits_for_missing_workers_says_so(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("train")
    button(app, "start").click().run()
    assert not app.warning
    monkeypatch.setattr(session_race, "cluster_problem", lambda: "The cluster at tcp has no workers.")
    app.run()
    assert [warning.value for warning in app.warning] == ["The cluster at tcp has no workers."]
    assert "Waiting for a free worker" not in text(app)


def test_a_page_has_news_of_each_step_and_change_of_its_race(started: list[HandmadeRace]) -> None:
    race = HandmadeRace([Recipe(), Recipe(encoder="grid")], 1, True, 0)
    seen = [view._news(race)]
    race.add(0)
    seen.append(view._news(race))
    race.firsts[1].add(1)
    seen.append(view._news(race))
    race.paused = True
    seen.append(view._news(race))
    race.firsts[1].status = "finished"
    seen.append(view._news(race))
    assert all(later != earlier for earlier, later in itertools.pairwise(seen))
    assert view._news(race) == seen[-1]


def test_curves_and_polar_maps_are_drawn_less_often_while_many_races_are_live(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawings(races: int) -> float:
        monkeypatch.setattr(session_race, "live_races", lambda: races)
        return races / session_race.slower(view.CURVES_SECONDS)

    assert drawings(1) == 1 / view.CURVES_SECONDS
    assert drawings(session_race.MAX_FULL_RATE) == drawings(20) == drawings(90)


def test_a_page_whose_race_it_has_inherited_gets_its_buttons(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    class RunAgainError(Exception):
        pass

    def run_again() -> None:
        raise RunAgainError

    monkeypatch.setattr(st, "rerun", run_again)
    started.append(HandmadeRace([Recipe()], 1, True, 0))
    view._show_race((True, "own"), view.ViewOptions())
    with pytest.raises(RunAgainError):
        view._show_race((True, "other tab"), view.ViewOptions())


def test_a_full_queue_is_explained(started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise session_race.ServerFullError("The queue is full: 96 trainings are going on.")

    monkeypatch.setattr(session_race, "start", full)
    app = opened("train")
    button(app, "start").click().run()
    assert not app.exception
    assert "queue is full" in app.error[0].value
    assert not button(app, "start").disabled


def test_a_full_queue_leaves_the_shown_race_alone(started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise session_race.ServerFullError("The queue is full.")

    app = opened("train")
    button(app, "start").click().run()
    for step in (0, 10):
        started[0].add(step, r2=0.1)
    monkeypatch.setattr(session_race, "start", full)
    for _ in range(2):
        button(app, "start").click().run()
    assert not any("earlier" in b.label for b in app.button)


def test_another_data_set_than_the_race_has_is_introduced(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.selectbox(key="train.data").select("languages").run()
    assert not app.exception
    assert "This race is on **Geoid height**. Restart begins one on **Language families**" in app.info[0].value
    assert maps.load_dataset("languages").summary in text(app)
    assert maps.load_dataset("geoid").summary in text(app)
    app.selectbox(key="train.data").select("geoid").run()
    assert not app.info


FAR = r"(\d+) % of the Earth lies more than ([\d,]+) km from the nearest of the ([\d,]+) places"


def veil_of(app: AppTest) -> dict[str, Any] | None:
    """What the linked maps were sent of a veil."""
    sent: dict[str, Any] | None = json.loads(linked_maps(app)[0].proto.json)["veil"]
    return sent


def test_a_map_far_from_all_data_is_called_a_guess_and_veiled(started: list[HandmadeRace]) -> None:
    app = opened("train", data="languages")
    button(app, "start").click().run()
    started[0].add(10, accuracy=0.1)
    app.run()
    assert not app.exception
    said = re.search(FAR, text(app))
    assert said
    dataset = data.load("languages", data.entry("languages").points)
    km = float(f"{data.spacing(dataset.lonlat[dataset.train]):.2g}")
    assert said[2] == f"{km:,g}"
    far = data.distance_to_nearest(Grid.equirectangular(2).lonlat, dataset.lonlat[dataset.train]) > km
    share = (far * Grid.equirectangular(2).areas).sum() / Grid.equirectangular(2).areas.sum()
    assert int(said[1]) == pytest.approx(100 * share, abs=1.5)
    assert f"{len(dataset.train):,}" == said[3]
    assert f"99 % of these places have another one within {km:,g} km" in text(app)
    assert (veil_of(app) or {})["km"] == km
    assert "classes: point at a map to read one" in text(app)  # the legend would be larger than the map
    control(app, "train.places.veil slider").set_value("off").run()
    assert not app.exception
    assert veil_of(app) is None
    assert re.search(FAR, text(app))  # still said


def test_bands_of_too_few_places_have_no_bars() -> None:
    from s2v.evaluation import BandScore

    few, enough = (BandScore(85, 90, count, -9.0, (-20.0, 0.5)) for count in (29, 30))
    assert np.isnan(results._band("85 to 90 N", few).value)
    assert results._band("85 to 90 N", enough).value == -9.0


@pytest.mark.parametrize("page", ["similarity", "distortion", "train"])
def test_no_toolbar_covers_a_chart(page: str, started: list[HandmadeRace]) -> None:
    """Plotly draws one with the button that saves the picture, which the page hides and clicks by itself."""
    charts = opened(page).get("plotly_chart")
    assert charts
    assert all(json.loads(chart.proto.config)["modeBarButtons"] == [["toImage"]] for chart in charts)
    assert re.search(r"\.modebar[^{]*\{[^}]*(display|visibility|opacity): *(none|hidden|0)", shell._STYLE)


def test_the_best_possible_score_is_one_in_the_long_run_and_luck_is_said(started: list[HandmadeRace]) -> None:
    """A race whose score is above the ceiling is nothing impossible."""
    app = opened("train", data="vmf:S2.3")
    button(app, "start").click().run()
    started[0].add(100, fine=True, accuracy=0.5, test_accuracy=0.539)
    started[0].end("finished")
    app.run()
    dataset = maps.load_dataset("vmf:S2.3")
    luck = 1.645 * np.sqrt(dataset.bayes * (1 - dataset.bayes) / len(dataset.test))
    assert f"In the long run {dataset.bayes:.3f} is the best possible; on 5,000 places luck moves" in text(app)
    assert f"by about ±{luck:.3f} (90 %)" in text(app)
    assert "Nothing can do better" not in text(app)
    assert "- **Against the best possible**: In the long run 0.5" in text(app)
    assert re.search(r"[\d,]+ of them lie above 70° N and [\d,]+ below 70° S", text(app))


@pytest.mark.parametrize("quantity", ["prediction", "error"])
def test_any_maps_can_be_veiled(started: list[HandmadeRace], quantity: str) -> None:
    app = opened("train", data="geoid", points="500", show=quantity)
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.run()
    assert veil_of(app) is None
    assert not re.search(FAR, text(app))
    control(app, "train.everywhere.veil slider").set_value("2000").run()
    assert not app.exception
    assert not app.error
    assert (veil_of(app) or {})["km"] == 2000
    assert app.query_params["veil"] == "2000"
    assert "of the Earth lies more than 2,000 km from the nearest of the 500 places" in text(app)
    dataset = data.load("geoid", 500)
    far = data.distance_field(dataset.lonlat[dataset.train])
    begun = 100 * far.grid.areas[far.values > 1000].sum()
    assert f"It begins at 1,000 km, so that it covers {'less than 1' if begun < 0.5 else f'{begun:.0f}'} %" in text(app)
    started[0].add(100, fine=True, r2=0.2)
    started[0].end("finished")
    app.run()
    assert not app.exception
    assert (veil_of(app) or {})["km"] == 2000


def test_a_link_holds_the_veil(started: list[HandmadeRace]) -> None:
    app = opened("train", data="relief", veil="usual")
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.run()
    assert (veil_of(app) or {})["km"] > 0
    assert app.query_params["veil"] == "usual"
    app = opened("train", data="relief", veil="-3")
    assert "veil='-3' is not one of off, usual, or a number of kilometres from 1 to 20,015, such as 500" in text(app)


def test_a_link_holds_any_distance_of_the_veil(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", points="500", veil="731.5")
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    app.run()
    assert not app.warning
    assert (veil_of(app) or {})["km"] == 731.5
    assert app.query_params["veil"] == "731.5"
    assert "731.5 km" in control(app, "train.everywhere.veil slider").options


@pytest.mark.parametrize("usual", [1.0, 37.0, 520.0, 20000.0])
@pytest.mark.parametrize("chosen", ["off", "usual", "1", "37", "20015"])
def test_the_slider_of_the_veil_is_around_the_spacing_of_the_data(usual: float, chosen: str) -> None:
    stops, texts = veil._stops(usual, chosen)
    assert chosen in stops
    assert len(set(stops)) == len(stops) == len(texts) <= 25
    assert (stops[-1], texts[-1]) == ("off", "Off")  # farther than the farthest, nothing is veiled
    assert sum("(usual)" in text for text in texts) == 1
    km = [usual if stop == "usual" else float(stop) for stop in stops[:-1]]
    assert km == sorted(km)
    offered = [k for k, stop in zip(km, stops[:-1], strict=True) if stop not in (chosen, "usual")]
    assert all(max(1, usual / 10) <= k <= min(20016, usual * 10) for k in offered)
    assert [veil._checked(stop) for stop in stops] == stops


def test_the_veil_follows_the_training_places(started: list[HandmadeRace]) -> None:
    recipe = Recipe(data="geoid", points=500)
    random, blocked = (
        veil.veil_of(dataclasses.replace(recipe, split=split), "1000")  # type: ignore[arg-type]
        for split in ("random", "blocked")
    )
    assert random
    assert blocked
    for drawn, split in ((random, "random"), (blocked, "blocked")):
        dataset = data.load("geoid", 500, 0, split)  # type: ignore[arg-type]
        assert drawn.distance.sample(dataset.lonlat[dataset.train]).max() < 50  # kilometres: the grid's cells
    assert (blocked.distance.values > 1000).mean() > (random.distance.values > 1000).mean()  # whole blocks are far
    assert veil.veil_of(recipe, "off") is None
    assert veil.veil_of(recipe, "1000") is veil.veil_of(dataclasses.replace(recipe, encoder="grid"), "1000")


def test_a_single_class_is_shown_by_its_probability(started: list[HandmadeRace]) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select("cities:presence").run()
    button(app, "start").click().run()
    started[0].add(10, auc=0.6)
    app.run()
    assert not app.exception
    assert not app.error
    assert control(app, "train.single.show").value == "probability"


def test_data_that_cannot_be_split_into_blocks_are_explained(started: list[HandmadeRace]) -> None:
    app = opened("train", split="blocked", data="vmf:U1", classes="1", concentration="100000")
    button(app, "start").click().run()
    started[0].end("failed", "Use split='random'.")
    app.run()
    assert not app.exception
    assert "classes=1" in started[0].recipe.data
    assert any("Use split='random'" in error.value.replace("\\", "") for error in app.error)


def test_the_distance_of_held_out_places_is_chosen_and_linked(started: list[HandmadeRace]) -> None:
    app = opened("train", split="buffer:300")
    control(app, "train.split buffer").set_value(750).run()
    assert not app.exception
    assert app.query_params["split"] == "buffer:750"
    control(app, "train.split kind").select("blocks").run()
    assert app.query_params["split"] == "blocks:750"
    button(app, "start").click().run()
    assert started[0].recipe.split == "blocks:750"
    control(app, "train.split kind").select("latitude").run()
    assert "Held-out places" in text(app)  # marked: from the next start
    assert app.query_params["split"] == "latitude:70"
    control(app, "train.split kind").select("random").run()
    assert app.query_params["split"] == "random"


def finish(race: HandmadeRace, status: str = "finished", message: str = "") -> None:
    race.add(100, fine=True, r2=0.9, test_r2=0.9)
    race.end(status, message)


def test_the_ladder_is_climbed_rung_by_rung(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", points="1000")
    button(app, "climb").click().run()
    assert [race.recipe.split for race in started] == ["random"]
    assert "Rung 1 of 14" in text(app)
    app.run()  # the rung has not ended
    assert len(started) == 1
    finish(started[0])
    app.run()
    assert not app.exception
    assert [race.recipe.split for race in started] == ["random", "buffer:50"]
    assert "The ladder: Geoid height" in text(app)
    assert "no difference can be told between" in text(app)  # both predict the same here
    started[1].runs[0][0].status, started[1].runs[0][0].message = "failed", "It diverged."
    started[1].runs[1][0].add(100, fine=True, r2=0.9, test_r2=0.9)
    started[1].runs[1][0].status = "finished"
    app.run()
    assert started[2].recipe.split == "buffer:200"
    assert "reaches" in text(app)  # the other has a result
    button(app, "stop climbing").click().run()
    assert started[2].finishing
    started[2].end("stopped")
    app.run()
    assert not app.exception
    assert "The climb was stopped." in text(app)
    assert len(started) == 3
    button(app, "climb")  # it can be climbed again


def test_a_rung_that_cannot_be_split_says_so_and_the_next_one_begins(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", points="20")
    button(app, "climb").click().run()
    for _ in range(7):
        finish(started[-1])
        app.run()
    assert [race.recipe.split for race in started][:8] == [
        *("random", "buffer:50", "buffer:200", "buffer:500", "buffer:1000", "buffer:2000"),
        *("latitude:70", "control:50"),
    ]
    assert re.search(r"leaves \d of 20 training places, 4,000 for validation", text(app))
    assert not app.exception


def test_a_full_server_makes_the_climb_wait(started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch) -> None:
    begin, full = session_race.start, [True]

    def start_if_free(*args: Any) -> Any:
        if full:
            raise session_race.ServerFullError("The queue is full.")
        return begin(*args)

    monkeypatch.setattr(session_race, "start", start_if_free)
    app = opened("train", data="geoid", points="1000")
    button(app, "climb").click().run()
    assert not started
    assert "The queue is full. The next rung begins when there is room." in text(app)
    full.clear()
    app.run()
    assert len(started) == 1


def test_a_race_that_is_started_while_the_climb_waits_ends_it(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, full = session_race.start, [True]

    def start_if_free(*args: Any) -> Any:
        if full:
            raise session_race.ServerFullError("The queue is full.")
        return begin(*args)

    monkeypatch.setattr(session_race, "start", start_if_free)
    app = opened("train", data="geoid", points="1000")
    button(app, "climb").click().run()
    full.clear()
    button(app, "start").click().run()
    assert [race.recipe.split for race in started] == ["random"]  # the reader's own, not a rung
    assert "Another race was started, so the climb has ended." in [note.value for note in app.info]


def test_the_ladder_knows_twins_whose_scales_the_trials_have_changed(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", points="1000", e1="sphereM", e2="sphereM:frequencies=odd", trials="2")
    button(app, "climb").click().run()
    for run, radius in zip(started[0].firsts, (0.1, 0.2), strict=True):
        params = {**run.recipe.encoder_params, "min_radius": radius}
        run.recipe = dataclasses.replace(run.recipe, encoder_params=params)
    finish(started[0])
    app.run()
    assert not app.exception
    (table,) = [frame.value for frame in app.dataframe if "Held-out places" in frame.value]
    assert all(re.match(r"0\.\d", score) or score.startswith("1.") for score in table.iloc[0, 3:])


def test_a_result_says_how_far_the_test_places_lie(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", points="1000", split="buffer:500")
    button(app, "start").click().run()
    finish(started[0])
    app.run()
    assert not app.exception
    dataset = data.load("geoid", 1000, 0, "buffer:500")
    median = f"{np.median(dataset.test_distances_km):,.0f} km in the median"
    assert f"Test places held out at least 500 km from the training places: to the nearest training place {median}" in (
        text(app)
    )
    assert "Orange: test places, held out at least 500 km" in text(app)
    assert "Held out: places at least 500 km" in text(app)


def test_links_with_the_split_from_before_still_read(started: list[HandmadeRace]) -> None:
    app = opened("train", split="blocked")
    assert (control(app, "train.split kind").value, control(app, "train.split blocks").value) == ("blocks", 1800)
    assert app.query_params["split"] == "blocked"
    app = opened("train", split="buffer:20")
    assert "outside its range" in text(app)


def test_the_link_of_a_forgotten_race_offers_to_run_it_again(started: list[HandmadeRace]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run().switch_page("pages/train.py")
    app.query_params["race"] = "0123456789abcdef"
    app.query_params["seed"] = "5"
    app.run()
    assert not app.exception
    assert "not kept any more" in text(app)
    button(app, "start").click().run()
    assert started[0].recipe.seed == 5


def test_forbidden_values_in_the_address_become_the_defaults(started: list[HandmadeRace]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run().switch_page("pages/train.py")
    app.query_params["e1"] = "sphereQ"
    app.query_params["e2"] = "run:12345678"
    app.query_params["steps"] = "0"
    app.run()
    assert not app.exception
    assert len(app.warning) == 3
    button(app, "start").click().run()
    assert [run.recipe.contestant.name for run in started[0].firsts] == ["grid", "sphereM", "knn"]
    assert started[0].recipe.steps == Recipe().steps


def test_synthetic_data_can_be_drawn_anew(started: list[HandmadeRace]) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select("vmf:U1").run()
    app.number_input(key="train.vmf:U1.draw").set_value(4).run()
    button(app, "start").click().run()
    assert started[0].recipe.data == "vmf:U1,draw=4"


def test_damaged_data_leave_the_page_usable(started: list[HandmadeRace], own_assets: Path) -> None:
    geoid = next((own_assets / "data").glob("geoid*"))
    geoid.write_bytes(geoid.read_bytes()[:1000])
    app = opened("train", data="geoid")
    assert not app.exception
    assert geoid.name in text(app)
    app.selectbox(key="train.data").select("land_cover").run()
    assert not app.error
    assert len(linked_maps(app)) == 1


def test_an_engine_that_cannot_start_is_explained(
    started: list[HandmadeRace], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no processes left")

    monkeypatch.setattr(session_race, "start", broken)
    app = opened("train")
    button(app, "start").click().run()
    assert not app.exception
    assert "The race" in app.error[0].value
    assert "log" in app.error[0].value
    assert "no processes left" in caplog.text  # the details
