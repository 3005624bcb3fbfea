"""What holds for every built-in data set."""

import subprocess
import sys

import numpy as np
import pytest

from s2v import data, sphere

EVERY = pytest.mark.parametrize("name", data.names())


@EVERY
def test_shapes_types_and_card(name: str) -> None:
    d = data.load(name, points=300, seed=1)
    assert d.lonlat.shape == (len(d.target), 2)
    assert d.lonlat.dtype == np.float64
    sphere.check_lonlat(d.lonlat)
    assert d.name == name
    assert (d.title, d.task) == (data.CATALOGUE[name].title, data.CATALOGUE[name].task)
    assert d.credit
    assert d.summary
    if d.task == "classification":
        assert d.target.dtype == np.int64
        assert d.target.max() < len(d.classes) == len(d.colors)
    else:
        assert d.target.dtype == np.float64
        assert np.isfinite(d.target).all()
        assert d.limits[0] < d.limits[1]


@EVERY
def test_parts_are_disjoint_and_complete(name: str) -> None:
    d = data.load(name, points=300)
    assert len(d.train) == 300
    together = np.concatenate([d.train, d.val, d.test])
    assert sorted(together) == list(range(len(d.target)))
    assert len(np.unique(d.lonlat, axis=0)) == len(d.lonlat)


@EVERY
def test_seed_moves_training_places_only_and_more_points_continue_them(name: str) -> None:
    a, again, other = data.load(name, 200, 0), data.load(name, 200, 0), data.load(name, 300, 1)
    more = data.load(name, 300, 0)
    np.testing.assert_array_equal(a.lonlat, again.lonlat)
    np.testing.assert_array_equal(a.target, again.target)
    assert not np.isin(a.lonlat[a.train], other.lonlat[other.train]).any()
    np.testing.assert_array_equal(a.lonlat[a.train], more.lonlat[more.train][:200])
    for part in ("val", "test"):
        np.testing.assert_array_equal(a.lonlat[getattr(a, part)], other.lonlat[getattr(other, part)])


@EVERY
def test_places_are_uniform_by_area(name: str) -> None:
    d = data.load(name, points=20000)
    for part in (d.train, d.val, d.test):
        vectors = sphere.to_unit_vectors(d.lonlat[part])
        # Each coordinate of a uniform point has mean 0 and variance 1/3; five standard errors.
        assert np.abs(vectors.mean(axis=0)).max() < 5 / np.sqrt(3 * len(part))
        share = (d.lonlat[part, 1] > 60).mean()
        p = float(sphere.cap_area(60))
        assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / len(part))


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(ValueError, match="geoid, relief, land_cover"):
        data.check_name("geiod")
    with pytest.raises(ValueError, match="geiod"):
        data.load("geiod")
    with pytest.raises(ValueError, match="at least one"):
        data.load("geoid", points=0)


def test_data_and_the_package_itself_do_not_import_torch() -> None:
    code = (
        "import s2v, sys; s2v.Recipe(); s2v.data.load('land_cover', 10); s2v.evaluation; s2v.fields; s2v.ENCODERS;"
        "raise SystemExit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
