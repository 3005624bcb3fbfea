"""How the fields of a text file are separated, and what surrounds its table.

A file may begin with something else than its header: a line ``sep=;``, a block ``/* ... */`` (PANGAEA), lines of
comment (NOAA, Argo), a title.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from s2v.data.readers.cells import number
from s2v.data.readers.columns import fits

SEPARATORS = (",", ";", "\t", "|")
BLANKS = " "  # stands for any number of blanks and tabs
MAX_TITLES = 100  # lines before the header that are no comments
_SEP = re.compile(r"""\s*["']?sep=(.)["']?[\s,;|]*""", re.IGNORECASE | re.DOTALL)
_COMMENTS = ("#", "%", "//", "!")
# R writes a quotation mark within quotation marks as \\", others write it twice.
_BLANK_FIELD = re.compile(r'"((?:[^"\\]|\\.|"")*)"(?=\s|$)|(\S+)')


class Start(NamedTuple):
    """Where the table of a file begins.

    Attributes
    ----------
    skipped : int
        Lines before the table: before its header, or before its first row where the header is a comment.
    header : str or None
        The header without its sign, where it is a comment.
    separator : str
        What a line ``sep=`` asked for; "" without one.
    """

    skipped: int
    header: str | None
    separator: str


def find_start(lines: Sequence[str]) -> Start:
    """Where the table begins, judged by the first lines of a file."""
    at, separator = 0, ""
    if lines and (asked := _SEP.fullmatch(lines[0].removeprefix("\ufeff"))):
        at, separator = 1, asked[1]
    at = _not_blank(lines, at)
    if at < len(lines) and lines[at].lstrip().startswith("/*"):
        end = next((i for i in range(at, len(lines)) if "*/" in lines[i]), None)
        at = at if end is None else _not_blank(lines, end + 1)
    comments: list[str] = []
    first = at
    while first < len(lines) and lines[first].lstrip().startswith(_COMMENTS):
        comments.append(lines[first].strip().lstrip("#%/!").strip("\r\n"))
        first = _not_blank(lines, first + 1)
    if comments:
        header = _among(comments, lines[first : first + 20], separator)
        return Start(first, header, separator)
    return Start(_after_titles(lines, at, separator), None, separator)


def _not_blank(lines: Sequence[str], at: int) -> int:
    return next((i for i in range(at, len(lines)) if lines[i].strip()), len(lines))


def _among(comments: list[str], rows: Sequence[str], asked: str) -> str | None:
    """The comment that is the header: the rows begin with numbers, or with fewer names than the comment knows."""
    if not rows:
        return comments[-1]
    separator = asked or separator_of(rows)
    first = _fields(rows[0], separator)
    if _has_places(first) or all(math.isnan(number(field.strip(' "'))) for field in first):
        return None  # the row itself is the header
    alike = [text for text in comments if len(_fields(text, separator)) == len(first)]
    known = [text for text in alike if _has_places(_fields(text, separator))]
    found = known or [text for text in alike[-1:] if text is comments[-1]]
    return found[-1].strip() if found and separator == BLANKS else found[-1] if found else None


def _after_titles(lines: Sequence[str], at: int, asked: str) -> int:
    """The first line, or a later one that names longitude and latitude where those before it are no rows of it."""
    for separator in (asked,) if asked else (*SEPARATORS, BLANKS):
        widths: list[int] = []
        for i in range(at, min(at + MAX_TITLES, len(lines))):
            fields = _fields(lines[i], separator)
            if _has_places(fields):
                below = _fields(lines[i + 1], separator) if i + 1 < len(lines) else fields
                if i == at or (_filled(fields) not in widths and len(below) >= _filled(fields)):
                    return i
                break
            widths.append(_filled(fields))
    return at


def _fields(line: str, separator: str) -> list[str]:
    """The fields of a line that may be none of a table."""
    try:
        return next(split([line], separator, strict=False), [])
    except csv.Error:
        return []


def _filled(fields: Sequence[str]) -> int:
    """How many fields there are, without empty ones at the end: a spreadsheet pads titles with separators."""
    return max((i for i, field in enumerate(fields, 1) if field.strip()), default=0)


def _has_places(fields: Sequence[str]) -> bool:
    names = [field.strip(' "\r\n') for field in fields]
    return any(fits("lon", name) for name in names) and any(fits("lat", name) for name in names)


def separator_of(lines: Sequence[str]) -> str:
    """The separator that cuts the largest share of lines into as many fields as the header; blanks if there is none."""
    best, highest = BLANKS, (0.0, 1)
    for separator in SEPARATORS:
        try:  # the last line may end within quotation marks: not strict
            widths = [len(fields) for fields in split(lines, separator, strict=False) if any(fields)]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > highest:
                best, highest = separator, score
    return best


def split(lines: Iterable[str], separator: str, strict: bool = True) -> Iterator[list[str]]:
    """The fields of each row; ``csv.Error`` where they are too long or, if ``strict``, wrongly quoted."""
    if separator == BLANKS:
        return map(_blank_fields, lines)
    # Between tabs a quotation mark is an ordinary letter: GBIF's downloads have unpaired ones.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    return csv.reader(lines, delimiter=separator, quoting=quoting, skipinitialspace=True, strict=strict)


def _blank_fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split()
    return [bare or _unescaped(quoted) for quoted, bare in _BLANK_FIELD.findall(line)]


def _unescaped(quoted: str) -> str:
    return re.sub(r'\\(.)|""', lambda found: found[1] or '"', quoted)


def unquoted(field: str) -> str:
    """A field without blanks and quotation marks around it, which csv leaves where the separator is a tab."""
    field = field.strip()
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"').strip()
    return field


class Shape(NamedTuple):
    """How many fields the rows of a file have.

    Attributes
    ----------
    width : int
        As the header.
    row_names : bool
        Every row begins with a name that has no column, as R writes it: the header is one field short.
    spare : int
        Empty fields that every row may have at its end.
    may_be_short : bool
        Empty fields at the end of a row may be left out.
    ends_filled : bool
        The last column is filled in most rows, so that a row with more fields, the last ones empty, has not shifted.
    """

    width: int
    row_names: bool = False
    spare: int = 0
    may_be_short: bool = False
    ends_filled: bool = True

    def problem(self, fields: Sequence[str], used: Sequence[int]) -> str:
        """Why a row with another number of fields than the header cannot be read as it stands; "" if it can.

        ``used`` are the columns of its place.
        """
        count, width = len(fields), self.width
        if count > width:
            if any(field.strip() for field in fields[width:]):
                return (
                    f"{count} fields, where the header has {width}; put text that holds the separator into quotation "
                    "marks, and write numbers with a decimal point"
                )
            if count - width > self.spare and not self.ends_filled:
                return (
                    f"{count} fields, where the header has {width}, the last one empty; with a separator too many its "
                    "cells may stand under wrong names, so take it out"
                )
        elif count < width and not self.may_be_short and all(column < count for column in used):
            return (
                f"{count} fields, where the header has {width}; with a separator missing its cells may stand under "
                "wrong names, so write empty cells, too"
            )
        return ""


MIN_ALIKE = 0.9  # share of rows with one field more than the header, for it to be R's
MIN_SHORT = 0.1  # share of rows that are short from which that is the way of a file, no slip


def shape_of(header: Sequence[str], rows: Sequence[Sequence[str]], quoted_first: bool) -> Shape:
    """The shape of a table, judged by its first rows; ``quoted_first``: whether rows begin with a quotation mark."""
    width = len(header)
    rows = [row for row in rows if any(field.strip() for field in row)]
    if not rows:
        return Shape(width)
    filled = [_filled(row) for row in rows]
    longer_by_one = [row for row in rows if len(row) == width + 1]
    if len(longer_by_one) >= MIN_ALIKE * len(rows) and any(count == width + 1 for count in filled):
        if _are_row_names([row[0] for row in longer_by_one], quoted_first):
            last = [row[-1] for row in longer_by_one]
            return Shape(width + 1, row_names=True, ends_filled=_mostly_filled(last))
        return Shape(width)
    spare = 0
    longer = [len(row) - width for row in rows if len(row) > width >= _filled(row)]
    if 2 * len(longer) > len(rows):
        spare = max(set(longer), key=longer.count)
    named = _filled(header)  # names; the header may have a spare separator, too
    short = sum(len(row) < width for row in rows)
    whole = any(len(row) >= named for row in rows)
    last = [row[named - 1] if len(row) >= named else "" for row in rows]
    return Shape(
        width,
        spare=spare,
        may_be_short=whole and short >= MIN_SHORT * len(rows),
        ends_filled=_mostly_filled(last),
    )


def _mostly_filled(cells: Sequence[str]) -> bool:
    return 2 * sum(bool(cell.strip()) for cell in cells) > len(cells)


def _are_row_names(names: Sequence[str], quoted: bool) -> bool:
    """R's row names differ; unless they are quoted they must be texts or rising whole numbers, not values."""
    names = [name.strip() for name in names]
    if not all(names) or len(set(names)) < len(names):
        return False
    values = [number(name) for name in names]
    if quoted or all(math.isnan(value) for value in values):
        return True
    rising = all(a < b for a, b in pairwise(values))
    return rising and all(name.isdigit() for name in names) and len(names) > 1
