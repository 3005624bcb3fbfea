"""Numbers in another dress: decimal commas, thousands signs, units, currencies; and dates, which are none."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s2v.data.readers.cells import number, shown

SIGNS = (".", ",")
THOUSANDS = (",", ".", " ", "'")
MIN_SAME_UNIT = 0.9  # share of the cells with a unit that must have the same one, for it to be taken off
_BLANKS = dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"), " ")
_PLAIN = {**_BLANKS, ord("\N{MINUS SIGN}"): "-", ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'"}
_CURRENCIES = "€$£¥₹"
_UNIT = re.compile(
    rf"([{_CURRENCIES}]?)\s*([+-]?[.,]?\d(?:[\d.,' ]*\d)?[.,]?(?:[eE][+-]?\d+)?)"
    rf"\s*((?:[^\W\d_]|[%‰°µ{_CURRENCIES}])[^\d]?.{{0,20}})?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\d{4}-\d{1,2}(-\d{1,2})?([T ].*)?",
        r"\d{4}([/.])\d{1,2}\1\d{1,2}( .*)?",
        r"\d{1,2}([./-])\d{1,2}\1\d{2,4}([T ,].*)?",
        r"\d{1,2}[. -]+[^\W\d_]{3,}\.?[. -]+\d{2,4}( .*)?",
        r"[^\W\d_]{3,}\.? \d{1,2},? \d{4}( .*)?",
        r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[apAP]\.?[mM]\.?)?",
    )
)


class Style(NamedTuple):
    """How the numbers of a column are written: decimal and thousands sign ("" for none), and their unit."""

    decimal: str = "."
    thousands: str = ""
    units: str = ""


# The order in which styles are tried; of those that read as many cells the first counts.
_STYLES = tuple(Style(*signs) for signs in ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " ")))
_STYLES += (Style(".", "'"), Style(",", "'"))


class AmbiguousError(ValueError):
    """Numbers that can be read in two ways."""


def read_style(texts: Sequence[str], comma: bool, decimal: str | None, thousands: str | None) -> Style:
    """The style that reads the most of some different texts.

    Parameters
    ----------
    texts : sequence of str
    comma : bool
        Whether coordinates of the file have decimal commas.
    decimal, thousands : str or None
        Those that were asked for.

    Raises
    ------
    AmbiguousError
        For "1,234" and no hint whether that is more than a thousand, or little more than one.

    Examples
    --------
    >>> read_style(["1,5", "12"], False, None, None), read_style(["1.234,5 m", "7 m"], False, None, None)
    (Style(decimal=',', thousands='', units=''), Style(decimal=',', thousands='.', units='m'))
    """
    parts = [found for text in texts if (found := _UNIT.fullmatch(text.translate(_PLAIN).strip()))]
    units = _same_units(parts)
    cores = [
        core for before, core, behind in (p.groups(default="") for p in parts) if (before or behind) in ("", units)
    ]
    styles = [
        style
        for style in (*_STYLES, *([Style(decimal or ".", thousands)] if thousands else []))
        if decimal in (None, style.decimal) and thousands in (None, style.thousands)
    ]
    if decimal is not None and thousands is None:
        styles = [style for style in styles if style.thousands != decimal]
    if not styles:
        styles = [Style(decimal or ("," if thousands == "." else "."), thousands or "")]
    counts = [sum(not math.isnan(_parsed(core, style)) for core in cores) for style in styles]
    best = [style for style, count in zip(styles, counts, strict=True) if count == max(counts)]
    if not max(counts):
        return Style(decimal or ("," if comma else "."), thousands or "")
    plain, with_comma = Style(".", ""), Style(",", "")
    if comma and with_comma in best and not (plain in best and any("." in core for core in cores)):
        return with_comma._replace(units=units)
    some = next((core for core in cores if "," in core or "." in core), "")
    if with_comma in best and Style(".", ",") in best and plain not in best:
        raise AmbiguousError(_both(some, ","))
    if comma and plain in best and Style(",", ".") in best and "." in some:
        raise AmbiguousError(_both(some, "."))
    return best[0]._replace(units=units)


def _both(text: str, sign: str) -> str:
    as_decimal, as_thousands = text.replace(sign, "."), text.replace(sign, "")
    return (
        f"numbers such as {shown(text)}, which may be {as_decimal} or {as_thousands}: pass decimal={sign!r} or "
        f"thousands={sign!r} (--decimal, --thousands)"
    )


def in_style(text: str, style: Style) -> float:
    """The number in a text; NaN for none in this style, or with another unit.

    Examples
    --------
    >>> in_style("1 234,5 m", Style(",", " ", "m")), in_style("12 km", Style(units="m"))
    (1234.5, nan)
    """
    text = text.translate(_PLAIN).strip()
    if style.units and (found := _UNIT.fullmatch(text)):
        before, core, behind = found.groups(default="")
        if (before or behind) not in ("", style.units):
            return math.nan
        text = core
    return _parsed(text, style)


def _parsed(text: str, style: Style) -> float:
    decimal, thousands, _ = style
    if thousands and thousands in text:
        whole, sign, rest = text.partition(decimal)
        first, *groups = whole.lstrip("+-").split(thousands)
        digits = first.isdigit() and len(first) <= 3 and first[0] != "0"
        if not digits or not all(len(group) == 3 and group.isdigit() for group in groups):
            return math.nan
        text = whole.replace(thousands, "") + sign + rest
    return number(text, comma=decimal == ",")


def _same_units(parts: Iterable[re.Match[str]]) -> str:
    """The unit that nearly all numbers with a unit have; "" where they differ."""
    counts = Counter(
        before or behind for before, _, behind in (p.groups(default="") for p in parts) if before or behind
    )
    if not counts:
        return ""
    unit, count = counts.most_common(1)[0]
    return unit if count >= MIN_SAME_UNIT * sum(counts.values()) else ""


def units_differ(texts: Sequence[str]) -> tuple[str, ...]:
    """The most frequent units, where most texts are numbers with units that differ; else none."""
    parts = [found for text in texts if (found := _UNIT.fullmatch(text.translate(_PLAIN).strip()))]
    counts = Counter(p[1] or p[3] for p in parts if p[1] or p[3])
    if len(counts) < 2 or 2 * sum(counts.values()) <= len(texts) or _same_units(parts):
        return ()
    return tuple(unit for unit, _ in counts.most_common(3))


def are_dates(texts: Sequence[str]) -> bool:
    """Whether more than half of some different texts are dates or times.

    Examples
    --------
    >>> are_dates(["2021-05-01", "2021-05-02T12:00"]), are_dates(["20210501"]), are_dates(["1.5"])
    (True, True, False)
    """
    found = sum(any(pattern.fullmatch(text) for pattern in _DATES) or _is_compact_date(text) for text in texts)
    return 2 * found > len(texts)


def _is_compact_date(text: str) -> bool:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return False
    return 1800 <= int(text[:4]) <= 2100 and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:]) <= 31
