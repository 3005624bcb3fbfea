"""A program that reads a binary file from its input and writes lines of JSON.  ``apart`` runs it, and outlives it.

Its argument is an object: ``format`` is "parquet", the name of a GDAL driver, or "drivers" to list those.  ``columns``
is null for the head of the table, else the numbers of the columns whose cells are wanted, batch by batch; with
``geometry``, the points of the geometries come, too.  Texts are clipped and sent once a batch, so that one that is
repeated a million times, as in a decompression bomb, is never written out.  It is run by its path and imports nothing
of the project, to start fast.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

MAX_MEMORY = 4 * 2**30  # bytes of address space
MAX_DISK = 2**30  # bytes of a file that is written
BATCH = 20_000  # rows
MAX_TEXT = 250  # letters of a text that are kept: more than the name of a class may have
MAX_NAMES = 10_000  # layers
MAX_DEPTH = 20  # of collections in collections

POINT, MULTIPOINT, COLLECTION = 0, 4, 7  # shapely's numbers of types
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main(request: dict[str, Any]) -> None:
    """Writes the answers; an error in the file is an answer, too."""
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_FSIZE, MAX_DISK),
        (resource.RLIMIT_CPU, request["seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    try:
        for answer in answers(request):
            print(json.dumps(answer))
    # pyarrow's and pyogrio's errors are subclasses of these.
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, sqlite3.Error) as error:
        text = " ".join(str(error).replace(f"{request.get('folder', '')}/", "").split())
        print(json.dumps({"error": text[:200].rstrip(".")}))


def answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers to a request."""
    if request["format"] == "drivers":
        yield {"drivers": sorted(gdal().list_drivers())}
        return
    source: Parquet | Layer = Parquet(request) if request["format"] == "parquet" else Layer(request)
    if request["columns"] is None:
        yield source.head()
        return
    size = source.unpacked()
    if size > request["max_unpacked"]:
        yield {"unpacked": size}
        return
    rows = 0
    for batch, geometries in source.batches():
        answer: dict[str, Any] = {"rows": len(batch), "columns": [cells(batch.column(name)) for name in source.names]}
        if geometries is not None:
            answer |= points(geometries, request["max_rows"])
        rows += max(len(batch), len(answer.get("x", ())))
        if rows > request["max_rows"]:
            yield {"too_many": rows}
            return
        yield answer


class Parquet:
    """A Parquet file, with or without geometries."""

    def __init__(self, request: dict[str, Any]) -> None:
        import pyarrow.parquet  # type: ignore[import-untyped]

        self._raw = pyarrow.BufferReader(sys.stdin.buffer.read())
        file = pyarrow.parquet.ParquetFile(self._raw)
        self.schema = file.schema_arrow
        self.geometry = self._geometry()
        self.names = [self.schema.field(column).name for column in request["columns"] or ()]
        self._wanted = [self.geometry["name"]] if request["geometry"] and self.geometry else []
        # Dictionary-encoded texts.
        self._file = pyarrow.parquet.ParquetFile(self._raw, read_dictionary=self.names) if self.names else file

    def head(self) -> dict[str, Any]:
        """Names of the columns, for each the type if it cannot be read, how many rows there are, and the geometry."""
        return {**described(self.schema), "rows": self._file.metadata.num_rows, "geometry": self.geometry}

    def unpacked(self) -> int:
        """Bytes that the columns take once unpacked, according to the file."""
        names = [*self.names, *self._wanted]
        metadata = self._file.metadata
        groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
        parts = (group.column(i) for group in groups for i in range(group.num_columns))
        return sum(
            part.total_uncompressed_size
            for part in parts
            if any(part.path_in_schema == name or part.path_in_schema.startswith(f"{name}.") for name in names)
        )

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Batches of rows, and the geometries of each."""
        names = list(dict.fromkeys([*self.names, *self._wanted]))
        for batch in self._file.iter_batches(BATCH, columns=names, use_threads=False):
            yield batch, batch.column(self._wanted[0]) if self._wanted else None

    def _geometry(self) -> dict[str, Any] | None:
        """The main column of geometries, by GeoParquet's metadata or, without them, by the type of a column."""
        names = self.schema.names
        geo = json.loads((self.schema.metadata or {}).get(b"geo", b"null"))
        if isinstance(geo, dict):
            name = geo.get("primary_column")
            column = geo.get("columns", {}).get(name)
            if not isinstance(column, dict) or names.count(name) != 1:
                raise ValueError(f"its metadata name a column of geometries, {str(name)[:80]!r}, that it does not have")
            return {"name": name, "crs": column.get("crs", ""), "types": column.get("geometry_types", [])}
        for field in self.schema:
            metadata = field.metadata or {}
            if metadata.get(b"ARROW:extension:name", b"").startswith((b"geoarrow.", b"ogc.wkb")):
                more = json.loads(metadata.get(b"ARROW:extension:metadata") or b"{}")
                return {"name": field.name, "crs": more.get("crs", ""), "types": []}
        for field in self.schema:
            if is_binary(field.type) and field.name.lower() in ("geometry", "geom", "wkb_geometry", "the_geom", "wkb"):
                return {"name": field.name, "crs": "", "types": []}
        return None


class Layer:
    """A layer of a file that GDAL reads; only one driver is at hand, and nothing outside of the file."""

    def __init__(self, request: dict[str, Any]) -> None:
        pyogrio = gdal()
        if not set(pyogrio.list_drivers()) <= set(request["drivers"]):
            raise RuntimeError("GDAL does not leave out other formats")
        import pyarrow
        import shapely  # noqa: F401  # from here on nothing more is loaded

        no_network()
        for name, size in request["files"]:
            with open(f"{request['folder']}/{name}", "wb") as file:
                file.write(sys.stdin.buffer.read(size))
        self._path = f"{request['folder']}/{request['files'][0][0]}"
        if request["format"] == "GPKG":
            disarm(self._path)
        self._open = pyogrio.raw.open_arrow
        self._info = pyogrio.read_info
        layers = pyogrio.list_layers(self._path)[:MAX_NAMES].tolist()
        self.layers = [[name, kind or ""] for name, kind in layers]
        self._layer = chosen(self.layers, request["layer"])
        self.names: list[str] = []
        self.schema = pyarrow.schema([])
        if self._layer is not None:
            with self._open(self._path, layer=self._layer, use_pyarrow=True) as (meta, reader):
                self.crs = meta["crs"]
                self._geometry = meta["geometry_name"] or "wkb_geometry"
                self.schema = pyarrow.schema([field for field in reader.schema if field.name != self._geometry])
            self.names = [self.schema.field(column).name for column in request["columns"] or ()]

    def head(self) -> dict[str, Any]:
        """As of Parquet; without a ``layer`` it is not clear which is meant."""
        if self._layer is None:
            return {"layers": self.layers, "layer": None}
        count = self._info(self._path, layer=self._layer)["features"]
        geometry: dict[str, Any] = {"name": self._geometry, "crs": self.crs or "", "types": []}
        return {**described(self.schema), "rows": count, "geometry": geometry, "layer": self._layer}

    def unpacked(self) -> int:
        """Nothing in these formats is compressed."""
        return 0

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Batches of rows, and the geometries of each."""
        with self._open(self._path, layer=self._layer, columns=self.names, batch_size=BATCH, use_pyarrow=True) as (
            _,
            reader,
        ):
            for batch in reader:
                yield batch, batch.column(self._geometry)


def gdal() -> Any:
    """pyogrio, without the packages that it would load only to hand over data frames."""
    for name in ("pandas", "geopandas"):
        sys.modules[name] = None  # type: ignore[assignment]
    import pyogrio

    return pyogrio


def no_network() -> None:
    """Leaves the network, where the system lets a process do so."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def disarm(path: str) -> None:
    """Takes views and triggers out of a copy of a GeoPackage: they can call functions of whoever opens it."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        known = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        for kind, name, sql in known:
            if kind in ("view", "trigger"):
                database.execute('DROP {} "{}"'.format(kind.upper(), name.replace('"', '""')))
            elif sql and "virtual" in sql[:40].lower() and "rtree" not in sql.lower():
                raise ValueError(f"its table {name[:80]!r} is a program's, not data")
        database.commit()


def chosen(layers: list[list[str]], wanted: str) -> str | None:
    """The layer that was asked for, or the only one that may hold points; None where it is not clear which."""
    if wanted:
        return wanted if any(name == wanted for name, _ in layers) else None
    possible = [
        name for name, kind in layers if "Point" in kind or kind.split(" ")[0] in ("Unknown", "GeometryCollection")
    ]
    return possible[0] if len(possible) == 1 else None


def described(schema: Any) -> dict[str, Any]:
    """Names of columns, and for each the type if it cannot be read."""
    refused = ["" if readable(field.type) else str(field.type)[:100] for field in schema]
    return {"columns": [field.name for field in schema], "refused": refused}


def readable(kind: Any) -> bool:
    """Whether a type holds numbers, texts or booleans."""
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    numbers = types.is_integer(inner) or types.is_floating(inner) or types.is_decimal(inner)
    return is_text(inner) or numbers or types.is_boolean(inner) or types.is_null(inner)


def is_text(kind: Any) -> bool:
    """Whether a type holds texts."""
    from pyarrow import types

    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def is_binary(kind: Any) -> bool:
    """Whether a type holds bytes."""
    from pyarrow import types

    return types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind)


def cells(values: Any) -> dict[str, Any]:
    """The cells of a column of a batch, ready for JSON; with words to which they refer if they are texts."""
    from pyarrow import types

    if types.is_string(values.type) or types.is_large_string(values.type):
        values = values.dictionary_encode()
    if types.is_dictionary(values.type):
        return {"words": [plain(word) for word in values.dictionary.to_pylist()], "cells": values.indices.to_pylist()}
    return {"cells": [plain(cell) for cell in values.to_pylist()]}


def plain(cell: Any) -> Any:
    """Texts clipped, decimals as floats, everything else unchanged."""
    if isinstance(cell, str):
        return cell[:MAX_TEXT]
    return cell if cell is None or isinstance(cell, bool | int | float) else float(cell)


def points(values: Any, most: int) -> dict[str, Any]:
    """Coordinates of the points in a column of geometries; ``at`` has the row of each, ``wrong`` what is no point."""
    import numpy as np
    import shapely

    values = getattr(values, "storage", values)  # of an extension type
    if not is_binary(values.type):
        return native(values)
    raw = np.array(values.to_pylist(), dtype=object)
    shapes = shapely.from_wkb(raw, on_invalid="ignore")
    kinds = shapely.get_type_id(shapes)  # -1 for none
    good = np.isin(kinds, (POINT, MULTIPOINT)) & ~shapely.is_empty(shapes)
    for i in np.flatnonzero(kinds == COLLECTION).tolist():
        good[i] = only_points(shapes[i])
    at = np.flatnonzero(good)
    if shapely.get_num_coordinates(shapes[at]).sum() > most:
        return {"x": range(most + 1)}
    xy, index = shapely.get_coordinates(shapes[at], return_index=True)
    absent = np.array([cell is None for cell in raw], dtype=bool) | shapely.is_empty(shapes)
    wrong = {
        i: shapely.GeometryType(int(kinds[i])).name.title() if kinds[i] >= 0 else ""
        for i in np.flatnonzero(~good & ~absent).tolist()
    }
    return {"x": xy[:, 0].tolist(), "y": xy[:, 1].tolist(), "at": at[index].tolist(), "wrong": wrong}


def only_points(shape: Any, depth: int = 0) -> bool:
    """Whether a collection holds nothing but points."""
    import shapely

    return depth < MAX_DEPTH and all(
        only_points(part, depth + 1) if shapely.get_type_id(part) == COLLECTION else shapely.get_dimensions(part) <= 0
        for part in shapely.get_parts(shape)
    )


def native(values: Any) -> dict[str, Any]:
    """``points`` of GeoParquet's encodings "point" and "multipoint": structs of x and y, or lists of them."""
    import numpy as np
    from pyarrow import compute, types

    at = np.flatnonzero(compute.is_valid(values).to_numpy(zero_copy_only=False))
    if types.is_list(values.type) or types.is_large_list(values.type):
        at = compute.list_parent_indices(values).to_numpy()
        values = values.flatten()
    elif types.is_struct(values.type):
        values = values.drop_null()
    if not types.is_struct(values.type) or values.type.get_field_index("x") < 0 or values.type.get_field_index("y") < 0:
        raise ValueError(f"its geometries are {str(values.type)[:80]}, which are no points")
    x, y = (compute.cast(compute.struct_field(values, name), "float64").to_numpy(zero_copy_only=False) for name in "xy")
    there = ~(np.isnan(x) & np.isnan(y))  # an empty point
    return {"x": x[there].tolist(), "y": y[there].tolist(), "at": at[there].tolist(), "wrong": {}}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
