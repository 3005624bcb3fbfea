"""How a printed map is laid out, in numbers.  Free of cartopy, which takes a second to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from s2v.errors import shown

TITLES = {
    "equal_earth": "Equal Earth",
    "robinson": "Robinson",
    "plate_carree": "Plate carrée",
    "north": "North pole",
    "south": "South pole",
    "poles": "Both poles",
    "orthographic": "Orthographic",
    "extent": "Part of the Earth",
}
POLAR: dict[str, tuple[Literal["north", "south"], ...]] = {
    "north": ("north",),
    "south": ("south",),
    "poles": ("north", "south"),
}
MAX_EDGE = 85.0  # degrees: latitude at the edge of a polar map
TAKES = {  # beside the name
    "equal_earth": ("lon",),
    "robinson": ("lon",),
    "plate_carree": ("lon",),
    "north": ("edge",),
    "south": ("edge",),
    "poles": ("edge",),
    "orthographic": ("lon", "lat"),
    "extent": ("extent",),
}
MIN_DPI, MAX_DPI = 30, 600  # pixels an inch
MIN_EXTENT = 1.0  # degrees, from west to east and from south to north


@dataclass(frozen=True)
class Projection:
    """How a map of the sphere is laid out.

    Parameters
    ----------
    name : str, default "equal_earth"
        One of ``TITLES``.  Equal Earth and the polar maps (Lambert azimuthal) are equal-area.
    lon : float, default 0
        Longitude in the middle of a map of the world or of an orthographic one, in degrees.
    lat : float, default 0
        Latitude in the middle of an orthographic map.
    edge : float, default 50
        Latitude at the edge of a polar map, in degrees towards its own pole.
    extent : (float, float, float, float)
        West, south, east and north of ``"extent"``, in degrees.  A part whose west is greater than its east lies across
        the dateline.  It is drawn equirectangular, true to scale along its middle parallel.

    Raises
    ------
    ValueError
        For another name, or numbers outside their ranges.

    Examples
    --------
    >>> Projection("orthographic", lon=15.6, lat=78.2).title
    'Orthographic'
    >>> Projection("extent", extent=(170.0, 60.0, -170.0, 75.0)).width
    20.0
    """

    name: str = "equal_earth"
    lon: float = 0.0
    lat: float = 0.0
    edge: float = 50.0
    extent: tuple[float, float, float, float] = (-180.0, -90.0, 180.0, 90.0)

    def __post_init__(self) -> None:
        if self.name not in TITLES:
            raise ValueError(f"projection={shown(self.name)} is not one of {', '.join(TITLES)}.")
        west, south, east, north = self.extent
        for what, value, high in (
            ("longitude in the middle", self.lon, 180),
            ("latitude in the middle", self.lat, 90),
            ("west edge", west, 180),
            ("east edge", east, 180),
            ("south edge", south, 90),
            ("north edge", north, 90),
        ):
            if not -high <= value <= high:
                raise ValueError(f"The {what} is {shown(value)}; allowed is a number from -{high} to {high} degrees.")
        if not 0 <= self.edge <= MAX_EDGE:
            raise ValueError(
                f"The edge of a polar map is {shown(self.edge)}; allowed is a latitude from 0 to {MAX_EDGE:g} degrees."
            )
        if not north - south >= MIN_EXTENT:
            raise ValueError(
                f"The map goes from {south:g} to {north:g} degrees of latitude; its north must be at least "
                f"{MIN_EXTENT:g} degree north of its south."
            )
        if not self.width >= MIN_EXTENT:
            raise ValueError(
                f"The map goes from {west:g} to {east:g} degrees of longitude; it must be at least {MIN_EXTENT:g} "
                "degree wide. A west greater than the east means a map across the dateline."
            )

    @property
    def title(self) -> str:
        """The name for people."""
        return TITLES[self.name]

    @property
    def width(self) -> float:
        """Degrees of longitude from the west of an extent to its east."""
        west, _, east, _ = self.extent
        return east - west if east > west else east - west + 360 if east < west else 0.0


def check_dpi(dpi: int) -> None:
    """``ValueError`` for a number of pixels an inch that no map is printed with."""
    if not MIN_DPI <= dpi <= MAX_DPI:
        raise ValueError(f"dpi={shown(dpi)} is outside its range; allowed are {MIN_DPI} to {MAX_DPI} pixels an inch.")
