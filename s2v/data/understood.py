"""What was understood of a user's file, as plain values and in words: ``DataSet.understood``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from s2v.data.catalogue import Task
from s2v.errors import shown

_SIGNS = {".": "point", ",": "comma", " ": "blank", "'": "apostrophe", "\t": "tab", ";": "semicolon", "|": "bar"}


class LeftOut(NamedTuple):
    """How many rows were left out for one reason, and the number of the first of them."""

    reason: str
    rows: int
    first: int


@dataclass(frozen=True, kw_only=True)
class Understood:
    """How a user's file was read: what ``read_points`` took its columns, signs and rows for.

    Attributes
    ----------
    file : str
        Name of the file; "" if it has none.
    encoding, separator : str
        Of a text file; "" for other formats.
    crs : str
        What the coordinates were converted from; "" for degrees of WGS 84.
    geometry : str
        Name of the column of geometries (WKT and the like) that holds the places; "" where none does.
    longitude, latitude, target : str or None
        Names of the columns; None where the format holds the places itself, and where nothing is to be learned.
    task : "regression", "classification" or "presence"
    why : str
        Why the target is values or classes, in words.
    different : int
        How many different values, or classes, the rows that are used have.
    decimal : str
        Decimal sign of the coordinates, "." or ",".
    target_decimal, target_thousands : str
        Decimal and thousands sign of a target of numbers; "" for none.
    units : str
        What was taken off behind (or before) the numbers of the target, such as "m" or "%".
    noun : str
        What is counted: "row", or "feature".
    rows, used : int
        How many there are in the file, without empty ones, and how many are used.
    left_out : tuple of LeftOut
        Why the others are not, the most frequent reason first.
    warnings : tuple of str
        Sentences about what looks wrong or was guessed, each with what to do.

    Examples
    --------
    >>> import io
    >>> from s2v.data import read_points
    >>> text = "lon;lat;depth\\n-70,5;-12;1 m\\n-71;-13,25;2,5 m\\n;;4 m\\n-73;-14;4 m\\n"
    >>> u = read_points(io.StringIO(text), target="depth").understood
    >>> u.target, u.task, u.different, u.decimal, u.units, u.used, u.left_out
    ('depth', 'regression', 3, ',', 'm', 3, (LeftOut(reason='no coordinates', rows=1, first=4),))
    >>> print(u)
    Read 3 of 4 rows of the file: text in UTF-8, separated by semicolons, with decimal commas.
    Longitude is 'lon', latitude 'lat'.
    Target 'depth' is values (a regression): its cells are numbers, 3 different ones; 'm' was taken off.
    Left out: 1 row with no coordinates (row 4).
    """

    file: str = ""
    encoding: str = ""
    separator: str = ""
    crs: str = ""
    geometry: str = ""
    longitude: str | None
    latitude: str | None
    target: str | None
    task: Task
    why: str
    different: int
    decimal: str = "."
    target_decimal: str = ""
    target_thousands: str = ""
    units: str = ""
    noun: str = "row"
    rows: int
    used: int
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in a few lines of plain English."""
        return (
            self._about_file(),
            self._about_columns(),
            self._about_target(),
            *([f"Left out: {'; '.join(map(self._in_words, self.left_out))}."] if self.left_out else []),
            *(f"Warning: {warning}" for warning in self.warnings),
        )

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _about_file(self) -> str:
        of = f"the file {shown(self.file)}" if self.file else "the file"
        text = [f"text in {self.encoding}"] if self.encoding else []
        text += [f"separated by {_SIGNS.get(self.separator, self.separator)}s"] if self.separator else []
        text += [f"with decimal {_SIGNS[self.decimal]}s"] if self.encoding else []
        about = f": {', '.join(text)}" if text else ""
        return f"Read {self.used:,} of {self.rows:,} {self.noun}s of {of}{about}."

    def _about_columns(self) -> str:
        converted = f", converted from {self.crs}" if self.crs else ""
        if self.longitude is None or self.latitude is None:
            of = f"points in {shown(self.geometry)}" if self.geometry else f"those of the {self.noun}s"
            return f"Places are {of}{converted}."
        first, second = ("Easting", "northing") if converted else ("Longitude", "latitude")
        return f"{first} is {shown(self.longitude)}, {second} {shown(self.latitude)}{converted}."

    def _about_target(self) -> str:
        if self.target is None:
            return "No target was given: the places are presences of one class."
        kind = {
            "regression": "values (a regression)",
            "classification": f"{self.different:,} classes (a classification)",
            "presence": f"{self.different:,} classes (presences)",
        }[self.task]
        extra = []
        if self.target_decimal and self.target_decimal != self.decimal:
            extra.append(f"its decimal sign is a {_SIGNS[self.target_decimal]}")
        if self.target_thousands:
            extra.append(f"its thousands sign is {_a(_SIGNS[self.target_thousands])}")
        if self.units:
            extra.append(f"{shown(self.units)} was taken off")
        return f"Target {shown(self.target)} is {kind}: {'; '.join([self.why, *extra])}."

    def _in_words(self, left_out: LeftOut) -> str:
        reason, rows, first = left_out
        one = rows == 1
        where = f"{self.noun} {first:,}" if one else f"the first is {self.noun} {first:,}"
        return f"{rows:,} {self.noun}{'' if one else 's'} with {reason} ({where})"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
