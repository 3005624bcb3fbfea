"""The double Fourier sphere: what it spans, and how its poles are closed."""

import math

import numpy as np
import pytest
import torch

import s2v
from s2v import distortion, sphere

PLACES = torch.from_numpy(np.concatenate([sphere.fibonacci_lattice(3000), [[0, 90], [77, 90], [-140, -90]]]))


def residual(columns: torch.Tensor, values: torch.Tensor) -> float:
    """The largest difference of values (n, k) from the nearest sums of columns (n, m)."""
    solved = torch.linalg.lstsq(columns, values, driver="gelsd").solution
    return float((columns @ solved - values).abs().max())


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 7, 12])
def test_all_harmonics_below_its_degree_are_sums_of_its_columns(degree):
    columns = s2v.encoder("fourier_sphere", degree=degree)(PLACES)
    harmonics = s2v.encoder("spherical_harmonics", degree=degree + 1)(PLACES)
    assert residual(columns, harmonics[:, : degree**2]) < 1e-12
    assert residual(columns, harmonics[:, degree**2 :]) > 0.1  # no degree more


def test_its_columns_are_independent():
    columns = s2v.encoder("fourier_sphere", degree=9)(PLACES)
    assert torch.linalg.matrix_rank(columns) == columns.shape[1]


def test_its_first_columns_hold_one_and_the_unit_vector():
    code = s2v.encoder("fourier_sphere", degree=2)(PLACES)
    vectors = sphere.to_unit_vectors(PLACES)
    expected = torch.stack((torch.ones(len(PLACES)), vectors[:, 2], vectors[:, 0], vectors[:, 1]), 1)
    torch.testing.assert_close(code, expected, rtol=0, atol=1e-15)


def test_columns_follow_the_order_of_their_formula():
    longitude, colatitude = np.radians(40.0), np.radians(90 - 25.0)
    degree, expected = 6, []
    for orders in ([0], [1, 3, 5], [2, 4]):
        for m in orders:
            for wave in (np.cos, np.sin)[: 2 if m else 1]:
                for n in range(degree) if m == 0 else range(1, degree - (m % 2 == 0)):
                    around = wave(m * longitude)
                    across = np.cos(n * colatitude) if m == 0 else np.sin(n * colatitude)
                    expected.append(around * across * (1 if m % 2 or m == 0 else np.sin(colatitude)))
    code = s2v.encoder("fourier_sphere", degree=degree)(torch.tensor([40.0, 25.0], dtype=torch.float64))
    np.testing.assert_allclose(code, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("degree", "smooth"), [(3, True), (4, False)])
def test_it_is_smooth_at_the_poles_below_order_3_only(degree, smooth):
    """Just beside the pole, steps east and north are equally long where the code is smooth."""
    metric = distortion.metric_tensor(s2v.encoder("fourier_sphere", degree=degree), [[10.0, 90 - 1e-4]])[0]
    assert math.isclose(metric[0, 0], metric[1, 1], rel_tol=1e-6) == smooth
