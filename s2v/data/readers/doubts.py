"""Rows that may mean something else than they seem to: absences, and places at longitude 0, latitude 0."""

from __future__ import annotations

from s2v.data.readers.base import Table
from s2v.data.readers.cells import Cell, listed
from s2v.data.readers.coordinates import Places

STATUS = "occurrencestatus"  # Darwin Core: PRESENT or ABSENT


def status_column(table: Table, target: int | None) -> int | None:
    """The column that says whether a species was found, unless it is what is to be learned."""
    found = [i for i, name in enumerate(table.columns) if "".join(filter(str.isalnum, name)).casefold() == STATUS]
    return found[0] if len(found) == 1 and found[0] != target else None


def absent_rows(table: Table, column: int) -> set[int]:
    """The numbers of the rows whose occurrence status is ABSENT: nothing was found there (Darwin Core)."""
    found: set[int] = set()
    for batch in table.batches(None, None, column):
        found.update(row for row, cell in zip(batch.numbers, batch.target, strict=True) if _is_absence(cell))
    return found


def _is_absence(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip(' "').casefold() == "absent"


def suspicious(places: Places, noun: str) -> list[str]:
    """Sentences about places that often stand for an unknown or mistaken one."""
    longitude, latitude = places.lonlat.T
    zero = (longitude == 0) & (latitude == 0)
    equal = (longitude == latitude) & ~zero
    said = []
    for rows, where, why in (
        (places.rows[zero].tolist(), "longitude 0, latitude 0", "stands for an unknown place"),
        (places.rows[equal].tolist(), "a longitude that equals the latitude", "is a mistake"),
    ):
        if rows:
            some = f"1 {noun} lies" if len(rows) == 1 else f"{len(rows):,} {noun}s lie"
            which = f"{noun}{'s' if len(rows) > 1 else ''} {listed(rows)}"
            said.append(f"{some} at {where} ({which}), which often {why}: if so, leave these cells empty.")
    return said
