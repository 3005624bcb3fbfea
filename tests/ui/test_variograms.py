"""The variograms of Similarity: what they say of codes and data, and the race that a scale is suggested for."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from s2v import data
from s2v.data import OwnData, held
from s2v.encoders import EncoderConfig
from s2v.ui import glossary, session_race
from s2v.ui.contestants import parse
from s2v.ui.race.settings import RACE_MENU
from tests.ui.test_comparison_pages import no_engine, opened, words  # noqa: F401 - a fixture


def links(app: AppTest) -> dict[str, dict[str, str]]:
    """The races that the page links to, by their labels."""
    found = [element.proto for element in app.get("page_link") if element.proto.label.startswith("Race ")]
    return {link.label: dict(parse_qsl(link.query_string)) for link in found}


def test_variograms_are_computed_once_they_are_wanted() -> None:
    app = opened("similarity", e1="xyz", e2="none")
    assert "Is the code as fine as the data?" in words(app)
    assert "the half-sill distance" not in words(app)
    app.toggle(key="similarity.variogram").set_value(True).run()
    assert "**Relief (bedrock)**: at **1,650 km** values differ by half as much as anywhere" in words(app)
    assert "**xyz**: the half-sill distance of its code is 6,670 km, 4.0 times coarser than the data." in words(app)
    assert "It has no scale to choose." in words(app)
    assert not links(app)
    for term in ("variogram", "sill", "half-sill distance"):
        assert glossary.sentence(term) in words(app)


def test_a_suggested_scale_is_raced_against_that_of_train() -> None:
    app = opened("similarity", e1="sphereM:frequencies=odd", e2="grid", variogram="true", data="geoid", places="2000")
    assert not app.error
    found = links(app)
    assert len(found) == 2
    assert all("against smallest radius 1.79 degrees on Train" in label for label in found)
    for race, name in zip(found.values(), ("sphereM", "grid"), strict=True):
        suggested, usual = parse(race["e1"], RACE_MENU), parse(race["e2"], RACE_MENU)
        assert isinstance(suggested, EncoderConfig)
        assert isinstance(usual, EncoderConfig)
        different = {key for key, value in suggested.params if dict(usual.params)[key] != value}
        assert suggested.name == usual.name == name
        # Whole frequencies are distinct, so that fewer of them fit.
        assert different in ({"min_radius"}, {"min_radius", "scales"})
        assert (race["e3"], race["data"], race["points"], race["trials"]) == ("none", "geoid", "2000", "0")
    assert dict(parse(next(iter(found.values()))["e1"], RACE_MENU).params)["frequencies"] == "odd"  # type: ignore[union-attr]
    race = next(iter(found.values()))
    train = opened("train", **race)
    assert not train.exception
    assert not train.warning


def test_classes_are_said_to_be_indicators() -> None:
    app = opened("similarity", e1="sphereM", e2="none", variogram="true", data="checkerboard", places="500")
    assert "the variogram of their indicator variables" in words(app)
    assert "no finer, because the places lie too far apart to show finer detail" in words(app)


def test_curves_by_bearing_at_a_latitude() -> None:
    app = opened("similarity", e1="grid", e2="none", variogram="true", around="80")
    assert "Solid: north-south. Dashed: east-west." in words(app)


def test_own_data_of_the_session_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    relief = data.load("relief", points=400)
    own = held.hold(OwnData.of(data.own(relief.lonlat[relief.train], relief.target[relief.train], title="Heights")))
    monkeypatch.setattr(session_race, "own_data", lambda: [own])
    app = opened("similarity", e1="sphereM", e2="none", variogram="true", data=own.name)
    assert not app.error
    assert "**Heights**: at **" in words(app)
    (race,) = links(app).values()
    assert race["data"] == own.name
    monkeypatch.setattr(session_race, "own_data", lambda: [])
    app = opened("similarity", e1="sphereM", e2="none", data=own.name)
    assert not app.exception
    assert "data=" in words(app)  # the link names data that are not open here
