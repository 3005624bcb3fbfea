"""Which columns of a user's file are targets, where none is named: the table of a benchmark has many."""

from __future__ import annotations

from dataclasses import replace

from s2v.data.readers.base import Options
from s2v.data.readers.columns import choose
from s2v.data.readers.files import Source, open_table
from s2v.data.readers.geometry import in_geometry
from s2v.data.readers.survey import Column, survey

# Columns that tables carry beside their targets, in lower case: CoordBench's own, and numbers of rows.
NO_TARGETS = frozenset(("", "fid", "id", "index", "split", "timestamp", "timestamp_end", "unnamed: 0"))
NOT_BY_NAME = "no target by its name"


def columns_of(
    source: Source,
    lon: str | None = None,
    lat: str | None = None,
    *,
    encoding: str | None = None,
    crs: str | int | None = None,
    layer: str | None = None,
) -> tuple[Column, ...]:
    """The columns of a file beside its coordinates, judged by its first rows.

    Parameters
    ----------
    source, lon, lat, encoding, crs, layer
        As for ``read_points``.

    Returns
    -------
    tuple of Column
        Those whose ``task`` is not None are targets; ``about`` says what they hold, or why they are none.  Of very many
        columns the first 30 are looked at.

    Raises
    ------
    FileNotFoundError, ValueError
        As ``read_points``.

    Examples
    --------
    >>> import io
    >>> rows = "".join(f"{i},{i},{i},{i / 7},{'land' if i % 2 else 'sea'}\\n" for i in range(20))
    >>> [(c.name, c.task) for c in columns_of(io.StringIO("id,lon,lat,height,kind\\n" + rows))]
    [('id', None), ('height', 'regression'), ('kind', 'classification')]
    """
    table = open_table(source, Options(encoding or "", "" if crs is None else str(crs), layer or ""))
    if lon is None and lat is None:
        table = in_geometry(table)
    coordinates = {table.columns[i] for i in choose(table, lon, lat, None) if i is not None} | {table.geometry}
    found = (column for column in survey(table) if column.name not in coordinates or not column.name)
    return tuple(
        replace(column, task=None, about=NOT_BY_NAME) if column.name.casefold().strip() in NO_TARGETS else column
        for column in found
    )
