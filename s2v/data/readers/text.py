"""Separated text: a header row first, with commas, semicolons, tabs, bars or blanks between the fields.

``dialect`` finds where the table begins and how its fields are separated, ``encodings`` what its bytes mean.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Iterator, Sequence
from itertools import islice

from s2v.data.readers import encodings
from s2v.data.readers.base import BATCH_ROWS, Batch, Options, Reader, Row, Table, title
from s2v.data.readers.cells import Cell, number, shown
from s2v.data.readers.crs import understood
from s2v.data.readers.dialect import BLANKS, find_start, separator_of, shape_of, split, unquoted

MAX_HEADER = 65536  # characters: the header must end within them, and they show the separator
MAX_PREAMBLE = 2**21  # characters before the header
MAX_ROW = 1_000_000  # characters


def read_text(content: bytes, name: str, options: Options) -> Table:
    """The table in a text file; ``ValueError`` where it is not text or has no header."""
    text = _Text(content, name, options.encoding)
    return Table(
        name,
        text.columns,
        text.rows,
        crs=understood(options.crs, "crs="),
        fast=text.batches,
        encoding=encodings.in_words(text.encoding),
        separator=text.separator,
        guessed=text.guessed,
    )


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
        self.encoding = encoding or encodings.guess(content, self._title)
        if self.encoding.casefold() in ("utf-8", "utf8") and content.startswith(codecs.BOM_UTF8):
            self.encoding = "utf-8-sig"
        self.guessed = not encoding and self.encoding in ("cp1252", "latin-1")
        lines = self._first_lines()
        self._start = find_start(lines)
        sample = self._sample(lines[self._start.skipped :])
        header = self._start.header
        whole = sample if header is None else [header, *sample]
        self.separator = self._start.separator or separator_of(whole)
        # The file itself is read strictly, a sample is not: it may end within quotation marks.
        first = next(self._records(0), None) if header is None else (0, self._header_fields(header))
        if first is None:
            raise ValueError(f"{self._title} is empty: a header row and at least one row of data are needed.")
        columns = tuple(unquoted(field) for field in first[1])
        if not any(math.isnan(number(name)) for name in columns if name):
            raise ValueError(
                f"{self._title} begins with a row of numbers, where names are expected. Add a header row, such as "
                "longitude,latitude,value."
            )
        rows = self._split_sample(sample)
        del rows[: 1 if header is None else 0]
        quoted = any(line.lstrip().startswith('"') for line in sample[1:2])
        self._shape = shape_of(columns, rows, quoted)
        self.columns = ("", *columns) if self._shape.row_names else columns

    def rows(self, longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Row]:
        for batch in self.batches(longitude, latitude, target):
            good = zip(batch.numbers, batch.longitude, batch.latitude, batch.target, strict=True)
            found = [Row(*cells) for cells in good]
            found += [Row(row, None, None, None, problem) for row, problem in batch.problems]
            yield from sorted(found, key=lambda row: row.number)

    def batches(self, longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Batch]:
        wanted = (longitude, latitude, target)
        place = [column for column in (longitude, latitude) if column is not None]
        width = self._shape.width
        records = self._records(0 if self._start.header is not None else 1)
        while some := list(islice(records, BATCH_ROWS)):
            problems = []
            if {len(fields) for _, fields in some} != {width}:
                for row, fields in some:
                    if len(fields) != width and (problem := self._shape.problem(fields, place)):
                        problems.append((row, problem))
                bad = {row for row, _ in problems}
                some = [record for record in some if record[0] not in bad]
            rows = [fields for _, fields in some]
            columns = [self._cells(rows, column) for column in wanted]
            yield Batch([row for row, _ in some], columns[0], columns[1], columns[2], problems)

    def _cells(self, rows: Sequence[Sequence[str]], column: int | None) -> list[Cell]:
        if column is None:
            return [None] * len(rows)
        try:
            cells = [fields[column] for fields in rows]
        except IndexError:
            return [unquoted(fields[column]) if column < len(fields) else None for fields in rows]
        return [unquoted(cell) for cell in cells] if self.separator in ("\t", BLANKS) else list(cells)

    def _records(self, first: int) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not empty, from the ``first``, with their numbers as a spreadsheet counts them, from 1."""
        row = skipped = self._start.skipped
        text = self._text()
        for _ in range(skipped):
            text.readline()
        lines = _Lines(text)
        found = 0
        try:
            for row, fields in enumerate(split(lines, self.separator), skipped + 1):
                lines.left = MAX_ROW
                if (fields and fields[0]) or any(field.strip() for field in fields):
                    if found >= first:
                        yield row, fields
                    found += 1
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

    def _header_fields(self, header: str) -> list[str]:
        """The names in a header that is a comment."""
        try:
            return next(split([header], self.separator))
        except csv.Error as error:
            raise ValueError(
                f"{self._title}: its header, the comment {shown(header)}, cannot be read: {error}. Is a quotation mark "
                "not closed?"
            ) from None

    def _first_lines(self) -> list[str]:
        """The beginning of the text in whole lines: a preamble, the header and some rows."""
        try:
            text = self._text().read(MAX_PREAMBLE)
        except UnicodeError:
            raise self._wrong_encoding() from None
        lines = list(io.StringIO(text, newline=""))
        if len(text) == MAX_PREAMBLE and len(lines) > 1:
            lines.pop()
        return lines

    def _sample(self, lines: Sequence[str]) -> list[str]:
        """The lines that begin the table, of ``MAX_HEADER`` characters."""
        left, sample = MAX_HEADER, []
        for line in lines:
            left -= len(line)
            if left < 0:
                break
            sample.append(line)
        if lines and not sample:
            raise ValueError(f"{self._title} has a first line of more than {MAX_HEADER:,} characters: it is no table.")
        return sample

    def _split_sample(self, sample: Sequence[str]) -> list[list[str]]:
        """The rows of a sample, without the last one, which may not be whole."""
        rows = []
        try:
            for fields in split(sample, self.separator, strict=False):
                rows.append(fields)
        except csv.Error:
            pass
        return rows[:-1] if len(rows) > 2 else rows

    def _text(self) -> io.TextIOWrapper:
        try:
            return io.TextIOWrapper(io.BytesIO(self._content), encoding=self.encoding, newline="")
        except LookupError:
            raise ValueError(
                f"encoding={shown(self.encoding)} is not known. Allowed are names such as utf-8, utf-16, cp1252, "
                "cp1251, shift_jis; leave it out to have it guessed."
            ) from None

    def _wrong_encoding(self) -> ValueError:
        return ValueError(
            f"{self._title} is not text in the encoding {self.encoding}. Save it as UTF-8, or pass its encoding=..."
        )


class _TooLongError(Exception):
    """A row has more characters than are read."""


class _Lines:
    """Lines of a text, of which no more than ``left`` characters are read: a row may have many, of any length."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.left = MAX_ROW

    def __iter__(self) -> Iterator[str]:
        read = self._text.readline  # looked up once: this runs for each of a million lines
        while line := read(self.left + 1):
            self.left -= len(line)
            if self.left < 0:
                raise _TooLongError
            yield line
