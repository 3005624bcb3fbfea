"""The instrument behind the Similarity and Distortion pages, against direct evaluation and closed forms."""

import math

import numpy as np
import pytest

from s2v import distortion, kernels, sphere
from s2v.comparison import compute as comparison
from s2v.encoders import Setting

LONGYEARBYEN = (15.6, 78.2)
XYZ = Setting.of("xyz")
SPHERE_M = Setting.of("sphereM", scales=6, min_radius=0.2)
GRID = Setting.of("grid", scales=6, min_radius=12.0, max_radius=60.0)
SPECIAL_PROBES = [(0.0, 90.0), (40.0, -90.0), (180.0, 10.0), (-180.0, -17.5), (0.0, 0.0)]
SETTINGS = [XYZ, SPHERE_M, GRID, Setting.of("plane_waves", scales=4, min_radius=0.2), Setting.of("wrap")]


@pytest.mark.parametrize("measure", kernels.MEASURES)
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_maps_equal_direct_evaluation(setting, measure):
    grid, values = comparison.similarity_map(setting, LONGYEARBYEN, 5.0, measure)
    expected = kernels.similarity(setting.build(), LONGYEARBYEN, grid.lonlat, measure)
    # float32 codes of norms up to 5; a distance is the root of a difference of squares, good to sqrt(1e-7) near 0.
    tolerance = 5e-3 if measure == "distance" else 2e-5
    np.testing.assert_allclose(values, expected, rtol=0, atol=tolerance)


def test_wide_codes_get_a_coarser_grid():
    wide = Setting.of("dfs", scales=16)
    grid, values = comparison.similarity_map(wide, LONGYEARBYEN, 0.5)
    assert grid.rows < 360
    assert values.shape == grid.shape


@pytest.mark.parametrize("probe", [LONGYEARBYEN, *SPECIAL_PROBES])
def test_profile_and_lobe_of_xyz_are_the_cosine_for_every_probe(probe):
    profile = comparison.similarity_profile(XYZ, probe)
    for values in (profile.mean, profile.low, profile.high):
        np.testing.assert_allclose(values, np.cos(np.radians(profile.distance)), rtol=0, atol=1e-12)
    lobe = comparison.main_lobe(XYZ, probe)
    sixty_degrees = 2 * math.radians(60) * sphere.EARTH_RADIUS_KM
    assert lobe.east_west == pytest.approx(sixty_degrees, rel=1e-5)  # linear interpolation between dense points
    assert lobe.north_south == pytest.approx(sixty_degrees, rel=1e-5)


def test_a_flat_map_has_a_lobe_that_narrows_towards_the_pole_as_the_cosine():
    """Near the probe a planar kernel depends on the offset in degrees: east-west it shrinks with cos(latitude)."""
    fine = Setting.of("grid", scales=8, min_radius=1.0, max_radius=4.0)
    equator, north = (comparison.main_lobe(fine, (20.0, latitude)) for latitude in (0.0, 60.0))
    assert north.north_south == pytest.approx(equator.north_south, rel=1e-3)
    assert north.east_west == pytest.approx(equator.east_west * 0.5, rel=0.02)


def test_a_similarity_that_never_falls_has_no_lobe():
    lobe = comparison.main_lobe(Setting.of("rbf", anchors=1, bandwidth=1000.0), (0.0, 0.0))
    assert math.isnan(lobe.east_west)
    assert math.isnan(lobe.north_south)


def test_character_says_what_the_distortion_module_says():
    found = comparison.character(SPHERE_M)
    enc = SPHERE_M.build()
    assert found.features == enc.dim
    assert found.fidelity == distortion.fidelity(enc)
    assert found.fidelity_north == distortion.fidelity(enc, above=70)
    assert found.dateline_tear == distortion.dateline_tear(enc)
    assert comparison.character(SPHERE_M) == found  # kept


def test_stretch_by_latitude():
    profile = comparison.stretch_profile(GRID)
    expected = 1 / np.cos(np.radians(profile.latitude))
    np.testing.assert_allclose(profile.east_west, expected, rtol=1e-9)
    np.testing.assert_allclose(profile.major, expected, rtol=1e-9)
    np.testing.assert_allclose(profile.minor, 1, rtol=1e-9)
    np.testing.assert_allclose(comparison.stretch_profile(XYZ).anisotropy, 1, rtol=1e-9)


def test_ellipses_are_circles_for_xyz_and_long_for_a_flat_map():
    for ellipse in comparison.ellipses(XYZ, size=3.0):
        radius = np.degrees(sphere.great_circle(np.array(ellipse.center), ellipse.outline))
        np.testing.assert_allclose(radius, 3, rtol=1e-6)
    flat = {e.center: e for e in comparison.ellipses(GRID, size=3.0, longest=20.0)}
    latitudes = {latitude for _, latitude in flat}
    assert {0.0, 60.0, -60.0, 85.0, -85.0} <= latitudes
    for (longitude, latitude), ellipse in flat.items():
        radius = np.degrees(sphere.great_circle(np.array([longitude, latitude]), ellipse.outline))
        assert radius.max() == pytest.approx(min(20, 3 / math.cos(math.radians(latitude))), rel=1e-3)
        assert radius.min() == pytest.approx(3, rel=1e-2)


def test_walk_ends_at_the_pole_of_its_own_hemisphere():
    path, frames = comparison.walk(SPHERE_M, (20.0, -50.0), frames=5, degrees=10.0)
    np.testing.assert_array_equal(path[0], [20, -50])
    np.testing.assert_array_equal(path[-1], [20, -90])
    assert len(frames) == 5
    _, last = comparison.similarity_map(SPHERE_M, path[-1], 10.0)
    np.testing.assert_array_equal(frames[-1], last)


def test_principal_image_of_xyz_is_the_sphere_itself():
    image = comparison.principal_image(XYZ)
    np.testing.assert_allclose(np.linalg.norm(image.parallels, axis=-1), 1, atol=1e-3)  # the lattice's mean is 1e-4
    assert image.explained == pytest.approx((1 / 3,) * 3, abs=1e-3)
    assert image.parallels.shape == (11, 361, 3)
    assert image.meridians.shape == (24, 181, 3)
    assert comparison.principal_image(Setting.of("direct")).parallels.shape == (11, 361, 3)


def test_equal_settings_are_equal_and_bad_ones_are_named():
    assert Setting.of("sphereM", scales=6, min_radius=0.2) == SPHERE_M
    assert hash(Setting.of("sphereM")) == hash(Setting.of("sphereM", scales=16))
    assert Setting.of("sphereM", frequencies="odd").title == "Sphere2Vec sphereM, odd frequencies"
    with pytest.raises(ValueError, match="scales=0"):
        Setting.of("sphereM", scales=0)
    with pytest.raises(ValueError, match="cosine, dot, distance"):
        comparison.similarity_map(XYZ, LONGYEARBYEN, 10.0, "euclid")
