"""What the codes' dot products are, in closed form (derived from the definitions; Sphere2Vec's own claim is the first).

All in float64; 1e-12 is a few hundred roundings of sums of up to a hundred terms.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import eval_legendre

from s2v import distortion, encoders, kernels, sphere
from s2v.testing.cases import build, lonlats

pairs = given(a=lonlats(), b=lonlats())
quick = settings(max_examples=80, deadline=None)


def dot(enc, a, b) -> float:
    return float(kernels.similarity(enc, a, b, measure="dot"))


class Pair:
    """Angles of two places, plain and scaled by the frequencies of an encoder."""

    def __init__(self, enc, a, b):
        f = np.array(enc.frequencies)
        self.lon, self.lat = np.radians(a)
        self.lon2, self.lat2 = np.radians(b)
        self.f_lat, self.f_lat2 = f * self.lat, f * self.lat2
        self.d_lon, self.d_lat = f * (self.lon - self.lon2), f * (self.lat - self.lat2)

    @property
    def scaled(self):
        return np.cos(self.f_lat) * np.cos(self.f_lat2)

    @property
    def mixed(self):
        plain = math.cos(self.lat) * math.cos(self.lat2)
        return self.scaled * math.cos(self.lon - self.lon2) + plain * np.cos(self.d_lon)

    @property
    def sines(self):
        return np.sin(self.f_lat) * np.sin(self.f_lat2)


CLOSED_FORMS = {
    "sphereC": lambda p: np.sum(p.sines + p.scaled * np.cos(p.d_lon)),
    "sphereC+": lambda p: np.sum(np.cos(p.d_lat) + np.cos(p.d_lon) + p.scaled * np.cos(p.d_lon)),
    "sphereM": lambda p: np.sum(p.sines + p.mixed),
    "sphereM+": lambda p: np.sum(np.cos(p.d_lat) + np.cos(p.d_lon) + p.mixed),
    "dfs": lambda p: (np.cos(p.d_lon).sum() + 1) * (np.cos(p.d_lat).sum() + 1) - 1,
}


@pytest.mark.parametrize("name", list(CLOSED_FORMS))
@pairs
@quick
def test_sphere_family(name, a, b):
    enc = build(name)
    assert dot(enc, a, b) == pytest.approx(CLOSED_FORMS[name](Pair(enc, a, b)), abs=1e-12 * enc.dim)


@pairs
@quick
def test_planar_family(a, b):
    grid, theory = build("grid"), build("theory")
    offset = a - b
    f = np.array(grid.frequencies)
    assert dot(grid, a, b) == pytest.approx(np.cos(np.outer(f, offset)).sum(), abs=1e-10)  # phases up to 1e4
    along = np.array(theory.axes) @ offset
    assert dot(theory, a, b) == pytest.approx(np.cos(np.outer(f, along)).sum(), abs=1e-10)
    d_lon, d_lat = np.radians(offset)
    assert dot(build("wrap"), a, b) == pytest.approx(math.cos(d_lon) + math.cos(2 * d_lat), abs=1e-12)


@pairs
@quick
def test_similarity_of_sphere_c_at_one_scale_is_the_cosine_of_the_central_angle(a, b):
    angle = float(sphere.great_circle(a, b))
    for enc in (encoders.encoder("sphereC", scales=1), encoders.encoder("xyz")):
        assert dot(enc, a, b) == pytest.approx(math.cos(angle), abs=1e-14)
        distance = float(kernels.similarity(enc, a, b, measure="distance"))
        assert distance == pytest.approx(2 * math.sin(angle / 2), abs=1e-14)


@pairs
@quick
def test_sphere_m_at_one_scale_is_not_a_function_of_distance(a, b):
    """2 cos(angle) - sin lat sin lat': the second term depends on where the pair lies."""
    s1, s2 = np.sin(np.radians([a[1], b[1]]))
    enc = encoders.encoder("sphereM", scales=1)
    assert dot(enc, a, b) == pytest.approx(2 * math.cos(float(sphere.great_circle(a, b))) - s1 * s2, abs=1e-13)


@pairs
@quick
def test_addition_theorem_of_spherical_harmonics(a, b):
    degree = 9
    cosine = math.cos(float(sphere.great_circle(a, b)))
    terms = [(2 * n + 1) / (4 * math.pi) * eval_legendre(n, cosine) for n in range(degree)]
    assert dot(encoders.encoder("spherical_harmonics", degree=degree), a, b) == pytest.approx(sum(terms), abs=1e-12)


SQUARED_NORMS = {  # of S scales at latitude lat, with the cosines of the scaled latitudes
    "sphereC": lambda scales, lat, cosines: scales,
    "sphereC+": lambda scales, lat, cosines: np.sum(2 + cosines**2),
    "sphereM": lambda scales, lat, cosines: scales * (1 + math.cos(lat) ** 2),
    "sphereM+": lambda scales, lat, cosines: np.sum(2 + cosines**2 + math.cos(lat) ** 2),
    "dfs": lambda scales, lat, cosines: scales**2 + 2 * scales,
    "grid": lambda scales, lat, cosines: 2 * scales,
    "theory": lambda scales, lat, cosines: 3 * scales,
    "nerf": lambda scales, lat, cosines: 3 * scales,
    "plane_waves": lambda scales, lat, cosines: 1 + 3 * 2 * scales,  # two frames in the example
}


@pytest.mark.parametrize("name", SQUARED_NORMS)
@given(a=lonlats())
@quick
def test_squared_norms(name, a):
    """Constant for all but sphereM and the two with grid, whose norm varies with latitude."""
    enc, lat = build(name), math.radians(a[1])
    cosines = np.cos(np.array(enc.frequencies) * lat)
    assert dot(enc, a, a) == pytest.approx(SQUARED_NORMS[name](len(cosines), lat, cosines), rel=1e-12)


def test_nerf_and_the_published_wrap_give_both_poles_one_code():
    north, south = np.array([0.0, 90.0]), np.array([0.0, -90.0])
    for enc, tolerance in ((build("nerf"), 1e-12), (build("wrap"), 1e-15)):  # sin(pi 2^3) is off zero by 3e-15
        assert float(kernels.similarity(enc, north, south, measure="distance")) < tolerance
    for enc in (build("wrap", latitude="true"), build("sphereM"), build("plane_waves"), build("spherical_harmonics")):
        assert float(kernels.similarity(enc, north, south, measure="distance")) > 1


@pytest.mark.parametrize("scales", [1, 3, 8])
def test_multi_scale_tears_equal_their_closed_form(scales):
    """At the north pole the longitude terms of sphereC have the amplitude cos(f pi/2), twice at most apart."""
    enc = encoders.encoder("sphereC", scales=scales, min_radius=0.3)
    amplitude = np.cos(np.array(enc.frequencies) * math.pi / 2)
    bound = 2 * math.sqrt((amplitude**2).sum()) / distortion.spread(enc)
    tear = distortion.pole_tear(enc)
    assert tear <= bound + 1e-9
    assert tear >= bound / 2 or bound < 1e-9  # the longitudes of one pole come close to the extremes


def test_torch_tensors_stay_differentiable():
    place = torch.tensor([[10.0, 50.0]], dtype=torch.float64, requires_grad=True)
    value = kernels.similarity(build("sphereM"), torch.tensor([15.6, 78.2], dtype=torch.float64), place)
    value.sum().backward()
    assert torch.isfinite(place.grad).all()
    assert (place.grad != 0).any()


@given(a=lonlats(), f=st.sampled_from(["cosine", "dot", "distance"]))
@quick
def test_a_place_is_most_similar_to_itself(a, f):
    value = float(kernels.similarity(build("sphereM"), a, a, measure=f))
    assert value == pytest.approx({"cosine": 1, "distance": 0}.get(f, value), abs=1e-12)


def test_bad_measure_and_anchor_are_named():
    with pytest.raises(ValueError, match="cosine, dot, distance"):
        kernels.similarity(build("xyz"), [0, 0], [[0, 0]], measure="euclid")
    with pytest.raises(ValueError, match=r"anchor has shape \(1, 2\)"):
        kernels.similarity(build("xyz"), [[0.0, 0.0]], [[0.0, 0.0]])
