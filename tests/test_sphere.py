import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import sphere
from s2v.testing.cases import SPECIAL, lonlats

quick = settings(max_examples=100, deadline=None)


@given(lonlats())
@quick
def test_to_unit_vector_and_back(place):
    vector = sphere.to_unit_vectors(place)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-15)
    back = sphere.to_lonlat(vector)
    np.testing.assert_allclose(sphere.to_unit_vectors(back), vector, rtol=0, atol=1e-15)  # a few roundings
    assert back[1] == pytest.approx(place[1], abs=1e-13)


@given(lonlats(), lonlats())
@quick
def test_great_circle_is_the_haversine_distance_and_symmetric(a, b):
    angle = float(sphere.great_circle(a, b))
    (lon, lat), (lon2, lat2) = np.radians(a), np.radians(b)
    half = math.sin((lat - lat2) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon - lon2) / 2) ** 2
    # The haversine loses half its digits near the antipode.
    assert angle == pytest.approx(2 * math.asin(min(1.0, math.sqrt(half))), abs=5e-8)
    assert angle == pytest.approx(float(sphere.great_circle(b, a)), abs=1e-15)
    assert 0 <= angle <= math.pi


def test_great_circle_is_accurate_where_cosine_and_haversine_are_not():
    metre = np.degrees(1e-3 / sphere.EARTH_RADIUS_KM)
    assert sphere.great_circle_km([0.0, 60.0], [0.0, 60.0 + metre]) == pytest.approx(1e-3, rel=1e-8)
    assert float(sphere.great_circle([0.0, 0.0], [180.0, metre])) == pytest.approx(
        math.pi - np.radians(metre), abs=1e-15
    )
    assert float(sphere.great_circle([33.0, 90.0], [-120.0, 90.0])) == pytest.approx(0, abs=2e-16)


@given(lonlats(), st.floats(0, 360), st.floats(0, math.pi))
@quick
def test_destination_lies_at_the_given_distance(place, azimuth, distance):
    reached = sphere.destination(place, azimuth, distance)
    assert float(sphere.great_circle(place, reached)) == pytest.approx(distance, abs=1e-14)


def test_destination_goes_the_right_way():
    np.testing.assert_allclose(sphere.destination([0, 0], [0, 90, 180, 270], math.pi / 2)[1:4:2], [[90, 0], [-90, 0]],
                               rtol=0, atol=1e-13)  # fmt: skip
    np.testing.assert_allclose(sphere.destination([10, 0], 0, math.pi / 6), [10, 30], rtol=0, atol=1e-13)


@given(lonlats())
@quick
def test_tangent_frame_is_orthonormal_and_turns_east_north_up(place):
    east, north = sphere.tangent_frame(place)
    frame = np.stack([east, north, sphere.to_unit_vectors(place)])
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), rtol=0, atol=1e-15)
    assert np.linalg.det(frame) == pytest.approx(1)


def test_arrays_and_tensors_give_the_same():
    tensor, other = torch.from_numpy(SPECIAL), torch.from_numpy(SPECIAL[::-1].copy())
    for function in (sphere.to_unit_vectors, lambda p: sphere.to_lonlat(sphere.to_unit_vectors(p))):
        np.testing.assert_array_equal(function(tensor).numpy(), function(SPECIAL))
    expected = sphere.great_circle(SPECIAL, SPECIAL[::-1])
    np.testing.assert_allclose(sphere.great_circle(tensor, other).numpy(), expected, rtol=0, atol=1e-15)


def test_wrap_longitude():
    given_values = np.array([-180.0, 180.0, 181.0, -181.0, 540.0, 359.0, 0.0, 720.5])
    np.testing.assert_allclose(sphere.wrap_longitude(given_values), [-180, 180, -179, 179, -180, -1, 0, 0.5])


def test_lattice_and_random_points_are_uniform_by_area():
    """Shares of the lattice above a latitude are exact to one point, of the random points to four standard errors."""
    n = 20000
    for latitude in (-60, 0, 60, 85):
        share = float(sphere.cap_area(latitude))
        assert np.mean(sphere.fibonacci_lattice(n)[:, 1] > latitude) == pytest.approx(share, abs=1.5 / n)
        error = 4 * math.sqrt(share * (1 - share) / n)
        assert np.mean(sphere.random_points(n, 3)[:, 1] > latitude) == pytest.approx(share, abs=error)
    assert np.abs(sphere.to_unit_vectors(sphere.fibonacci_lattice(n)).mean(0)).max() < 1e-3
    np.testing.assert_array_equal(sphere.random_points(5, 1), sphere.random_points(5, 1))


def test_a_small_circle_keeps_its_distance_over_the_pole():
    ring = sphere.circle([20.0, 88.0], 4.0)
    assert ring[:, 1].max() < 90
    np.testing.assert_allclose(np.degrees(sphere.great_circle([20.0, 88.0], ring)), 4, rtol=1e-12)
    np.testing.assert_allclose(ring[0], ring[-1], atol=1e-9)


def test_numbers_that_are_not_places_are_explained():
    with pytest.raises(ValueError, match=r"row 1 has latitude 120.*swapped"):
        sphere.check_lonlat(np.array([[48.0, 11.0], [12.0, 120.0]]))
    with pytest.raises(ValueError, match=r"row 0 has latitude 5400.*arc minutes"):
        sphere.check_lonlat(np.array([[0.0, 5400.0]]))
    with pytest.raises(ValueError, match="2 rows with missing"):
        sphere.check_lonlat(np.array([[0.0, 0.0], [np.nan, 1.0], [2.0, np.inf]]))
    with pytest.raises(ValueError, match="at least one"):
        sphere.fibonacci_lattice(0)
