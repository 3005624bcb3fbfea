"""von Mises-Fisher mixtures: samples against the moments of the distribution, the ceiling against other integrals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import data, evaluation, sphere
from s2v.data import Mixture, blocks, mixture
from s2v.data.von_mises_fisher import around
from s2v.fields import Grid

CONCENTRATIONS = [1e-8, 0.01, 1.0, 16.0, 128.0, 2000.0, 1e6, 1e12]
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 0.0, 180.0])
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0])
everywhere = settings(max_examples=100, deadline=None)


def moments(k: float) -> tuple[float, float]:
    """Means of 1 - cos and (1 - cos)^2 of the distance: E[cos] = coth k - 1/k and E[cos^2] = 1 - 2 E[cos] / k."""
    if k < 1e-3:
        return 1 - k / 3, 4 / 3 - 2 * k / 3  # first order; 1/k would cancel
    mean = 1 / math.tanh(k) - 1 / k
    if k > 1e3:  # coth k is 1 to the last digit: 1 - cos is exponential with mean 1/k
        return 1 / k, 2 / k**2
    return 1 - mean, 2 - 2 * mean - 2 * mean / k


@pytest.mark.parametrize("k", CONCENTRATIONS)
@pytest.mark.parametrize("center", [(30.0, 40.0), (180.0, -20.0), (0.0, 90.0), (77.0, -90.0)])
def test_samples_have_the_moments_of_the_distribution(k: float, center: tuple[float, float]) -> None:
    n = 40_000
    u = np.random.default_rng(1).random((n, 2))
    places = around(center, k, u[:, 0], 360 * u[:, 1])
    sphere.check_lonlat(places)
    drop = 2 * np.sin(sphere.great_circle(places, np.array(center)) / 2) ** 2  # 1 - cos without cancellation
    for power, expected in zip((1, 2), moments(k), strict=True):
        assert abs((drop**power).mean() - expected) < 5 * (drop**power).std() / math.sqrt(n)
    # Around the centre all directions are alike: the mean vector points at it, up to five standard errors.
    east, north = sphere.tangent_frame(np.array(center))
    vectors = sphere.to_unit_vectors(places)
    for axis in (east, north):
        along = vectors @ axis
        assert abs(along.mean()) < 5 * along.std() / math.sqrt(n) + 1e-15


@everywhere
@given(
    longitude=LONGITUDES,
    latitude=LATITUDES,
    k=st.floats(1e-6, 1e9),
    share=st.floats(0, 1, exclude_max=True) | st.just(1 - 2**-53),
    azimuth=st.floats(0, 360),
)
def test_the_sampler_inverts_the_distribution_function_everywhere(
    longitude: float, latitude: float, k: float, share: float, azimuth: float
) -> None:
    center = np.array([longitude, latitude])
    place = sphere.check_lonlat(around(center, k, share, azimuth))
    drop = 2 * math.sin(float(sphere.great_circle(place, center)) / 2) ** 2
    inside = math.expm1(-k * drop) / math.expm1(-2 * k)  # share of the distribution that lies nearer
    # Places are degrees in float64: 1e-15 radians near the equator, which moves the share by k * sqrt(2 / k) * 1e-15,
    # and near a pole by the square root of that.
    assert inside == pytest.approx(share, abs=1e-6)


def test_densities_integrate_to_one_and_their_logarithms_are_finite() -> None:
    places = sphere.fibonacci_lattice(100_000)
    spread = Mixture(np.array([[0.0, 90.0], [180.0, 0.0], [20.0, -60.0]]), np.array([1e-6, 5.0, 128.0]))
    integrals = 4 * np.pi * np.exp(spread.log_densities(places)).mean(0)
    np.testing.assert_allclose(integrals, 1, rtol=1e-4)  # 100,000 nodes; the tightest class is 7 degrees wide
    tight = Mixture(spread.centers, np.array([1e-300, 1e5, 1e12]))
    assert np.isfinite(tight.log_densities(places)[..., 1:]).all()
    np.testing.assert_allclose(tight.posterior(places).sum(-1), 1, rtol=1e-12)


@everywhere
@given(longitude=LONGITUDES, latitude=LATITUDES, turns=st.integers(-2, 2))
def test_posteriors_are_probabilities_that_follow_the_rule_of_bayes(
    longitude: float, latitude: float, turns: int
) -> None:
    known = mixture(5, 100, seed=3)
    place = np.array([longitude, latitude])
    probabilities = known.posterior(place)
    assert probabilities.shape == (5,)
    densities = np.exp(known.log_densities(place))
    np.testing.assert_allclose(probabilities * densities.sum(), densities, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(known.posterior(np.array([longitude + 360 * turns, latitude])), probabilities, atol=1e-9)


@pytest.mark.parametrize(("classes", "k"), [(50, 64), (7, 1000)])
def test_bayes_accuracy_converges_to_an_equal_area_sum(classes: int, k: float) -> None:
    known = mixture(classes, k, seed=1)
    fine = known.bayes_accuracy(4096)
    for nodes in (128, 512, 1024):
        assert known.bayes_accuracy(nodes) == pytest.approx(fine, abs=0.25 / nodes**0.9)
    densities = np.exp(known.log_densities(sphere.fibonacci_lattice(50_000)))
    assert 4 * np.pi * densities.max(-1).mean() / classes == pytest.approx(fine, abs=2e-4)


def test_the_bayes_accuracy_of_simple_mixtures() -> None:
    assert mixture(1, 5).bayes_accuracy() == 1
    same = Mixture(np.array([[10.0, 20.0]] * 4), np.full(4, 30.0))
    assert same.bayes_accuracy() == pytest.approx(1 / 4, abs=1e-12)
    # Two opposite classes: the equator parts them, and F(w > 0) = (1 - e^-k) / (1 - e^-2k) of each lies on its side.
    k = 2.0
    opposite = Mixture(np.array([[0.0, 90.0], [0.0, -90.0]]), np.full(2, k))
    assert opposite.bayes_accuracy(4096) == pytest.approx(math.expm1(-k) / math.expm1(-2 * k), abs=1e-4)


@pytest.mark.parametrize(("name", "expected"), [("vmf:U1", 27.7), ("vmf:U2", 40.4), ("vmf:U3", 54.7), ("vmf:U4", 68.7)])
def test_ceilings_of_u_agree_with_an_independent_simulation(name: str, expected: float) -> None:
    concentration = data.entry(name).parameters[1].default
    ceilings = [100 * mixture(50, concentration, seed=draw).bayes_accuracy(100) for draw in range(30)]
    # Both are means over draws: 30 here, 10 there; three standard errors of the difference.
    assert abs(np.mean(ceilings) - expected) < 3 * np.std(ceilings) * math.sqrt(1 / 30 + 1 / 10)


@pytest.mark.parametrize("name", ["vmf:U1", "vmf:U4", "vmf:S2.3", "vmf:polar", "vmf:polar,latitude=75"])
@pytest.mark.parametrize("split", ["random", "blocked", "blocks:500", "latitude:75"])
def test_the_best_predictions_reach_the_ceiling(name: str, split: data.Split) -> None:
    d = data.load(name, points=50, split=split)
    assert d.bayes is not None
    assert d.bayes_predict is not None
    places, target = d.lonlat[d.test], d.target[d.test]
    best = evaluation.accuracy(target, d.bayes_predict(places))
    error = math.sqrt(d.bayes * (1 - d.bayes) / len(target))
    assert abs(best - d.bayes) < 4 * error
    flat = np.eye(len(d.classes))[np.random.default_rng(0).integers(0, len(d.classes), len(target))]
    assert evaluation.accuracy(target, flat) < best


def test_sizes_of_the_parts_and_equal_frequencies() -> None:
    d = data.load("vmf:U2")
    for part, each in ((d.train, 1000), (d.val, 50), (d.test, 100)):
        assert (np.bincount(d.target[part], minlength=50) == each).all()


@pytest.mark.parametrize("name", [name for name in data.names() if name.startswith("vmf:S")])
def test_indices_of_s_are_strata_and_concentration(name: str) -> None:
    strata = (5, 10, 25, 50)[int(name[5]) - 1]
    largest = (16, 32, 64, 128)[int(name[7]) - 1]
    settings = {p.name: p.default for p in data.entry(name).parameters}
    assert settings == {"classes": 50, "concentration": largest, "draw": 0, "strata": strata}
    summary = data.load(name, points=10).summary
    assert f"stratified in {strata} bands" in summary
    assert f"between 1 and {largest:g}" in summary


@pytest.mark.parametrize("strata", [1, 3, 5, 50])
def test_strata_are_bands_of_equal_height(strata: int) -> None:
    known = mixture(50, 20, strata, seed=2)
    edges = np.linspace(-90, 90, strata + 1)
    found = np.histogram(known.centers[:, 1], edges)[0]
    expected = np.bincount(np.arange(50) * strata // 50, minlength=strata)
    np.testing.assert_array_equal(found, expected)
    assert ((known.concentrations >= 1) & (known.concentrations <= 20)).all()


def test_centres_are_uniform_by_area_and_polar_ones_near_the_pole() -> None:
    known = mixture(20_000, 64, seed=0)
    vectors = sphere.to_unit_vectors(known.centers)
    assert np.abs(vectors.mean(0)).max() < 5 / math.sqrt(3 * 20_000)
    assert known.concentrations.mean() == pytest.approx(32.5, abs=5 * 63 / math.sqrt(12 * 20_000))
    polar = mixture(50, 2000, smallest_concentration=2000, north_of=70)
    assert (polar.centers[:, 1] > 70).all()
    assert (polar.concentrations == 2000).all()
    d = data.load("vmf:polar", points=500)
    assert (d.lonlat[:, 1] > 60).all()
    world = d.truth(Grid.equirectangular(5)).values
    assert np.isnan(world[18:]).all(), "no truth in the southern hemisphere, where there are no places"
    assert not np.isnan(world[0]).any()


@pytest.mark.parametrize("latitude", [70, 30, 0, -90])
def test_a_turned_cap_is_the_same_mixture_at_another_latitude(latitude: int) -> None:
    polar, turned = data.load("vmf:polar", 50), data.load(f"vmf:polar,latitude={latitude}", 50)
    before, after = (d.bayes_predict.__self__ for d in (polar, turned))  # type: ignore[union-attr]
    assert (sphere.great_circle(after.centers, np.array([0.0, latitude])) < math.radians(20)).all()
    vectors = [sphere.to_unit_vectors(known.centers) for known in (before, after)]
    np.testing.assert_allclose(np.linalg.det([v[:3] for v in vectors]), np.linalg.det(vectors[0][:3]), atol=1e-12)
    np.testing.assert_allclose(vectors[1] @ vectors[1].T, vectors[0] @ vectors[0].T, atol=1e-12)
    assert turned.bayes == pytest.approx(polar.bayes, abs=5e-4)  # as exact as the integral
    assert f"at latitude {latitude}°" in turned.summary


def test_parameters_in_the_name_make_another_mixture() -> None:
    usual, other = data.load("vmf:U3", 100), data.load("vmf:U3,draw=1", 100)
    assert not np.array_equal(usual.lonlat, other.lonlat)
    small = data.load("vmf:S1.1,classes=7,concentration=900,strata=7", 70)
    assert len(small.classes) == 7
    assert (len(small.val), len(small.test)) == (350, 700)
    assert small.bayes > 0.9
    assert "7 classes" in small.summary
    assert "7 bands" in small.summary
    assert data.load("vmf:U1,classes=1", 10).bayes == 1


def test_the_ceilings_of_blocks_are_those_of_the_held_out_blocks() -> None:
    known = mixture(50, 64)
    places = sphere.fibonacci_lattice(100_000)
    blocked = data.load("vmf:U3", 10, split="blocked")
    for part, ceiling in ((blocks.TEST, blocked.bayes), (blocks.VALIDATION, blocked.bayes_val)):
        inside = places[blocks.part_of(places) == part]
        densities = np.exp(known.log_densities(inside))
        expected = densities.max(-1).sum() / densities.sum()
        # Blocks have edges, at which an integral over nodes is not smooth.
        assert ceiling == pytest.approx(expected, abs=4e-3)
    assert data.load("vmf:U3", 10).bayes_val is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"classes": 0},
        {"strata": 0},
        {"largest_concentration": 0.5},
        {"largest_concentration": math.inf},
        {"smallest_concentration": 0.0},
        {"north_of": 90.0},
        {"north_of": math.nan},
    ],
)
def test_impossible_mixtures_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        mixture(**arguments)  # type: ignore[arg-type]


def test_centres_and_concentrations_must_match() -> None:
    with pytest.raises(ValueError, match="2 centres and 3 concentrations"):
        Mixture(np.zeros((2, 2)), np.ones(3))
    with pytest.raises(ValueError, match="positive"):
        Mixture(np.zeros((2, 2)), np.array([1.0, 0.0]))
