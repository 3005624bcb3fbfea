"""The computations behind the Similarity and Distortion pages, against direct evaluation and closed forms."""

import inspect
import math
from dataclasses import fields

import numpy as np
import pytest
import torch

from s2v import data, distortion, isotropic, kernels, sphere
from s2v.comparison import answering, great_circle, questions, sources
from s2v.comparison.closed_forms import _two_steps, closed_form, closed_form_of
from s2v.comparison.kernel_shape import (
    direction_dependence,
    half_width,
    is_quick,
    main_lobe,
    similarity_map,
    similarity_profile,
    walk,
)
from s2v.comparison.products import product
from s2v.comparison.stretch import (
    character,
    ellipses,
    features,
    overview,
    principal_image,
    stretch_map,
    stretch_profile,
)
from s2v.data import OwnData
from s2v.encoders import ENCODERS, EncoderConfig
from s2v.fields import Grid

LONGYEARBYEN = (15.6, 78.2)
XYZ = EncoderConfig.of("xyz")
SPHERE_M = EncoderConfig.of("sphereM", scales=6, min_radius=0.2)
GRID = EncoderConfig.of("grid", scales=6, min_radius=12.0, max_radius=60.0)
SPECIAL_PROBES = [(0.0, 90.0), (40.0, -90.0), (180.0, 10.0), (-180.0, -17.5), (0.0, 0.0)]
SOURCES = [XYZ, SPHERE_M, GRID, EncoderConfig.of("plane_waves", scales=4, min_radius=0.2), EncoderConfig.of("wrap")]


@pytest.mark.parametrize("measure", kernels.MEASURES)
@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_maps_equal_direct_evaluation(source, measure):
    grid, values = similarity_map(source, LONGYEARBYEN, 5.0, measure)
    expected = kernels.similarity(source.build(), LONGYEARBYEN, grid.lonlat, measure)
    # float32 codes of norms up to 5; a distance is the root of a difference of squares, good to sqrt(1e-7) near 0.
    tolerance = 5e-3 if measure == "distance" else 2e-5
    np.testing.assert_allclose(values, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", ENCODERS)
def test_maps_of_every_encoder_equal_direct_evaluation(name):
    """Whether its features are products of latitude and longitude or not."""
    source = EncoderConfig.of(name)
    grid, values = similarity_map(source, LONGYEARBYEN, 10.0)
    expected = kernels.similarity(source.build(), LONGYEARBYEN, grid.lonlat)
    # float32: sums of up to 1500 products of unit size.
    np.testing.assert_allclose(values, expected, rtol=0, atol=5e-5)


PRODUCTS = ("direct", "wrap", "rbf", "grid", "xyz", "sphereC", "sphereC+", "sphereM", "sphereM+", "dfs")
NO_PRODUCTS = ("tile", "rff", "theory", "nerf", "geoclip_rff", "plane_waves")


@pytest.mark.parametrize("name", [*PRODUCTS, "spherical_harmonics", *NO_PRODUCTS])
def test_codes_that_are_products_are_found(name):
    found = product(EncoderConfig.of(name), 10.0)
    assert (found is None) == (name in NO_PRODUCTS)
    assert is_quick(EncoderConfig.of(name), 10.0) == (found is not None)


def test_wide_codes_get_a_coarser_grid():
    wide = EncoderConfig.of("rff", features=200)
    grid, values = similarity_map(wide, LONGYEARBYEN, 0.5)
    assert grid.rows < 360
    assert values.shape == grid.shape


CLOSED = [
    EncoderConfig.of("plane_waves", frames=20, min_radius=1e-4),
    EncoderConfig.of("theory", scales=128, min_radius=1e-3),
    EncoderConfig.of("nerf", scales=32),
    EncoderConfig.of("geoclip_rff", features=100),
]


@pytest.mark.parametrize("measure", kernels.MEASURES)
@pytest.mark.parametrize("source", CLOSED, ids=lambda s: s.name)
def test_codes_of_phases_are_compared_in_closed_form(source, measure):
    assert closed_form(source, 4.0)
    for probe in ((-180.0, -17.5), LONGYEARBYEN):
        grid, values = similarity_map(source, probe, 4.0, measure)
        assert grid.rows == 45
        expected = kernels.similarity(source.build(), probe, grid.lonlat, measure)
        # float32 cosines; a distance is the root of a difference of squares, good to sqrt(1e-7) of the norm near 0.
        tolerance = {"cosine": 2e-6, "dot": 1e-3, "distance": 2e-2}[measure]
        np.testing.assert_allclose(values, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("probe", [LONGYEARBYEN, *SPECIAL_PROBES])
@pytest.mark.parametrize("source", [s for s in CLOSED if s.name in ("theory", "geoclip_rff")], ids=lambda s: s.name)
def test_steps_along_parallels_equal_every_cosine(source, probe):
    form = closed_form_of(source.build())
    assert form.phases.straight
    for degrees in (3.0, 4.0, 60.0):  # 120, 90 and 6 columns
        grid = Grid.equirectangular(degrees)
        one_by_one = form.dot(np.array(probe), grid.lonlat.reshape(-1, 2)).reshape(grid.shape)
        # float32 angles of up to a turn, and sums of as many float32 products as there are phases
        torch.testing.assert_close(form.dot_on(np.array(probe), grid), one_by_one, rtol=0, atol=1e-6 * form.count)


def test_long_and_short_steps_reach_every_column_and_hardly_more():
    for columns in (*range(1, 50), 90, 180, 720):
        longs, shorts = _two_steps(columns)
        assert columns <= longs * shorts < columns + shorts
        assert longs <= shorts <= np.sqrt(columns) + 1


def test_closed_forms_allow_the_finest_grid_within_a_limit():
    assert similarity_map(EncoderConfig.of("plane_waves"), LONGYEARBYEN, 0.5)[0].rows == 360
    assert closed_form(EncoderConfig.of("plane_waves", scales=128, frames=5), 0.5) is None
    assert closed_form(EncoderConfig.of("tile", features=1000), 0.5) is None


@pytest.mark.parametrize("probe", [LONGYEARBYEN, *SPECIAL_PROBES])
def test_profile_and_lobe_of_xyz_are_the_cosine_for_every_probe(probe):
    profile = similarity_profile(XYZ, probe)
    for values in (profile.mean, profile.low, profile.high):
        np.testing.assert_allclose(values, np.cos(np.radians(profile.distance)), rtol=0, atol=1e-12)
    lobe = main_lobe(XYZ, probe)
    sixty_degrees = 2 * math.radians(60) * sphere.EARTH_RADIUS_KM
    assert lobe.east_west == pytest.approx(sixty_degrees, rel=1e-5)  # linear interpolation between dense points
    assert lobe.north_south == pytest.approx(sixty_degrees, rel=1e-5)


def test_a_flat_map_has_a_lobe_that_narrows_towards_the_pole_as_the_cosine():
    """Near the probe a planar kernel depends on the offset in degrees: east-west it shrinks with cos(latitude)."""
    fine = EncoderConfig.of("grid", scales=8, min_radius=1.0, max_radius=4.0)
    equator, north = (main_lobe(fine, (20.0, latitude)) for latitude in (0.0, 60.0))
    assert north.north_south == pytest.approx(equator.north_south, rel=1e-3)
    assert north.east_west == pytest.approx(equator.east_west * 0.5, rel=0.02)


def test_a_similarity_that_never_falls_has_no_lobe():
    lobe = main_lobe(EncoderConfig.of("rbf", anchors=1, bandwidth=1000.0), (0.0, 0.0))
    assert math.isnan(lobe.east_west)
    assert math.isnan(lobe.north_south)


def test_character_says_what_the_distortion_module_says():
    found = character(SPHERE_M)
    enc = SPHERE_M.build()
    assert found.features == enc.dim
    assert found.fidelity == distortion.fidelity(enc)
    assert found.fidelity_north == distortion.fidelity(enc, above=70)
    assert found.dateline_tear == distortion.dateline_tear(enc)
    assert character(SPHERE_M) == found  # cached


def test_stretch_by_latitude():
    profile = stretch_profile(GRID)
    expected = 1 / np.cos(np.radians(profile.latitude))
    np.testing.assert_allclose(profile.east_west, expected, rtol=1e-9)
    np.testing.assert_allclose(profile.major, expected, rtol=1e-9)
    np.testing.assert_allclose(profile.minor, 1, rtol=1e-9)
    np.testing.assert_allclose(stretch_profile(XYZ).anisotropy, 1, rtol=1e-9)


def test_ellipses_are_circles_for_xyz_and_long_for_a_flat_map():
    for ellipse in ellipses(XYZ, size=3.0):
        radius = np.degrees(sphere.great_circle(np.array(ellipse.center), ellipse.outline))
        np.testing.assert_allclose(radius, 3, rtol=1e-6)
    flat = {e.center: e for e in ellipses(GRID, size=3.0, longest=20.0)}
    latitudes = {latitude for _, latitude in flat}
    assert {0.0, 60.0, -60.0, 85.0, -85.0} <= latitudes
    for (longitude, latitude), ellipse in flat.items():
        radius = np.degrees(sphere.great_circle(np.array([longitude, latitude]), ellipse.outline))
        assert radius.max() == pytest.approx(min(20, 3 / math.cos(math.radians(latitude))), rel=1e-3)
        assert radius.min() == pytest.approx(3, rel=1e-2)


def test_walk_ends_at_the_pole_of_its_own_hemisphere():
    found = walk(SPHERE_M, (20.0, -50.0), frames=5, degrees=10.0)
    np.testing.assert_array_equal(found.path[0], [20, -50])
    np.testing.assert_array_equal(found.path[-1], [20, -90])
    assert len(found.values) == 5
    for place, frame in zip(found.path, found.values, strict=True):
        grid, alone = similarity_map(SPHERE_M, place, 10.0)
        assert grid == found.grid
        np.testing.assert_allclose(frame, alone, rtol=0, atol=1e-6)  # float32 sums in another order
    assert walk(XYZ, (20.0, 0.0), frames=3, degrees=10.0).path[-1, 1] == 90


def test_the_walk_of_xyz_is_along_its_own_round_kernels():
    found = walk(XYZ, (20.0, 50.0), frames=4, degrees=10.0)
    for place, width, frame in zip(found.path, found.half_widths, found.values, strict=True):
        own = great_circle.round_map(place, width, 10.0)
        # Codes in float32; the half-width is interpolated between dense points.
        np.testing.assert_allclose(own.values, frame, rtol=0, atol=1e-4)


PLANE_WAVES = EncoderConfig.of("plane_waves", scales=4, min_radius=0.1)
WHOLE = [(SPHERE_M, LONGYEARBYEN), (SPHERE_M, (0.0, 0.0)), *((PLANE_WAVES, p) for p in [LONGYEARBYEN, *SPECIAL_PROBES])]


@pytest.mark.parametrize(("source", "probe"), WHOLE)
def test_the_round_kernel_has_the_half_width_of_its_encoder(source, probe):
    angle = half_width(source, probe) / sphere.EARTH_RADIUS_KM
    profile = similarity_profile(source, probe)
    at = np.interp(angle, np.radians(profile.distance), profile.mean)
    assert at == pytest.approx(0.5, abs=0.02)  # the profile has points a degree apart
    assert isotropic.kernel(angle, angle) == pytest.approx(0.5)


@pytest.mark.parametrize("probe", [(0.0, 90.0), (0.0, -90.0), (180.0, 10.0), (-180.0, 10.0), LONGYEARBYEN])
def test_a_round_kernel_knows_no_direction_at_a_pole_or_across_the_dateline(probe):
    grid, values = great_circle.round_map(probe, 1500.0, 5.0)
    angle = sphere.great_circle(np.array(probe), grid.lonlat)
    order = np.argsort(angle, axis=None)
    assert (np.diff(values.ravel()[order]) <= 1e-6).all()  # by distance alone, and falling
    np.testing.assert_allclose(values, isotropic.kernel(angle, 1500 / sphere.EARTH_RADIUS_KM), rtol=0, atol=1e-6)


def test_the_half_width_at_a_torn_pole_is_that_of_its_own_meridian():
    width = half_width(GRID, (0.0, 90.0))
    south = sphere.destination(np.array([0.0, 90.0]), 180.0, width / sphere.EARTH_RADIUS_KM)
    assert kernels.similarity(GRID.build(), (0.0, 90.0), [[0.0, south[1]]]) == pytest.approx(0.5, abs=0.02)


def test_half_widths():
    assert half_width(XYZ, LONGYEARBYEN) == pytest.approx(math.radians(60) * sphere.EARTH_RADIUS_KM, rel=1e-4)
    assert math.isnan(half_width(EncoderConfig.of("rbf", anchors=1, bandwidth=1000.0), (0.0, 0.0)))


@pytest.mark.parametrize(("name", "alike"), [("nerf", 1), ("wrap", 1), ("xyz", -1)])
def test_some_codes_cannot_tell_the_poles_apart(name, alike):
    assert character(EncoderConfig.of(name)).poles_alike == pytest.approx(alike, abs=1e-6)


def test_an_encoder_that_fails_on_every_call_is_refused_before_it_is_compared(monkeypatch):
    broken = EncoderConfig.of("rff", features=34)
    enc = broken.build()
    monkeypatch.setattr(enc, "forward", lambda lonlat: 1 / 0)
    monkeypatch.setattr(EncoderConfig, "build", lambda config: enc)
    with pytest.raises(ZeroDivisionError):
        answering.answer(questions.FeaturesOf(broken))


def test_stretch_maps_equal_the_ellipses_at_their_places():
    found = stretch_map(SPHERE_M, 10.0)
    expected = distortion.tissot(SPHERE_M.build(), found.grid.lonlat)
    np.testing.assert_allclose(found.anisotropy, expected.anisotropy, rtol=1e-6)  # kept in float32
    np.testing.assert_allclose(found.area, expected.area, rtol=1e-6)
    flat = stretch_map(GRID, 2.0)
    np.testing.assert_allclose(flat.anisotropy, 1 / np.cos(np.radians(flat.grid.lonlat[..., 1])), rtol=1e-5)
    assert stretch_map(EncoderConfig.of("plane_waves", scales=16)).grid.rows < 90  # too wide for two degrees


@pytest.mark.parametrize("name", ["rbf", "spherical_harmonics", "sphereC+", "dfs", "theory", "wrap"])
def test_stretch_maps_of_products_equal_the_metric_at_each_place(name):
    source = EncoderConfig.of(name)
    found = stretch_map(source, 10.0)
    expected = distortion.tissot(source.build(), found.grid.lonlat)
    # The small half axis comes from a difference of squares, so the ratio keeps half of the digits.
    np.testing.assert_allclose(found.anisotropy, expected.anisotropy, rtol=1e-5)
    np.testing.assert_allclose(found.area, expected.area, rtol=1e-5)


def test_the_overview_has_the_numbers_of_the_closed_forms():
    flat, round_ = overview(GRID), overview(XYZ)
    assert flat.anisotropy == pytest.approx([1 / math.cos(math.radians(lat)) for lat in (60, 80, 89)])
    assert flat.area == pytest.approx(flat.anisotropy[1])  # north-south is the unit
    assert round_.anisotropy == pytest.approx((1, 1, 1))
    assert round_.character == character(XYZ)


def test_only_functions_of_the_distance_do_not_depend_on_direction():
    # Rounding of float64 cosines: 1e-16 squared in the variance, 1e-8 in its root at the very worst.
    assert direction_dependence(XYZ) < 1e-7
    assert direction_dependence(EncoderConfig.of("spherical_harmonics", degree=6)) < 1e-7
    assert direction_dependence(GRID) > 0.05
    assert direction_dependence(SPHERE_M) > 0.05


@pytest.mark.parametrize(
    "source",
    [
        EncoderConfig.of("dfs", scales=64),
        EncoderConfig.of("spherical_harmonics", degree=100),
        EncoderConfig.of("tile", cell=0.5, features=4096),
    ],
    ids=lambda s: s.name,
)
def test_codes_too_long_for_a_quick_answer_are_refused_in_words(source):
    with pytest.raises(ValueError, match="a quick comparison takes"):
        features(source)


def test_a_constant_code_has_defined_results():
    constant = EncoderConfig.of("rbf", anchors=1, bandwidth=1000.0, seed=0)
    assert (similarity_map(constant, (180.0, -90.0), 10.0)[1] > 0.9).all()
    tiles = EncoderConfig.of("tile", cell=180.0)
    assert math.isfinite(direction_dependence(tiles))
    assert np.isnan(stretch_map(tiles, 10.0).anisotropy).all()
    assert ellipses(tiles) == []
    assert all(np.isfinite(e.outline).all() for e in ellipses(constant))


def test_principal_image_of_xyz_is_the_sphere_itself():
    image = principal_image(XYZ)
    np.testing.assert_allclose(np.linalg.norm(image.parallels, axis=-1), 1, atol=1e-3)  # the lattice's mean is 1e-4
    assert image.explained == pytest.approx((1 / 3,) * 3, abs=1e-3)
    assert image.parallels.shape == (11, 361, 3)
    assert image.meridians.shape == (24, 181, 3)
    np.testing.assert_allclose(np.ptp(image.poles, axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(image.dateline[0], image.dateline[1], rtol=0, atol=1e-12)
    torn = principal_image(SPHERE_M)
    assert np.ptp(torn.poles, axis=1).max() > 0.1
    assert np.abs(torn.dateline[0] - torn.dateline[1]).max() > 0.1
    assert principal_image(EncoderConfig.of("direct")).parallels.shape == (11, 361, 3)


def test_equal_configs_are_equal_and_bad_ones_are_named():
    assert EncoderConfig.of("sphereM", scales=6, min_radius=0.2) == SPHERE_M
    assert hash(EncoderConfig.of("sphereM")) == hash(EncoderConfig.of("sphereM", scales=16))
    assert EncoderConfig.of("sphereM", frequencies="odd").title == "Sphere2Vec sphereM, odd frequencies"
    with pytest.raises(ValueError, match="scales=0"):
        EncoderConfig.of("sphereM", scales=0)
    with pytest.raises(ValueError, match="cosine, dot, distance"):
        similarity_map(XYZ, LONGYEARBYEN, 10.0, "euclid")


def subclasses(cls):
    return {s for sub in cls.__subclasses__() for s in (sub, *subclasses(sub))}


def test_every_question_has_a_function_with_its_arguments():
    kinds = subclasses(questions.Question)
    assert set(answering.FUNCTIONS) == kinds
    for kind, function in answering.FUNCTIONS.items():
        parameters = inspect.signature(function).parameters
        names = [field.name for field in fields(kind)]
        assert names == list(parameters)[: len(names)]
        assert all(p.default is not inspect.Parameter.empty for p in list(parameters.values())[len(names) :])


def test_questions_are_answered_by_their_functions():
    assert answering.answer(questions.LobeOf(SPHERE_M, LONGYEARBYEN)) == main_lobe(SPHERE_M, LONGYEARBYEN)
    assert answering.answer(questions.FeaturesOf(XYZ)) == 3
    asked = questions.SimilarityMapOf(XYZ, LONGYEARBYEN, 10.0)
    np.testing.assert_array_equal(answering.answer(asked).values, similarity_map(XYZ, LONGYEARBYEN, 10.0).values)


def test_questions_differ_by_their_keys():
    kinds = subclasses(questions.Question)
    assert len({kind.name for kind in kinds} - {""}) == len(kinds)
    place, other = LONGYEARBYEN, (0.0, 0.0)
    asked = [questions.LobeOf(XYZ, place), questions.LobeOf(XYZ, other), questions.LobeOf(GRID, place)]
    asked += [
        questions.ProfileOf(XYZ, place),
        questions.WalkOf(XYZ, place, 3, 2.0),
        questions.WalkOf(XYZ, place, 4, 2.0),
    ]
    assert len({question.key for question in asked}) == len(set(asked)) == len(asked)
    assert questions.LobeOf(EncoderConfig.of("xyz"), (15.6, 78.2)).key == asked[0].key


def test_own_data_are_asked_about_by_their_file():
    dataset = data.load("checkerboard", points=300)
    own = OwnData.of(data.own(dataset.lonlat, dataset.target, classes=dataset.classes))
    file = sources.data_file(own)
    assert file == sources.data_file(own)
    sources.take([file])
    source = sources.DataSource(own.name, "mine", 200, sources.digest(file))
    loaded, known = source.load(), own.dataset(200)
    np.testing.assert_array_equal(loaded.lonlat[loaded.train], known.lonlat[known.train])
    np.testing.assert_array_equal(loaded.target, known.target)
    assert (loaded.task, loaded.classes) == (known.task, known.classes)
    assert answering.answer(questions.DataVariogramOf(source)).half_sill > 0


def test_a_suggested_scale_differs_in_nothing_else():
    usual = EncoderConfig.of("sphereM", scales=4)
    found = answering.answer(questions.SuggestedOf(usual, 2000.0, 100.0))
    assert {name for name, value in found.params if dict(usual.params)[name] != value} == {"min_radius"}
    assert answering.answer(questions.CodeVariogramOf(found)).half_sill == pytest.approx(2000, rel=0.05)
