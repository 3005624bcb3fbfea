"""The pages without a browser: what they say and offer, also when things go wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import assets, start
from s2v.engine import FINE, LIVE, Frame
from s2v.figures import coastlines
from s2v.recipe import Recipe
from s2v.ui import run_view, runs

ROOT = Path(__file__).parent.parent.parent
WAIT = 60  # seconds for one run of a page on a busy machine


class HandmadeRun:
    """A run whose news the test writes: what an engine's ``Run`` shows, without an engine."""

    def __init__(self, recipe: Recipe) -> None:
        self.id, self.recipe = f"run {id(self)}", recipe
        self.status, self.message = "waiting", ""
        self.history: list[Frame] = []
        self.latest: Frame | None = None

    @property
    def live(self) -> bool:
        return self.status in ("waiting", "running")

    def stop(self) -> None:
        self.status = "stopped"

    def wait(self, until: Callable[[Any], bool], timeout: float) -> bool:
        return until(self)

    def add(self, step: int, steps: int = 100, fine: bool = False, **metrics: float) -> None:
        dataset = run_view.known(self.recipe.data)
        maps = {}
        for name, grid in (FINE if fine else LIVE).items():
            truth = np.asarray(dataset.truth(grid).values)
            maps[name] = (
                np.nan_to_num(truth).astype(np.uint8) if dataset.classes else (truth * step / steps).astype(np.float32)
            )
        frame = Frame(step, steps, 0.01 * step, 1 / (1 + step), metrics, maps, fine)
        self.history.append(frame.without_maps())
        self.latest, self.status = frame, "running"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[HandmadeRun]:
    """The runs that the page has started; no engine is made."""
    made: list[HandmadeRun] = []

    def begin(recipe: Recipe) -> HandmadeRun:
        for run in made:
            run.stop()
        made.append(HandmadeRun(recipe))
        return made[-1]

    monkeypatch.setattr(runs, "warm", lambda: None)
    monkeypatch.setattr(runs, "start", begin)
    monkeypatch.setattr(runs, "current", lambda: made[-1] if made else None)
    return made


@pytest.fixture
def own_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of ``assets/`` that a test may damage."""
    folder = tmp_path / "assets"
    shutil.copytree(assets.ASSETS, folder)
    monkeypatch.setattr(assets, "ASSETS", folder)
    caches = (start.load, run_view.known, run_view.truth, coastlines.coastlines)
    for cache in caches:
        cache.cache_clear()
    yield folder
    for cache in caches:
        cache.cache_clear()


def opened(page: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(f"pages/{page}.py").run() if page else app


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.title, *app.subheader, *app.caption, *app.warning, *app.error]
    return "\n".join(part.value for part in parts).replace("\\", "")


def linked_maps(app: AppTest) -> list[Any]:
    return list(app.get("bidi_component"))


def button(app: AppTest, key: str) -> Any:
    return next(button for button in app.button if button.key == key)


def test_start_makes_its_point_without_a_click(started: list[HandmadeRun]) -> None:
    app = opened()
    assert not app.exception
    assert len(linked_maps(app)) == 1
    assert "4.9 times" in text(app)
    assert "1.2 times" in text(app)
    assert "Longyearbyen" in text(app)


def test_a_damaged_file_gets_a_sentence_and_the_page_goes_on(started: list[HandmadeRun], own_assets: Path) -> None:
    (own_assets / "start" / "similarity.npz").write_bytes(b"no archive")
    app = opened()
    assert not app.exception
    assert "similarity.npz is damaged" in text(app)
    assert "git checkout" in text(app)
    assert "Train" in text(app)


def test_train_shows_the_truth_first(started: list[HandmadeRun]) -> None:
    app = opened("train")
    assert not app.exception
    assert len(linked_maps(app)) == 1
    assert "Geoid height" in text(app)
    assert button(app, "stop").disabled
    assert not button(app, "start").disabled


@pytest.mark.parametrize("name", ["geoid", "relief", "land_cover", "languages", "vmf:U1"])
def test_a_run_is_followed_to_its_end(started: list[HandmadeRun], name: str) -> None:
    app = opened("train")
    app.selectbox(key="train.data").select(name).run()
    button(app, "start").click().run()
    (run,) = started
    assert run.recipe.data == name
    score = "r2" if run_view.known(name).task == "regression" else "accuracy"
    assert not button(app, "stop").disabled
    run.add(50, **{score: 0.5, f"{score}_north": float("nan"), f"{score}_south": -0.25})
    app.run()
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    word = run_view.WORDS[score]
    assert shown[f"{word}, whole sphere"] == ("0.500" if score == "r2" else "50.0 %")
    assert shown[f"{word}, above 70° N"] == "–"
    run.add(100, fine=True, **{f"test_{score}": 0.9, score: 0.8})
    run.status = "finished"
    app.run()
    assert not app.exception
    assert not app.error
    assert {metric.label: metric.value for metric in app.metric}[f"{word}, whole sphere"] in ("0.900", "90.0 %")
    assert f"{word} by latitude" in text(app)
    assert len(linked_maps(app)) == 1
    assert len(app.get("deck_gl_json_chart")) == 1  # the training places
    assert button(app, "stop").disabled
    assert len(app.get("download_button")) == 3


def test_stop_stops_and_a_second_start_replaces_the_first(started: list[HandmadeRun]) -> None:
    app = opened("train")
    button(app, "start").click().run()
    started[0].add(10, r2=0.1)
    button(app, "stop").click().run()
    assert started[0].status == "stopped"
    assert button(app, "stop").disabled
    button(app, "start").click().run()
    assert len(started) == 2
    assert not app.exception


def test_leaving_and_coming_back_finds_the_run_and_the_settings(started: list[HandmadeRun]) -> None:
    app = opened("train")
    app.number_input(key="train.seed").set_value(7).run()
    button(app, "start").click().run()
    app.switch_page("pages/start.py").run()
    started[0].add(60, r2=0.6)
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert app.number_input(key="train.seed").value == 7
    assert "0.600" in [metric.value for metric in app.metric]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("failed", "The loss is no longer a number at step 3; try a smaller learning rate."),
        ("interrupted", "The worker process that trained this run ended before the run did."),
    ],
)
def test_a_run_that_ends_badly_says_why(started: list[HandmadeRun], status: str, message: str) -> None:
    app = opened("train")
    button(app, "start").click().run()
    started[0].add(3, r2=0.1)
    started[0].status, started[0].message = status, message
    app.run()
    assert not app.exception
    assert message in text(app)
    assert not button(app, "start").disabled
    assert "0.100" in [metric.value for metric in app.metric]  # what had arrived is kept


def test_values_of_the_address_that_are_not_allowed(started: list[HandmadeRun]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run().switch_page("pages/train.py")
    app.query_params["encoder"] = "sphereQ"
    app.query_params["steps"] = "0"
    app.run()
    assert not app.exception
    assert len(app.warning) == 2
    button(app, "start").click().run()
    assert started[0].recipe.encoder == "sphereM"
    assert started[0].recipe.steps == 2500


def test_values_that_do_not_go_together(started: list[HandmadeRun]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run().switch_page("pages/train.py")
    app.query_params["min_radius"] = "2"
    app.query_params["max_radius"] = "1"
    app.run()
    assert not app.exception
    assert "must be below max_radius" in text(app)
    assert button(app, "start").disabled


def test_damaged_data_leave_the_page_usable(started: list[HandmadeRun], own_assets: Path) -> None:
    geoid = next((own_assets / "data").glob("geoid*"))
    geoid.write_bytes(geoid.read_bytes()[:1000])
    app = opened("train")
    assert not app.exception
    assert geoid.name in text(app)
    app.selectbox(key="train.data").select("land_cover").run()
    assert not app.error
    assert len(linked_maps(app)) == 1


def test_an_engine_that_cannot_start_is_explained(
    started: list[HandmadeRun], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(recipe: Recipe) -> None:
        raise OSError("no processes left")

    monkeypatch.setattr(runs, "start", broken)
    app = opened("train")
    button(app, "start").click().run()
    assert not app.exception
    assert "The run" in app.error[0].value
    assert "log" in app.error[0].value
    assert "no processes left" in caplog.text  # the details
