"""Numbers in the texts of lessons: their names, and how they are written.

{tear encoder=grid at=dateline}                a value
{tear encoder=grid at=dateline digits=1}       with so many decimals
{difference data=relief a=grid b=sphereM}      a measured one comes with its intervals
{difference data=relief a=grid b=sphereM show=value}      without them
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"\{([^{}]*)\}")
SHOWS = ("all", "value", "size")
MAX_DIGITS = 6


@dataclass(frozen=True)
class Number:
    """A computed number; a measured one has an interval of 90 % over places, and over seeds."""

    value: float
    low: float = math.nan
    high: float = math.nan
    seeds_low: float = math.nan
    seeds_high: float = math.nan

    @property
    def sign(self) -> int:
        """1 where a difference is ahead, -1 where it is behind, 0 for a tie: where an interval has zero in it."""
        ends = (self.low, self.high, self.seeds_low, self.seeds_high)
        if any(map(math.isnan, ends)):
            return 0
        least, most = min(self.low, self.seeds_low), max(self.high, self.seeds_high)
        return 1 if least > 0 else -1 if most < 0 else 0


@dataclass(frozen=True)
class NumberName:
    """A number as a text names it: ``function`` of the ``arguments``, and how it is written."""

    function: str
    arguments: tuple[tuple[str, str], ...]
    digits: int = -1
    show: str = "all"

    @property
    def key(self) -> str:
        """What it is stored under."""
        return " ".join([self.function, *(f"{name}={value}" for name, value in self.arguments)])


def parse_number(text: str) -> NumberName:
    """A number's name; ``ValueError`` says what is wrong with it.

    Examples
    --------
    >>> parse_number("tear encoder=grid at=dateline digits=1").key
    'tear at=dateline encoder=grid'
    """
    function, *parts = text.split() or [""]
    if not re.fullmatch("[a-z_]+", function):
        raise ValueError(f"{{{text[:60]}}} is no number; write {{name argument=value ...}}.")
    given: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or not value or name in given:
            raise ValueError(f"{{{text[:60]}}}: {part!r} is not argument=value, once each.")
        given[name] = value
    digits, show = given.pop("digits", ""), given.pop("show", "all")
    if digits and not (digits.isdigit() and int(digits) <= MAX_DIGITS):
        raise ValueError(f"{{{text[:60]}}}: digits={digits!r}; allowed is a whole number from 0 to {MAX_DIGITS}.")
    if show not in SHOWS:
        raise ValueError(f"{{{text[:60]}}}: show={show!r}; allowed are {', '.join(SHOWS)}.")
    return NumberName(function, tuple(sorted(given.items())), int(digits) if digits else -1, show)


def numbers_in(text: str) -> list[NumberName]:
    """The numbers that a text names, in order; ``ValueError`` for a brace that belongs to none."""
    rest = _NUMBER.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a single brace; braces stand around numbers only: {name argument=value}.")
    return [parse_number(found[1]) for found in _NUMBER.finditer(text)]


def filled(text: str, numbers: Mapping[str, Number]) -> str:
    """A text with its numbers; ``KeyError`` for one that is not known."""
    return _NUMBER.sub(lambda found: _written(name := parse_number(found[1]), numbers[name.key]), text)


def _written(name: NumberName, number: Number) -> str:
    value = number.value
    with_interval = name.show == "all" and not math.isnan(number.low)
    if name.digits >= 0:
        digits = name.digits
    elif not math.isnan(number.low):  # as many as the interval supports, two digits of its width
        width = number.high - number.low
        digits = min(5, max(2, 1 - math.floor(math.log10(width)))) if width > 0 else 3
    else:
        digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 2 else 2
    text = _text(abs(value) if name.show == "size" else value, digits)
    if not with_interval:
        return text
    over = f"; over seeds {_text(number.seeds_low, digits)} to {_text(number.seeds_high, digits)}"
    seeds = "" if math.isnan(number.seeds_low) else over
    return f"{text} (90 %: {_text(number.low, digits)} to {_text(number.high, digits)}{seeds})"


def _text(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.replace("-", "")
