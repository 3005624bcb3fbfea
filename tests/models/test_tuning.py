"""The encoder's scale is chosen from a few trials on validation places, the same for everyone who asks."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import s2v
from s2v import data, encoders, sphere
from s2v.data import DataSet
from s2v.data.nearest import mean_spacing
from s2v.models import cost, loop, tuning
from s2v.models.estimators import LocationClassifier, LocationRegressor
from s2v.models.recipe import MAX_TRIALS, Recipe
from s2v.models.trials import Trial, candidates, in_force, in_words, total_steps, trial_in_words
from s2v.models.tuning import tune

pytestmark = pytest.mark.usefixtures("one_thread")

QUICK = Recipe(data="relief", encoder="grid", points=500, steps=80, batch=128, hidden=32, trials=3)
SCALED = [name for name in encoders.ENCODERS if encoders.spec(name).scale]


def dataset_of(recipe: Recipe) -> DataSet:
    return data.load(recipe.data, recipe.points, recipe.seed, recipe.split)


def made_of(lonlat: np.ndarray, count: int = 1) -> DataSet:
    """A data set of these training places, with ``count`` validation places."""
    places = np.concatenate([lonlat, sphere.random_points(max(1, count), 1)])
    return replace(
        data.load("geoid", 1),
        lonlat=places,
        target=np.zeros(len(places)),
        train=np.arange(len(lonlat)),
        val=np.arange(len(lonlat), len(lonlat) + count),
    )


def values(recipes: tuple[Recipe, ...]) -> list[float]:
    scale = encoders.spec(recipes[0].encoder).scale
    assert scale is not None
    return [recipe.encoder_params[scale.parameter] for recipe in recipes]


# --- what is tried ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [  # of 2,000 places, which are 0.079 radians or 4.5 degrees apart
        ("sphereM", [0.315, 0.158, 0.0788, 0.0394, 0.0197]),
        ("plane_waves", [0.315, 0.158, 0.0788, 0.0394, 0.0197]),
        ("grid", [18.1, 9.03, 4.51, 2.26, 1.13]),
        ("tile", [20.0, 16.5, 10.9, 7.20, 4.75]),
        ("spherical_harmonics", [3, 6, 10, 19, 32]),
        ("nerf", [1, 2, 3, 4, 5]),
        ("rff", [1.55, 6.21, 24.8, 99.4, 398.0]),
        ("rbf", [57.4, 28.7, 14.4, 7.18, 3.59]),  # around the spacing of its 200 anchors
        ("voronoi", [8, 32, 127, 506, 512]),  # at most 512
        ("icosphere", [2, 3, 4, 5, 6]),
    ],
)
def test_the_spacing_of_the_places_is_tried_in_the_unit_of_each_family(encoder: str, expected: list[float]) -> None:
    recipe = Recipe(encoder=encoder, points=2000, trials=5)
    assert values(candidates(recipe, dataset_of(recipe))) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("encoder", SCALED)
@pytest.mark.parametrize("places", [1, 2, 10, 200_000])
def test_trials_stay_within_the_ranges_and_are_as_many_as_asked(encoder: str, places: int) -> None:
    dataset = made_of(sphere.random_points(places, 0))
    for count in (1, 2, 5, MAX_TRIALS):
        tried = candidates(Recipe(encoder=encoder, trials=count), dataset)  # a recipe checks its parameters
        assert len(tried) == min(count, values_of_the_scale(encoder))
        assert len({tuple(recipe.encoder_params.items()) for recipe in tried}) == len(tried)
        cost.check(tried[-1:])  # the finest one fits the server


def values_of_the_scale(encoder: str) -> float:
    spec = encoders.spec(encoder)
    parameter = next(p for p in spec.parameters if spec.scale and p.name == spec.scale.parameter)
    return parameter.high - parameter.low + 1 if parameter.kind is int else math.inf


@pytest.mark.parametrize("encoder", SCALED)
def test_a_finer_radius_gives_a_finer_code(encoder: str) -> None:
    spec = encoders.spec(encoder)
    assert spec.scale is not None
    tried = [spec.at_radius(radius, {})[spec.scale.parameter] for radius in (0.4, 0.2, 0.1, 0.05)]
    falls = spec.scale.parameter in ("min_radius", "cell", "finest", "range") or encoder == "rbf"
    assert tried == sorted(tried, reverse=falls)
    assert len(set(tried)) == 4


def test_whole_frequencies_have_no_more_scales_than_fit() -> None:
    spec = encoders.spec("sphereM")
    found = spec.at_radius(0.25, {"scales": 16, "frequencies": "odd"})
    assert found["scales"] == 3
    assert spec.frequencies(found) == (5, 3, 1)  # not up to 31
    assert spec.at_radius(0.25, {"scales": 16})["scales"] == 16


def test_more_than_five_trials_are_closer_together() -> None:
    recipe = Recipe(encoder="grid", points=2000, trials=9)
    found = values(candidates(recipe, dataset_of(recipe)))
    assert found[0] == pytest.approx(18.1, rel=0.01)
    assert found[0] / found[1] == pytest.approx(math.sqrt(2), rel=0.01)


@pytest.mark.parametrize("encoder", sorted(set(encoders.ENCODERS) - set(SCALED)))
def test_without_a_scale_there_is_nothing_to_try(encoder: str) -> None:
    recipe = replace(QUICK, encoder=encoder, encoder_params={})
    (only,) = tune(recipe, dataset_of(recipe))
    assert (only.done, only.trials, only.recipe) == (True, (), recipe)
    assert total_steps(recipe) == recipe.steps
    with pytest.raises(ValueError, match="has no scale"):
        encoders.spec(encoder).at_radius(0.1, {})


def test_one_scale_has_the_largest_radius_and_nothing_to_try() -> None:
    recipe = replace(QUICK, encoder_params={"scales": 1})
    assert candidates(recipe, dataset_of(recipe)) == ()
    assert total_steps(recipe) == recipe.steps


def test_radii_with_the_same_whole_frequencies_are_tried_once() -> None:
    recipe = replace(QUICK, encoder_params={"scales": 4, "frequencies": "integer"}, trials=MAX_TRIALS)
    codes = [
        encoders.spec("grid").frequencies(c.encoder_params)
        for c in candidates(recipe, made_of(sphere.random_points(10)))
    ]
    assert len(set(codes)) == len(codes) > 1


def test_without_validation_places_the_scale_stays_as_given() -> None:
    dataset = made_of(sphere.random_points(20, 0), count=0)
    assert candidates(replace(QUICK, data="geoid"), dataset) == ()


def test_the_spacing_sees_the_sphere_and_no_map_edges() -> None:
    ring = np.array([[180 - 0.05, 0.0], [-180 + 0.05, 0.0]])  # 0.1 degrees apart across the dateline
    assert mean_spacing(ring) == pytest.approx(2 * math.radians(0.1))
    pole = np.array([[0.0, 89.95], [180.0, 89.95]])
    assert mean_spacing(pole) == pytest.approx(2 * math.radians(0.1))
    assert mean_spacing(np.tile([12.0, 50.0], (1000, 1))) == pytest.approx(math.sqrt(4 * math.pi))
    assert mean_spacing(sphere.random_points(20_000)) == pytest.approx(math.sqrt(4 * math.pi / 20_000), rel=0.02)


# --- how it is chosen -------------------------------------------------------------------------------------------


def test_the_best_of_the_trials_is_trained() -> None:
    *_, last = s2v.train(QUICK)
    assert len(last.trials) == 3
    best = max(last.trials, key=lambda trial: trial.score)
    assert last.model.recipe == replace(QUICK, encoder_params=best.params)
    assert {trial.steps for trial in last.trials} == {20}
    alone = replace(last.model.recipe, trials=0)
    *_, again = s2v.train(alone)
    assert again.metrics == last.metrics


def test_trials_help_where_the_scale_is_far_off() -> None:
    fine = replace(QUICK, encoder="plane_waves", encoder_params={"min_radius": 0.001}, steps=200)
    *_, untuned = s2v.train(replace(fine, trials=0))
    *_, tuned = s2v.train(fine)
    assert tuned.metrics["test_r2"] > untuned.metrics["test_r2"] + 0.1  # 0.70 and 0.46 were measured here


def test_the_same_recipe_gives_the_same_trials_however_often_it_reports() -> None:
    dataset = dataset_of(QUICK)
    *_, once = tune(QUICK, dataset)
    reports = list(tune(QUICK, dataset, seconds=lambda: 1e-6))
    assert [trial.score for trial in reports[-1].trials] == [trial.score for trial in once.trials]
    assert {(r.trial, r.step) for r in reports} == set(itertools.product((1, 2, 3), range(21)))
    assert [r.count for r in reports] == [3] * len(reports)
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(reports))
    assert [r.done for r in reports] == [False] * (len(reports) - 1) + [True]
    # Tuned once more it is the same: what was given does not matter.
    *_, again = tune(once.recipe, dataset)
    assert again.recipe == once.recipe


@pytest.mark.parametrize("split", ["random", "blocks:500", "buffer:500", "latitude:70"])
def test_test_places_are_never_looked_at(split: str) -> None:
    dataset = data.load("relief", 500, split=split)
    recipe = replace(QUICK, split=split)
    *_, seen = tune(recipe, dataset)
    lonlat, target = dataset.lonlat.copy(), dataset.target.copy()
    lonlat[dataset.test], target[dataset.test] = np.nan, np.nan
    *_, blind = tune(recipe, replace(dataset, lonlat=lonlat, target=target))
    assert [trial.score for trial in blind.trials] == [trial.score for trial in seen.trials]
    assert all(np.isfinite(trial.score) for trial in blind.trials)


@pytest.mark.parametrize(
    ("name", "loss"), [("land_ocean", "auto"), ("languages:presence", "auto"), ("cities", "an_full")]
)
def test_classes_and_presences_are_tuned_by_their_own_score(name: str, loss: str) -> None:
    recipe = replace(QUICK, data=name, loss=loss, trials=2)
    *_, last = tune(recipe, dataset_of(recipe))
    assert all(0 <= trial.score <= 1 for trial in last.trials)
    assert in_words(recipe, last.trials).endswith("the best of 2 on validation places")


def test_a_trial_that_diverges_loses_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = tuning.train_steps

    def diverging(recipe: Recipe, *given, **how):
        if recipe.encoder_params == first:
            raise loop.DivergedError("diverged")
        yield from real(recipe, *given, **how)

    dataset = dataset_of(QUICK)
    first = candidates(QUICK, dataset)[0].encoder_params
    monkeypatch.setattr(tuning, "train_steps", diverging)
    *_, last = tune(QUICK, dataset)
    assert [math.isnan(trial.score) for trial in last.trials] == [True, False, False]
    assert last.recipe.encoder_params != first
    assert trial_in_words(QUICK, last.trials[0]).endswith(": no score")


def test_without_any_score_the_middle_one_is_taken() -> None:
    unknown = [Trial({"degree": degree}, math.nan, 10, 1.0) for degree in (5, 10, 20)]
    recipe = Recipe(encoder="spherical_harmonics", trials=3)
    assert in_force(recipe, unknown).encoder_params == {"degree": 10}
    assert in_force(recipe, ()) == recipe


def test_trials_can_be_stopped_and_closed() -> None:
    asked = itertools.count(1)
    reports = list(s2v.train(QUICK, should_stop=lambda: next(asked) > 30))
    assert reports == []  # in the second trial of 20 steps: no snapshot was made
    assert next(asked) == 32
    run = tune(QUICK, dataset_of(QUICK))
    next(run)
    run.close()
    assert list(run) == []


def test_a_trial_is_part_of_the_cost() -> None:
    plain, tuned = (Recipe(encoder="spherical_harmonics", trials=trials) for trials in (0, 5))
    assert cost.cost(tuned).parameters > cost.cost(plain).parameters
    assert cost.cost(tuned).memory > cost.cost(plain).memory
    assert total_steps(tuned) > tuned.steps
    for name in SCALED:
        cost.check([Recipe(encoder=name, trials=MAX_TRIALS)])  # no trial is too large for the server


# --- estimators -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LocationRegressor, LocationClassifier])
def test_an_estimator_tunes_and_then_trains_on_all_places(kind: type) -> None:
    places = sphere.random_points(300, 2)
    height = data.load("relief", 1).truth_at(places)
    y = height if kind is LocationRegressor else height > 0
    model = kind(encoder="grid", steps=40, trials=3).fit(places, y)
    assert len(model.trials_) == 3
    assert model.recipe_ == model.model_.recipe
    assert model.recipe_.encoder_params in [trial.params for trial in model.trials_]
    assert kind(encoder="grid", steps=5).fit(places, y).trials_ == ()
    few = kind(encoder="grid", steps=5, trials=3).fit(places[:5], y[:5])  # too few to hold any out
    assert few.trials_ == ()
