"""Parquet, and GeoParquet of points.  pyarrow reads it in a process of its own: see ``apart``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2v.data.readers import apart
from s2v.data.readers.base import MAX_ROWS, Batch, Options, Reader, Table, title, too_many_rows
from s2v.data.readers.columns import fits
from s2v.data.readers.crs import crs_of_file, understood


def read_parquet(content: bytes, name: str, options: Options) -> Table:
    """The table in a Parquet file; ``ValueError`` where it is damaged or holds too much."""
    (head,) = apart.ask(name, {name: content}, "parquet", columns=None, geometry=False)
    if head["rows"] > MAX_ROWS:
        raise too_many_rows(title(name))
    columns = tuple(head["columns"])

    def ask(chosen: list[int], geometry: bool) -> list[apart.Answer]:
        apart.check_columns(title(name), columns, head["refused"], chosen)
        return apart.ask(name, {name: content}, "parquet", columns=chosen, geometry=geometry)

    def batches(*wanted: int | None) -> Iterator[Batch]:
        return apart.table_batches(ask([column for column in wanted if column is not None], False), wanted)

    def of_geometry(longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Batch]:
        return apart.geometry_batches(ask([] if target is None else [target], True))

    geometry = head["geometry"]
    table = Table.of_batches(batches, name, columns, crs=understood(options.crs, "crs="))
    known = any(fits("lon", column) for column in columns) and any(fits("lat", column) for column in columns)
    if geometry is None or (known and geometry["types"] and not any("Point" in kind for kind in geometry["types"])):
        return table
    crs = table.crs if options.crs else crs_of_file(title(name), geometry["crs"])
    places = Table.of_batches(of_geometry, name, columns, has_places=True, crs=crs, geometry=geometry["name"])
    return replace(table, in_geometry=places)


PARQUET = Reader(
    name="Parquet",
    title="Parquet",
    suffixes=(".parquet", ".pq", ".geoparquet"),
    recognises=lambda content: content.startswith(b"PAR1"),
    read=read_parquet,
)
