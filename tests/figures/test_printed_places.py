"""The picture of places."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from s2v.figures.globe import Points
from s2v.figures.printed_places import printed_places


def test_places_lie_where_they_are_the_poles_and_the_dateline_too() -> None:
    lonlat = np.array([[0.0, 0.0], [180.0, 0.0], [-180.0, 0.0], [77.0, 90.0], [12.0, -90.0]])
    picture = printed_places([Points(lonlat, [""] * 5, (255, 0, 0), 6)], title="A $title", caption="of $5", dpi=50)
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    red = (pixels[..., 0] > 200) & (pixels[..., 1:].sum(-1) < 200)
    rows = np.nonzero(red)[0]
    middle = pixels.shape[1] / 2
    assert red[:, : round(0.1 * pixels.shape[1])].any()  # the dateline, at both edges
    assert red[:, round(0.9 * pixels.shape[1]) :].any()
    assert red[:, round(middle) - 2 : round(middle) + 2].any()  # 0, 0
    for row in (rows.min(), rows.max()):  # a pole is a line on this map, and its longitude counts
        assert not red[row, : round(middle) - 5].any()
    assert np.ptp(rows) > 0.75 * pixels.shape[0]


def test_an_svg_is_one_and_other_formats_are_refused() -> None:
    group = Points(np.array([[15.6, 78.2]]), ["Longyearbyen"])
    svg = printed_places([group], "svg", names=["a town for $5 and $6"], dpi=50).decode()
    assert "<svg" in svg
    assert "<!-- a town for $5 and $6 -->" in svg  # as it is, no formula
    with pytest.raises(ValueError, match="format='gif' is not one of png, svg"):
        printed_places([group], "gif")
