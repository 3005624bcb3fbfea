"""The Start page's maps agree with the code that makes them, and a damaged file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2v import assets, sphere
from s2v.comparison import start
from tests.damage import DAMAGES, damage_copy


@pytest.fixture(scope="module")
def computed() -> tuple[start.Panel, ...]:
    return start.compute()


def test_the_files_agree_with_the_code(computed: tuple[start.Panel, ...]) -> None:
    # If this fails after a change of an encoder: python -m s2v.comparison.start
    for kept, new in zip(start.load(), computed, strict=True):
        assert kept.encoder == new.encoder
        assert kept.stretch == pytest.approx(new.stretch, abs=1e-4)  # kept with four digits
        # Half a step from rounding, and a step for processors that sum in another order.
        np.testing.assert_allclose(kept.field.values, new.field.values, atol=1.5 * start.STEP)


def test_the_flat_encoder_stretches_by_one_over_the_cosine(computed: tuple[start.Panel, ...]) -> None:
    flat, sphere_m = computed
    assert flat.stretch == pytest.approx(1 / np.cos(np.deg2rad(start.ANCHOR[1])), rel=1e-6)
    assert 1 <= sphere_m.stretch < 1.2


def test_the_place_is_most_similar_to_itself() -> None:
    for panel in start.load():
        best = np.unravel_index(np.argmax(panel.field.values), panel.field.values.shape)
        # The best cell holds the place: half a cell's diagonal is 0.36 degrees.
        assert np.rad2deg(sphere.great_circle(start.GRID.lonlat[best], np.array(start.ANCHOR))) < 0.36


@pytest.mark.parametrize("name", ["start.json", "similarity.npz"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named(name: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage_copy("start", name, damage, tmp_path, monkeypatch)
    start.load.cache_clear()
    try:
        with pytest.raises(assets.AssetError, match=name):
            start.load()
    finally:
        start.load.cache_clear()


def test_the_colour_bar_says_what_it_shows() -> None:
    assert {panel.field.units for panel in start.load()} == {"similarity"}
