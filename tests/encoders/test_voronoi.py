"""Soft Voronoi cells: weights of a mixture of von Mises-Fisher distributions, and sites that stay on the sphere."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import s2v
from s2v import sphere
from s2v.encoders.voronoi import MAX_LOG_SHARPNESS, MIN_LOG_SHARPNESS
from s2v.testing.cases import build, places


def moved(**params: int) -> s2v.encoders.base.Encoder:
    """A Voronoi encoder as if it had been trained: sites, sharpness and embeddings are all different."""
    enc, rng = build("voronoi", **params), np.random.default_rng(3)
    with torch.no_grad():
        for parameter in enc.parameters():
            parameter.add_(torch.from_numpy(rng.normal(0, 0.3, parameter.shape)))
        enc.after_step()
    return enc


def test_the_code_is_the_posterior_mean_of_the_embeddings():
    """By the densities of von Mises and Fisher with equal weights, without their normalisation."""
    enc = moved(sites=12)
    x, sites = (sphere.to_unit_vectors(p) for p in (places().numpy(), enc_places(enc)))
    density = np.exp(np.exp(enc.log_sharpness.detach().double().numpy()) * (x @ sites.T))
    share = density / density.sum(1, keepdims=True)
    expected = share @ enc.embeddings.detach().double().numpy()
    np.testing.assert_allclose(enc(places()).detach().numpy(), expected, atol=1e-7)  # sites are float32


def enc_places(enc: s2v.encoders.base.Encoder) -> np.ndarray:
    return sphere.to_lonlat(enc.sites.detach().double().numpy())


def test_weights_sum_to_one_and_the_nearest_site_has_the_largest():
    enc = build("voronoi", sites=300).requires_grad_(False)
    weights = enc.weights(places().T)
    torch.testing.assert_close(weights.sum(0), torch.ones(len(places()), dtype=torch.float64))
    distances = sphere.great_circle(places().numpy()[:, None], enc_places(enc))
    nearest = distances.argmin(1)
    apart = np.sort(distances, 1)
    clear = apart[:, 1] - apart[:, 0] > 1e-6  # sites are float32
    assert (weights.argmax(0).numpy() == nearest)[clear].all()


def test_the_sharpest_cells_hold_neither_nan_nor_subnormal_numbers():
    enc = build("voronoi", sites=2000).requires_grad_(False)
    enc.log_sharpness.fill_(100.0)  # the clamp holds
    at = torch.from_numpy(enc_places(enc))
    weights = enc.weights(at.T)
    assert (weights.argmax(0) == torch.arange(2000)).all()
    assert (weights == 0).any()
    assert ((weights == 0) | (weights >= 1e-30)).all()
    assert enc(at.float()).isfinite().all()
    enc.log_sharpness.fill_(MAX_LOG_SHARPNESS)
    torch.testing.assert_close(enc.weights(at.T), weights)


def test_sites_start_evenly_and_sharp_in_proportion_to_their_number():
    for sites in (2, 100, 4096):
        enc = build("voronoi", sites=sites).requires_grad_(False)
        np.testing.assert_allclose(enc_places(enc), sphere.fibonacci_lattice(sites), atol=1e-4)
        wanted = min(max(sites / (2 * math.pi), math.exp(MIN_LOG_SHARPNESS)), math.exp(MAX_LOG_SHARPNESS))
        assert enc.log_sharpness.exp().tolist() == pytest.approx([wanted] * sites, rel=1e-5)


def test_a_sharpness_beyond_the_clamp_comes_back_to_it_and_can_be_learned_again():
    enc = build("voronoi", sites=3)
    with torch.no_grad():
        enc.log_sharpness.copy_(torch.tensor([-9.0, 1.0, 9.0]))
        enc.after_step()
    expected = torch.tensor([MIN_LOG_SHARPNESS, 1.0, MAX_LOG_SHARPNESS])
    torch.testing.assert_close(enc.log_sharpness.detach(), expected)
    enc(places()).square().sum().backward()
    assert (enc.log_sharpness.grad != 0).all()


def test_after_training_sites_have_moved_lie_on_the_sphere_and_sharpness_in_its_range():
    recipe = s2v.Recipe(
        data="geoid", encoder="voronoi", encoder_params={"sites": 30}, points=300, steps=30, learning_rate=0.1
    )
    *_, last = s2v.train(recipe, evaluated=False)
    enc = last.model.encoder.requires_grad_(False)
    distance = sphere.great_circle(enc_places(enc), sphere.fibonacci_lattice(30))
    assert np.degrees(distance).min() > 1
    torch.testing.assert_close(enc.sites.norm(dim=1), torch.ones(30))
    assert enc.log_sharpness.min() >= MIN_LOG_SHARPNESS
    assert enc.log_sharpness.max() <= MAX_LOG_SHARPNESS


def test_turning_sites_and_places_together_leaves_the_code_as_it_is():
    enc, turned = moved(), moved()
    turn = torch.from_numpy(s2v.testing.cases.rotation(1))
    with torch.no_grad():
        turned.sites.copy_(enc.sites.double() @ turn.T)
    there = sphere.to_lonlat(sphere.to_unit_vectors(places()) @ turn.T)
    torch.testing.assert_close(turned(there), enc(places()), rtol=0, atol=1e-6)
