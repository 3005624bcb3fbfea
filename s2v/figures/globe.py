"""A field on a globe that can be turned, with pydeck (deck.gl): offline, with exact poles.

Three settings keep deck.gl from drawing artefacts near the poles and the dateline, where this project looks most.
Each was found with the test card (``s2v.figures.testcard``); tests/figures/test_globe_browser.py checks them:

* ``resolution=2`` in the view: the default mesh of 10-degree facets turns the parallels near a pole into zigzags;
* no mipmaps: near a pole a texture is squeezed in longitude only, but mipmaps blur it in latitude as well;
* a texture that repeats in longitude: clamped, the half cells on both sides of the dateline would not blend.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pydeck as pdk
from numpy.typing import NDArray
from pydeck.bindings.json_tools import default_serialize

from s2v.coastlines import coastlines as coastline_paths
from s2v.fields import Field
from s2v.figures import raster
from s2v.figures.colormaps import casing_color, line_color

MESH_DEGREES = 2  # side of the mesh's facets
LIFT_METRES = 20_000  # lines and points float this far above the field, so that it does not flicker through them
FILL = 0.94  # diameter of the globe as a share of the chart's height

# deck.gl's GlobeView (9.4): the camera looks straight down from 1.5 chart heights above the surface; the picture
# plane touches the surface there, so that a unit has 2**zoom / (pi cos latitude) pixels at that point, and the radius
# of the globe is 256 units.  The cosine is held constant beyond Mercator's edge.
CAMERA_HEIGHT = 1.5
GLOBE_UNITS = 256.0
MERCATOR_EDGE = 85.051129


@dataclass(frozen=True)
class Points:
    """Places to mark: ``lonlat`` (n, 2) in degrees, and a text for each, shown under the mouse."""

    lonlat: NDArray[Any]
    labels: Sequence[str]
    color: tuple[int, int, int] = (213, 94, 0)
    radius_pixels: float = 4.0

    def __post_init__(self) -> None:
        if len(self.lonlat) != len(self.labels):
            raise ValueError(f"{len(self.lonlat)} points and {len(self.labels)} labels; give one label a point.")


def globe(
    field: Field,
    lon: float = 0.0,
    lat: float = 30.0,
    points: Points | Sequence[Points] | None = None,
    coastlines: bool = True,
    height: int = 460,
    dark: bool | None = None,
) -> pdk.Deck:
    """A globe of a field on a transparent background, for light and dark pages alike.

    Coarse fields are interpolated (``raster.refine``); classes keep their cells.

    Parameters
    ----------
    field : Field
        On an equirectangular grid; ``ValueError`` for another.
    lon, lat : float
        The place in the middle, in degrees; it may be a pole.
    points : Points, or sequence of Points, optional
        Places to mark.
    coastlines : bool
        Whether to draw them; by default yes.
    height : int
        Pixels, which the globe fills.
    dark : bool, optional
        Light lines (True) or dark ones (False); by default those that stand out against the field.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> from s2v.figures.testcard import test_card
    >>> globe(test_card(Grid.equirectangular(10)), lat=90).initial_view_state.latitude
    90
    """
    if field.grid.kind != "equirectangular":
        raise ValueError(f"A globe needs a field on an equirectangular grid, not on a {field.grid.kind} one.")
    ink = line_color(field) if dark is None else ((250, 250, 250) if dark else (25, 25, 25))
    layers = [_bitmap(field)]
    if coastlines:
        casing = casing_color(field) if dark is None else None
        if casing is not None:
            layers.append(_coast("coast-casing", casing, 2.4, 110, LIFT_METRES // 2))
        layers.append(_coast("coast", ink, 1.2, 215, LIFT_METRES))
    marked = [points] if isinstance(points, Points) else points or ()
    layers += [_scatter(group, f"points{i or ''}") for i, group in enumerate(marked)]
    return _Deck(
        layers=layers,
        views=[pdk.View(type="GlobeView", controller=True, resolution=MESH_DEGREES)],
        initial_view_state=view_state(lon, lat, height),
        map_provider=None,
        map_style=None,
        height=height,
        tooltip={"text": "{label}"} if marked else None,
    )


class _Deck(pdk.Deck):  # type: ignore[misc]  # pydeck is not typed
    """A deck that is serialised once, on one line.  pydeck itself puts every number on its own line, which takes ten
    times as long and three times the space."""

    @cached_property
    def _text(self) -> str:
        return json.dumps(self, sort_keys=True, default=default_serialize, separators=(",", ":"))

    def to_json(self) -> str:
        return self._text


def view_state(lon: float, lat: float, height: int) -> pdk.ViewState:
    """A camera above (``lon``, ``lat``) that shows the whole globe, of the same size from every latitude."""
    radius = globe_radius(FILL / 2) * height  # pixels
    scale = radius / GLOBE_UNITS
    return pdk.ViewState(longitude=lon, latitude=lat, zoom=math.log2(scale * _zoom_divisor(lat)))


def globe_radius(horizon: float) -> float:
    """The radius of a globe whose horizon appears as a circle of radius ``horizon``, both in chart heights.

    A camera at height c above a globe of radius r sees the horizon with radius h = c r / sqrt((c + r)^2 - r^2): the
    cone that touches the globe, cut at distance c.  This solves for r.
    """
    c, h2 = CAMERA_HEIGHT, horizon**2
    return (h2 + math.sqrt(h2 * h2 + h2 * c * c)) / c


def _zoom_divisor(lat: float) -> float:
    return math.pi * math.cos(math.radians(min(abs(lat), MERCATOR_EDGE)))


def _bitmap(field: Field) -> pdk.Layer:
    filtering = "nearest" if field.classes else "linear"
    return pdk.Layer(
        "BitmapLayer",
        id="field",
        image=pdk.types.String(raster.data_uri(raster.refine(field))),  # a bare string would be parsed as code
        bounds=[-180, -90, 180, 90],
        texture_parameters={
            "minFilter": filtering,
            "magFilter": filtering,
            "mipmapFilter": "none",
            "lodMaxClamp": 0,
            "addressModeU": "repeat",
        },
        pickable=False,
    )


def _coast(name: str, ink: tuple[int, int, int], width: float, opacity: int, lift: int) -> pdk.Layer:
    return pdk.Layer(
        "PathLayer",
        id=name,
        data=_coast_data(lift),
        get_path="path",
        get_color=[*ink, opacity],
        get_width=width,
        width_units=pdk.types.String("pixels"),
        pickable=False,
    )


@cache
def _coast_data(lift: int) -> list[dict[str, Any]]:
    return [{"path": [[round(x, 2), round(y, 2), lift] for x, y in line.tolist()]} for line in coastline_paths("110m")]


def _scatter(points: Points, name: str) -> pdk.Layer:
    places = np.asarray(points.lonlat, dtype=float)
    return pdk.Layer(
        "ScatterplotLayer",
        id=name,
        data=[
            {"position": [float(x), float(y), LIFT_METRES], "label": str(label)}
            for (x, y), label in zip(places, points.labels, strict=True)
        ],
        get_position="position",
        get_fill_color=[*points.color, 235],
        get_line_color=[255, 255, 255, 255],
        get_line_width=1,
        line_width_units=pdk.types.String("pixels"),
        get_radius=points.radius_pixels,
        radius_units=pdk.types.String("pixels"),
        stroked=True,
        billboard=True,
        pickable=True,
        auto_highlight=True,
    )
