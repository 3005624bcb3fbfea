"""Names and coordinate systems of maps in files, by the CF conventions (https://cfconventions.org).

Longitude and latitude are those of WGS 84 (EPSG:4326).  Everything in the lab is computed on a sphere with the same
longitudes and latitudes, so a polar map is Lambert's azimuthal equal-area projection of a *sphere*, and its coordinate
system says that: PROJ takes latitudes from WGS 84 as they are.  EPSG:6931 and 6932 project the ellipsoid; in them the
same pixels would lie up to 13 km off.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.sphere import EARTH_RADIUS_KM

CONVENTIONS = "CF-1.8"
RADIUS = 1000 * EARTH_RADIUS_KM  # metres
GRID_MAPPING = "spatial_ref"  # the variable that rioxarray looks for first
MAX_NAME = 80  # letters

_DEGREE = 'ANGLEUNIT["degree",0.0174532925199433]'
_METRE = 'LENGTHUNIT["metre",1]'
_GREENWICH = f'PRIMEM["Greenwich",0,{_DEGREE}]'
_WGS_84 = (
    f'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,{_METRE}]],'
    f'{_GREENWICH},CS[ellipsoidal,2],AXIS["geodetic latitude (Lat)",north,ORDER[1],{_DEGREE}],'
    f'AXIS["geodetic longitude (Lon)",east,ORDER[2],{_DEGREE}],ID["EPSG",4326]]'
)
_NAMED_SPHERE = f"Sphere of {RADIUS:.1f} m"


def crs_wkt(kind: str) -> str:
    """The coordinate system of a grid, in OGC's well-known text (WKT 2:2019).

    Parameters
    ----------
    kind : {"equirectangular", "north", "south"}
        As of ``s2v.fields.Grid``.

    Returns
    -------
    str

    Examples
    --------
    >>> crs_wkt("equirectangular")[-16:], crs_wkt("north")[:65]
    ('ID["EPSG",4326]]', 'PROJCRS["North Pole, Lambert azimuthal equal-area, Sphere of 6371')
    """
    if kind == "equirectangular":
        return _WGS_84
    north = kind == "north"
    towards = "south" if north else "north"
    return (
        f'PROJCRS["{kind.capitalize()} Pole, Lambert azimuthal equal-area, {_NAMED_SPHERE}",'
        f'BASEGEOGCRS["{_NAMED_SPHERE}",DATUM["{_NAMED_SPHERE}",'
        f'ELLIPSOID["{_NAMED_SPHERE}",{RADIUS:.1f},0,{_METRE}]],{_GREENWICH}],'
        'CONVERSION["Lambert azimuthal equal-area",METHOD["Lambert Azimuthal Equal Area",ID["EPSG",9820]],'
        f'PARAMETER["Latitude of natural origin",{_latitude(kind)},{_DEGREE},ID["EPSG",8801]],'
        f'PARAMETER["Longitude of natural origin",0,{_DEGREE},ID["EPSG",8802]],'
        f'PARAMETER["False easting",0,{_METRE},ID["EPSG",8806]],'
        f'PARAMETER["False northing",0,{_METRE},ID["EPSG",8807]]],'
        f'CS[Cartesian,2],AXIS["easting (X)",{towards},MERIDIAN[90,{_DEGREE}],ORDER[1],{_METRE}],'
        f'AXIS["northing (Y)",{towards},MERIDIAN[{180 if north else 0},{_DEGREE}],ORDER[2],{_METRE}]]'
    )


def grid_mapping(kind: str) -> dict[str, Any]:
    """The attributes of the variable that holds the coordinate system: in CF's words, and as WKT for GDAL.

    Parameters
    ----------
    kind : {"equirectangular", "north", "south"}

    Returns
    -------
    dict

    Examples
    --------
    >>> grid_mapping("south")["grid_mapping_name"], grid_mapping("south")["latitude_of_projection_origin"]
    ('lambert_azimuthal_equal_area', -90.0)
    """
    wkt = {"crs_wkt": crs_wkt(kind), "spatial_ref": crs_wkt(kind)}
    if kind == "equirectangular":
        shape = {"semi_major_axis": 6378137.0, "inverse_flattening": 298.257223563}
        return {"grid_mapping_name": "latitude_longitude", **shape, "longitude_of_prime_meridian": 0.0, **wkt}
    return {
        "grid_mapping_name": "lambert_azimuthal_equal_area",
        "latitude_of_projection_origin": float(_latitude(kind)),
        "longitude_of_projection_origin": 0.0,
        "false_easting": 0.0,
        "false_northing": 0.0,
        "earth_radius": RADIUS,
        **wkt,
    }


def variable_name(title: str) -> str:
    """A name that NetCDF, R and spreadsheets take: ASCII letters, digits and underscores, not the name of an axis.

    Parameters
    ----------
    title : str

    Returns
    -------
    str

    Examples
    --------
    >>> variable_name("Geoid height"), variable_name("Möwe, 2 km"), variable_name("lat"), variable_name("海")
    ('geoid_height', 'mowe__2_km', 'value', 'value')
    """
    name = re.sub(r"[^a-z0-9]", "_", _ascii(title).lower())[:MAX_NAME].strip("_")
    return name if name[:1].isalpha() and name not in ("lat", "lon", "x", "y", GRID_MAPPING) else "value"


def flag_meanings(names: Iterable[str]) -> list[str]:
    """A word for each class: letters, digits and ``_ - . + @`` only, as CF asks, and no two alike.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> flag_meanings(["a b", "a_b", "Möwe (juv.)", "海"])
    ['a_b', 'a_b_2', 'Mowe_juv', 'class_3']
    """
    words: dict[str, None] = {}
    times: dict[str, int] = {}
    for number, name in enumerate(names):
        word = re.sub(r"[^A-Za-z0-9_\-.+@]+", "_", _ascii(name))[:MAX_NAME].strip("_.") or f"class_{number}"
        unique = word
        while unique in words:
            times[word] = times.get(word, 1) + 1
            unique = f"{word}_{times[word]}"
        words[unique] = None
    return list(words)


def class_type(count: int) -> type[np.signedinteger[Any]]:
    """The integers for the numbers of so many classes: NetCDF's classic form has signed ones only.

    Parameters
    ----------
    count : int

    Returns
    -------
    type

    Examples
    --------
    >>> class_type(300).__name__, class_type(40_000).__name__
    ('int16', 'int32')
    """
    return np.int16 if count <= np.iinfo(np.int16).max else np.int32


def flags(classes: Sequence[str], colors: Sequence[str] = ()) -> dict[str, Any]:
    """The attributes of a variable of class numbers, -1 where nothing is known.

    Parameters
    ----------
    classes : sequence of str
    colors : sequence of str, optional
        As #rrggbb.

    Returns
    -------
    dict
        ``flag_values`` and ``flag_meanings`` of the conventions, ``flag_colors`` as ncWMS reads them, and the names as
        they are in ``class_names``, a JSON list.

    Examples
    --------
    >>> flags(["Land", "Möwe 海"])["flag_meanings"], flags(["Land", "Möwe 海"])["class_names"]
    ('Land Mowe', '["Land", "Möwe 海"]')
    """
    kind = class_type(len(classes))
    return {
        "_FillValue": kind(-1),
        "flag_values": np.arange(len(classes), dtype=kind),
        "flag_meanings": " ".join(flag_meanings(classes)),
        **({"flag_colors": " ".join(colors)} if colors else {}),
        "class_names": json.dumps([clean(name) for name in classes], ensure_ascii=False),
    }


def coordinates(
    kind: str, lonlat: NDArray[Any], inside: NDArray[np.bool_], bounds: tuple[float, float, float, float]
) -> dict[str, Any]:
    """The coordinates of a grid as xarray takes them: dimensions, values, attributes.

    Parameters
    ----------
    kind : {"equirectangular", "north", "south"}
    lonlat : array (rows, columns, 2)
        Degrees.
    inside : array of bool (rows, columns)
    bounds : tuple of float
        West, south, east and north edge: as of ``s2v.fields.Grid``.

    Returns
    -------
    dict

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.polar("north", pixels=2)
    >>> list(coordinates(grid.kind, grid.lonlat, grid.inside, grid.bounds))
    ['y', 'x', 'lat', 'lon', 'spatial_ref']
    """
    degrees = {
        "lat": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north"},
        "lon": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east"},
    }
    system = {GRID_MAPPING: ((), np.int32(0), grid_mapping(kind))}
    if kind == "equirectangular":
        return {
            "lat": ("lat", lonlat[:, 0, 1], {"axis": "Y", **degrees["lat"]}),
            "lon": ("lon", lonlat[0, :, 0], {"axis": "X", **degrees["lon"]}),
            **system,
        }
    west, south, east, north = bounds
    rows, columns = inside.shape
    places = np.where(inside[..., None], lonlat, np.nan)
    return {
        "y": ("y", north - (np.arange(rows) + 0.5) * (north - south) / rows, _metres("y")),
        "x": ("x", west + (np.arange(columns) + 0.5) * (east - west) / columns, _metres("x")),
        "lat": (("y", "x"), places[..., 1], degrees["lat"]),
        "lon": (("y", "x"), places[..., 0], degrees["lon"]),
        **system,
    }


def clean(text: str) -> str:
    """A text that UTF-8 and XML can hold; a question mark stands for each letter that they cannot.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> clean("a\\x00b")
    'a?b'
    """
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def _metres(axis: str) -> dict[str, str]:
    return {"axis": axis.upper(), "standard_name": f"projection_{axis}_coordinate", "units": "m"}


def _latitude(kind: str) -> int:
    return 90 if kind == "north" else -90


def _ascii(text: str) -> str:
    """Without accents; what has no ASCII letter is left as it is."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
