"""The round kernel: its half-width, its limits, and that it knows no direction."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2v import encoder, isotropic, kernels, sphere

WIDTHS = [0.01, 0.5, 5.0, 10.0, 30.0, 59.9999, 60.0, 60.0001, 90.0, 150.0, 180.0]  # degrees


@pytest.mark.parametrize("degrees", WIDTHS)
def test_it_is_one_half_at_its_half_width(degrees: float) -> None:
    width = math.radians(degrees)
    assert isotropic.kernel(0.0, width) == pytest.approx(1, abs=1e-12)
    assert isotropic.kernel(width, width) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("degrees", WIDTHS)
def test_it_falls_and_stays_a_cosine(degrees: float) -> None:
    values = isotropic.kernel(np.linspace(0, np.pi, 1001), math.radians(degrees))
    assert (np.diff(values) <= 1e-12).all()
    assert values.min() >= -1 - 1e-12


def test_of_sixty_degrees_it_is_the_kernel_of_xyz() -> None:
    places, anchor = sphere.fibonacci_lattice(500), np.array([15.6, 78.2])
    own = isotropic.kernel(sphere.great_circle(anchor, places), math.radians(60))
    np.testing.assert_allclose(own, kernels.similarity(encoder("xyz"), anchor, places), atol=1e-12)


@pytest.mark.parametrize("degrees", [3.0, 20.0, 60.0])
def test_its_mean_over_the_sphere_is_zero(degrees: float) -> None:
    cosine, weights = np.polynomial.legendre.leggauss(2000)
    values = isotropic.kernel(np.arccos(cosine), math.radians(degrees))
    assert weights @ values / 2 == pytest.approx(0, abs=1e-9)


def test_a_narrow_one_is_a_gaussian() -> None:
    width, distance = 0.01, np.linspace(0, 0.03, 7)
    gauss = np.exp(-math.log(2) * (distance / width) ** 2)
    # The mean that is taken off is about width^2 / 2.8, the curvature of the sphere as small.
    np.testing.assert_allclose(isotropic.kernel(distance, width), gauss, atol=1e-4)


def test_limits() -> None:
    assert isotropic.kernel([0.0, 0.1], 0.0).tolist() == [1, 0]
    assert isotropic.kernel([0.0, 3.0], math.nan).tolist() == [1, 1]
    for wrong in (-0.1, 3.2):
        with pytest.raises(ValueError, match="half_width="):
            isotropic.kernel(0.0, wrong)
        with pytest.raises(ValueError, match="half_width="):
            isotropic.concentration(wrong)


def test_half_width_of_curves() -> None:
    assert isotropic.half_width([0, 1, 2], [1, 0.75, 0.25]) == 1.5
    assert isotropic.half_width([0, 1, 2], [0.4, 0.75, 0.25]) == 0
    assert math.isnan(isotropic.half_width([0, 1], [1, 0.9]))
    distance = np.linspace(0, np.pi, 2001)
    assert isotropic.half_width(distance, isotropic.kernel(distance, 0.3)) == pytest.approx(0.3, abs=1e-5)
