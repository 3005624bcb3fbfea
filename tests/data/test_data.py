"""What holds for every built-in data set."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from s2v import data, evaluation, sphere
from s2v.assets import asset_path
from s2v.fields import Grid
from s2v.models.recipe import Recipe

# The sixteen sets S differ in two numbers only: the corners stand for all of them where loading is repeated.
MANY = [name for name in data.names() if not name.startswith("vmf:S")] + ["vmf:S1.1", "vmf:S4.4"]
CUSTOM = ["checkerboard,cells=40", "vmf:U3,classes=7,concentration=300,draw=4", "vmf:S1.1,classes=12,strata=3"]
EVERY = pytest.mark.parametrize("name", [*MANY, *CUSTOM])
EVENLY = data.Description(credit="", summary="").spread


@pytest.mark.parametrize("name", [*data.names(), *CUSTOM])
def test_shapes_types_and_description(name: str) -> None:
    d = data.load(name, points=300, seed=1)
    entry = data.entry(name)
    assert d.lonlat.shape == (len(d.target), 2)
    assert d.lonlat.dtype == np.float64
    sphere.check_lonlat(d.lonlat)
    assert d.name == name
    assert (d.title, d.task) == (entry.title, entry.task)
    made_here = d.credit.startswith("Made here") and d.credit.endswith("No rights reserved.")
    assert made_here or d.credit in asset_path("data", "CREDITS.md").read_text(encoding="utf-8")
    assert len(d.summary) > 120
    assert any(digit in d.summary for digit in "0123456789"), "the summary says how many"
    assert d.bayes is None or 0 < d.bayes <= 1
    if d.task == "regression":
        assert d.target.dtype == np.float64
        assert np.isfinite(d.target).all()
        assert d.limits[0] < d.limits[1]
        assert d.counts.shape == (0,)
    else:
        assert d.target.dtype == np.int64
        assert 0 <= d.target.min() <= d.target.max() < len(d.classes)
        assert len(d.classes) == len(set(d.classes))
        assert len(d.colors) in (0, len(d.classes))
        assert len(d.classes) <= 254  # as many as a map can draw
        assert d.counts.sum() == len(d.train)
        assert set(d.unseen) == {c for c, n in zip(d.classes, d.counts, strict=True) if n == 0}


@EVERY
@pytest.mark.parametrize("split", ["random", "blocked"])
def test_parts_are_disjoint_and_complete(name: str, split: data.Split) -> None:
    d = data.load(name, points=300, split=split)
    assert len(d.train) == 300
    assert min(len(d.val), len(d.test)) > 100
    together = np.concatenate([d.train, d.val, d.test])
    assert sorted(together) == list(range(len(d.target)))
    assert len(np.unique(d.lonlat, axis=0)) == len(d.lonlat)
    assert d.split == split


@EVERY
@pytest.mark.parametrize("split", ["random", "blocked"])
def test_seed_moves_training_places_only(name: str, split: data.Split) -> None:
    a, again, other = (data.load(name, 200, seed, split) for seed in (0, 0, 1))
    more = data.load(name, 300, 0, split)
    np.testing.assert_array_equal(a.lonlat, again.lonlat)
    np.testing.assert_array_equal(a.target, again.target)
    assert not np.array_equal(a.lonlat[a.train], other.lonlat[other.train])
    np.testing.assert_array_equal(a.lonlat[a.train], more.lonlat[more.train][:200])
    np.testing.assert_array_equal(a.target[a.train], more.target[more.train][:200])
    for part in ("val", "test"):
        np.testing.assert_array_equal(a.lonlat[getattr(a, part)], other.lonlat[getattr(other, part)])
        np.testing.assert_array_equal(a.target[getattr(a, part)], more.target[getattr(more, part)])


@EVERY
def test_places_lie_where_the_description_says(name: str) -> None:
    d = data.load(name, points=20000)
    if d.spread != EVENLY:
        shares = [(d.lonlat[part, 1] > 0).mean() for part in (d.train, d.val, d.test)]
        assert max(shares) - min(shares) < 0.05  # 668 places know a share to 0.02, and no split is by latitude
        return
    for part in (d.train, d.val, d.test):
        vectors = sphere.to_unit_vectors(d.lonlat[part])
        # Each coordinate of a uniform point has mean 0 and variance 1/3; five standard errors.
        assert np.abs(vectors.mean(axis=0)).max() < 5 / np.sqrt(3 * len(part))
        share = (d.lonlat[part, 1] > 60).mean()
        p = float(sphere.cap_area(60))
        assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / len(part))


@EVERY
def test_truth_is_continuous_at_dateline_and_poles(name: str) -> None:
    d = data.load(name, points=10)
    field = d.truth(Grid.equirectangular(5))
    known = field.values[~np.isnan(field.values)]
    assert len(known) == field.values.size if d.spread == EVENLY else len(known)
    if d.classes:
        assert (known == np.rint(known)).all()
        assert ((known >= 0) & (known < len(d.classes))).all()
    latitudes = np.linspace(-90, 90, 181)
    west, east = (np.stack([np.full_like(latitudes, longitude), latitudes], -1) for longitude in (-180, 180))
    np.testing.assert_allclose(d.truth_at(west), d.truth_at(east), rtol=1e-12)
    for pole in (-90.0, 90.0):
        at_pole = d.truth_at(np.stack([np.linspace(-180, 180, 13), np.full(13, pole)], -1))
        np.testing.assert_allclose(at_pole, at_pole[0], rtol=1e-12)


@EVERY
def test_truth_equals_the_target_or_reaches_the_ceiling(name: str) -> None:
    d = data.load(name, points=500)
    truth = d.truth_at(d.lonlat)
    if d.bayes in (1, None):
        np.testing.assert_array_equal(truth, d.target)
        return
    target, truth = d.target[d.test], truth[d.test]
    if d.classes:
        error = np.sqrt(d.bayes * (1 - d.bayes) / len(target))
        assert abs((truth == target).mean() - d.bayes) < 5 * error
    else:
        assert evaluation.r2(target, truth) == pytest.approx(d.bayes, abs=0.05)


def test_every_name_makes_a_recipe_that_survives_json() -> None:
    for name in [*data.names(), *CUSTOM]:
        recipe = Recipe(data=name)
        assert Recipe.from_json(recipe.to_json()) == recipe


def test_names_with_parameters_have_one_form() -> None:
    assert data.check_name("checkerboard,cells=200") == "checkerboard"
    assert data.check_name("vmf:U3, draw=2,classes=50") == "vmf:U3,draw=2"
    assert data.check_name("vmf:U3,draw=123456789,classes=9") == "vmf:U3,classes=9,draw=123456789"
    assert data.load("vmf:U1,classes=50", 10).name == "vmf:U1"
    for name in data.names():
        assert data.check_name(name) == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("geiod", "geoid, relief"),
        ("geoid,cells=4", "no parameter 'cells'"),
        ("checkerboard,cells=0", "cells=.*from 1 to 100000"),
        ("checkerboard,cells", "parameter=value"),
        ("checkerboard,cells=4,cells=5", "once"),
        ("checkerboard,cells=nan", "cells='nan'"),
        ("vmf:U1,classes=251", "1 to 250"),
        ("vmf:U1,concentration=inf", "concentration"),
        ("", "is unknown"),
    ],
)
def test_messages_for_bad_names_list_what_there_is(name: str, message: str) -> None:
    for check in (data.check_name, data.load, lambda name: Recipe(data=name)):
        with pytest.raises(ValueError, match=message):
            check(name)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        data.load("geoid", points=0)
    with pytest.raises(ValueError, match="'spatial' is not one of random, blocks:KM"):
        data.load("geoid", split="spatial")


def test_the_truth_of_an_unknown_source_is_refused() -> None:
    d = data.load("geoid", points=10)
    with pytest.raises(ValueError, match="its own places only"):
        data.DataSet(**{**vars(d), "source": None}).truth(Grid.equirectangular(30))


def test_names_and_entries_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(data.CATALOGUE)) == data.CATALOGUE


def test_knowing_the_names_is_light() -> None:
    code = "import s2v, sys; s2v.Recipe(data='vmf:U1'); raise SystemExit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_data_and_the_package_itself_do_not_import_torch_or_drawing() -> None:
    code = (
        "import s2v, sys; s2v.Recipe(); s2v.evaluation; s2v.fields; s2v.ENCODERS;"
        "[s2v.data.load(n, 10) for n in ('land_cover', 'land_ocean', 'cities', 'languages', 'vmf:U1')];"
        "raise SystemExit(bool({'torch', 'matplotlib', 'cartopy', 'streamlit'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_catalogue_says_what_is_known_at_its_own_places_only() -> None:
    for name in [name for name in data.names() if not name.startswith("vmf:")] + ["vmf:U1"]:
        assert data.entry(name).places_only == (data.load(name, 1).observe is None), name
