"""Linked globes: up to eight maps of fields on the page, in one canvas with one camera.

The browser draws (``assets/components/linked_globes``): it inverts each map's projection for each pixel and reads
the value there as ``Field.sample`` does, so that nothing special happens at a pole or at the dateline.  Values travel
as files named by their content: the browser never fetches a file twice, and a change of colours, limits, camera or
probe sends none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from s2v import sphere
from s2v.coastlines import coastlines as coastline_paths
from s2v.figures import colormaps, textures
from s2v.figures.veil import Veil
from s2v.ui import projector
from s2v.ui.components import component, ignore
from s2v.ui.linked_globes.message import Message
from s2v.ui.linked_globes.panels import Difference, Kind, Panel, Wipe

__all__ = [
    "DEFAULT_CAMERA",
    "MAX_PANELS",
    "Camera",
    "Difference",
    "Kind",
    "LinkedGlobesResult",
    "Panel",
    "Place",
    "Wipe",
    "linked_globes",
]

Place = tuple[float, float]  # longitude, latitude in degrees
Camera = tuple[float, float, float]  # longitude and latitude at the centre; zoom, 1 shows the whole globe

MAX_PANELS = 8  # four encoders, twice
MAX_DISTANCE_KM = float(np.pi * sphere.EARTH_RADIUS_KM)
DEFAULT_CAMERA: Camera = (0.0, 30.0, 1.0)


@dataclass(frozen=True)
class LinkedGlobesResult:
    """What the reader has done.

    Parameters
    ----------
    clicked : (float, float), degrees, or None
        The place of a click, in the one run that follows it.
    camera : (float, float, float)
        Where the camera last came to rest.
    frame : int
        The step of the walk that the reader last chose.
    """

    clicked: Place | None
    camera: Camera
    frame: int


def linked_globes(
    panels: Sequence[Panel | Difference | Wipe],
    *,
    key: str,
    camera: Sequence[float] = DEFAULT_CAMERA,
    probe: Sequence[float] | None = None,
    rings: Sequence[float] = (),
    walk: Sequence[Sequence[float]] | None = None,
    frame: int = 0,
    graticule: bool = True,
    coastlines: bool = True,
    points: ArrayLike | None = None,
    veil: Veil | None = None,
    ellipses: Sequence[ArrayLike] = (),
    height: int = 420,
    columns: int = 0,
    file_name: str = "",
    caption: Sequence[str] = (),
    test_card: bool = False,
    on_click: Callable[[], None] | None = None,
    on_camera: Callable[[], None] | None = None,
) -> LinkedGlobesResult:
    """Draws one to eight panels that turn together.

    Parameters
    ----------
    panels : sequence of Panel, Difference or Wipe
        One to ``MAX_PANELS``.
    key : str
        The same in every run: with it the browser keeps the camera and the files that it has fetched.
    camera : (float, float, float), default ``DEFAULT_CAMERA``
        Longitude and latitude at the centre in degrees, and zoom; 1 shows the whole globe.  Where the view starts.  A
        run with another camera moves the view, except back to where the reader has just been.
    probe : (float, float), degrees, optional
        Longitude and latitude of a marked place.
    rings : sequence of float, km, optional
        Great-circle distances of rings around the probe.
    walk : sequence of (float, float), degrees, optional
        Places for a slider under the maps.  It moves the probe and switches the frames of all panels that have them,
        without the server.
    frame : int, default 0
        Step at which the walk starts.
    graticule, coastlines : bool, default True
    points : array (n, 2), degrees, optional
        Dots on all panels.
    veil : Veil, optional
        Lies over all panels, below their lines, and has a line in the legend.
    ellipses : sequence of arrays (points, 2), degrees, optional
        Closed lines on all panels.
    height : int, pixels, default 420
        Largest side of a panel.
    columns : int, default 0
        How many panels stand side by side where there is room, so that those that belong together are below each other;
        0 for as many as fit.
    file_name : str, optional
        Of the saved picture, without its ending.
    caption : sequence of str, optional
        Lines below the saved picture: what it shows, with which parameters, and credits.
    test_card : bool, default False
        Draw known lines over the maps to check them by.
    on_click, on_camera : callable, optional
        Called before the run that reports a click or a camera; ``st.session_state[key]`` holds the report.

    Returns
    -------
    LinkedGlobesResult

    Raises
    ------
    ValueError
        For what cannot be drawn, with what was given and what is allowed.
    """
    if not 1 <= len(panels) <= MAX_PANELS:
        raise ValueError(f"{len(panels)} panels; linked globes show 1 to {MAX_PANELS}.")
    requested = _check_camera(camera)
    message = Message(key)
    drawn = [message.add_panel(panel) for panel in panels]
    data = {
        "panels": drawn,
        "scales": message.scales,
        "values": message.values,
        "missing": colormaps.MISSING,
        "camera": requested,
        "probe": _check_place(probe, "probe") if probe is not None else None,
        "rings": [_check_ring(ring) for ring in rings],
        "walk": _check_walk(walk, panels),
        "frame": int(frame),
        "graticule": graticule,
        "coastlines": message.publish(_coastlines()) if coastlines else None,
        "points": message.add_lines([points]) if points is not None and np.size(points) else None,
        "ellipses": message.add_lines(ellipses),
        "veil": message.add_veil(veil) if veil else None,
        "height": int(height),
        "fit": projector.is_on(),  # as high as the window has room for
        "columns": int(columns),
        "fileName": re.sub(r"[^\w.+-]+", "-", file_name).strip("-."),
        "caption": list(caption),
        "testCard": test_card,
        "addresses": message.addresses,
    }
    reply = component("linked_globes")(
        key=key,
        data=data,
        on_clicked_change=on_click or ignore,
        on_camera_change=on_camera or ignore,
        on_frame_change=ignore,
    )
    clicked, rested, chosen = reply.get("clicked"), reply.get("camera"), reply.get("frame")
    return LinkedGlobesResult(
        clicked=(float(clicked[0]), float(clicked[1])) if clicked else None,
        camera=_check_camera(rested) if rested else requested,
        frame=int(chosen) if chosen is not None else int(frame),
    )


def _check_place(place: Sequence[float], what: str) -> Place:
    values = np.asarray(place, dtype=float)
    if values.shape != (2,):
        raise ValueError(f"{what}={place!r} is not a place: give longitude and latitude in degrees.")
    sphere.check_lonlat(values)
    return float(values[0]), float(values[1])


def _check_camera(camera: Sequence[float]) -> Camera:
    if len(camera) != 3 or not np.isfinite(camera[2]) or not camera[2] > 0:
        raise ValueError(f"camera={camera!r}: give longitude, latitude and a zoom above 0.")
    longitude, latitude = _check_place(camera[:2], "camera")
    return longitude, latitude, float(camera[2])


def _check_ring(ring: float) -> float:
    if not 0 < ring < MAX_DISTANCE_KM:
        raise ValueError(f"A ring at {ring!r} km: distances on the Earth lie between 0 and {MAX_DISTANCE_KM:.0f} km.")
    return float(ring)


def _check_walk(
    walk: Sequence[Sequence[float]] | None, panels: Sequence[Panel | Difference | Wipe]
) -> list[Place] | None:
    parts = [part for panel in panels for part in ([panel] if isinstance(panel, Panel) else [panel.a, panel.b])]
    counts = {len(part.frames) for part in parts if isinstance(part, Panel) and part.frames}
    if walk is None:
        if counts:
            raise ValueError("Panels have frames but there is no walk: give the place that each frame belongs to.")
        return None
    if not len(walk) or counts - {len(walk)}:
        raise ValueError(f"A walk of {len(walk)} places, panels of {sorted(counts)} frames: give one frame a place.")
    return [_check_place(place, "walk") for place in walk]


@cache
def _coastlines() -> bytes:
    return textures.lines(coastline_paths())
