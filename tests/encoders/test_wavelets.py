"""Spherical wavelets: values of the formula, derivatives at and opposite the centres, and where the centres lie."""

import math

import numpy as np
import pytest
import torch

import s2v
from s2v import distortion, sphere
from s2v.encoders import wavelet_levels


def test_values_are_the_mexican_hat_of_the_stereographic_radius():
    enc = s2v.encoder("wavelets", levels=3, finest=20.0)
    places = sphere.random_points(500, seed=1)
    lattices = [sphere.fibonacci_lattice(n) for n in wavelet_levels.centers(3, 20.0)]
    expected = []
    for a, lattice in zip(np.radians([20.0, 40.0, 80.0]), lattices, strict=True):
        r = 2 * np.tan(sphere.great_circle(places[:, None], lattice) / 2) / a
        expected.append((1 - r**2 / 2) * np.exp(-(r**2) / 2))
    np.testing.assert_allclose(enc(torch.from_numpy(places)), np.concatenate(expected, 1), rtol=0, atol=1e-13)


@pytest.mark.parametrize(("levels", "finest"), [(1, 2.0), (3, 20.0), (8, 60.0)])
def test_derivatives_are_finite_at_each_centre_and_opposite_it(levels, finest):
    """An arccosine has no derivative at a centre, and opposite it infinity would meet zero."""
    enc = s2v.encoder("wavelets", levels=levels, finest=finest)
    few = enc.centers[torch.linspace(0, enc.dim - 1, 12).long()].numpy()
    places = torch.from_numpy(sphere.to_lonlat(np.concatenate([few, -few]))).requires_grad_()
    code = enc(places)
    (first,) = torch.autograd.grad(code.sum(), places, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), places)
    assert all(bool(values.isfinite().all()) for values in (code, first, second))


def test_derivatives_there_are_right():
    enc = s2v.encoder("wavelets", levels=2, finest=50.0)
    places = sphere.to_lonlat(torch.cat((enc.centers, -enc.centers)))
    places.requires_grad_()
    assert torch.autograd.gradcheck(enc, places, eps=1e-5, atol=1e-7)
    assert torch.autograd.gradgradcheck(enc, places, eps=1e-5, atol=1e-6)


def test_a_wavelet_is_1_and_flat_at_its_centre_and_0_opposite_it():
    enc = s2v.encoder("wavelets", levels=2, finest=30.0)
    metric = distortion.metric_tensor(lambda p: enc(p)[..., :1], sphere.to_lonlat(enc.centers[:1].numpy()))
    codes = [enc(sphere.to_lonlat(side * enc.centers)).diagonal() for side in (1, -1)]
    np.testing.assert_allclose(codes[0], 1, rtol=0, atol=1e-13)
    np.testing.assert_allclose(codes[1], 0, rtol=0, atol=1e-34)
    np.testing.assert_allclose(metric, 0, atol=1e-20)


def test_each_level_has_a_quarter_of_the_centres_of_the_one_before():
    counts = wavelet_levels.centers(5, 4.0)
    assert [counts[k] / counts[k + 1] for k in range(2)] == pytest.approx([4, 4], rel=0.01)
    assert wavelet_levels.centers(8, 60.0)[-5:] == (1, 1, 1, 1, 1)  # wider than the globe
    nearest = sphere.great_circle(*np.broadcast_arrays(*_pairs(counts[1])))
    spacing = wavelet_levels.SPACING * math.radians(8.0)
    np.fill_diagonal(nearest, math.inf)
    assert np.median(nearest.min(1)) == pytest.approx(spacing, rel=0.15)


def test_its_centres_can_be_drawn():
    enc = s2v.encoder("wavelets", levels=2, finest=30.0)
    lattices = [sphere.fibonacci_lattice(count) for count in wavelet_levels.centers(2, 30.0)]
    np.testing.assert_allclose(enc.landmarks(), np.concatenate(lattices), rtol=0, atol=1e-12)


def _pairs(count):
    lattice = sphere.fibonacci_lattice(count)
    return lattice[:, None], lattice[None]
