"""Distortion against closed forms (derived from the encoders' definitions)."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import distortion, encoders, sphere
from s2v.testing.cases import build, lonlats, variants

LATITUDES = np.array([0.0, 45.0, 80.0, 89.0, 89.9])
ALONG_A_MERIDIAN = np.stack([np.full_like(LATITUDES, 20.0), LATITUDES], -1)
SIXTEEN = {"scales": 16, "min_radius": 0.01}
IN_DEGREES = {"scales": 16, "min_radius": math.degrees(0.01), "max_radius": math.degrees(1)}

# East-west over north-south stretch, sixteen scales from 0.01 to 1 radian.
STRETCH = {
    "grid": (1, 1.41, 5.76, 57.3, 573),
    "sphereC": (1, 1.09, 3.22, 23.2, 511),
    "sphereC+": (1.41, 1.51, 5.08, 45.6, 699),
    "sphereM": (1, 1.00, 1.01, 1.40, 11.8),
    "sphereM+": (1.41, 1.46, 4.50, 42.3, 522),
    "dfs": (1, 1.41, 5.76, 57.3, 573),
    "plane_waves": (1, 1, 1, 1, 1),
}


def sixteen(name: str):
    return encoders.encoder(name, **(IN_DEGREES if name in ("grid", "theory") else SIXTEEN))


@pytest.mark.parametrize("name", list(STRETCH))
def test_stretch_by_latitude(name):
    # The table has three digits.
    np.testing.assert_allclose(distortion.stretch(sixteen(name), ALONG_A_MERIDIAN), STRETCH[name], rtol=6e-3)


def test_xyz_and_single_scale_codes_keep_the_spheres_metric():
    places = np.concatenate([sphere.random_points(50), [[0, 90], [55, -90], [180, 12]]])
    for enc in (encoders.encoder("xyz"), encoders.encoder("sphereC", scales=1)):
        np.testing.assert_allclose(distortion.metric_tensor(enc, places), np.broadcast_to(np.eye(2), (53, 2, 2)),
                                   rtol=0, atol=1e-9)  # fmt: skip


@given(lonlats())
@settings(max_examples=60, deadline=None)
def test_metric_of_sphere_m_and_grid_in_closed_form(place):
    if abs(place[1]) > 89.9999:
        place[1] = math.copysign(89.9999, place[1])
    lat = math.radians(place[1])
    enc = build("sphereM")
    f = np.array(enc.frequencies)
    ns = np.sum(f**2 + math.sin(lat) ** 2)
    ew = np.sum(f**2 * math.cos(lat) ** 2 + np.cos(f * lat) ** 2) / math.cos(lat) ** 2
    np.testing.assert_allclose(distortion.metric_tensor(enc, place), np.diag([ew, ns]), rtol=1e-9, atol=1e-9 * ew)
    grid = build("grid")
    total = np.sum(np.array(grid.frequencies) ** 2) * math.degrees(1) ** 2
    expected = np.diag([total / math.cos(lat) ** 2, total])
    np.testing.assert_allclose(distortion.metric_tensor(grid, place), expected, rtol=1e-9, atol=1e-9 * expected[0, 0])


@pytest.mark.parametrize("name", [name for name, spec in encoders.ENCODERS.items() if spec.smooth])
def test_the_metric_is_the_length_of_small_steps(name):
    """Against finite differences along great circles in several directions, next to both poles too."""
    for params in variants(name):
        assert_metric_is_the_length_of_small_steps(encoders.encoder(name, **params))


def assert_metric_is_the_length_of_small_steps(enc):
    places = np.array([[12.0, 33.0], [-170.0, -80.0], [100.0, 89.0], [-30.0, -89.0], [50.0, 0.0]])
    metric = distortion.metric_tensor(enc, places)
    step = 1e-6
    for azimuth in (0.0, 45.0, 110.0):
        ends = [sphere.destination(places, azimuth, s) for s in (-step / 2, step / 2)]
        start, end = (enc(torch.from_numpy(places)).detach() for places in ends)
        moved = torch.linalg.vector_norm(end - start, dim=-1).numpy()
        v = np.array([math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))])
        np.testing.assert_allclose(moved / step, np.sqrt(np.einsum("i,nij,j->n", v, metric, v)), rtol=2e-4)


def test_tissot_ellipses_are_the_metrics_axes():
    enc = build("theory")
    places = sphere.random_points(40, 2)
    ellipse, metric = distortion.tissot(enc, places), distortion.metric_tensor(enc, places)
    unit = distortion.scale(enc)
    np.testing.assert_allclose((ellipse.major * ellipse.minor * unit**2) ** 2, np.linalg.det(metric), rtol=1e-9)
    values = np.linalg.eigvalsh(metric)
    np.testing.assert_allclose(ellipse.major * unit, np.sqrt(values[:, 1]), rtol=1e-9)
    np.testing.assert_allclose(ellipse.area, ellipse.major * ellipse.minor)
    v = np.stack([np.sin(np.radians(ellipse.azimuth)), np.cos(np.radians(ellipse.azimuth))], -1)
    np.testing.assert_allclose(np.einsum("ni,nij,nj->n", v, metric, v), values[:, 1], rtol=1e-9)


def test_a_flat_map_stretches_east_and_west():
    ellipse = distortion.tissot(sixteen("grid"), ALONG_A_MERIDIAN)
    np.testing.assert_allclose(ellipse.major, 1 / np.cos(np.radians(LATITUDES)), rtol=1e-9)
    np.testing.assert_allclose(ellipse.minor, 1, rtol=1e-9)
    np.testing.assert_allclose(ellipse.azimuth[1:], 90, atol=1e-9)
    np.testing.assert_allclose(ellipse.anisotropy[1:], ellipse.major[1:], rtol=1e-9)


def test_at_a_torn_pole_the_stretch_is_infinite_and_at_a_closed_one_it_is_finite():
    pole = np.array([[0.0, 90.0], [77.0, -90.0]])
    torn, closed = build("sphereM"), build("sphereM", frequencies="odd")
    assert np.isinf(distortion.tissot(torn, pole).major).all()
    assert np.isfinite(distortion.tissot(torn, pole).minor).all()
    assert np.isfinite(distortion.tissot(closed, pole).major).all()


def test_the_repair_closes_the_tears():
    def tears(kind: str) -> tuple[float, float]:
        enc = build("sphereM", frequencies=kind)
        return distortion.dateline_tear(enc), distortion.pole_tear(enc)

    geometric, integer, odd = tears("geometric"), tears("integer"), tears("odd")
    assert min(geometric) > 0.1
    assert integer[0] < 1e-12 < 0.1 < integer[1]
    assert max(odd) < 1e-12


TABLE = [  # smallest radius, encoder, Spearman on the sphere, with both places above 70 N
    (0.5, "grid", 0.66, 0.60), (0.5, "sphereC", 0.79, 0.16), (0.5, "sphereM", 0.89, 0.73),
    (0.1, "grid", 0.48, 0.35), (0.1, "sphereC", 0.59, 0.07), (0.1, "sphereM", 0.59, 0.85),
    (0.01, "grid", 0.38, 0.22), (0.01, "sphereC", 0.50, -0.06), (0.01, "sphereM", 0.44, 0.53),
    (0.01, "dfs", 0.23, 0.34), (0.1, "sphereM+", 0.56, 0.76), (0.5, "sphereC+", 0.73, 0.51),
]  # fmt: skip


@pytest.mark.parametrize(("radius", "name", "globe", "cap"), TABLE)
def test_rank_agreement_with_great_circle_distance(radius, name, globe, cap):
    params = {"scales": 16, "min_radius": radius, "max_radius": 1.0}
    if name == "grid":
        params = {**params, "min_radius": math.degrees(radius), "max_radius": math.degrees(1)}
    enc = encoders.encoder(name, **params)
    # Two independent samples of thousands of pairs differ by about 0.015 (standard error 1/sqrt(n)); 0.05 is three.
    assert distortion.fidelity(enc) == pytest.approx(globe, abs=0.05)
    assert distortion.fidelity(enc, above=70) == pytest.approx(cap, abs=0.05)


@given(st.sampled_from([None, 0.0, 70.0, -30.0]))
@settings(max_examples=4, deadline=None)
def test_xyz_ranks_every_pair_right(above):
    assert distortion.fidelity(encoders.encoder("xyz"), above=above) == pytest.approx(1, abs=1e-12)


def test_a_constant_code_has_no_tear_and_no_rank():
    def constant(lonlat: torch.Tensor) -> torch.Tensor:
        return 0 * lonlat + 3

    assert distortion.dateline_tear(constant) == 0
    assert distortion.pole_tear(constant) == 0
    assert np.isnan(distortion.fidelity(constant))
    assert np.isnan(distortion.tissot(constant, [[0.0, 0.0]]).major).all()


def test_what_cannot_be_asked_is_named():
    enc = encoders.encoder("xyz")
    with pytest.raises(ValueError, match="north, south"):
        distortion.pole_tear(enc, "east")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 3 pairs"):
        distortion.fidelity(enc, n=2)
    with pytest.raises(ValueError, match="above=90"):
        distortion.fidelity(enc, above=90)
    with pytest.raises(ValueError, match="swapped"):
        distortion.metric_tensor(enc, [[10.0, 95.0]])
