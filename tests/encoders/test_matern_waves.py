"""The four statements about plane waves hold for Matérn plane waves, and their similarity is the kernel aimed at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from s2v import distortion, encoders, kernels, sphere
from s2v.encoders import matern_spectrum
from s2v.predictors.covariance import matern
from s2v.testing.cases import lonlats, places

SHAPES = [(0.0, 1.0), (0.5, 0.0), (0.5, 1.0), (1.5, 0.5)]  # smoothness, weighting


def matern_waves(**params):
    return encoders.encoder("matern_waves", **{"frames": 12, "min_radius": 0.05, **params})


@given(place=lonlats(), seed=st.integers(0, 1000), smoothness=st.floats(0, 5), weighting=st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_the_metric_is_the_spheres_own_times_a_constant_everywhere(place, seed, smoothness, weighting):
    enc = matern_waves(seed=seed, smoothness=smoothness, weighting=weighting)
    factor = float((enc.amplitudes * enc.frequencies).square().sum())
    np.testing.assert_allclose(distortion.metric_tensor(enc, place) / factor, np.eye(2), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("smoothness", "weighting"), SHAPES)
def test_no_tears_and_a_constant_norm(smoothness, weighting):
    enc = matern_waves(smoothness=smoothness, weighting=weighting)
    tears = [distortion.dateline_tear(enc), distortion.pole_tear(enc, "north"), distortion.pole_tear(enc, "south")]
    assert max(tears) < 1e-12
    norms = enc(places()).square().sum(1)
    torch.testing.assert_close(norms, torch.full_like(norms, 3 * 12.0), rtol=1e-12, atol=0)


def test_the_code_is_the_formula():
    enc = matern_waves(frames=3)
    x = torch.from_numpy(sphere.to_unit_vectors(places().numpy()))
    waves = [[(a * (f * x @ d).sin(), a * (f * x @ d).cos()) for d in directions]
             for f, a, directions in zip(enc.frequencies, enc.amplitudes, enc.directions, strict=True)]  # fmt: skip
    expected = torch.stack([wave for frame in waves for pair in frame for wave in pair], 1)
    torch.testing.assert_close(enc(places()), expected, rtol=0, atol=1e-12)
    frames = enc.directions
    torch.testing.assert_close(frames @ frames.mT, torch.eye(3).double().expand(3, 3, 3), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("smoothness", "weighting"), SHAPES)
def test_the_mean_similarity_is_the_kernel(smoothness, weighting):
    """Over 40 seeds of 64 frames, within 4.5 standard errors of their mean, at distances up to the antipode."""
    params = {"frames": 64, "smoothness": smoothness, "weighting": weighting}
    anchor = np.array([20.0, 40.0])
    distance = np.array([0.02, 0.1, 0.3, 1.0, 2.0, 3.1])
    lonlat = sphere.destination(anchor, np.linspace(0, 300, len(distance)), distance)
    found = np.array([kernels.similarity(matern_waves(seed=s, **params), anchor, lonlat) for s in range(40)])
    aimed = encoders.EncoderConfig.of("matern_waves", **{"min_radius": 0.05, **params}).aimed_kernel(distance)
    error = found.std(0, ddof=1) / np.sqrt(40)
    assert (
        np.abs(found.mean(0) - aimed) < 4.5 * error + 5e-4
    ).all()  # amplitudes have a mean of 1 in each seed: a bias
    assert error.max() < 0.012


def test_the_kernel_is_the_integral_over_the_spectrum():
    """In space: the density of frequency vectors, times the area f^2 of their shell, times sinc(f chord)."""
    chord = 2 * np.sin(0.4 / 2)

    def density(f, at):
        return f**2 * (1 + f**2) ** -2.2 * np.sinc(f * at / np.pi)

    value = quad(density, 0.5, 20, args=(chord,), limit=200)[0] / quad(density, 0.5, 20, args=(0.0,))[0]
    assert matern_spectrum.kernel(0.4, 0.05, 1.0, 0.7) == pytest.approx(value, abs=1e-5)  # of a grid of 4,000 points


@pytest.mark.parametrize("smoothness", [0.5, 1.0, 1.5])
def test_without_cut_off_it_is_the_kernel_of_kriging(smoothness, monkeypatch):
    monkeypatch.setattr(matern_spectrum, "LOWEST", 1e-3)
    distance = np.linspace(0, np.pi, 9)
    expected = matern(2 * np.sin(distance / 2), reach=0.3 * np.sqrt(2 * smoothness), smoothness=smoothness)
    np.testing.assert_allclose(matern_spectrum.kernel(distance, 1e-4, 0.3, smoothness), expected, rtol=0, atol=2e-3)


def test_weighting_moves_the_kernel_from_the_draws_to_the_amplitudes():
    drawn, weighted = matern_waves(weighting=0.0), matern_waves(weighting=1.0)
    assert torch.equal(drawn.amplitudes, torch.ones(12, dtype=torch.float64))
    assert drawn.frequencies.median() < weighted.frequencies.median()
    steps = matern_waves(frames=400).frequencies.log().diff()
    assert steps.max() < 2.1 * np.log(40) / 400  # one in each equal share of the octaves from 0.5 to 20


def test_radii_that_do_not_rise_give_the_coarsest_code():
    enc = matern_waves(min_radius=2.0, max_radius=0.5)
    assert (enc.frequencies.min() >= 1, enc.frequencies.max() <= 2) == (True, True)
