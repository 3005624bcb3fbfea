"""Data sets that are known everywhere, from rasters: geoid, relief (in metres and in bands) and land cover.

Sources and licences: ``assets/data/CREDITS.md``.
"""

from __future__ import annotations

import zipfile
import zlib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from s2v import sphere
from s2v.assets import asset_path, damaged
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.everywhere import known_everywhere
from s2v.fields import symmetric_limits

# The 17 classes of the International Geosphere-Biosphere Programme, in the order of their numbers in MCD12C1.
LAND_COVER: dict[str, str] = {
    "Water": "#a9c8e0",
    "Evergreen needleleaf forest": "#0f4023",
    "Evergreen broadleaf forest": "#1d7a3a",
    "Deciduous needleleaf forest": "#4f9e52",
    "Deciduous broadleaf forest": "#7cc26b",
    "Mixed forest": "#2f6b5b",
    "Closed shrubland": "#7a3b2e",
    "Open shrubland": "#c9a77a",
    "Woody savanna": "#8f8b2c",
    "Savanna": "#d9a441",
    "Grassland": "#b9cf5a",
    "Permanent wetland": "#3c5fa8",
    "Cropland": "#f2d13d",
    "Urban and built-up": "#d7191c",
    "Cropland and natural vegetation": "#b5791f",
    "Snow and ice": "#f4f7fb",
    "Barren": "#e8d9b5",
}

RELIEF_CREDIT = "ETOPO1 bedrock, NOAA (Amante and Eakins 2009). Public domain."

# Lower edges of the ten height bands in metres (the first has none), and their colours: sea floor, shelf, land.
BAND_EDGES = (-5000, -4000, -3000, -1500, -200, 0, 200, 500, 1500)
BAND_COLORS = (
    "#0b2a5b",
    "#1f4e8c",
    "#3f78b5",
    "#6fa3d0",
    "#a5cbe6",
    "#d9ecf5",
    "#5f9e5b",
    "#b9c46a",
    "#c99a55",
    "#7d5a3c",
)


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    source, describe = {
        "geoid": (geoid, _geoid),
        "relief": (relief, _relief),
        "relief:bands": (relief_bands, _relief_bands),
        "land_cover": (land_cover, _land_cover),
    }[request.base]
    return known_everywhere(request, source, describe())


def geoid(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of the geoid in metres (...,) at places (..., 2): bilinear between the nodes of the 1-degree grid."""
    return _bilinear(_geoid_nodes(asset_path("data", "geoid_egm96_1deg.npz")), np.linspace(90, -90, 181), -180, lonlat)


def relief(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of the bedrock surface in metres (...,) at places (..., 2).

    Bilinear between the centres of the 0.5-degree cells, so that the truth has no steps that no model could learn;
    each pole is given the mean of the ring of cells around it.
    """
    latitudes = np.concatenate([[90], 89.75 - 0.5 * np.arange(360), [-90]])
    return _bilinear(_relief_nodes(asset_path("data", "relief_etopo1_0p5.npz")), latitudes, 0.25, lonlat)


def relief_bands(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number (...,), 0 to 9, of the height band that places (..., 2) lie in; a band holds its lower edge."""
    bands: NDArray[np.int64] = np.searchsorted(BAND_EDGES, relief(lonlat), side="right").astype(np.int64)
    return bands


def land_cover(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Class number (...,), 0 to 16, of the 0.25-degree cell at places (..., 2)."""
    cells = _land_cover_cells(asset_path("data", "land_cover_mcd12c1_0p25.png"))
    rows, columns = cells.shape
    row = np.clip(np.floor((90 - lonlat[..., 1]) / 180 * rows).astype(int), 0, rows - 1)  # -90 is in the last row
    column = np.floor((sphere.wrap_longitude(lonlat[..., 0]) + 180) / 360 * columns).astype(int) % columns
    classes: NDArray[np.int64] = cells[row, column].astype(np.int64)
    return classes


def _geoid() -> Description:
    nodes = _geoid_nodes(asset_path("data", "geoid_egm96_1deg.npz"))
    return Description(
        units="m",
        colormap="RdBu_r",
        limits=symmetric_limits(nodes[_even_rows(181)]),
        credit="EGM96, NGA and NASA. Public domain.",
        summary="How far mean sea level, the geoid, lies above or below the smooth ellipsoid: a smooth field over the "
        "whole sphere, with a hollow of 107 m south of India. A 1-degree grid of 181 by 360 nodes, smooth in between. "
        "Look at how the poles come out.",
    )


def _relief() -> Description:
    nodes = _relief_nodes(asset_path("data", "relief_etopo1_0p5.npz"))
    return Description(
        units="m",
        colormap="BrBG_r",  # sea in blue-green, land in brown, sea level white
        limits=symmetric_limits(nodes[_even_rows(362)], 0.85),  # about 5 km: wider would leave the land all white
        credit=RELIEF_CREDIT,
        summary="Height of the solid Earth, beneath the ice of Greenland and Antarctica: rough at both poles, so a "
        "code that blurs or tears there is found out. At the South Pole the bedrock lies near sea level. Means over "
        "259,200 cells of half a degree, smooth in between.",
    )


def _relief_bands() -> Description:
    edges = [f"{edge:,} m".replace("-", "\N{MINUS SIGN}") for edge in BAND_EDGES]
    middle = (f"{low} to {high}" for low, high in pairwise(edges))
    return Description(
        classes=(f"below {edges[0]}", *middle, f"above {edges[-1]}"),
        colors=BAND_COLORS,
        credit=RELIEF_CREDIT,
        summary="Height of the solid Earth, beneath the ice of Greenland and Antarctica, in ten bands: six below sea "
        "level, four above. From means over 259,200 cells of half a degree, smooth in between. Look at narrow bands, "
        "such as the continental shelves, and at the ring of bands around the South Pole.",
    )


def _land_cover() -> Description:
    return Description(
        classes=tuple(LAND_COVER),
        colors=tuple(LAND_COVER.values()),
        credit="MODIS MCD12C1 v006 (2019), NASA LP DAAC, doi:10.5067/MODIS/MCD12C1.006.",
        summary="Which of 17 kinds of cover a place has; water is about seven tenths. The commonest kind in each of "
        "1,036,800 cells of a quarter degree. Coasts decide the score, and "
        "they are alike everywhere: expect encoders of equal resolution to differ little.",
    )


def _even_rows(rows: int, count: int = 500) -> NDArray[np.int64]:
    """Rows of a raster chosen evenly by area, so that quantiles over them are quantiles over the sphere."""
    latitude = np.rad2deg(np.arcsin(1 - 2 * (np.arange(count) + 0.5) / count))
    return np.rint((90 - latitude) / 180 * (rows - 1)).astype(np.int64)


def _bilinear(
    nodes: NDArray[np.float64], latitudes: NDArray[Any], west: float, lonlat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values (...,) at ``lonlat`` from nodes (rows, columns): rows at ``latitudes``, falling from 90 to -90, columns
    evenly around the circle from longitude ``west``.  One value at a pole because the first and last rows are constant.
    """
    columns = nodes.shape[1]
    latitude = lonlat[..., 1]
    i = np.clip(np.searchsorted(-latitudes, -latitude, side="right") - 1, 0, len(latitudes) - 2)
    v = (latitudes[i] - latitude) / (latitudes[i] - latitudes[i + 1])
    column = (lonlat[..., 0] - west) / 360 * columns
    j = np.floor(column).astype(int)
    u = column - j
    j, k = j % columns, (j + 1) % columns
    values: NDArray[np.float64] = (1 - v) * ((1 - u) * nodes[i, j] + u * nodes[i, k]) + v * (
        (1 - u) * nodes[i + 1, j] + u * nodes[i + 1, k]
    )
    return values


@lru_cache(maxsize=4)
def _geoid_nodes(path: Path) -> NDArray[np.float64]:
    return _array(path, "n", (181, 360)) / 100  # centimetres


@lru_cache(maxsize=4)
def _relief_nodes(path: Path) -> NDArray[np.float64]:
    cells = _array(path, "z", (360, 720)).astype(float)
    poles = cells[[0, -1]].mean(axis=1, keepdims=True).repeat(cells.shape[1], axis=1)
    return np.concatenate([poles[:1], cells, poles[1:]])


@lru_cache(maxsize=4)
def _land_cover_cells(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as image:
            cells = np.asarray(image)
    except (OSError, SyntaxError, ValueError, zlib.error) as error:  # PIL raises SyntaxError for a broken PNG
        raise damaged(path, f"it cannot be read ({error})") from error
    if cells.shape != (720, 1440) or cells.dtype != np.uint8 or cells.max() >= len(LAND_COVER):
        raise damaged(path, f"it holds {cells.dtype} of shape {cells.shape} up to {cells.max()}")
    cells = cells.copy()
    cells[716:] = 15  # the product has no data within a degree of the South Pole and says water: it is the ice sheet
    return cells


def _array(path: Path, key: str, shape: tuple[int, int]) -> NDArray[np.int16]:
    try:
        with np.load(path, allow_pickle=False) as file:
            array: NDArray[np.int16] = file[key]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    if array.shape != shape or array.dtype != np.int16:
        raise damaged(path, f"it holds {array.dtype} of shape {array.shape}")
    return array
