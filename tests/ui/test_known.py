"""The list of measured races: its texts come from the file, its links open the races, and a race gives its numbers."""

from __future__ import annotations

import dataclasses
import re

import pytest

from s2v.bench import races as suite
from s2v.data import title_of
from s2v.models.measured_races import ROUND, TRIED, measured_races
from s2v.ui.race import known, tears
from tests.ui.test_pages import button, opened, started

__all__ = ["started"]


def test_the_list_says_what_the_file_says() -> None:
    races = measured_races()
    assert {"win", "tie", "loss"} == {race.outcome for race in races}
    for race in races:
        said = known.sentence(race)
        assert f"{title_of(race.data)}, {race.places:,} places" in said
        assert known.training(race).startswith(f"{race.steps:,} steps, {race.trials or 'scales'}")
        told = re.search(
            r"of \S+; (−?[0-9.]+) \((−?[0-9.]+) to (−?[0-9.]+); over seeds (−?[0-9.]+) to (−?[0-9.]+)\)", said
        )
        assert told, said
        numbers = [float(text.replace("−", "-")) for text in told.groups()]
        file = race.difference, race.low, race.high, race.seeds_low, race.seeds_high
        assert numbers == pytest.approx(file, abs=6e-4)
        both = (race.low, race.seeds_low), (race.high, race.seeds_high)
        expected = "win" if min(both[0]) > 0 else "loss" if max(both[1]) < 0 else "tie"
        assert race.outcome == expected
        assert race.difference == pytest.approx(race.score - race.other, abs=1e-9)


def test_what_no_loss_was_found_to_is_said_with_what_was_tried() -> None:
    races = measured_races()
    assert "No loss to a flat encoder" in known.about(races)
    assert TRIED in known.about(races)
    loss = next(race for race in races if race.outcome == "loss")
    assert "No loss" not in known.about((*races, dataclasses.replace(loss, against="grid")))


def test_a_line_opens_its_race_ready_to_start(started: list) -> None:
    race = next(race for race in measured_races() if race.data == "vmf:U1")
    app = opened("train", **known.address(race))
    button(app, "start").click().run()
    assert not app.exception
    (begun,) = started
    recipes = [run.recipe for run in begun.firsts]
    assert [recipe.encoder for recipe in recipes] == [race.against, ROUND]
    assert {(r.data, r.points, r.steps, r.trials) for r in recipes} == {
        (race.data, race.places, race.steps, race.trials)
    }
    assert len(begun.runs[0]) == 3
    for recipe in recipes:  # the suite trained the same
        own = suite.recipe(recipe.encoder, points=race.places, steps=race.steps, trials=race.trials)
        assert recipe.encoder_params == own.encoder_params


def test_contestants_that_are_torn_where_data_lie_are_named_and_repaired(started: list) -> None:
    app = opened("train", data="geoid", points="300", e1="sphereM:scales=4", e2="grid", e3="plane_waves", e4="none")
    said = next(c.value for c in app.caption if "torn at" in c.value)
    assert said.startswith("**sphereM** and **grid** are torn at the dateline and the poles: one place")
    assert "training places lie within 500 km." in said
    mend = next(b for b in app.button if b.label == "sphereM: odd frequencies")
    mend.click().run()
    assert not app.exception
    assert app.query_params["e1"] in ("sphereM:frequencies=odd,scales=4", ["sphereM:frequencies=odd,scales=4"])
    said = next(c.value for c in app.caption if "torn at" in c.value)
    assert said.startswith("**grid** is torn at")
    assert not [b for b in app.button if "odd frequencies" in b.label]


def test_no_note_on_tears_where_no_data_lie(started: list, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tears, "_near", lambda *_: 0)
    app = opened("train", data="geoid", e1="sphereM", e2="grid")
    assert not any("torn at" in c.value for c in app.caption)


def test_a_cheap_race_comes_out_as_in_the_file() -> None:
    race = next(race for race in measured_races() if race.data == "vmf:U2")
    judged = suite.race(race.data, race.places, race.steps, race.trials, race.against, 3)
    found = suite.measured(race.data, race.places, race.steps, race.trials, race.against, race.part, judged)
    assert found.outcome == race.outcome
    # Sums may be taken in another order on another processor, and 200 steps make more of it.
    assert (found.score, found.other, found.difference) == pytest.approx(
        (race.score, race.other, race.difference), abs=0.02
    )


def test_the_list_is_on_train_and_named_on_start(started: list) -> None:
    assert known.TITLE in [expander.label for expander in opened("train").expander]
    links = [link.proto.label for link in opened("start").get("page_link")]
    assert known.TITLE in links
