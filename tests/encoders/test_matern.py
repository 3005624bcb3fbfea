"""The products of Matérn features average to a Matérn kernel, on the sphere and, for short ranges, of the plane."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import eval_legendre, gamma, kv

from s2v import encoders, sphere
from s2v.encoders import EncoderConfig, matern_kernel
from s2v.testing.cases import places, rotation

SHAPES = [(0.3, 1.5), (0.08, 0.5), (1.0, 0.5), (0.5, 10.0)]


def degrees_of(enc: encoders.Encoder) -> np.ndarray:
    return np.repeat(np.arange(len(enc._counts)), enc._counts)


@pytest.mark.parametrize(("length", "smoothness"), SHAPES)
def test_features_are_legendre_polynomials_in_the_order_of_their_degrees(length: float, smoothness: float):
    enc = encoders.encoder("matern", features=60, range=length, smoothness=smoothness)
    degrees = degrees_of(enc)
    cosine = sphere.to_unit_vectors(places(50)) @ enc.directions.T
    expected = np.sqrt((2 * degrees + 1) / 60) * eval_legendre(degrees, cosine.numpy())
    np.testing.assert_allclose(enc(places(50)).numpy(), expected, rtol=0, atol=1e-11)  # 600 steps of rounding


@pytest.mark.parametrize(("length", "smoothness"), SHAPES)
def test_the_mean_product_is_the_kernel(length: float, smoothness: float):
    """Of 8,192 features, each with its own product of mean k(d): the error of their mean follows from their spread."""
    a, b = sphere.random_points(40, 1), sphere.random_points(40, 2)
    b[:20] = sphere.destination(a[:20], 30.0, np.linspace(0, 2 * length, 20))  # most random pairs are far apart
    expected = matern_kernel.kernel(sphere.great_circle(a, b), length, smoothness)
    encs = [encoders.encoder("matern", features=4096, range=length, smoothness=smoothness, seed=s) for s in range(2)]
    for turn in (np.eye(3), rotation(3)):
        one, other = (torch.from_numpy(sphere.to_lonlat(sphere.to_unit_vectors(p) @ turn.T)) for p in (a, b))
        products = torch.cat([enc(one) * enc(other) * 4096 for enc in encs], 1).numpy()
        error = products.std(1) / math.sqrt(products.shape[1])
        assert (np.abs(products.mean(1) - expected) < 4.5 * error).all()
        assert error.max() < 0.08


@pytest.mark.parametrize(("length", "smoothness"), SHAPES)
def test_degrees_are_drawn_as_their_probabilities_say(length: float, smoothness: float):
    """One from each equal share: the number of degrees up to any one is off by less than 1, in every seed."""
    shares = np.cumsum(matern_kernel.degree_probabilities(length, smoothness))
    for seed in range(3):
        enc = encoders.encoder("matern", features=500, range=length, smoothness=smoothness, seed=seed)
        drawn = np.cumsum(np.bincount(degrees_of(enc), minlength=len(shares)))
        assert np.abs(drawn - 500 * shares).max() < 1


@pytest.mark.parametrize(("length", "smoothness"), SHAPES)
def test_what_is_left_out_is_what_is_said(length: float, smoothness: float):
    degree = np.arange(2_000_000)
    weights = (2 * degree + 1) * (2 * smoothness / length**2 + degree * (degree + 1)) ** -(smoothness + 1)
    count = len(matern_kernel.degree_probabilities(length, smoothness))
    rest = weights[count:].sum() / weights.sum()
    assert rest < matern_kernel.MAX_REST or count == matern_kernel.MAX_DEGREE + 1
    assert rest < 0.05
    if count <= matern_kernel.MAX_DEGREE:
        assert weights[count - 1 :].sum() / weights.sum() > matern_kernel.MAX_REST / 2  # and no degree for nothing


@pytest.mark.parametrize("smoothness", [1.5, 2.5, 4.0])
def test_a_short_range_gives_the_kernel_of_the_plane(smoothness: float):
    length = 0.05
    distance = np.linspace(0.005, 0.2, 30)
    scaled = math.sqrt(2 * smoothness) * distance / length
    plane = 2 ** (1 - smoothness) / gamma(smoothness) * scaled**smoothness * kv(smoothness, scaled)
    # Curvature counts as the square of the range, 0.0025, and degrees beyond 1000 are worth 0.0002.
    np.testing.assert_allclose(matern_kernel.kernel(distance, length, smoothness), plane, rtol=0, atol=2e-3)


def test_rounder_with_more_features():
    """Deviation of the dot product from the kernel falls as one over the root of the number of features."""
    a, b = sphere.random_points(200, 1), sphere.random_points(200, 2)
    expected = matern_kernel.kernel(sphere.great_circle(a, b), 0.5, 1.5)
    deviation = {}
    for features in (64, 1024):
        errors = []
        for seed in range(8):
            enc = encoders.encoder("matern", features=features, range=0.5, seed=seed)
            errors.append((enc(torch.from_numpy(a)) * enc(torch.from_numpy(b))).sum(1).numpy() - expected)
        deviation[features] = np.sqrt(np.mean(np.square(errors)))
    assert deviation[64] / deviation[1024] == pytest.approx(4, rel=0.3)


def test_no_code_is_constant():
    for length, smoothness in ((1.0, 0.5), (1.0, 10.0)):
        enc = encoders.encoder("matern", features=8, range=length, smoothness=smoothness)
        assert enc(places(50)).std(0).max() > 0.1


def test_the_aimed_kernel_is_known_without_building():
    config = EncoderConfig.of("matern", range=0.5)
    distance = np.linspace(0, np.pi, 9)
    assert config.aimed_kernel is not None
    np.testing.assert_array_equal(config.aimed_kernel(distance), matern_kernel.kernel(distance, 0.5, 1.5))
    assert config.aimed_kernel(np.zeros(1))[0] == pytest.approx(1, abs=1e-12)
    assert EncoderConfig.of("sphereM").aimed_kernel is None
