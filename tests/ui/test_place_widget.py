"""A place is chosen by a name or by coordinates, and the page follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from s2v.data import place_names
from s2v.ui.place_search import MAX_OPTIONS, SearchResult, search
from s2v.ui.place_widget import PLACES
from tests.damage import damage_copy


def script() -> None:
    import streamlit as st

    from s2v.ui import place_widget
    from s2v.ui.page_state import PageState

    state = PageState("similarity")
    state.add(place_widget.camera_parameter((15.6, 68.0, 1.3)))
    st.write(f"At {place_widget.place_widget(state)}")
    state.write_address()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=60).run()


def typed(app: AppTest, text: str) -> AppTest:
    app.text_input[0].set_value(text).run()
    assert not app.exception
    return app


def place(app: AppTest) -> tuple[float, float]:
    """The place in the address, which is that of the page."""
    lon, lat = (float(address(app, name)) for name in ("lon", "lat"))
    assert app.markdown[0].value == f"At ({lon}, {lat})"
    return lon, lat


def camera(app: AppTest) -> str:
    return address(app, "camera")


def address(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[-1]


def test_a_name_moves_the_place_and_the_camera(app: AppTest) -> None:
    typed(app, "Tromso")
    assert place(app) == (18.9551, 69.6489)
    assert camera(app) == "19.0,69.6,1.3"
    assert app.caption[0].value == r"Tromsø, Norway \(69.65° N, 18.96° E\)"
    assert not app.radio
    assert app.pills[0].value is None


@pytest.mark.parametrize(
    ("text", "lonlat", "looking"),
    [
        ("N 78.2 E 15.6", PLACES["Longyearbyen"], "15.6,70.0,1.3"),
        ("90 S, 0 E", PLACES["South Pole"], "0.0,-70.0,1.3"),
        ("70, 180", PLACES["Dateline in the Arctic"], "180.0,70.0,1.3"),
        ("-17.5, -180", (-180.0, -17.5), "-180.0,-17.5,1.3"),
        ("78°13'24\"N 15°38'49\"E", (15.6469, 78.2233), "15.6,70.0,1.3"),
    ],
)
def test_coordinates_move_the_place_and_the_camera(
    app: AppTest, text: str, lonlat: tuple[float, float], looking: str
) -> None:
    typed(app, text)
    assert place(app) == lonlat
    assert camera(app) == looking
    assert not app.caption
    assert app.pills[0].value == next((name for name, known in PLACES.items() if known == lonlat), None)


def test_the_address_gives_the_place_again(app: AppTest) -> None:
    typed(app, "Tromso")
    again = AppTest.from_function(script, default_timeout=60)
    for name in ("lon", "lat", "camera"):
        again.query_params[name] = address(app, name)
    again.run()
    assert place(again) == place(app)
    assert camera(again) == camera(app)


def test_an_ambiguous_name_goes_to_the_largest_and_offers_the_others(app: AppTest) -> None:
    typed(app, "Springfield")
    first = place(app)
    radio = app.radio[0]
    assert radio.label.startswith("“Springfield” is the name of many places.")
    assert len(radio.options) == MAX_OPTIONS
    assert radio.value == radio.options[0].replace("\\", "")
    assert all(option.startswith("Springfield, United States") for option in radio.options)
    radio.set_value(radio.options[2].replace("\\", "")).run()
    assert place(app) == (-89.6437, 39.8017)
    assert camera(app) == "-89.6,39.8,1.3"
    app.radio[0].set_value(app.radio[0].options[0].replace("\\", "")).run()
    assert place(app) == first


def test_the_beginning_of_a_name_moves_nothing_until_one_is_chosen(app: AppTest) -> None:
    before = place(app)
    typed(app, "6th of October")
    assert place(app) == before
    assert app.radio[0].label == "No place is called “6th of October”. Names that begin so\\:"
    assert app.radio[0].value is None
    app.radio[0].set_value("6th of October City, Egypt (29.82° N, 31.05° E)").run()
    assert place(app) == (31.05, 29.8167)


def test_an_error_stays_until_the_place_is_changed_by_other_means(app: AppTest) -> None:
    before = place(app)
    typed(app, "78,2")
    assert app.error[0].value.startswith("“78,2” is ambiguous")
    app.run()
    assert app.error
    assert app.text_input[0].value == "78,2"
    assert place(app) == before
    app.pills[0].set_value("North Pole").run()
    assert not app.error
    assert app.text_input[0].value == ""
    assert place(app) == (0.0, 90.0)


def test_an_empty_box_moves_nothing(app: AppTest) -> None:
    typed(app, "Tromso")
    there = place(app)
    typed(app, "")
    assert place(app) == there
    assert not app.caption
    assert not app.error


@pytest.mark.parametrize("text", ["*[x](http://a)*", "$x$", "x" * 10**6, "\x00", ":material/home:", "<b>"])
def test_hostile_texts_get_a_short_sentence(app: AppTest, text: str) -> None:
    typed(app, text)
    assert len(app.error[0].value) < 500
    assert "[x](" not in app.error[0].value


# --- what a text means ------------------------------------------------------------------------------------------


def names(result: SearchResult) -> list[str]:
    return [f"{option.name}, {option.country}" if option.country else option.name for option in result.options]


def test_the_places_of_the_page_come_first() -> None:
    assert names(search("north pole", PLACES)) == ["North Pole", "North Pole, United States"]
    assert search("Quito", PLACES).options[0].lonlat == PLACES["Quito, on the equator"]


@pytest.mark.parametrize("text", ["Longyearbyen", "Quito", "Suva"])
def test_a_place_of_the_page_is_not_offered_twice(text: str) -> None:
    assert len(names(search(text, PLACES))) == 1


def test_a_name_in_another_country_is_offered() -> None:
    found = search("Paris, Texas", PLACES)
    assert not found.is_certain
    assert found.remark == "No Paris is in a country named “Texas”. Elsewhere:"
    assert names(found)[:2] == ["Paris, France", "Paris, United States"]


def test_a_name_may_start_with_a_digit() -> None:
    assert names(search("100 Mile House", PLACES)) == ["100 Mile House, Canada"]


@pytest.mark.parametrize("text", ["Ny-Ålesund", "Station 7", "?"])
def test_an_unknown_name_gets_what_is_allowed_and_what_to_do(text: str) -> None:
    error = search(text, PLACES).error
    assert error.startswith(f"No town or city of 500 people or more is called “{text}”. Check the spelling")
    assert "write coordinates, such as 78.2, 15.6" in error
    assert "from -90 to 90" in error


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    damage_copy("data", "city_names_geonames.txt.xz", "cut", tmp_path, monkeypatch)
    place_names._table.cache_clear()
    yield
    place_names._table.cache_clear()


@pytest.mark.usefixtures("damaged")
def test_damaged_names_leave_coordinates(app: AppTest) -> None:
    typed(app, "Oslo")
    assert "city_names_geonames.txt.xz is damaged" in app.error[0].value.replace("\\", "")
    typed(app, "59.9, 10.7")
    assert not app.error
    assert place(app) == (10.7, 59.9)
