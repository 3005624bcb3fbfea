"""Whether what a lesson asks for was done, told from the settings of the page and from its race.

check: is repair odd                         a setting is one of the values
check: at_least lat 85                       a setting is a number of at least so much
check: at_most lat -85
check: camera_north 50                       the maps look from that latitude or farther north
check: encoder sphereM frequencies=odd       one of the chosen encoders has these parameters
check: race data=relief split=blocks:1000    a race with these settings has come to its result
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2v.encoders.registry import split_text

SLOTS = ("e1", "e2", "e3", "e4")
RACE_SETTINGS = ("data", "points", "steps", "split", "seeds", "trials", "contestant")


@dataclass(frozen=True)
class RaceFacts:
    """The race that the page shows: its ``settings`` as in an address, who takes part, and whether it has a result."""

    settings: Mapping[str, str]
    contestants: tuple[str, ...]
    ended: bool


@dataclass(frozen=True)
class Facts:
    """The settings of the page as in its address, and its race."""

    settings: Mapping[str, str] = field(default_factory=dict)
    race: RaceFacts | None = None


@dataclass(frozen=True)
class Check:
    """A check by its name, with its arguments."""

    name: str
    arguments: tuple[str, ...]

    def holds(self, facts: Facts) -> bool:
        """Whether it was done."""
        return CHECKS[self.name].holds(facts, *self.arguments)


def parse_check(text: str) -> Check:
    """A check from a lesson's text; ``ValueError`` says what is wrong and what is allowed.

    Examples
    --------
    >>> parse_check("at_least lat 85").holds(Facts({"lat": "90.0"}))
    True
    """
    name, *arguments = text.split(" ")
    if name not in CHECKS:
        raise ValueError(f"{name[:60]!r} is no check; allowed are {', '.join(CHECKS)}.")
    kind = CHECKS[name]
    if not kind.is_valid(arguments):
        raise ValueError(f"{text[:60]!r}; write {kind.usage}.")
    return Check(name, tuple(arguments))


def unmet(checks: tuple[Check, ...], facts: Facts) -> list[Check]:
    """The checks that do not hold yet."""
    return [check for check in checks if not check.holds(facts)]


@dataclass(frozen=True)
class _Kind:
    usage: str
    is_valid: Callable[[list[str]], bool]
    holds: Callable[..., bool]


def _is(facts: Facts, name: str, *values: str) -> bool:
    return facts.settings.get(name, "") in " ".join(values).split(" or ")


def _camera_north(facts: Facts, low: str) -> bool:
    try:
        return float(facts.settings["camera"].split(",")[1]) >= float(low)
    except (KeyError, IndexError, ValueError):
        return False


def _number(facts: Facts, name: str) -> float:
    try:
        return float(facts.settings[name])
    except (KeyError, ValueError):
        return math.nan


def _encoder(facts: Facts, name: str, *params: str) -> bool:
    for slot in SLOTS:
        given = facts.settings.get(slot, "")
        if given.partition(":")[0] != name:
            continue
        try:
            own = {key: str(value) for key, value in split_text(given)[1].items()}
        except ValueError:
            continue
        if all(own.get(key) == value for key, _, value in (param.partition("=") for param in params)):
            return True
    return False


def _race(facts: Facts, *wanted: str) -> bool:
    race = facts.race
    if race is None or not race.ended:
        return False
    for name, _, value in (each.partition("=") for each in wanted):
        if value not in race.contestants if name == "contestant" else race.settings.get(name) != value:
            return False
    return True


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _are_numbers(arguments: list[str]) -> bool:
    return len(arguments) == 2 and _is_number(arguments[1])


CHECKS: Mapping[str, _Kind] = {
    "is": _Kind("'is SETTING VALUE' or 'is SETTING VALUE or VALUE'", lambda a: len(a) >= 2 and all(a), _is),
    "at_least": _Kind(
        "'at_least SETTING NUMBER'", _are_numbers, lambda facts, name, low: _number(facts, name) >= float(low)
    ),
    "at_most": _Kind(
        "'at_most SETTING NUMBER'", _are_numbers, lambda facts, name, high: _number(facts, name) <= float(high)
    ),
    "camera_north": _Kind("'camera_north LATITUDE'", lambda a: len(a) == 1 and _is_number(a[0]), _camera_north),
    "encoder": _Kind(
        "'encoder NAME' or 'encoder NAME parameter=value ...'",
        lambda a: bool(a and a[0]) and all("=" in part for part in a[1:]),
        _encoder,
    ),
    "race": _Kind(
        f"'race setting=value ...' with {', '.join(RACE_SETTINGS)}",
        lambda a: all(part.partition("=")[0] in RACE_SETTINGS and part.partition("=")[2] for part in a),
        _race,
    ),
}
