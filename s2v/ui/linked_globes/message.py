"""What Python sends to the browser for the linked globes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike
from streamlit import runtime

from s2v.fields import Field, symmetric_limits
from s2v.figures import colormaps, textures, veil
from s2v.figures.veil import Veil
from s2v.palette import hex_to_rgb
from s2v.ui.linked_globes.panels import Difference, Kind, Panel, Wipe, as_panel

_BYTES = "application/octet-stream"


class Message:
    """A small description of the panels, and the addresses of the files that hold values and lines."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.scales: list[dict[str, Any]] = []
        self.values: dict[str, dict[str, Any]] = {}
        self.addresses: list[str] = []

    def publish(self, content: bytes) -> str:
        """The address at which the browser can fetch ``content``: the same for the same content."""
        if not runtime.exists():  # a script run by plain Python: there is no browser
            return ""
        # Streamlit names files of more than 1 MiB by samples of their content; the full hash makes the name unique.
        name = hashlib.sha256(content).hexdigest()[:32]
        position = f"{self.key}-{len(self.addresses)}"
        path = runtime.get_instance().media_file_mgr.add(content, _BYTES, position, file_name=name)
        base = str(st.get_option("server.baseUrlPath")).strip("/")
        self.addresses.append(f"/{base}{path}" if base else path)
        return self.addresses[-1]

    def add_panel(self, panel: Panel | Difference | Wipe) -> dict[str, Any]:
        if isinstance(panel, Panel):
            shown, b, mode, scale = panel, None, "value", self.add_scale(panel.field)
        else:
            shown, b = as_panel(panel.a), as_panel(panel.b)
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
            "seen": shown.seen if b is None else "",
            "mode": mode,
            "smooth": shown.smooth,
            "edge": float(shown.edge),
            "a": self.add_values(shown),
            "b": self.add_values(b) if b else None,
            "scaleNumber": scale,
            "ellipses": self.add_lines(shown.ellipses),
            "points": self.add_points(shown),
        }

    def add_values(self, panel: Panel) -> str:
        texture = textures.texture(panel.frames or [panel.field])
        if not panel.live:
            return self._add_texture(texture, self.publish(texture.data))
        content = hashlib.sha256(texture.data).hexdigest()[:32]
        return self._add_texture(texture, content, _data_url(texture.data))

    def add_points(self, panel: Panel) -> str | None:
        if panel.points is None or not np.size(panel.points):
            return None
        content = textures.lines([panel.points])
        if not panel.live:
            return self.publish(content)
        self.addresses.append(_data_url(content))
        return self.addresses[-1]

    def add_veil(self, shown: Veil) -> dict[str, Any]:
        texture = _distances(shown)
        return {
            "distance": self._add_texture(texture, self.publish(texture.data)),
            "begins": veil.BEGINS * shown.km,
            "km": shown.km,
            "grey": veil.GREY,
            "opacity": veil.OPACITY,
            "lines": veil.LINES,
            "lineOpacity": veil.LINE_OPACITY,
            "lineSpacing": veil.LINE_SPACING,
            "lineWidth": veil.LINE_WIDTH,
            "meaning": shown.meaning,
            "brief": shown.brief,
        }

    def _add_texture(self, texture: textures.Texture, content: str, address: str = "") -> str:
        """Adds values that the browser finds at ``address``, by default ``content``; returns their name."""
        described = {
            "address": address or content,
            "code": texture.code,
            "rows": texture.rows,
            "columns": texture.columns,
            "frames": texture.frames,
            "offset": texture.offset,
            "step": texture.step,
            "discrete": texture.discrete,
        }
        # The same codes stand for other values in other units: the name covers both.
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
        return self.publish(textures.lines(paths)) if len(paths) else None


def _data_url(content: bytes) -> str:
    return f"data:{_BYTES};base64,{base64.b64encode(content).decode('ascii')}"


@lru_cache(maxsize=8)  # a veil is sent with every drawing of a page
def _distances(shown: Veil) -> textures.Texture:
    return textures.texture([shown.distance])


def _title(panel: Panel | Difference | Wipe, a: Panel, b: Panel | None) -> str:
    if panel.title is not None:
        return panel.title
    if b is None:
        return a.field.title
    return f"{_title(a, a, None)} {'−' if isinstance(panel, Difference) else '|'} {_title(b, b, None)}"


def _difference(panel: Difference, a: Panel, b: Panel) -> Field:
    """A field with the colour scale of a difference; its values only serve to find the limits."""
    if a.field.classes or b.field.classes:
        raise ValueError("A difference needs two fields of numbers; classes cannot be subtracted.")
    limits = panel.limits
    if limits is None:
        subtracted = a.field.values - b.field.sample(a.field.grid.lonlat)
        limits = symmetric_limits(subtracted, 1.0)
    return replace(a.field, limits=limits, colormap=panel.colormap)


def _color_table(field: Field) -> bytes:
    """256 colours, red, green and blue: of the field's colour map, or of its classes, whose colours repeat."""
    if not field.classes:
        return colormaps.table(field.colormap).tobytes()
    colors = field.class_colors[: colormaps.LEVELS]
    table = np.zeros((256, 3), dtype=np.uint8)
    table[: len(colors)] = [hex_to_rgb(color) for color in colors]
    return table.tobytes()
