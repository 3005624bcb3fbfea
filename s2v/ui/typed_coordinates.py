"""Coordinates as people type and paste them: 78.2, 15.6 or N 78.2 E 15.6 or 78°13'24"N 15°38'49"E."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from s2v.ui.messages import shorten

EXAMPLES = "78.2, 15.6 or 78.2 N 15.6 E"
ALLOWED = "Latitude comes first; it goes from -90 to 90, longitude from -180 to 180 degrees."
MAX_TOKENS = 24  # degrees, minutes and seconds of two angles, with all marks and letters, are 15

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_TOKENS = re.compile(rf"{_NUMBER}|[NSEW°'\",]")
_SAME = {"-": "−–—‐‑﹣－", "'": "′’‘ʹ`´", '"': "″”“ʺ", "°": "º˚", ",": ";/"}
_LETTERS = str.maketrans({other: plain for plain, others in _SAME.items() for other in others})
_WORDS = (("''", '"'), ("degrees", "°"), ("deg", "°"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"))
_ANGLE = re.compile(
    rf"(?:(?P<before>[NSEW]) )?(?P<degrees>{_NUMBER})(?: °)?"
    r"(?: (?P<minutes>\d+(?:\.\d*)?)(?: ')?(?: (?P<seconds>\d+(?:\.\d*)?)(?: \")?)?)?(?: (?P<after>[NSEW]))?"
)
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def is_coordinates(text: str) -> bool:
    """Whether a text can only be meant as coordinates: it has a digit, and nothing that coordinates do not have.

    Examples
    --------
    >>> is_coordinates("78.2 N"), is_coordinates("100 Mile House"), is_coordinates("Essen")
    (True, False, False)
    """
    return bool(re.search(r"\d", text)) and not re.sub(r"[\d\s.+\-NSEW°'\",]", "", _plain(text))


def read_coordinates(text: str) -> tuple[float, float]:
    """The place that a text gives by two angles.

    Parameters
    ----------
    text : str
        Degrees, or degrees and minutes, or degrees, minutes and seconds; latitude first, unless compass letters say
        otherwise.

    Returns
    -------
    (float, float), degrees
        Longitude, latitude.

    Raises
    ------
    ValueError
        With what was given, what is allowed and what to do.

    Examples
    --------
    >>> read_coordinates("78.2, 15.6"), read_coordinates("15.6 E 78.2 N"), read_coordinates("78,2 N 15,6 E")
    ((15.6, 78.2), (15.6, 78.2), (15.6, 78.2))
    >>> read_coordinates('''10°15'S 15°30'0"W''')
    (-15.5, -10.25)
    """
    given, plain = f"“{shorten(text.strip())}”", _plain(text)
    # A comma between two digits may be a decimal one: whichever way makes two angles.
    with_points = _DECIMAL_COMMA.sub(".", plain)
    pairs = list(dict.fromkeys([*_pairs(plain), *_pairs(with_points)]))
    if len(pairs) == 1 and with_points != plain and _angle(_tokens(with_points)):
        two = plain.replace(",", ", ")
        raise ValueError(
            f"{given} is ambiguous: it may be one number with a decimal comma, or two numbers. Write {two}, with a "
            f"space, if it is two; else write decimal points, as in {EXAMPLES}. {ALLOWED}"
        )
    if len(pairs) > 1:
        raise ValueError(
            f"{given} is ambiguous: it can be read as several places. Write decimal points, and a comma and a space "
            f"between the two, as in {EXAMPLES}. {ALLOWED}"
        )
    if not pairs:
        is_half = _angle(_tokens(plain)) or _angle(_tokens(with_points))
        fault = "is only one of the two coordinates" if is_half else "cannot be read as a latitude and a longitude"
        raise ValueError(f"{given} {fault}. Write {EXAMPLES}. {ALLOWED}")
    return _place(given, *pairs[0])


class _Angle(NamedTuple):
    degrees: float
    letter: str  # N, S, E, W, or none
    fault: str  # what is wrong with it, or nothing

    @property
    def axis(self) -> str:
        return {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude"}.get(self.letter, "")


def _plain(text: str) -> str:
    """A text with one letter for each sign, such as a hyphen for all minus signs and dashes."""
    plain = text.translate(_LETTERS).casefold()
    for word, letter in _WORDS:
        plain = plain.replace(word, letter)
    return plain.strip().removeprefix("(").removesuffix(")").upper()


def _tokens(plain: str) -> list[str]:
    """The numbers, letters, marks and commas of a plain text; none if anything else is in it or it is too long."""
    tokens = _TOKENS.findall(plain)
    is_all = "".join(tokens) == re.sub(r"\s", "", plain) and not re.search(r"[\d.][+-]|\d\.\d*\.", plain)
    return tokens if is_all and len(tokens) <= MAX_TOKENS else []


def _pairs(plain: str) -> Iterator[tuple[_Angle, _Angle]]:
    """All ways to read a plain text as two angles."""
    tokens = _tokens(plain)
    if "," in tokens:
        at = tokens.index(",")
        splits = [(tokens[:at], tokens[at + 1 :])]
    else:  # letters stand before all numbers or after all
        splits = [(tokens[:at], tokens[at:]) for at in range(1, len(tokens))]
        is_before = bool(tokens) and tokens[0].isalpha()
        splits = [(a, b) for a, b in splits if not (a[-1].isalpha() if is_before else b[0].isalpha())]
    for first, second in splits:
        if (a := _angle(first)) and (b := _angle(second)):
            yield a, b


def _angle(tokens: list[str]) -> _Angle | None:
    match = _ANGLE.fullmatch(" ".join(tokens))
    if not match or (match["before"] and match["after"]):
        return None
    number, minutes, seconds = match["degrees"], match["minutes"], match["seconds"]
    if ("." in number and minutes) or ("." in (minutes or "") and seconds):
        return None  # only the last may have a fraction
    letter = match["before"] or match["after"] or ""
    fault = ""
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        fault = "minutes and seconds must be below 60"
    elif letter and number[0] in "+-":
        fault = f"{number} has a sign and a compass letter, {letter}, of which one is enough"
    size = abs(float(number)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return _Angle(-size if number[0] == "-" or letter in ("S", "W") else size, letter, fault)


def _place(given: str, first: _Angle, second: _Angle) -> tuple[float, float]:
    if fault := first.fault or second.fault:
        raise ValueError(f"{given} cannot be read: {fault}. Write {EXAMPLES}. {ALLOWED}")
    if first.axis and first.axis == second.axis:
        raise ValueError(f"{given} has two {first.axis}s. Write a latitude and a longitude: {EXAMPLES}. {ALLOWED}")
    is_swapped = first.axis == "longitude" or second.axis == "latitude"
    latitude, longitude = (second, first) if is_swapped else (first, second)
    north, east = latitude.degrees + 0.0, longitude.degrees + 0.0  # no negative zero
    if abs(north) > 90:
        may_be_swapped = not (latitude.letter or longitude.letter) and abs(east) <= 90 and abs(north) <= 180
        hint = f" Did you mean {east:g}, {north:g}?" if may_be_swapped else ""
        raise ValueError(f"{given} has the latitude {north:g}, outside its range. {ALLOWED}{hint}")
    if abs(east) > 180:
        turned = east - math.copysign(360, east)
        hint = f" Did you mean the longitude {turned:.6g}?" if abs(turned) <= 180 else ""
        raise ValueError(f"{given} has the longitude {east:g}, outside its range. {ALLOWED}{hint}")
    return east, north
