"""Reference predictors on the Train page: chosen, left out, shown beside the encoders, and named by the verdict."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from s2v.engine import STDERR_GRIDS
from s2v.ui.race import curves
from tests.ui.test_pages import HandmadeRace, button, linked_maps, opened, started, text

__all__ = ["started"]


def answer(run: Any, share: float = 1.0, **more: Any) -> None:
    """What a predictor sends: a last frame without steps."""
    run.add(100, fine=True, r2=0.99, test_r2=0.98)
    stderr = {name: np.full(grid.shape, 2.5, np.float32) for name, grid in STDERR_GRIDS.items()}
    numbers = {"step": 0, "steps": 0, "loss": float("nan"), "seconds": 1.4}
    chosen = {"k": 32, "range": 1200.0}
    covered = {"test_within_stderr": 0.85, "test_within_90": 0.93}
    latest = dataclasses.replace(
        run.latest,
        **numbers,
        metrics={**run.latest.metrics, **covered},
        stderr=stderr,
        tried=37,
        weights=b"model",
        chosen=chosen,
        test=run.latest.test * share,
    )
    run.latest, run.history[-1] = latest, latest.without_maps()
    run.status = "finished"


def names(race: HandmadeRace) -> list[str]:
    return [run.recipe.contestant.name for run in race.firsts]


def test_the_best_predictor_runs_beside_the_encoders_unless_switched_off(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", reference="best")
    button(app, "start").click().run()
    assert names(started[0]) == ["grid", "sphereM", "kriging"]
    app.selectbox(key="train.reference").set_value("none").run()
    assert "From the next start: Contestants" in text(app)
    button(app, "start").click().run()
    assert names(started[1]) == ["grid", "sphereM"]


def test_a_predictor_is_chosen_like_an_encoder(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", e2="idw", reference="best")
    button(app, "start").click().run()
    assert names(started[0]) == ["grid", "idw", "kriging"]
    assert app.query_params["e2"] in ("idw", ["idw"])


def test_a_predictor_that_cannot_serve_the_data_is_left_out_with_a_sentence(started: list[HandmadeRace]) -> None:
    app = opened("train", data="land_ocean", e3="idw", reference="kriging")
    assert (
        "Inverse distance serves a regression, and these data are a classification: the race goes on without"
        in text(app)
    )
    assert "Kriging serves a regression, and these data are a classification: the best reference for them" in text(app)
    button(app, "start").click().run()
    assert names(started[0]) == ["grid", "sphereM", "knn"]


def test_the_other_pages_offer_no_predictor(started: list[HandmadeRace]) -> None:
    app = opened("similarity", e1="kriging", e2="xyz")
    assert "'kriging' is a reference predictor, which has no code to show; choose an encoder." in text(app)


def test_a_race_shows_its_predictor_and_the_verdict_names_it(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", reference="best", trials="0")
    button(app, "start").click().run()
    race = started[0]
    for run in race.firsts[:2]:
        run.add(50, r2=0.5)
    app.run()
    assert "Kriging needs no training: it answers once the others have their first maps." in text(app).replace("*", "")
    answer(race.firsts[2], 1.1)  # the handmade encoders are a tenth off: 0.9 of the truth; this is a hundredth off
    app.run()
    assert len(linked_maps(app)) == 1
    assert "chosen on validation places: 37 settings in 1.4 s (neighbours 32, range 1,200 km)." in text(app)
    (level,) = [
        t for t in curves.tracks(race, ["grid", "sphereM", "Kriging"], lambda f: f.metrics["r2"], "step") if t.level
    ]  # type: ignore[arg-type]
    assert (list(level.x), list(level.y)) == ([0.0, 2500.0], [0.99, 0.99])
    for run in race.firsts[:2]:
        run.add(100, fine=True, r2=0.9, test_r2=0.9)
        run.status = "finished"
    app.run()
    assert not app.exception
    words = text(app)
    assert "No encoder beats Kriging, the reference predictor: with an R² of " in words
    assert "Kriging chose among 37 settings on the validation places; the encoders' scales were taken as set" in words
    assert "Kriging (safetensors)" in [element.proto.label for element in app.get("download_button")]
    app.segmented_control(key="train.regression.show").set_value("stderr").run()
    assert "No map of grid, sphereM: a network, or a mean of neighbours, does not know its error." in text(app)
    assert "Measured of Kriging: 85.0 % (84.3 to 85.6) of the 8,000 test places lie within one standard error" in text(
        app
    )
    assert "93.0 % (92.5 to 93.5) within its 90 % interval" in text(app)
    button(app, "repeat with trials").click().run()
    assert not app.exception
    assert {run.recipe.trials for run in started[1].all_runs} == {5}
    assert names(started[1]) == names(race)
    assert "From the next start" not in text(app)  # the page is set as the race is


def test_a_race_without_a_reference_says_so(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid")
    button(app, "start").click().run()
    started[0].add(100, fine=True, r2=0.9, test_r2=0.9)
    started[0].end("finished")
    app.run()
    assert "No reference predictor was run" in text(app)


def test_a_predictor_that_fails_says_why_and_the_others_have_a_result(started: list[HandmadeRace]) -> None:
    app: AppTest = opened("train", data="geoid", reference="best")
    button(app, "start").click().run()
    race = started[0]
    for run in race.firsts[:2]:
        run.add(100, fine=True, r2=0.9, test_r2=0.9)
        run.status = "finished"
    race.firsts[2].status, race.firsts[2].message = "failed", "There are no training places."
    app.run()
    assert not app.exception
    assert "There are no training places." in text(app)
    assert "Kriging had no result, so the encoders are not held against a reference predictor." in text(app)
