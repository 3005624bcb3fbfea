"""The maps that the pages offer as files hold the fields that they show."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401  (gives arrays .rio)
import xarray as xr

from s2v.ui.comparison.downloads import maps_netcdf
from s2v.ui.comparison.similarity import Maps
from s2v.ui.race import map_files, maps
from tests.export.fields import GRIDS, NAMES, classes, values

TITLES = ("Truth", "sphereM (scales 16)", "sphereM (scales 8)")
RACE: Any = SimpleNamespace(recipe=SimpleNamespace(task="classification"))


@pytest.fixture(autouse=True)
def maps_of_a_race(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {name: classes(grid) for name, grid in GRIDS.items()}
    monkeypatch.setattr(maps, "is_single", lambda race: False)
    monkeypatch.setattr(maps, "world", lambda *_: [(title, drawn["world"]) for title in TITLES])
    monkeypatch.setattr(maps, "poles", lambda *_: [(title, drawn["north"], drawn["south"]) for title in TITLES])


def test_a_race_in_netcdf() -> None:
    with xr.open_dataset(map_files.netcdf(RACE, TITLES[1:]), engine="scipy", decode_coords="all") as read:
        assert [array.long_name for array in read.data_vars.values()] == [
            f"{title}: Predicted class" for title in TITLES
        ]
        assert read.rio.crs.to_epsg() == 4326
        expected = np.where(classes(GRIDS["world"]).known, classes(GRIDS["world"]).values, np.nan)
        for array in read.data_vars.values():
            np.testing.assert_array_equal(array[::-1], expected)


def test_a_race_in_geotiffs(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(map_files.geotiffs(RACE, TITLES[1:]))) as archive:
        archive.extractall(tmp_path)
    found = sorted(tmp_path.glob("*.tif"))
    assert len(found) == 9
    assert found[0].name == "1-Truth-north.tif"
    for path in found:
        with rasterio.open(path) as read:
            field = classes(GRIDS[path.stem.rpartition("-")[2]])
            np.testing.assert_array_equal(read.read(1)[field.known], field.values[field.known])
        beside = path.with_name(path.name + ".aux.xml").read_text(encoding="utf-8")
        assert beside.count("<Category>") == len(NAMES)


def test_similarity_in_netcdf() -> None:
    field = values(GRIDS["world"])
    coarse = replace(field, values=field.values[:9, :18], grid=type(field.grid).equirectangular(20))
    with xr.open_dataset(maps_netcdf(Maps([field], [coarse], [], [], None), (15.6, 78.2)), engine="scipy") as read:
        np.testing.assert_array_equal(read.height[::-1], field.values.astype(np.float32))
        assert read.height_2.shape == (9, 18)
        assert read.height.place == "15.6, 78.2 (longitude, latitude)"
