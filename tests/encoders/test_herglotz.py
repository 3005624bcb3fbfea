"""Herglotz features are what their paper says: its closed form, its series of harmonics, and its own code."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest
import torch
from scipy.special import eval_legendre, gammaln

from s2v import distortion, encoders, sphere
from s2v.encoders.base import Encoder
from s2v.testing.cases import places, rotation

needs_published = pytest.mark.skipif(
    not importlib.util.find_spec("spherical_inr"), reason="spherical-inr: make bench-tools"
)


def with_frequencies(rho: np.ndarray, degree: int = 15, seed: int = 0) -> Encoder:
    """The encoder with these frequencies (features,)."""
    enc = encoders.encoder("herglotz", features=len(rho), degree=degree, seed=seed).double().requires_grad_(False)
    enc.sigma.copy_(torch.from_numpy(rho + np.log(-np.expm1(-rho))))
    return enc


def frequencies(enc: Encoder) -> np.ndarray:
    return torch.nn.functional.softplus(enc.sigma.double()).numpy()


def test_every_feature_is_its_series_of_harmonics():
    """(1 + 2 rho z) exp(rho (z - 1)) with z = u + iv, as a sum over degrees: no cosine, no sine."""
    enc = with_frequencies(np.linspace(0.05, 30, 60))
    u, v = enc.pairs.numpy() @ sphere.to_unit_vectors(places(50).numpy()).T
    rho, degrees = frequencies(enc)[:, None, None], np.arange(150)  # of rho = 30 the rest is below 1e-30
    weights = (2 * degrees + 1) * np.exp(degrees * np.log(rho) - rho - gammaln(degrees + 1))
    expected = (weights * ((u + 1j * v)[..., None] ** degrees).real).sum(-1) / (1 + 2 * 15)
    np.testing.assert_allclose(enc(places(50)).numpy(), expected.T, rtol=0, atol=1e-13)


def test_each_pair_of_directions_is_orthonormal_and_follows_the_seed():
    pairs = encoders.encoder("herglotz", features=40).pairs.swapaxes(0, 1)  # (features, 2, 3)
    torch.testing.assert_close(pairs @ pairs.mT, torch.eye(2).double().expand(40, 2, 2), rtol=0, atol=1e-14)
    assert not torch.equal(pairs, encoders.encoder("herglotz", features=40, seed=1).pairs.swapaxes(0, 1))


def test_frequencies_start_uniform_up_to_the_degree_and_are_learned():
    enc = encoders.encoder("herglotz", features=4096, degree=20)
    sigma = enc.sigma.detach()
    assert 0 <= sigma.min() < 0.1
    assert 19.9 < sigma.max() < 20
    assert abs(sigma.mean() - 10) < 5 * 20 / math.sqrt(12 * 4096)  # five standard errors of a uniform mean
    enc(places(20)).square().sum().backward()
    assert (enc.sigma.grad != 0).all()


def test_gradients_with_respect_to_the_frequencies_are_right():
    enc = encoders.encoder("herglotz", features=6).double()

    def code(sigma: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(enc, {"sigma": sigma}, (places(5),))

    assert torch.autograd.gradcheck(code, enc.sigma.detach().clone().requires_grad_())


def mean_product(rho: float, degree: int, angle: np.ndarray) -> np.ndarray:
    """The product of two codes of one feature, averaged over all rotations of its pair (derived from the series).

    Degree l has the weight (2l + 1) rho^l / l! in the feature, and Re (u + iv)^l the mean product (2l)!!/(2l + 1)!!
    P_l / 2 for l > 0: together (2l + 1) (2 rho)^(2l) / (2l)! P_l / 2.
    """
    degrees = np.arange(80)
    weights = (2 * degrees + 1) * np.exp(2 * degrees * math.log(2 * rho) - gammaln(2 * degrees + 1) - 2 * rho) / 2
    weights[0] *= 2
    return (weights * eval_legendre(degrees, np.cos(angle)[:, None])).sum(-1) / (1 + 2 * degree) ** 2


@pytest.mark.parametrize("rho", [0.7, 4.0, 12.0])
def test_the_mean_product_depends_on_distance_alone(rho: float):
    a, b = sphere.random_points(60, 1), sphere.random_points(60, 2)
    expected = mean_product(rho, 15, sphere.great_circle(a, b))
    encs = [with_frequencies(np.full(4096, rho), seed=seed) for seed in range(4)]
    for turn in (np.eye(3), rotation(3)):
        one, other = (torch.from_numpy(sphere.to_lonlat(sphere.to_unit_vectors(p) @ turn.T)) for p in (a, b))
        products = torch.cat([enc(one) * enc(other) for enc in encs], 1).numpy()
        error = products.std(1) / math.sqrt(products.shape[1])  # of the mean over the features
        assert (np.abs(products.mean(1) - expected) < 4.5 * error).all()  # 60 pairs: one in a thousand runs is beyond


@pytest.mark.parametrize("rho", [50.0, 300.0, 2000.0])
def test_high_frequencies_stay_finite_and_smooth(rho: float):
    """exp(rho u) alone would overflow at rho = 710; together with the rest every feature is at most about 2 rho."""
    enc = with_frequencies(np.full(30, rho), degree=1)
    at_centres = torch.from_numpy(sphere.to_lonlat(enc.pairs[0].numpy()))
    lonlat = torch.cat((places(100), at_centres)).requires_grad_()
    code = enc(lonlat)
    (slope,) = torch.autograd.grad(code.square().sum(), lonlat)
    assert code.isfinite().all()
    assert slope.isfinite().all()
    at_own = code[-30:].diagonal()  # the place in degrees is rounded by 1e-14, times the square of the frequency
    torch.testing.assert_close(at_own, torch.full_like(at_own, (1 + 2 * rho) / 3), rtol=1e-9, atol=0)


def test_derivatives_of_a_narrow_packet_at_its_centre_are_right():
    enc = with_frequencies(np.full(5, 300.0), degree=100)
    centres = torch.from_numpy(sphere.to_lonlat(enc.pairs[0].numpy()))
    # A degree is five radians of phase: differences over 1e-5 degrees are off by some 1e-8.
    assert torch.autograd.gradcheck(enc, centres.requires_grad_(), eps=1e-5, atol=1e-6)


def test_a_metric_without_special_places():
    """No tears, and no more stretch at the poles than elsewhere, whatever the random pairs are."""
    enc = encoders.encoder("herglotz", features=512).requires_grad_(False)
    assert max(distortion.dateline_tear(enc), *(distortion.pole_tear(enc, pole) for pole in ("north", "south"))) < 1e-12
    metric = distortion.metric_tensor(enc, places(200))
    middle = np.median(metric[:, 0, 0])
    near = distortion.metric_tensor(enc, [[0.0, 90.0], [40.0, -90.0], [180.0, 89.99], [-180.0, 0.0]])
    assert (near[:, [0, 1], [0, 1]] / middle).max() < 1.8  # among 200 places anywhere the range is 0.6 to 1.6
    assert (near[:, [0, 1], [0, 1]] / middle).min() > 0.5


@needs_published
def test_equals_the_authors_own_code():
    from spherical_inr.positional_encoding import HerglotzPE

    ours = encoders.encoder("herglotz", features=64, degree=15).double().requires_grad_(False)
    theirs = HerglotzPE(num_atoms=64, L_init=15).double().requires_grad_(False)
    theirs.A_real0.copy_(ours.pairs[0])
    theirs.A_imag0.copy_(ours.pairs[1])
    theirs.sigmas.copy_(ours.sigma)
    theirs.inv_const.fill_(1 / 31)  # float32 otherwise
    expected = theirs(sphere.to_unit_vectors(places()))
    torch.testing.assert_close(ours(places()), expected, rtol=0, atol=1e-14)
