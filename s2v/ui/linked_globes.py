"""Linked globes: up to six maps of fields on the page, in one canvas with one camera.

The browser draws (``assets/components/linked_globes``): it inverts each map's projection for each pixel and reads
the value there as ``Field.sample`` does, so that nothing special happens at a pole or at the dateline.  Values travel
as files named by their content: what the browser has, it never fetches again, and a change of colours, limits, camera
or probe sends none of them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike
from streamlit import runtime

from s2v import sphere
from s2v.assets import asset_path
from s2v.coastlines import coastlines as coastline_paths
from s2v.fields import Field, symmetric_limits
from s2v.figures import colormaps, textures

Kind = Literal["globe", "north", "south", "world"]
Place = tuple[float, float]  # longitude, latitude in degrees
Camera = tuple[float, float, float]  # longitude and latitude at the centre; zoom, 1 shows the whole globe

MAX_PANELS = 6
FARTHEST_KM = float(np.pi * sphere.EARTH_RADIUS_KM)
DEFAULT_CAMERA: Camera = (0.0, 30.0, 1.0)


@dataclass(frozen=True)
class Panel:
    """One map of one field.

    ``kind``: a globe seen from afar (orthographic), the "north" or "south" polar cap (azimuthal equal-area, as far as
    ``edge`` degrees), or the "world" (equirectangular).  ``smooth`` interpolates between cell centres; without it,
    and for classes, each cell has hard edges.  ``frames`` are the fields for the places of a walk, on the grid and
    the colour scale of ``field``.  ``ellipses`` are closed lines (points, 2) drawn on this panel only.  ``live`` says
    that another field will come soon: its values travel within the message, since a file of their own may be gone
    before a slow browser asks for it.
    """

    field: Field
    kind: Kind = "globe"
    title: str | None = None
    smooth: bool = True
    edge: float = 50.0
    frames: Sequence[Field] = ()
    ellipses: Sequence[ArrayLike] = ()
    live: bool = False


@dataclass(frozen=True)
class Difference:
    """A map of ``a`` minus ``b``, subtracted in the browser; map, edge and smoothness are those of ``a``.

    ``limits`` are symmetric about zero if none are given.
    """

    a: Panel | Field
    b: Panel | Field
    title: str | None = None
    limits: tuple[float, float] | None = None
    colormap: str = "RdBu_r"


@dataclass(frozen=True)
class Wipe:
    """One map with ``a`` to the left of a divider that the reader drags, and ``b`` to the right of it."""

    a: Panel | Field
    b: Panel | Field
    title: str | None = None


@dataclass(frozen=True)
class LinkedGlobesResult:
    """``clicked``: the place of a click, in the one run that follows it.  ``camera``: where it last came to rest.
    ``frame``: the step of the walk that the reader last chose."""

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
    ellipses: Sequence[ArrayLike] = (),
    height: int = 420,
    test_card: bool = False,
    on_click: Callable[[], None] | None = None,
    on_camera: Callable[[], None] | None = None,
) -> LinkedGlobesResult:
    """Draws one to six panels that turn together.

    ``camera`` (longitude, latitude, zoom) is where the view starts; a run with another one moves it, except back to
    where the reader has just been.  ``probe`` is a marked place, with ``rings`` at these great-circle distances (km)
    around it.  ``walk`` is a list of places for a slider under the maps that moves the probe and switches the frames
    of all panels that have them, without the server; it starts at step ``frame``.  ``points`` (n, 2) and
    ``ellipses`` (closed lines) are drawn on all panels.  ``height`` is the largest side of a panel in pixels.
    ``test_card`` draws known lines over the maps to check them by.

    Keep ``key`` the same from run to run: with it the browser keeps the camera and what it has fetched.  The
    callbacks run before the page does and find the news in ``st.session_state[key]``.
    Raises ``ValueError`` for what cannot be drawn, with what was given and what is allowed.
    """
    if not 1 <= len(panels) <= MAX_PANELS:
        raise ValueError(f"{len(panels)} panels; linked globes show 1 to {MAX_PANELS}.")
    asked = _check_camera(camera)
    message = _Message(key)
    drawn = [message.add_panel(panel) for panel in panels]
    data = {
        "module": message.publish(_module(), "text/javascript"),
        "panels": drawn,
        "scales": message.scales,
        "values": message.values,
        "missing": colormaps.MISSING,
        "camera": asked,
        "probe": _check_place(probe, "probe") if probe is not None else None,
        "rings": [_check_ring(ring) for ring in rings],
        "walk": _check_walk(walk, panels),
        "frame": int(frame),
        "graticule": graticule,
        "coastlines": message.publish(_coastlines(), _BYTES) if coastlines else None,
        "points": message.add_lines([points]) if points is not None and np.size(points) else None,
        "ellipses": message.add_lines(ellipses),
        "height": int(height),
        "testCard": test_card,
        "addresses": message.addresses,
    }
    reply = _component()(
        key=key,
        data=data,
        on_clicked_change=on_click or _nothing,
        on_camera_change=on_camera or _nothing,
        on_frame_change=_nothing,
    )
    clicked, rested, chosen = reply.get("clicked"), reply.get("camera"), reply.get("frame")
    return LinkedGlobesResult(
        clicked=(float(clicked[0]), float(clicked[1])) if clicked else None,
        camera=_check_camera(rested) if rested else asked,
        frame=int(chosen) if chosen is not None else int(frame),
    )


_BYTES = "application/octet-stream"
_SCRIPTS = (
    "geometry",
    "values",
    "lines",
    "shaders",
    "painter",
    "processor",
    "overlay",
    "layout",
    "scene",
    "walk",
    "pace",
    "interaction",
    "main",
)


class _Message:
    """What is sent to the browser: a small description, and the addresses of the files that it speaks of."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.scales: list[dict[str, Any]] = []
        self.values: dict[str, dict[str, Any]] = {}
        self.addresses: list[str] = []

    def publish(self, content: bytes, mimetype: str) -> str:
        """The address at which the browser can fetch ``content``: the same for the same content."""
        if not runtime.exists():  # a script run by plain Python: nobody will ask
            return ""
        # Streamlit names files of more than 1 MiB by samples of their content; the full hash makes the name sure.
        name = hashlib.sha256(content).hexdigest()[:32]
        place = f"{self.key}-{len(self.addresses)}"
        path = runtime.get_instance().media_file_mgr.add(content, mimetype, place, file_name=name)
        base = str(st.get_option("server.baseUrlPath")).strip("/")
        self.addresses.append(f"/{base}{path}" if base else path)
        return self.addresses[-1]

    def add_panel(self, panel: Panel | Difference | Wipe) -> dict[str, Any]:
        if isinstance(panel, Panel):
            shown, b, mode, scale = panel, None, "value", self.add_scale(panel.field)
        else:
            shown, b = _as_panel(panel.a), _as_panel(panel.b)
            if isinstance(panel, Difference):
                mode, scale = "difference", self.add_scale(_difference(panel, shown, b), "difference")
            else:
                mode, scale = "wipe", self.add_scale(shown.field)
                if scale != self.add_scale(b.field):
                    raise ValueError(
                        f"A wipe needs two fields on one colour scale; {shown.field.title!r} and {b.field.title!r} "
                        "differ in limits, colour map, units or classes."
                    )
        if shown.kind not in get_args(Kind):
            raise ValueError(f"kind={shown.kind!r} is not one of {', '.join(get_args(Kind))}.")
        if not -80 <= shown.edge < 90:
            raise ValueError(f"edge={shown.edge!r}: a polar map ends between latitude -80 and 90 degrees.")
        return {
            "kind": shown.kind,
            "title": _title(panel, shown, b),
            "mode": mode,
            "smooth": shown.smooth,
            "edge": float(shown.edge),
            "a": self.add_values(shown),
            "b": self.add_values(b) if b else None,
            "scaleNumber": scale,
            "ellipses": self.add_lines(shown.ellipses),
        }

    def add_values(self, panel: Panel) -> str:
        texture = textures.texture(panel.frames or [panel.field])
        if panel.live:
            content = hashlib.sha256(texture.data).hexdigest()[:32]
            address = f"data:{_BYTES};base64,{base64.b64encode(texture.data).decode('ascii')}"
        else:
            content = address = self.publish(texture.data, _BYTES)
        described = {
            "address": address,
            "code": texture.code,
            "rows": texture.rows,
            "columns": texture.columns,
            "frames": texture.frames,
            "offset": texture.offset,
            "step": texture.step,
            "discrete": texture.discrete,
        }
        # The same codes may stand for other values (a field in other units): the name covers both.
        name = f"{content} {texture.rows} {texture.offset!r} {texture.step!r}"
        self.values[name] = described
        return name

    def add_scale(self, field: Field, label: str = "") -> int:
        scale = {
            "colors": base64.b64encode(_color_table(field)).decode("ascii"),
            "lines": list(colormaps.line_color(field)),
            "limits": [float(field.limits[0]), float(field.limits[1])],
            "units": field.units,
            "classes": list(field.classes),
            "label": label,
        }
        if scale not in self.scales:
            self.scales.append(scale)
        return self.scales.index(scale)

    def add_lines(self, paths: Sequence[ArrayLike]) -> str | None:
        return self.publish(textures.lines(paths), _BYTES) if len(paths) else None


def _as_panel(panel: Panel | Field) -> Panel:
    return panel if isinstance(panel, Panel) else Panel(panel)


def _title(panel: Panel | Difference | Wipe, a: Panel, b: Panel | None) -> str:
    if panel.title is not None:
        return panel.title
    if b is None:
        return a.field.title
    return f"{_title(a, a, None)} {'−' if isinstance(panel, Difference) else '|'} {_title(b, b, None)}"


def _difference(panel: Difference, a: Panel, b: Panel) -> Field:
    """A field that carries the colour scale of a difference; its values are only looked at for the limits."""
    if a.field.classes or b.field.classes:
        raise ValueError("A difference needs two fields of numbers; classes cannot be subtracted.")
    limits = panel.limits
    if limits is None:
        subtracted = a.field.values - b.field.sample(a.field.grid.lonlat)
        limits = symmetric_limits(subtracted, 1.0)
    return replace(a.field, limits=limits, colormap=panel.colormap)


def _color_table(field: Field) -> bytes:
    """256 colours, red, green and blue: of the field's colour map, or of its classes by number."""
    if not field.classes:
        return colormaps.table(field.colormap).tobytes()
    colors = colormaps.field_class_colors(field)
    if len(colors) != len(field.classes) or len(colors) > 255:
        raise ValueError(f"{len(field.classes)} classes with {len(colors)} colours; give one each, at most 255.")
    table = np.zeros((256, 3), dtype=np.uint8)
    table[: len(colors)] = [colormaps.hex_to_rgb(color) for color in colors]
    return table.tobytes()


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
    if not 0 < ring < FARTHEST_KM:
        raise ValueError(f"A ring at {ring!r} km: distances on the Earth lie between 0 and {FARTHEST_KM:.0f} km.")
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


def _nothing() -> None:
    """Streamlit reports only the news that somebody asked for; the page reads them from the result."""


def _read(name: str) -> str:
    return asset_path("components", "linked_globes", name).read_text(encoding="utf-8")


@cache
def _module() -> bytes:
    """The component's scripts as one module, in an order in which each uses only what came before."""
    return "\n".join(_read(f"{name}.js") for name in _SCRIPTS).encode()


@cache
def _coastlines() -> bytes:
    return textures.lines(coastline_paths())


@cache
def _component() -> Any:
    return st.components.v2.component(
        "linked_globes", html=_read("frame.html"), css=_read("style.css"), js=_read("loader.js")
    )
