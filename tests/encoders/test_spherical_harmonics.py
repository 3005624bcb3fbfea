import numpy as np
import pytest
import torch
from scipy.special import sph_harm_y

from s2v import encoders, sphere
from s2v.testing.cases import places


def scipy_harmonic(degree: int, order: int, lonlat: np.ndarray) -> np.ndarray:
    """Real orthonormal harmonic without the Condon-Shortley phase, from scipy's complex one."""
    colatitude, longitude = np.radians(90 - lonlat[:, 1]), np.radians(lonlat[:, 0])
    value = sph_harm_y(degree, abs(order), colatitude, longitude) * (-1.0) ** order
    if order == 0:
        return value.real
    return np.sqrt(2) * (value.real if order > 0 else value.imag)


def test_every_harmonic_below_degree_40_equals_scipy():
    lonlat = places(150)
    code = encoders.encoder("spherical_harmonics", degree=41)(lonlat).numpy()
    for degree in range(41):
        for order in range(-degree, degree + 1):
            expected = scipy_harmonic(degree, order, lonlat.numpy())
            # scipy itself is 1e-13 off forty-digit arithmetic at these degrees.
            np.testing.assert_allclose(code[:, degree * (degree + 1) + order], expected, rtol=0, atol=5e-13)


@pytest.mark.parametrize("degree", [60, 99])
def test_high_degrees_equal_scipy_too(degree):
    lonlat = places(60)
    code = encoders.encoder("spherical_harmonics", degree=100)(lonlat).numpy()
    for order in (-degree, -degree // 2, -1, 0, 1, 7, degree // 3, degree - 1, degree):
        expected = scipy_harmonic(degree, order, lonlat.numpy())
        np.testing.assert_allclose(code[:, degree * (degree + 1) + order], expected, rtol=0, atol=2e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degree_100_is_finite_and_keeps_its_norm_everywhere(dtype):
    """Addition theorem at one place: the squared norm is L^2 / (4 pi)."""
    lonlat = torch.cat([places(300), torch.tensor([[12.0, 89.9999999], [12.0, -89.99999]])])
    code = encoders.encoder("spherical_harmonics", degree=100)(lonlat.to(dtype)).double()
    # float32: ten thousand rounded terms of 6e-8 each; float64: the recurrence over a hundred degrees.
    tolerance = 1e-6 if dtype == torch.float32 else 1e-11
    np.testing.assert_allclose(code.square().sum(1).numpy(), 100**2 / (4 * np.pi), rtol=tolerance)


def test_at_a_pole_only_the_zonal_harmonics_are_left():
    code = encoders.encoder("spherical_harmonics", degree=100)(torch.tensor([[77.0, 90.0]], dtype=torch.float64))[0]
    for degree in range(100):
        block = code[degree**2 : (degree + 1) ** 2]
        assert block[degree].item() == pytest.approx(np.sqrt((2 * degree + 1) / (4 * np.pi)), rel=1e-12)
        others = torch.cat([block[:degree], block[degree + 1 :]])
        # cos(90 degrees) is 6e-17 in float64; the factors of x and y reach 1e3 at degree 100.
        assert others.abs().max() < 1e-12 if degree else True


def test_orthonormal_over_the_sphere():
    """Gauss-Legendre in sin(latitude) and equal longitudes integrate products below degree 16 exactly."""
    degree = 8
    nodes, weights = np.polynomial.legendre.leggauss(degree + 1)
    longitude = np.arange(2 * degree) * 360 / (2 * degree) - 180
    lonlat = np.stack(np.meshgrid(longitude, np.degrees(np.arcsin(nodes)), indexing="xy"), -1)
    code = encoders.encoder("spherical_harmonics", degree=degree)(torch.from_numpy(lonlat)).numpy()
    weight = weights[:, None] * (2 * np.pi / len(longitude))
    gram = np.einsum("ijk,ijl,ij->kl", code, code, np.broadcast_to(weight, code.shape[:2]))
    np.testing.assert_allclose(gram, np.eye(degree**2), rtol=0, atol=1e-12)


def test_longitude_and_latitude_mean_what_they_say():
    """Y_1,-1, Y_1,0 and Y_1,1 are y, z and x times sqrt(3 / 4 pi)."""
    lonlat = places(20)
    code = encoders.encoder("spherical_harmonics", degree=2)(lonlat)[:, 1:]
    x, y, z = sphere.to_unit_vectors(lonlat).unbind(-1)
    torch.testing.assert_close(code, np.sqrt(3 / (4 * np.pi)) * torch.stack((y, z, x), -1), rtol=0, atol=1e-15)
