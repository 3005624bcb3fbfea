"""Coordinates are read as people type and paste them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s2v.ui.typed_coordinates import is_coordinates, read_coordinates

SVALBARD = (15.6, 78.2)
SECONDS = (15 + 38 / 60 + 49 / 3600, 78 + 13 / 60 + 24 / 3600)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("78.2, 15.6", SVALBARD),
        ("78.2,15.6", SVALBARD),
        ("78.2 15.6", SVALBARD),
        (" (78.2; 15.6) ", SVALBARD),
        ("78.2/15.6", SVALBARD),
        ("+78.2, +15.6", SVALBARD),
        ("78.2 N 15.6 E", SVALBARD),
        ("N 78.2 E 15.6", SVALBARD),
        ("N78.2 E15.6", SVALBARD),
        ("78.2°n, 15.6°e", SVALBARD),
        ("78.2,15.6 E", SVALBARD),
        ("78.2 N, 15.6", SVALBARD),
        ("78.2 15.6 E", SVALBARD),
        ("78.2, E 15.6", SVALBARD),
        ("15.6 E, 78.2 N", SVALBARD),
        ("E15.6 N78.2", SVALBARD),
        ("15.6, 78.2 N", SVALBARD),
        ("78.2 degrees north, 15.6 deg East", SVALBARD),
        ("78,2 15,6", SVALBARD),
        ("78,2, 15,6", SVALBARD),
        ("78,2; 15,6", SVALBARD),
        ("78,2° N 15,6° E", SVALBARD),
        ("-78.2, -15.6", (-15.6, -78.2)),
        ("−78.2, −15.6", (-15.6, -78.2)),  # minus signs
        ("–78.2 –15.6", (-15.6, -78.2)),  # en dashes
        ("78.2 S 15.6 W", (-15.6, -78.2)),
        ("78, 2", (2.0, 78.0)),
        ("78°13'24\"N 15°38'49\"E", SECONDS),
        ("78°13'24\"N15°38'49\"E", SECONDS),
        ("78°13′24″N, 15°38′49″E", SECONDS),
        ("78º 13’ 24” N 15º 38’ 49” E", SECONDS),
        ("78°13'24''N 15°38'49''E", SECONDS),
        ("N 78° 13' 24\", E 15° 38' 49\"", SECONDS),
        ("78 13 24 N 15 38 49 E", SECONDS),
        ("78 13 24, 15 38 49", SECONDS),
        ("78 13 24 15 38 49", SECONDS),
        ("41 24.2028, 2 10.4418", (2 + 10.4418 / 60, 41 + 24.2028 / 60)),
        ("33°51.5'S 151°12'E", (151.2, -33 - 51.5 / 60)),
        ("-0°30', 0°", (0.0, -0.5)),
        ("90, 0", (0.0, 90.0)),
        ("90 S 180 W", (-180.0, -90.0)),
        ("0, 180", (180.0, 0.0)),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: str, place: tuple[float, float]) -> None:
    assert is_coordinates(text)
    assert read_coordinates(text) == pytest.approx(place, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("78,2", "“78,2” is ambiguous: it may be one number with a decimal comma, or two numbers. Write 78, 2, with a"),
        ("78,15 E", "Write 78, 15 E, with a space, if it is two"),
        ("78,2 15", "“78,2 15” is ambiguous: it can be read as several places"),
        ("78 13 15 38", "is ambiguous: it can be read as several places"),
        ("78.2", "“78.2” is only one of the two coordinates"),
        ("N 78.2", "is only one of the two coordinates"),
        ("95, 10", "“95, 10” has the latitude 95, outside its range."),
        ("95, 10", "Did you mean 10, 95?"),
        ("100 E 95 N", "has the latitude 95"),
        ("10, 190", "“10, 190” has the longitude 190, outside its range."),
        ("10, 190", "Did you mean the longitude -170?"),
        ("10, -181", "Did you mean the longitude 179?"),
        ("10 N 20 N", "has two latitudes"),
        ("10 E 20 W", "has two longitudes"),
        ("-78.2 N 15.6 E", "-78.2 has a sign and a compass letter, N, of which one is enough"),
        ("78°60'N 15°E", "minutes and seconds must be below 60"),
        ("78°10'60\"N 15°E", "minutes and seconds must be below 60"),
        ("78.5°13' N 15 E", "cannot be read as a latitude and a longitude"),
        ("78.2 - 15.6", "cannot be read"),
        ("1,2,3", "cannot be read"),
        ("1,2,3,4", "cannot be read"),
        ("1.2.3, 4", "cannot be read"),
        ("--1, 2", "cannot be read"),
        ("1-2, 3", "cannot be read"),
        ("78.2,", "cannot be read"),
        ("N, E", "cannot be read"),
        ("5e3, 2", "cannot be read"),
        ("1 " * 1000, "cannot be read"),
        ("9" * 1000 + ", 2", "has the latitude inf"),
    ],
)
def test_an_error_says_what_was_given_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"from -90 to 90, longitude from -180 to 180 degrees\.") as error:
        read_coordinates(text)
    assert said in str(error.value)
    assert len(str(error.value)) < 350


@pytest.mark.parametrize(
    "text", ["100 Mile House", "6th of October City", "2.Bezirk", "1A", "Essen", "N", "", "٣ مايو", "Nes 2 Nord"]
)
def test_names_are_no_coordinates(text: str) -> None:
    assert not is_coordinates(text)


def _signed(lon: float, lat: float) -> str:
    return f"{lat:.6f}, {lon:.6f}"


def _with_comma(lon: float, lat: float) -> str:
    return f"{lat:.6f} {lon:.6f}".replace(".", ",").replace("-", "−")


def _letters(lon: float, lat: float) -> str:
    return f"{abs(lat):.6f}{'NS'[lat < 0]} {abs(lon):.6f}{'EW'[lon < 0]}"


def _letters_before(lon: float, lat: float) -> str:
    return f"{'EW'[lon < 0]} {abs(lon):.6f}°, {'NS'[lat < 0]} {abs(lat):.6f}°"


def _seconds(lon: float, lat: float) -> str:
    return f"{_parts(lat)}{'NS'[lat < 0]} {_parts(lon)}{'EW'[lon < 0]}"


def _parts(angle: float) -> str:
    thousandths = round(abs(angle) * 3_600_000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60}°{minutes % 60}'{rest / 1000:.3f}\""


@pytest.mark.parametrize("written", [_signed, _with_comma, _letters, _letters_before, _seconds])
@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
@example(lon=180.0, lat=90.0)
@example(lon=-180.0, lat=-90.0)
@example(lon=180.0, lat=0.0)
@example(lon=-180.0, lat=1e-9)
@example(lon=-1e-9, lat=90.0)
@example(lon=0.0, lat=-90.0)
@example(lon=179.9999999, lat=-89.9999999)
def test_any_place_on_the_sphere_is_read_back(written: Callable[[float, float], str], lon: float, lat: float) -> None:
    text = written(lon, lat)
    assert is_coordinates(text)
    # Six decimals, and thousandths of a second, are exact to half a millionth of a degree.
    assert read_coordinates(text) == pytest.approx((lon, lat), abs=6e-7)


@given(st.text(max_size=40) | st.text("0123456789.,;-+°'\" NSEW", max_size=30))
def test_any_text_is_a_place_on_the_sphere_or_an_error(text: str) -> None:
    is_coordinates(text)
    try:
        longitude, latitude = read_coordinates(text)
    except ValueError:
        return
    assert abs(longitude) <= 180
    assert abs(latitude) <= 90
    assert math.copysign(1, longitude) == 1 or longitude < 0  # no negative zero
