"""Fields and lines as bytes for a graphics card; the linked globes fetch them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.fields import Field

Code = Literal["u8", "u16", "f32"]

MAX_TEXTURE = 4096  # columns or rows that every graphics card with WebGL2 takes in practice
MISSING_8, MISSING_16 = 255, 65535
MAX_SPAN = 16  # a field whose values span more of its colour scales than this is sent as floats


@dataclass(frozen=True)
class Texture:
    """Frames of values on one grid, as codes: value = ``offset`` + ``step`` * code; the highest code means missing.

    ``data`` holds the frames one after another, row 0 northernmost, little endian.  ``code`` is "u8" for classes, or
    "u16" for more than 255 of them, and "u16" for numbers: 65535 steps over the range of the values, so that a change
    of the colour scale needs no new data.  "f32" are the values themselves, with all bits set for missing; it is used
    for fields that reach so far beyond their colour scale that a step would be visible.
    """

    data: bytes
    code: Code
    rows: int
    columns: int
    frames: int
    offset: float
    step: float
    discrete: bool


def texture(frames: Sequence[Field]) -> Texture:
    """The texture of one field or of several on the same equirectangular grid.

    Raises ``ValueError`` for other grids, grids that differ, and grids too fine for a graphics card.
    """
    first = frames[0]
    if first.grid.kind != "equirectangular":
        raise ValueError(
            f"{first.title!r} lies on a {first.grid.kind} grid. A linked globe reads an equirectangular one, "
            "whatever map it draws."
        )
    if any(frame.grid != first.grid or bool(frame.classes) != bool(first.classes) for frame in frames):
        raise ValueError(f"The frames of {first.title!r} must lie on one grid and be all numbers or all classes.")
    rows, columns = first.grid.shape
    if columns > MAX_TEXTURE or columns % 2:
        raise ValueError(
            f"{first.title!r} has {columns} columns; a linked globe takes an even number up to {MAX_TEXTURE}."
        )
    values = np.stack([np.asarray(frame.values, dtype=float) for frame in frames])
    known = np.isfinite(values)
    if first.classes:
        known &= (values >= 0) & (values < len(first.classes))
        if len(first.classes) > MISSING_8:
            codes = np.where(known, values, MISSING_16).astype("<u2")
            return Texture(codes.tobytes(), "u16", rows, columns, len(frames), 0.0, 1.0, True)
        codes = np.where(known, values, MISSING_8).astype(np.uint8)
        return Texture(codes.tobytes(), "u8", rows, columns, len(frames), 0.0, 1.0, True)
    low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 0.0)
    if high - low > MAX_SPAN * (first.limits[1] - first.limits[0]):
        bits = values.astype("<f4").view("<u4")
        bits[~known] = 0xFFFFFFFF
        return Texture(bits.tobytes(), "f32", rows, columns, len(frames), 0.0, 1.0, False)
    step = (high - low) / (MISSING_16 - 1)
    scaled = np.rint((np.where(known, values, low) - low) / (step or 1.0))
    codes16 = np.where(known, scaled, MISSING_16).astype("<u2")
    return Texture(codes16.tobytes(), "u16", rows, columns, len(frames), low, step, False)


def lines(paths: Sequence[ArrayLike]) -> bytes:
    """Lines (points, 2) of longitude and latitude as bytes: number and lengths (uint32), coordinates (float32)."""
    arrays: list[NDArray[Any]] = [sphere.check_lonlat(np.asarray(path, dtype=float).reshape(-1, 2)) for path in paths]
    head = np.array([len(arrays), *map(len, arrays)], dtype="<u4").tobytes()
    return head + b"".join(array.astype("<f4").tobytes() for array in arrays)
