"""GeoTIFF by rasterio, and beside it the names of classes as GDAL keeps them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from s2v import cf
from s2v.export.distances import check_distance
from s2v.fields import Field
from s2v.palette import hex_to_rgb
from s2v.version import __version__

MAX_COLORED = 255  # classes of a palette of 256; the last entry is where nothing is known
_UNKNOWN_DISTANCE = 65535  # km; half way round the Earth is 20015


def to_geotiff(field: Field, distance: Field | None = None, cog: bool = False) -> bytes:
    """A raster, north up, in EPSG:4326 or a polar map's own projection (``s2v.cf``).

    Values are float32, NaN where nothing is known.  Classes are integers as small as will do: up to 255 are uint8 with
    a table of their colours; more are uint16 without one, since a palette holds 256.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        A second band, in kilometres; whole ones beside classes, since all bands of a GeoTIFF have one type.  Such a
        file has no palette either.
    cog : bool, default False
        A cloud-optimised GeoTIFF: in tiles, with overviews where it is larger than 512 pixels.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a distance on another grid.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> to_geotiff(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90)))[:2]
    b'II'
    """
    import rasterio.shutil  # slow to load

    rows, columns = field.grid.shape
    west, south, east, north = field.grid.bounds
    bands, missing = _bands(field, distance)
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=columns,
            height=rows,
            count=len(bands),
            dtype=bands.dtype,
            crs=rasterio.crs.CRS.from_wkt(field.grid.crs),
            transform=rasterio.Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north),
            nodata=missing,
            compress="deflate",
            interleave="band",
        ) as file:
            file.write(bands)
            file.update_tags(**_tags(field))
            for band, each in enumerate((field,) if distance is None else (field, distance), start=1):
                file.set_band_description(band, cf.clean(each.title))
                file.set_band_unit(band, cf.clean(each.units))
            if _has_palette(field, distance):
                file.write_colormap(
                    1, {number: (*hex_to_rgb(color), 255) for number, color in enumerate(field.class_colors)}
                )
        if not cog:
            return bytes(memory.read())
        smooth = "nearest" if field.classes else "average"
        with rasterio.MemoryFile() as copy:
            rasterio.shutil.copy(
                memory.name, copy.name, driver="COG", compress="deflate", overview_resampling=smooth, overviews="auto"
            )
            return bytes(copy.read())


def sidecar(field: Field, distance: Field | None = None) -> bytes | None:
    """What GDAL reads from ``NAME.tif.aux.xml`` beside a GeoTIFF: the names of classes, and colours that it lacks.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        As for ``to_geotiff``.

    Returns
    -------
    bytes or None
        XML in UTF-8; None for a field of values.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> b"<Category>sea &amp; ice</Category>" in sidecar(Field(np.zeros((1, 2)), grid, "Land", classes=("sea & ice",)))
    True
    """
    if not field.classes:
        return None
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    names = ElementTree.SubElement(band, "CategoryNames")
    for name in field.classes:
        ElementTree.SubElement(names, "Category").text = cf.clean(name)
    if not _has_palette(field, distance):
        table = ElementTree.SubElement(band, "ColorTable")
        for color in field.class_colors:
            parts = {f"c{i}": str(part) for i, part in enumerate((*hex_to_rgb(color), 255), start=1)}
            ElementTree.SubElement(table, "Entry", parts)
    return ElementTree.tostring(root, encoding="utf-8")


def _bands(field: Field, distance: Field | None) -> tuple[NDArray[Any], float]:
    """The bands (bands, rows, columns), and the number that stands where nothing is known."""
    far = None if distance is None else check_distance(field, distance)
    if not field.classes:
        parts = [np.where(each.known, each.values, np.nan) for each in (field, far) if each is not None]
        return np.stack(parts).astype(np.float32), np.nan
    missing, kind = next(
        (np.iinfo(kind).max, kind)
        for kind in ((np.uint8, np.uint16, np.int32) if far is None else (np.uint16, np.int32))
        if len(field.classes) <= np.iinfo(kind).max
    )
    parts = [np.where(field.known, field.values, missing)]
    if far is not None:
        parts.append(np.where(far.known, np.rint(far.values), missing))
    return np.stack(parts).astype(kind), missing


def _has_palette(field: Field, distance: Field | None) -> bool:
    return 0 < len(field.classes) <= MAX_COLORED and distance is None


def _tags(field: Field) -> dict[str, str]:
    units = f" ({field.units})" if field.units else ""
    names = json.dumps([cf.clean(name) for name in field.classes], ensure_ascii=False)
    return {
        "TIFFTAG_IMAGEDESCRIPTION": cf.clean(f"{field.title}{units}"),
        "TIFFTAG_SOFTWARE": f"sphere2vec-lab {__version__}",
        "AREA_OR_POINT": "Area",
        **({"class_names": names} if field.classes else {}),
        **field.notes(),
    }
