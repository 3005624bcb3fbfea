"""Fields in files that other programs read: CSV, GeoJSON, NetCDF and GeoTIFF.  Pictures are in ``s2v.figures``.

Beside the values may stand how far each cell is from the nearest training place (``s2v.data.distance_field``).
Coordinates are WGS 84 longitude and latitude (EPSG:4326), the sphere's own degrees.  Unknown places are left out, or
NaN.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from s2v import files, spreadsheets
from s2v.errors import shown
from s2v.fields import Field

DIGITS = 9  # significant ones, of float32
DISTANCE = "distance_km"  # the name of distances to the nearest training place


def write(field: Field, path: str | Path, distance: Field | None = None) -> Path:
    """Write a field in the format that the file's suffix names.

    Parameters
    ----------
    field : s2v.fields.Field
    path : str or Path
        Ends in .csv, .geojson, .nc or .tif.  A file that is there stays as it is until the new one is complete.
    distance : s2v.fields.Field, optional
        Kilometres to the nearest training place, on the same grid: a column of .csv, a variable of .nc, a band of .tif.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    ValueError
        For another suffix, for a polar grid in a format that only has degrees (.nc, .tif, .geojson), and for a distance
        on another grid or in .geojson.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=90)
    >>> latitude = Field(grid.lonlat[..., 1], grid, "Latitude", "degrees", limits=(-90, 90))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(latitude, Path(folder) / "latitude.nc").name
    'latitude.nc'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{shown(path.name)}: the suffix must be one of {', '.join(FORMATS)}.")
    files.write_bytes(path, FORMATS[suffix](field, distance))
    return path


def to_csv(field: Field, distance: Field | None = None) -> bytes:
    """One row a cell: longitude and latitude of its centre, and the value, or class number and class.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        The last column, ``distance_km``.

    Returns
    -------
    bytes

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> print(to_csv(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90))).decode())
    longitude,latitude,east
    -90.0,0.0,-90.0
    90.0,0.0,90.0
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    columns = ["class", "name"] if field.classes else [_variable(field)]
    rows.writerow(["longitude", "latitude", *columns, *([DISTANCE] if distance else [])])
    known = field.grid.inside & np.isfinite(field.values)
    far = _distances(field, distance)[known]
    for (longitude, latitude), value, km in zip(field.grid.lonlat[known], field.values[known], far, strict=True):
        answer = [int(value), spreadsheets.cell(field.classes[int(value)])] if field.classes else [_short(value)]
        rows.writerow([_short(longitude), _short(latitude), *answer, *([_short(km)] if distance else [])])
    return text.getvalue().encode()


def to_geojson(field: Field, distance: Field | None = None) -> bytes:
    """A polygon for each cell, or for each run of neighbours in a row that share a value (RFC 7946).

    Parameters
    ----------
    field : s2v.fields.Field
    distance : None
        Not in this format.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a polar grid, and for a distance.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> collection = json.loads(to_geojson(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90))))
    >>> [feature["properties"]["value"] for feature in collection["features"]]
    [-90.0, 90.0]
    """
    _check_world(field, ".geojson")
    if distance:
        raise ValueError(".geojson joins cells of one value, so it has no distance of each. Choose .csv, .nc or .tif.")
    rows, columns = field.grid.shape
    width, height = 360 / columns, 180 / rows
    features = []
    for row, first, end in _runs(field.values):
        west, east = -180 + first * width, -180 + end * width
        north, south = 90 - row * height, 90 - (row + 1) * height
        value = field.values[row, first]
        answer = {"class": int(value), "name": field.classes[int(value)]} if field.classes else {"value": _short(value)}
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        ring = [[_short(x), _short(y)] for x, y in ring]
        features.append(
            {"type": "Feature", "properties": answer, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    about = {"title": field.title, "units": field.units}
    return json.dumps({"type": "FeatureCollection", **about, "features": features}, separators=(",", ":")).encode()


def to_netcdf(field: Field, distance: Field | None = None) -> bytes:
    """A variable (latitude, longitude) by the CF conventions, in NetCDF's classic form; latitude rises.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        A second variable, ``distance_km``.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a polar grid.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> to_netcdf(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90)))[:3]
    b'CDF'
    """
    _check_world(field, ".nc")
    from scipy.io import netcdf_file

    file = io.BytesIO()
    data = netcdf_file(file, "w")
    data.Conventions, data.title = "CF-1.8", field.title.encode()  # text is UTF-8
    south_up = np.asarray(field.values[::-1], dtype=np.float32)
    places = field.grid.lonlat[::-1]
    for name, values, unit in (("lat", places[:, 0, 1], "degrees_north"), ("lon", places[0, :, 0], "degrees_east")):
        data.createDimension(name, len(values))
        axis = data.createVariable(name, "d", (name,))
        axis[:] = values
        axis.units, axis.standard_name = unit, {"lat": "latitude", "lon": "longitude"}[name]
    known = np.where(np.isfinite(south_up), south_up, -1)
    variable = data.createVariable(_variable(field), "h" if field.classes else "f", ("lat", "lon"))
    variable[:] = known.astype(np.int16) if field.classes else south_up
    variable.long_name = field.title.encode()
    if field.classes:
        variable._FillValue = np.int16(-1)
        variable.flag_values = np.arange(len(field.classes), dtype=np.int16)
        variable.flag_meanings = " ".join("_".join(name.split()) for name in field.classes).encode()
    else:
        variable._FillValue = np.float32(np.nan)
        variable.units = (field.units or "1").encode()
    if distance:
        far = data.createVariable(DISTANCE, "f", ("lat", "lon"))
        far[:] = _distances(field, distance)[::-1].astype(np.float32)
        far.long_name, far.units = distance.title.encode(), "km"
    data.flush()
    return file.getvalue()


def to_geotiff(field: Field, distance: Field | None = None) -> bytes:
    """One band of float32, north up, with the tags that place it (GeoTIFF 1.1); NaN where nothing is known.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        A second band.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a polar grid.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> to_geotiff(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90)))[:2]
    b'II'
    """
    _check_world(field, ".tif")
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    rows, columns = field.grid.shape
    bands = [field.values, *([_distances(field, distance)] if distance else [])]
    size = 4 * rows * columns
    doubles, longs, shorts, text = 12, 4, 3, 2
    tags = ImageFileDirectory_v2()
    for tag, kind, value in (
        (256, longs, columns),
        (257, longs, rows),
        (258, shorts, (32,) * len(bands)),  # bits of a number
        (259, shorts, 1),  # not compressed
        (262, shorts, 1),  # black is low
        (273, longs, tuple(size * i for i in range(len(bands)))),  # where each band begins, after the tags
        (277, shorts, len(bands)),
        (278, longs, rows),  # a band is one strip
        (279, longs, (size,) * len(bands)),
        (284, shorts, 2 if distance else 1),  # one band after the other
        *([(338, shorts, 0)] if distance else []),  # the second is no opacity
        (339, shorts, (3,) * len(bands)),  # floating-point numbers
        (33550, doubles, (360 / columns, 180 / rows, 0.0)),  # ModelPixelScale
        (33922, doubles, (0.0, 0.0, 0.0, -180.0, 90.0, 0.0)),  # ModelTiepoint: the upper left corner
        # GeoKeyDirectory 1.1.0 of four keys: geographic, a pixel is an area, WGS 84, degrees.
        (34735, shorts, (1, 1, 0, 4, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326, 2054, 0, 1, 9102)),
        (42113, text, "nan"),  # GDAL's no-data value
        (270, text, _description(field)),
        *([(42112, text, _band_names(field, distance))] if distance else []),
    ):
        tags.tagtype[tag] = kind
        tags[tag] = value
    file = io.BytesIO()
    tags.save(file)
    file.write(b"".join(np.asarray(band, dtype="<f4").tobytes() for band in bands))
    return file.getvalue()


FORMATS: Mapping[str, Callable[[Field, Field | None], bytes]] = {
    ".csv": to_csv,
    ".geojson": to_geojson,
    ".nc": to_netcdf,
    ".tif": to_geotiff,
}


def _check_world(field: Field, suffix: str) -> None:
    if field.grid.kind != "equirectangular":
        raise ValueError(
            f"{suffix} holds cells of longitude and latitude, and this map is a {field.grid.kind} polar one. "
            "Choose the whole world, or .csv."
        )


def _distances(field: Field, distance: Field | None) -> NDArray[Any]:
    """The distances (rows, columns) of a field's cells; ``ValueError`` for those of another grid."""
    if distance is None:
        return np.full(field.grid.shape, np.nan)
    if distance.grid != field.grid:
        raise ValueError(f"The distances are on another grid than {field.title!r}: make them on field.grid.")
    return distance.values


def _runs(values: NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """Row, first column and the one after the last of every run of equal numbers; NaN is left out."""
    for i, row in enumerate(values):
        cuts = np.flatnonzero(row[1:] != row[:-1]) + 1
        for first, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(row)], strict=True):
            if np.isfinite(row[first]):
                yield i, first, end


def _variable(field: Field) -> str:
    """A name that NetCDF and spreadsheets take: letters, digits and underscores."""
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in field.title.lower()).strip("_")
    return name if name[:1].isalpha() and name not in ("lat", "lon") else "value"  # those are the axes


def _description(field: Field) -> str:
    classes = "; ".join(f"{number} {name}" for number, name in enumerate(field.classes))
    about = f"{field.title} ({field.units})" if field.units else field.title
    return (f"{about}. Classes: {classes}" if classes else about).encode("ascii", "replace").decode()


def _band_names(field: Field, distance: Field) -> str:
    """What GDAL and programs based on it call the two bands."""
    items = (
        f'<Item name="DESCRIPTION" sample="{i}" role="description">{escape(each.title)}</Item>'
        for i, each in enumerate((field, distance))
    )
    return f"<GDALMetadata>{''.join(items)}</GDALMetadata>".encode("ascii", "xmlcharrefreplace").decode()


def _short(value: Any) -> float:
    return float(f"{value:.{DIGITS}g}")
