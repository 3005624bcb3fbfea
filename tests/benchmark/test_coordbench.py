"""The lab's encoders in CoordBench, by a stand-in for it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import s2v
from s2v import sphere
from s2v.benchmark.coordbench import THEIRS, CoordBenchEncoder
from s2v.encoders import ENCODERS
from tests.benchmark import coordbench

EDGES = np.array([[0.0, 90.0], [123.0, 90.0], [0.0, -90.0], [180.0, 10.0], [-180.0, 10.0], [360.0, 0.0], [0.0, 0.0]])


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, THEIRS, coordbench.loaded())


@pytest.mark.parametrize("name", list(ENCODERS))
def test_coordbench_gets_the_code_of_every_encoder(name: str, theirs):
    """At poles and dateline, too, in pieces as at once, and for no place at all."""
    ours = CoordBenchEncoder(name, batch_size=3, **ENCODERS[name].example)
    places = np.concatenate([EDGES, sphere.random_points(4)])
    expected = ours.module(torch.from_numpy(places)).detach().numpy().astype(np.float32)
    found = ours.encode(places[:, 0], places[:, 1])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.shape == (len(places), ours.dim)
    assert np.isfinite(found).all()
    assert ours.encode([], []).shape == (0, ours.dim)


def test_coordbench_takes_an_encoder_and_scores_it(theirs):
    places = sphere.random_points(500)
    values = sphere.to_unit_vectors(places) @ np.array([0.2, -0.5, 1.0])
    scores = {
        name: coordbench.score(CoordBenchEncoder(name, **params), places[:, 0], places[:, 1], values)
        for name, params in (("xyz", {}), ("spherical_harmonics", {"degree": 4}))
    }
    assert min(scores.values()) > 0.95


def test_without_coordbench_an_encoder_is_no_instance_of_its_class():
    assert THEIRS not in sys.modules
    assert CoordBenchEncoder("xyz").encode([0.0], [90.0]).tolist() == [pytest.approx([0, 0, 1], abs=1e-7)]


def test_what_a_model_learned_is_an_encoder(tmp_path: Path):
    recipe = s2v.Recipe(data="checkerboard", encoder="xyz", points=200, steps=5, hidden=16)
    *_, last = s2v.train(recipe)
    s2v.save(last.model, tmp_path / "model.safetensors")
    places = sphere.random_points(5)
    expected = s2v.Embedding(last.model)(torch.from_numpy(places)).numpy()
    for given in (str(tmp_path / "model.safetensors"), last.model, s2v.Embedding(last.model)):
        ours = CoordBenchEncoder(given)
        np.testing.assert_allclose(ours.encode(places[:, 0], places[:, 1]), expected, atol=1e-6)
    s2v.save(s2v.predictors.fit("knn", s2v.data.load("vmf:U3", 100)), tmp_path / "knn.safetensors")
    with pytest.raises(ValueError, match=r"knn\.safetensors' has no encoder\. Give the name of an encoder"):
        CoordBenchEncoder(str(tmp_path / "knn.safetensors"))


@pytest.mark.parametrize(
    ("lon", "lat", "message"),
    [
        ([0.0, 1.0], [0.0], r"lon has shape \(2,\) and lat \(1,\); they must be two rows of degrees, equally long"),
        ([[0.0]], [[0.0]], r"lon has shape \(1, 1\) and lat \(1, 1\)"),
        ([0.0, np.nan], [0.0, 1.0], r"row 1"),
        ([0.0], [95.0], r"latitude 95\.0, outside \[-90, 90\]"),
        (["east"], [0.0], r"must be numbers of degrees"),
    ],
)
def test_wrong_places_are_told(lon, lat, message):
    with pytest.raises(ValueError, match=message):
        CoordBenchEncoder("xyz").encode(lon, lat)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"encoder": "sphereQ"}, r"encoder='sphereQ' is unknown; there are: direct"),
        ({"encoder": "sphereM", "scales": 0}, r"scales=0 is outside its range"),
        ({"encoder": "sphereM", "min_radius": "auto"}, r"min_radius='auto' follows from places to learn"),
        ({"encoder": "model.safetensors", "scales": 4}, r"scales: parameters are given with the name of an encoder"),
        ({"encoder": torch.nn.Linear(2, 3)}, r"'Linear' has no encoder"),
        ({"batch_size": 0}, r"batch_size=0: allowed is a whole number of at least 1"),
    ],
)
def test_what_cannot_be_built_is_told(wrong, message):
    with pytest.raises(ValueError, match=message):
        CoordBenchEncoder(**wrong)
