"""Fields as small palette PNGs: the texture of globes, and the quickest picture of all."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from s2v.fields import Field, Grid
from s2v.figures.colormaps import OUTSIDE_INDEX, indexed


def png(field: Field) -> bytes:
    """The field as a palette PNG, one pixel a cell, row 0 on top; outside a polar disc it is transparent."""
    indices, palette = indexed(field)
    image = Image.fromarray(indices)
    image.putpalette(palette[:, :3].tobytes())
    file = io.BytesIO()
    # Only polar maps have an outside; an opaque PNG keeps the globe's texture free of alpha blending.
    transparency = {} if field.grid.kind == "equirectangular" else {"transparency": OUTSIDE_INDEX}
    image.save(file, "png", compress_level=6, **transparency)
    return file.getvalue()


def data_uri(field: Field) -> str:
    """The field's PNG as a ``data:`` address, to stand wherever the address of an image may."""
    return "data:image/png;base64," + base64.b64encode(png(field)).decode("ascii")


def refine(field: Field, degrees: float = 0.5) -> Field:
    """An equirectangular field with cells of at most ``degrees``, interpolated bilinearly; finer ones are returned.

    A graphics card knows neither that the columns go round nor that the rows meet at the pole: around it, within
    half a cell, it paints a fan.  Interpolating over the pole here makes that fan too small to see.  Fields of
    classes stay as they are: cells have edges.
    """
    target = Grid.equirectangular(degrees)
    if field.classes or field.grid.rows >= target.rows:
        return field
    return field.with_values(_interpolated(field.values, target), grid=target)


def _interpolated(values: NDArray[Any], target: Grid) -> NDArray[Any]:
    """What ``Field.sample`` gives at the places of a grid: rows first, then columns, which is a tenth of the work."""
    rows, columns = values.shape
    # Over a pole: the same ring, half way round.
    beyond = [np.roll(values[i], columns // 2)[None] for i in (0, -1)]
    padded = np.concatenate([beyond[0], values, beyond[1]])
    row = (np.arange(target.rows) + 0.5) * rows / target.rows - 0.5
    column = (np.arange(target.columns) + 0.5) * columns / target.columns - 0.5
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    v, u = (row - i)[:, None], column - j
    between = (1 - v) * padded[i + 1] + v * padded[i + 2]
    return np.asarray((1 - u) * between[:, j % columns] + u * between[:, (j + 1) % columns])
