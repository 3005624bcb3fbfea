"""One description of a parameter, from which widgets, links, JSON, command line and validation derive."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from s2v.errors import shown

Value = Any  # int, float, str or bool; a few parameters also take a list of numbers
AUTO = "auto"  # in place of a number that follows from the data


@dataclass(frozen=True)
class Parameter:
    """A named parameter: its type, range, default, and what it does to the picture.

    ``kind`` is ``int``, ``float``, ``str`` or ``bool``.  ``low`` and ``high`` are inclusive.
    ``choices`` closes the set of a ``str``.  ``read`` checks a ``str`` that is written in one of some ``forms``, and
    returns it as it is usually written.  ``log`` asks a slider for a logarithmic scale, ``exact`` for a field in
    which any number can be typed.  ``auto`` allows ``AUTO`` in place of a number.
    ``unit`` is shown behind the title; ``help`` is one sentence for users.
    """

    name: str
    kind: type
    default: Value
    title: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    log: bool = False
    exact: bool = False
    auto: bool = False
    forms: tuple[str, ...] = ()
    read: Callable[[str], str] | None = None

    @property
    def allowed(self) -> str:
        """The allowed values in words, for messages and help texts."""
        if self.choices:
            named = ", ".join(choice for choice in self.choices if choice)
            return f"one of {named}" + (", or nothing" if "" in self.choices else "")
        if self.forms:
            return "one of " + ", ".join(self.forms)
        if self.kind is bool:
            return "true or false"
        noun = {int: "a whole number", float: "a number", str: "a text"}[self.kind]
        unit = (f" {self.unit}" if self.unit else "") + (f", or {AUTO}" if self.auto else "")
        if self.low is not None and self.high is not None:
            return f"{noun} from {_plain(self.low)} to {_plain(self.high)}{unit}"
        if self.low is not None:
            return f"{noun} of at least {_plain(self.low)}{unit}"
        return noun + unit

    def check(self, value: Value) -> Value:
        """The value in the parameter's own type; ``ValueError`` says what was given and what is allowed.

        Texts are read as numbers, so links and command lines need no parser.
        """
        if self.read:
            return self.read(value)
        if self.auto and isinstance(value, str) and value.strip() == AUTO:
            return AUTO
        try:
            cast = self._cast(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{self.name}={shown(value)} is not {self.allowed}.") from None
        if self.choices and cast not in self.choices:
            raise ValueError(f"{self.name}={shown(value)} is not {self.allowed}.")
        if self.kind in (int, float) and not math.isfinite(cast):
            raise ValueError(f"{self.name}={shown(value)} is not finite; allowed is {self.allowed}.")
        if (self.low is not None and cast < self.low) or (self.high is not None and cast > self.high):
            hint = " Is it in degrees?" if self.unit == "radians" and self.high is not None and cast > self.high else ""
            raise ValueError(f"{self.name}={shown(value)} is outside its range; allowed is {self.allowed}.{hint}")
        return cast

    def _cast(self, value: Value) -> Value:
        if self.kind is bool:
            if isinstance(value, str):
                return (
                    {"true": True, "1": True, "false": False, "0": False}[value.lower()]
                    if (value.lower() in ("true", "1", "false", "0"))
                    else _fail(value)
                )
            return value if isinstance(value, bool) else _fail(value)
        if isinstance(value, bool):
            return _fail(value)
        if self.kind is int:
            number = float(value)
            return int(number) if number == int(number) else _fail(value)
        return self.kind(value)


def _plain(number: float) -> str:
    return f"{int(number)}" if number == int(number) else f"{number:g}"


def _fail(value: Value) -> Value:
    raise ValueError(value)


def check_all(parameters: Iterable[Parameter], given: Mapping[str, Value], owner: str) -> dict[str, Value]:
    """All parameters of ``owner`` with the given values checked and defaults filled in.

    An unknown name raises ``ValueError`` and lists the names there are.
    """
    known = {p.name: p for p in parameters}
    unknown = [name for name in given if name not in known]
    if unknown:
        names = ", ".join(known) or "none"
        raise ValueError(f"{owner} has no parameter {shown(unknown[0])}; its parameters are: {names}.")
    return {name: p.check(given.get(name, p.default)) for name, p in known.items()}
