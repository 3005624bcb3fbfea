"""Separated text: a header row first, with commas, semicolons, tabs, bars or blanks between the fields."""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal

from s2v.data.readers.base import Options, Reader, Row, Table, title
from s2v.data.readers.cells import number, shown
from s2v.data.readers.crs import understood

MAX_HEADER = 65536  # characters: the header must end within them, and they show the separator
MAX_ROW = 1_000_000  # characters
_SEPARATORS = (",", ";", "\t", "|")
_PIECE = 2**20  # bytes
_BLANKS = " "  # stands for any number of blanks and tabs
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_text(content: bytes, name: str, options: Options) -> Table:
    """The table in a text file; ``ValueError`` where it is not text or has no header."""
    text = _Text(content, name, options.encoding)
    return Table(name, text.columns, text.rows, crs=understood(options.crs, "crs="))


TEXT = Reader(
    name="text",
    title="CSV or other separated text",
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    recognises=lambda content: True,
    read=read_text,
)


class _Text:
    def __init__(self, content: bytes, name: str, encoding: str) -> None:
        self._content, self._title = content, title(name)
        self._encoding = encoding or _encoding(content, self._title)
        self._separator = _separator(self._sample())
        header = next(self._records(), None)
        if header is None:
            raise ValueError(f"{self._title} is empty: a header row and at least one row of data are needed.")
        self.columns = tuple(_unquoted(field) for field in header[1])
        if not any(math.isnan(number(name)) for name in self.columns if name):
            raise ValueError(
                f"{self._title} begins with a row of numbers, where names are expected. Add a header row, such as "
                "longitude,latitude,value."
            )

    def rows(self, longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Row]:
        width = len(self.columns)
        for row, fields in islice(self._records(), 1, None):
            if len(fields) > width and any(field.strip() for field in fields[width:]):
                problem = (
                    f"{len(fields)} fields, where the header has {width}; put text that holds the separator into "
                    "quotation marks, and write numbers with a decimal point"
                )
                yield Row(row, None, None, None, problem)
            else:
                yield Row(row, _field(fields, longitude), _field(fields, latitude), _field(fields, target))

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not empty, with their numbers as a spreadsheet counts them, from 1."""
        row = 0
        lines = _Lines(self._text())
        try:
            for row, fields in enumerate(_split(lines, self._separator), 1):
                lines.left = MAX_ROW
                if any(field.strip() for field in fields):
                    yield row, fields
        except _TooLongError:
            raise ValueError(
                f"{self._title}: row {row + 1:,} has more than {MAX_ROW:,} characters, the most that are read. Is a "
                "quotation mark not closed, or are ends of lines missing? Keep only the columns that are needed."
            ) from None
        except csv.Error as error:
            raise ValueError(
                f"{self._title} cannot be read beyond row {row}: {error}. Is a quotation mark not closed? Fields have "
                f"at most {csv.field_size_limit():,} characters."
            ) from None
        except UnicodeError:
            raise self._wrong_encoding() from None

    def _sample(self) -> list[str]:
        try:
            text = self._text().read(MAX_HEADER)
        except UnicodeError:
            raise self._wrong_encoding() from None
        lines = list(io.StringIO(text, newline=""))
        if len(text) == MAX_HEADER:
            lines.pop()
            if not lines:
                raise ValueError(
                    f"{self._title} has a first line of more than {MAX_HEADER:,} characters: it is no table."
                )
        return lines

    def _text(self) -> io.TextIOWrapper:
        try:
            return io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline="")
        except LookupError:
            raise ValueError(
                f"encoding={shown(self._encoding)} is not known. Allowed are names such as utf-8, utf-16, cp1252, "
                "cp1251, shift_jis; leave it out to have it guessed."
            ) from None

    def _wrong_encoding(self) -> ValueError:
        return ValueError(
            f"{self._title} is not text in the encoding {self._encoding}. Save it as UTF-8, or pass its encoding=..."
        )


class _TooLongError(Exception):
    """A row has more characters than are read."""


class _Lines:
    """Lines of a text, of which no more than ``left`` characters are read: a row may have many, of any length."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.left = MAX_ROW

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(self.left + 1):
            self.left -= len(line)
            if self.left < 0:
                raise _TooLongError
            yield line


def _encoding(content: bytes, title: str) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 where it is valid, else Windows-1252 or, failing that, Latin-1."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    if b"\0" in content:
        raise ValueError(f"{title} holds NUL bytes, so it is no text, or UTF-16 without its mark: save it as UTF-8.")
    for name in ("utf-8", "cp1252"):
        if _is_valid(content, name):
            return name
    return "latin-1"


def _is_valid(content: bytes, encoding: str) -> bool:
    """Whether all of it can be decoded, piece by piece: as one text it may take four times its size."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(lines: list[str]) -> str:
    """The separator that cuts the largest share of lines into as many fields as the header; blanks if there is none."""
    best, highest = _BLANKS, (0.0, 1)
    for separator in _SEPARATORS:
        try:  # the last line may end within quotation marks: not strict
            widths = [len(fields) for fields in _split(lines, separator, strict=False) if any(fields)]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > highest:
                best, highest = separator, score
    return best


def _split(lines: Iterable[str], separator: str, strict: bool = True) -> Iterator[list[str]]:
    """The fields of each row; ``csv.Error`` where they are too long or, if ``strict``, wrongly quoted."""
    if separator == _BLANKS:
        return (line.split() for line in lines)
    # Between tabs a quotation mark is an ordinary letter: GBIF's downloads have unpaired ones.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    return csv.reader(lines, delimiter=separator, quoting=quoting, skipinitialspace=True, strict=strict)


def _field(fields: list[str], column: int | None) -> str | None:
    return None if column is None or column >= len(fields) else _unquoted(fields[column])


def _unquoted(field: str) -> str:
    """A field without blanks and quotation marks around it, which csv leaves where the separator is a tab."""
    field = field.strip()
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"').strip()
    return field
