"""Fields, and places, in files that other programs read: NetCDF, GeoTIFF, GeoJSON, CSV.  Pictures: ``s2v.figures``.

NetCDF is written by xarray, GeoTIFF by rasterio.  Beside the values may stand how far each cell is from the nearest
training place (``s2v.data.distance_field``).  ``s2v.cf`` has the coordinate systems.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from s2v import files
from s2v.errors import shown
from s2v.export.geotiff import sidecar, to_geotiff
from s2v.export.netcdf import to_dataset, to_netcdf
from s2v.export.places import places_csv, places_geojson
from s2v.export.text import check_geojson, to_csv, to_geojson
from s2v.fields import Field, Grid

__all__ = [
    "FORMATS",
    "SIDECAR",
    "check",
    "places_csv",
    "places_geojson",
    "sidecar",
    "to_csv",
    "to_dataset",
    "to_geojson",
    "to_geotiff",
    "to_netcdf",
    "write",
]

FORMATS: Mapping[str, Callable[[Field, Field | None], bytes]] = {
    ".csv": to_csv,
    ".geojson": to_geojson,
    ".nc": to_netcdf,
    ".tif": to_geotiff,
}
SIDECAR = ".aux.xml"  # follows the whole name of a GeoTIFF


def write(field: Field, path: str | Path, distance: Field | None = None, cog: bool = False) -> Path:
    """Write a field in the format that the file's suffix names.

    Names of classes do not fit into a GeoTIFF: GDAL and QGIS read them from a second file, ``NAME.tif.aux.xml``.

    Parameters
    ----------
    field : s2v.fields.Field
    path : str or Path
        Ends in .csv, .geojson, .nc or .tif.  A file that is there stays as it is until the new one is complete.
    distance : s2v.fields.Field, optional
        Kilometres to the nearest training place, on the same grid: a column of .csv, a variable of .nc, a band of .tif.
    cog : bool, default False
        Write a .tif as a cloud-optimised GeoTIFF: in tiles, with overviews.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    ValueError
        As of ``check``, and for a distance on another grid.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> grid = Grid.equirectangular(degrees=90)
    >>> latitude = Field(grid.lonlat[..., 1], grid, "Latitude", "degrees", limits=(-90, 90))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(latitude, Path(folder) / "latitude.nc").name
    'latitude.nc'
    """
    path = Path(path)
    check(path, field.grid, distance is not None, cog)
    suffix = path.suffix.lower()
    content = to_geotiff(field, distance, cog) if suffix == ".tif" else FORMATS[suffix](field, distance)
    target = Path(os.path.realpath(path))  # of a link, what it points to
    beside = target.with_name(target.name + SIDECAR)
    if suffix == ".tif" and (target.is_file() or not target.exists()) and (field.classes or beside.exists()):
        # The names of an older map would be read as those of the new one.
        files.write_files(target.parent, {target.name: content, beside.name: sidecar(field, distance)})
    else:
        files.write_bytes(path, content)
    return path


def check(path: str | Path, grid: Grid, distance: bool = False, cog: bool = False) -> None:
    """Refuse what ``write`` cannot write, before the values are computed.

    Parameters
    ----------
    path : str or Path
    grid : s2v.fields.Grid
        Of the field that shall be written.
    distance : bool, default False
        Whether a distance shall stand beside the values.
    cog : bool, default False

    Raises
    ------
    ValueError
        For another suffix, for a polar grid in .geojson, for a distance in .geojson, and for ``cog`` in another format
        than .tif.
    OSError
        Where the file cannot be written, as in a folder that is missing.

    Examples
    --------
    >>> check("map.xls", Grid.equirectangular())
    Traceback (most recent call last):
    ValueError: 'map.xls': the suffix must be one of .csv, .geojson, .nc, .tif.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{shown(path.name)}: the suffix must be one of {', '.join(FORMATS)}.")
    if cog and suffix != ".tif":
        raise ValueError(f"{shown(path.name)}: only a GeoTIFF can be cloud-optimised. Choose .tif, or no cog.")
    if suffix == ".geojson":
        check_geojson(grid, distance)
    target = Path(os.path.realpath(path))
    if target.is_file() or not target.exists() or target.is_dir():  # else a pipe or a device
        files.check_writable(target.parent, [target.name, *([target.name + SIDECAR] if suffix == ".tif" else [])])
