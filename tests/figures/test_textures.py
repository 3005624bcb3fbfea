"""Fields and lines as bytes: what comes out is what went in, to the last step of the code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from s2v.fields import Field, Grid
from s2v.figures import textures

GRID = Grid.equirectangular(30)


def decoded(texture: textures.Texture) -> NDArray[Any]:
    """Values (frames, rows, columns), NaN where missing: the reading that values.js and shader.js give."""
    shape = texture.frames, texture.rows, texture.columns
    codes = np.frombuffer(texture.data, dtype={"u8": "<u1", "u16": "<u2", "f32": "<u4"}[texture.code]).reshape(shape)
    values = codes.view("<f4").astype(float) if texture.code == "f32" else texture.offset + texture.step * codes
    return np.where(codes == np.iinfo(codes.dtype).max, np.nan, values)


@settings(max_examples=50, deadline=None)
@given(
    arrays(float, GRID.shape, elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan), st.just(np.inf))),
    st.sampled_from([1.0, 1e3, 1e6]),
)
def test_numbers_come_back_to_within_half_a_step_and_what_is_not_finite_is_missing(
    values: NDArray[Any], reach: float
) -> None:
    texture = textures.texture([Field(values, GRID, "any", limits=(-reach, reach))])
    back = decoded(texture)[0]
    known = np.isfinite(values)
    assert np.array_equal(np.isfinite(back), known)
    # Half a step of 16 bits, or the rounding of 32-bit floats (6e-8) where those are sent.
    allowed = abs(values[known]) * 6e-8 + 1e-30 if texture.code == "f32" else 0.501 * texture.step
    assert (abs(back[known] - values[known]) <= allowed).all()


def test_a_step_is_finer_than_a_colour_whatever_the_reach_of_the_field() -> None:
    for reach in (1.0, 1e-2, 1e-4):
        values = np.linspace(-1, 1, GRID.rows * GRID.columns).reshape(GRID.shape)
        texture = textures.texture([Field(values, GRID, "any", limits=(-reach, reach))])
        assert texture.code == "f32" or texture.step < 2 * reach / 256 / 10


def test_a_constant_field_and_one_of_nothing_can_be_sent() -> None:
    assert (decoded(textures.texture([Field(np.full(GRID.shape, 3.5), GRID, "flat")])) == 3.5).all()
    assert np.isnan(decoded(textures.texture([Field(np.full(GRID.shape, np.nan), GRID, "nothing")]))).all()


def test_classes_are_bytes_and_numbers_that_are_no_class_are_missing() -> None:
    values = np.zeros(GRID.shape)
    values[0, :4] = [2, -1, 3, np.nan]
    texture = textures.texture([Field(values, GRID, "classes", classes=("a", "b", "c"))])
    assert (texture.code, texture.discrete) == ("u8", True)
    back = decoded(texture)[0, 0, :4]
    assert back[0] == 2
    assert np.isnan(back[1:]).all()


def test_more_classes_than_a_byte_holds_are_sent_as_they_are() -> None:
    values = np.zeros(GRID.shape)
    values[0, :4] = [255, 1999, 2000, np.nan]
    texture = textures.texture([Field(values, GRID, "classes", classes=tuple(map(str, range(2000))))])
    assert (texture.code, texture.discrete) == ("u16", True)
    back = decoded(texture)[0, 0, :4]
    np.testing.assert_array_equal(back, [255, 1999, np.nan, np.nan])


def test_frames_share_one_code_so_that_they_can_be_compared() -> None:
    frames = [Field(np.full(GRID.shape, float(i)), GRID, "walk", limits=(0.0, 2.0)) for i in range(3)]
    texture = textures.texture(frames)
    assert texture.frames == 3
    assert np.allclose(decoded(texture)[:, 0, 0], [0, 1, 2], atol=texture.step)


def test_what_cannot_be_a_texture_is_refused_with_its_name() -> None:
    polar = Grid.polar("north", 11)
    with pytest.raises(ValueError, match=r"'cap' lies on a north grid"):
        textures.texture([Field(np.zeros(polar.shape), polar, "cap")])
    fine = Grid("equirectangular", 3000, 6000)
    with pytest.raises(ValueError, match="6000 columns"):
        textures.texture([Field(np.broadcast_to(0.0, fine.shape), fine, "fine")])
    other = Grid.equirectangular(45)
    with pytest.raises(ValueError, match="must lie on one grid"):
        textures.texture([Field(np.zeros(g.shape), g, "two grids") for g in (GRID, other)])


def test_lines_are_counted_then_measured_then_listed() -> None:
    data = textures.lines([[(0, 1), (2, 3)], [(4, 5), (6, 7), (-180, 90)]])
    assert np.frombuffer(data[:12], "<u4").tolist() == [2, 2, 3]
    assert np.frombuffer(data[12:], "<f4").tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -180, 90]
    with pytest.raises(ValueError, match="latitude 91"):
        textures.lines([[(0, 91)]])
