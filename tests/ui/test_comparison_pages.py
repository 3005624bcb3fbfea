"""The Similarity and Distortion pages without a browser: what they say, also for strange places and links."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import sphere
from s2v.encoders import ENCODERS, EncoderConfig
from s2v.ui import answers, session_race
from s2v.ui.comparison import all_encoders
from s2v.ui.contestants import COMPARISON_MENU, MAX_CONTESTANTS, fair, parse, text
from s2v.ui.messages import short_title
from tests.ui.finding import keyed

ROOT = Path(__file__).parent.parent.parent
WAIT = 120  # seconds for one run of a page on a busy machine


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "current", lambda: None)


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    app = app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.title, *app.subheader, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(part.value for part in parts).replace("\\", "")


def address(app: AppTest) -> dict[str, str]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in dict(app.query_params).items()}


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


# --- contestants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_is_its_text(name: str) -> None:
    assert parse(text(fair(name))) == fair(name)
    assert text(fair(name)) == name


def test_line_ups_are_their_texts_and_fit() -> None:
    for line_up in COMPARISON_MENU.line_ups.values():
        assert 1 <= len(line_up) <= MAX_CONTESTANTS
        assert [parse(text(source)) for source in line_up] == list(line_up)


def test_a_text_holds_what_differs() -> None:
    config = EncoderConfig.of("sphereM", scales=4, min_radius=0.1, frequencies="odd")
    assert text(config) == "sphereM:frequencies=odd,scales=4"
    assert parse("sphereM: scales=4, frequencies=odd") == config
    assert parse("none") is None


def test_radii_are_fair() -> None:
    flat, round_ = dict(fair("grid").params), dict(fair("sphereM").params)
    for radius in ("min_radius", "max_radius"):
        assert math.radians(flat[radius]) == pytest.approx(round_[radius])


# --- similarity -------------------------------------------------------------------------------------------------


def test_similarity_makes_its_point_without_a_click() -> None:
    app = opened("similarity")
    assert not app.warning
    assert not app.error
    assert table(app)["encoder"].tolist() == ["grid", "sphereM"]
    assert "Longyearbyen (78.2° N, 15.6° E)" in words(app)
    assert "**grid**: the patch of likeness" in words(app)
    assert "times as long north-south" in words(app)


def test_the_sentence_is_computed() -> None:
    """At the equator a flat map is as round as the sphere."""
    app = opened("similarity", lon="-78.47", lat="-0.18")
    assert "**grid**: the patch of likeness around Quito (0.18° S, 78.47° W) is nearly round" in words(app)


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ("0", "90", "the North Pole"),
        ("123", "-90", "the South Pole"),
        ("180", "10", "10° N, 180° E"),
        ("-180", "-17", "17° S, 180° W"),
    ],
)
def test_a_place_at_a_pole_or_on_the_dateline_has_all_its_numbers(lon: str, lat: str, said: str) -> None:
    app = opened("similarity", lon=lon, lat=lat, e1="xyz", e2="sphereM:scales=4")
    assert not app.error
    assert said in words(app)
    rows = table(app)
    assert np.isfinite(rows[["east_west", "north_south", "fidelity", "dateline", "north", "south"]].to_numpy()).all()
    # The cosine of the angle falls to one half at 60 degrees: 13,343 km across.
    assert rows["east_west"][0] == pytest.approx(13343, abs=1)


def test_all_parts_of_the_choice_are_in_the_address() -> None:
    app = opened("similarity", e1="sphereM:scales=4,frequencies=odd", e2="xyz", view="north", difference="true")
    again = opened("similarity", **address(app))
    assert address(again) == address(app)
    assert table(again)["encoder"].tolist() == ["sphereM, odd frequencies", "xyz"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("e1", "sphereQ", "encoder='sphereQ' is unknown; there are:"),
        ("e1", "sphereM:scales=0", "scales=0"),
        ("e1", "sphereM:scales", "write it as name=value"),
        ("e1", "sphereM:min_radius=nan", "not finite"),
        ("e1", "sphereM:min_radius=2,max_radius=1", "must be below max_radius"),
        ("e1", "xyz:scales=4", "scales"),
        ("lat", "91", "outside its range"),
        ("lon", "nan", "not finite"),
        ("view", "cylinder", "one of globe"),
        ("camera", "1,2", "longitude,latitude,zoom"),
        ("camera", "nan,0,1", "longitude,latitude,zoom"),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_page_works(name: str, value: str, said: str) -> None:
    app = opened("similarity", **{name: value})
    assert len(app.warning) == 1
    assert said in words(app)
    assert table(app)["encoder"].tolist() == ["grid", "sphereM"]


def test_no_encoder_at_all_is_one() -> None:
    app = opened("similarity", e1="none", e2="none")
    assert table(app)["encoder"].tolist() == ["grid"]
    assert "the first one is filled" in words(app)


def test_one_scale_and_a_constant_code_have_defined_results() -> None:
    app = opened("similarity", e1="sphereM:scales=1", e2="rbf:anchors=1,bandwidth=1000", e3="tile:cell=180")
    assert not app.error
    assert "nothing is ever less than half alike" in words(app)
    assert len(table(app)) == 3


def test_a_code_that_is_too_long_is_left_out_with_a_sentence() -> None:
    app = opened("similarity", e1="dfs:scales=64", e2="xyz")
    assert "a quick comparison takes" in words(app)
    assert table(app)["encoder"].tolist() == ["xyz"]
    alone = opened("similarity", e1="dfs:scales=64", e2="none")
    assert "a quick comparison takes" in words(alone)
    assert "Choose another encoder" in words(alone)


def test_line_ups_and_places_change_the_page() -> None:
    app = opened("similarity")
    app.selectbox(key="similarity line-up").select("No tears").run()
    assert not app.exception
    assert table(app)["encoder"].tolist() == ["xyz", "Spherical harmonics", "Spherical plane waves", "sphereM"]
    assert address(app)["e1"] == "xyz"
    keyed(app.selectbox, "similarity.e1 name").select("grid").run()
    assert table(app)["encoder"][0] == "grid"
    keyed(app.slider, "similarity.e1 grid scales").set_value(1).run()
    assert address(app)["e1"] == "grid:scales=1"
    keyed(app.button, "similarity.e1 remove").click().run()
    assert len(table(app)) == 3
    app.button(key="similarity add").click().run()
    assert len(table(app)) == 4


def test_radii_in_the_wrong_order_change_nothing() -> None:
    app = opened("similarity")
    app.select_slider(key="similarity.e2 sphereM min_radius").set_value(2.0).run()
    assert "Nothing was changed" in words(app)
    assert address(app)["e2"] == "sphereM"


def test_a_walk_and_a_difference_and_both_poles_are_drawn() -> None:
    for choice in ({"walk": "true"}, {"difference": "true", "walk": "true"}, {"view": "poles", "e3": "xyz"}):
        app = opened("similarity", **choice)
        assert not app.error
    assert "the first 3 encoders" not in words(app)
    full = opened("similarity", view="poles", e3="xyz", e4="wrap")
    assert "the first 3 encoders are shown at both poles" in words(full)


def test_the_code_that_is_offered_computes_the_map() -> None:
    app = opened("similarity", lat="60", lon="20", e1="xyz", e2="none")
    found: dict[str, Any] = {}
    exec(app.code[0].value, found)
    expected = np.cos(sphere.great_circle(np.array([20.0, 60.0]), found["grid"].lonlat))
    np.testing.assert_allclose(found["values"], expected, rtol=0, atol=1e-12)


# --- distortion -------------------------------------------------------------------------------------------------


def test_distortion_shows_tears_and_all_encoders() -> None:
    app = opened("distortion")
    assert not app.error
    assert "**grid** and **sphereM** are torn along the dateline and at the poles." in words(app)
    rows = table(app).set_index("encoder")
    assert len(rows) == len(ENCODERS)
    assert rows["stretch_80"]["grid"] == pytest.approx(1 / math.cos(math.radians(80)))
    assert rows["stretch_89"]["xyz"] == pytest.approx(1)
    assert "grid: 5.76 at 80° N, 57.30 at 89° N" in words(app)


def test_an_encoder_without_an_overview_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = answers.ask

    def refuse(question: Any) -> Any:
        if question == all_encoders.questions()["tile"]:
            raise ValueError("Tile cannot be compared: OSError.")
        return ask(question)

    monkeypatch.setattr(answers, "ask", refuse)
    app = opened("distortion")
    assert [warning.value for warning in app.warning] == ["Tile cannot be compared\\: OSError."]
    assert table(app)["encoder"].tolist() == [
        short_title(spec.title) for name, spec in ENCODERS.items() if name != "tile"
    ]


def test_the_repair_closes_the_tears_and_says_what_it_costs() -> None:
    integer = opened("distortion", e1="sphereM", e2="xyz", repair="integer")
    assert "**sphereM, integer frequencies** is whole along the dateline and torn at the poles" in words(integer)
    odd = opened("distortion", e1="sphereM", e2="xyz", repair="odd")
    assert "**sphereM, odd frequencies** and **xyz** are whole everywhere" in words(odd)
    assert "goes 31 times around the Earth instead of 10" in words(odd)
    rows = table(odd).set_index("encoder")
    assert rows[["dateline", "north", "south"]].loc["sphereM"].max() < 1e-6


@pytest.mark.parametrize("view", ["both", "globe", "north", "south", "world"])
def test_every_view_is_drawn_for_four_encoders(view: str) -> None:
    app = opened("distortion", view=view, measure="area", e1="sphereM:scales=1", e2="tile", e3="wrap", e4="direct")
    assert not app.error


def test_a_bad_link_to_distortion_gets_a_sentence() -> None:
    app = opened("distortion", repair="even", e2="sphereQ")
    assert len(app.warning) == 2
    assert "repair='even' is not one of as chosen, geometric, integer, odd" in words(app)
