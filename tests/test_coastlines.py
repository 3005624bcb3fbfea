"""Coastlines: real ones, cut where maps are cut, and a clear error when their file is damaged."""

import numpy as np
import pytest

from s2v import assets, sphere
from s2v import coastlines as module
from s2v.assets import AssetError
from s2v.coastlines import coastlines


@pytest.fixture
def fresh_cache():
    coastlines.cache_clear()
    yield
    coastlines.cache_clear()


@pytest.mark.parametrize("detail", ["110m", "50m"])
def test_no_line_crosses_the_dateline_or_runs_along_the_pole(detail):
    for line in coastlines(detail):
        assert np.abs(np.diff(line[:, 0])).max() < 180
        assert line[:, 1].min() > -89


@pytest.mark.parametrize(
    ("place", "name"), [((-5.6, 36.0), "Gibraltar"), ((18.5, -34.4), "Cape of Good Hope"), ((151.2, -33.9), "Sydney")]
)
def test_the_coast_is_where_it_is_known_to_be(place, name):
    every = np.concatenate(coastlines("50m"))
    # 1:50 million is drawn to about 10 km; its vertices lie up to some tens of kilometres apart.
    assert sphere.great_circle_km(every, np.array(place)).min() < 60, name


def test_both_details_show_the_same_coasts():
    coarse, fine = np.concatenate(coastlines("110m")), np.concatenate(coastlines("50m"))
    nearest = [sphere.great_circle_km(fine, place).min() for place in coarse[::50]]
    assert np.median(nearest) < 30  # kilometres: generalising at 1:110 million moves a coast by about that much
    assert len(fine) > 5 * len(coarse)


def test_an_unknown_detail_is_refused():
    with pytest.raises(ValueError, match="'10m' is not one of 110m, 50m"):
        coastlines("10m")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[{", "Expecting"),
        ("{}", "holds no lines"),
        ('[{"road": []}]', "path"),
        ('[{"path": [[0, 0], [0, 95]]}]', "latitude 95"),
        ('[{"path": [[0, 0]]}]', "fewer than two"),
        ('[{"path": [[0, 0], ["x", 1]]}]', "could not convert"),
    ],
)
def test_a_damaged_file_is_reported(tmp_path, monkeypatch, fresh_cache, content, reason):
    (tmp_path / "coastlines").mkdir()
    (tmp_path / "coastlines" / "coastline_110m.json").write_text(content)
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    with pytest.raises(AssetError, match=f"coastline_110m.json is damaged: .*{reason}"):
        module.coastlines("110m")
