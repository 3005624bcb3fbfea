"""The scale that follows from the data: what "auto" becomes, for every encoder, and that it stays what it is."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import s2v
from s2v import data, encoders, sphere
from s2v.data import DataSet
from s2v.encoders.registry import EncoderConfig
from s2v.encoders.spec import EncoderSpec, Scale
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData, resolved, scale_in_words, source_in_words, with_auto
from s2v.models.snippets import race_commands, recipe_code
from s2v.models.trials import candidates
from s2v.models.tuning import tune
from s2v.parameters import AUTO, Parameter

SCALED = [name for name, spec in encoders.ENCODERS.items() if spec.scale is not None]
OTHERS = [name for name, spec in encoders.ENCODERS.items() if spec.scale is None]

rng = np.random.default_rng(3)
PLACES = {
    "one place": np.array([[15.6, 78.2]]),
    "one place, many times": np.full((30, 2), 12.0),
    "two ends of an axis": np.array([[0.0, 90.0], [123.0, -90.0]]),
    "both sides of the dateline": np.array([[179.99, 0.0], [-179.99, 0.0], [180.0, 1.0], [-180.0, 1.0]]),
    "a pole under many longitudes": np.stack([np.linspace(-180, 180, 20), np.full(20, 90.0)], -1),
    "within a metre": 10.0 + 1e-5 * rng.random((20, 2)),
    "the whole sphere": sphere.random_points(2000),
}


def auto(name: str, **params: object) -> Recipe:
    spec = encoders.spec(name)
    assert spec.scale is not None
    return Recipe(data="own:regression", encoder=name, encoder_params={spec.scale.parameter: AUTO, **params})


def places(lonlat: np.ndarray) -> DataSet:
    """Data without noise there: how far north they lie."""
    return data.own(lonlat, np.sin(np.radians(lonlat[:, 1])), "regression", hold_out=False)


@pytest.mark.parametrize("name", SCALED)
def test_auto_is_a_number_within_the_range_wherever_the_places_lie(name: str):
    spec = encoders.spec(name)
    for lonlat in PLACES.values():
        recipe = resolved(auto(name), places(lonlat))
        value = recipe.encoder_params[spec.scale_parameter.name]
        assert not recipe.is_auto
        assert replace(spec.scale_parameter, auto=False).check(value) == value
        assert spec.check(recipe.encoder_params) == recipe.encoder_params
    assert spec.build(**resolved(auto(name), places(PLACES["the whole sphere"])).encoder_params).dim


@pytest.mark.parametrize("name", SCALED)
def test_nothing_but_noise_still_tells_the_ends_of_the_world_apart(name: str):
    """A code that is the same everywhere, such as harmonics of degree 0 alone, could learn nothing at all."""
    dataset = data.own(sphere.random_points(400), np.random.default_rng(0).random(400), "regression", hold_out=False)
    params = {p.name: 100 for p in encoders.spec(name).parameters if p.name == "anchors"}
    code = encoders.encoder(name, **resolved(auto(name, **params), dataset).encoder_params)
    ends = torch.tensor([[10.0, 60.0], [-170.0, -60.0], [100.0, 0.0]], dtype=torch.float64)
    apart = torch.pdist(code.double()(ends).detach())
    assert (apart > 1e-3 * code(ends).detach().abs().mean()).all()


@pytest.mark.parametrize("name", SCALED)
def test_more_places_give_a_finer_code(name: str):
    spec = encoders.spec(name)
    few, many = (
        resolved(auto(name, **least_limited(spec)), places(sphere.random_points(n))).encoder_params for n in (60, 5000)
    )
    at = spec.at_radius
    coarse, fine = at(math.sqrt(4 * math.pi / 60), few), at(math.sqrt(4 * math.pi / 5000), few)
    rises = fine[spec.scale_parameter.name] > coarse[spec.scale_parameter.name]
    assert (many[spec.scale_parameter.name] > few[spec.scale_parameter.name]) == rises
    assert many != few


def least_limited(spec: EncoderSpec) -> dict[str, object]:
    """Parameters with which what the code is made of does not limit its scale: many anchors."""
    return {p.name: p.high for p in spec.parameters if p.name == "anchors"}


@pytest.mark.parametrize("name", ["plane_waves", "sphereM"])
def test_the_radius_is_the_spacing_of_the_places(name: str):
    found = resolved(auto(name), places(PLACES["the whole sphere"])).encoder_params["min_radius"]
    assert found == pytest.approx(math.sqrt(4 * math.pi / 2000), rel=0.05)


def test_noise_counts_less_the_more_places_there_are():
    """Of few places a network learns the noise by heart, of many it averages it out even with a fine code."""
    few, many, more = (
        found.radius / (found.spacing_km / sphere.EARTH_RADIUS_KM)
        for found in (FromData(100.0, 0.5, n) for n in (5000, 20_000, 500_000))
    )
    assert few == pytest.approx(1 + 4)
    assert many == pytest.approx(1 + 4 / 2)
    assert more == pytest.approx(1 + 4 / 10)
    assert FromData(100.0, 0.0, 500).radius == FromData(100.0, 0.0, 500_000).radius


def test_much_noise_counts_more_with_few_places():
    """Soft classes in a cap: the best radius of 2,000 places is that of some eight, not of three spacings."""

    def spacings(noise: float, places: int, spacing_km: float = 50.0) -> float:
        return FromData(spacing_km, noise, places).radius / (spacing_km / sphere.EARTH_RADIUS_KM)

    assert spacings(0.12, 500) == pytest.approx(1 + 4 * 0.12 / 0.88)  # as much as detail alone may look like
    assert spacings(0.375, 5000) == pytest.approx(1 + 4 * 0.6)
    assert spacings(0.375, 2000) == pytest.approx(1 + 4 * 0.6 + 24 * 0.6 * 0.45)
    assert spacings(0.375, 500) > spacings(0.375, 2000)
    assert FromData(400.0, 0.375, 500).radius == 0.3  # further apart, it may be detail
    assert FromData(800.0, 0.375, 500).radius == pytest.approx(800 / sphere.EARTH_RADIUS_KM * (1 + 4 * 0.6))
    for noise in (0.13, 0.131, 0.5):  # no jump where it begins, nor where it ends
        radii = [FromData(spacing, noise, 500).radius for spacing in np.linspace(10, 2000, 400)]
        assert np.all(np.diff(radii) >= 0)
    assert FromData(50.0, 0.1305, 500).radius == pytest.approx(FromData(50.0, 0.1303, 500).radius, rel=1e-2)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (FromData(502.0, 0.0, 2000), "502 km apart"),
        (FromData(0.0, 0.5, 500), "0 km apart"),
        (FromData(502.0, 0.01, 2000), "502 km apart, and 1 % of the variance is noise or finer detail"),
        (
            FromData(502.0, 0.25, 2000),
            "502 km apart, and 25 % of the variance is noise or finer detail; to average over it the radius is 3.8 "
            "times that distance",
        ),
        (
            FromData(1.0, 0.9, 500),
            "1 km apart, and 90 % of the variance is noise or finer detail; to average over it the radius is 228 times "
            "that distance",
        ),
    ],
)
def test_it_says_what_the_radius_is_from(found: FromData, said: str):
    assert str(found) == f"training places lie {said}"


def test_crowded_and_noisy_places_leave_the_code_fine():
    """Towns: the best radius of 20,000 lies between one and two spacings, of 2,000 at four to eight of them."""
    many, few = (FromData.of(data.load("cities:population", n)) for n in (20_000, 2000))
    assert many.noise == pytest.approx(few.noise, abs=0.05)
    assert 0.007 < many.radius < 0.017
    assert few.radius > 3 * few.spacing_km / sphere.EARTH_RADIUS_KM


def test_poles_the_dateline_and_repeated_places_are_nothing_special():
    """Turned by an angle, written with other longitudes, or given twice, the same places give the same radius."""
    lonlat = sphere.random_points(400, seed=1)
    want = resolved(auto("plane_waves"), places(lonlat)).encoder_params["min_radius"]
    turned = np.stack([lonlat[:, 0] % 360 - 180, lonlat[:, 1]], -1)
    x, y, z = sphere.to_unit_vectors(lonlat).T
    tipped = sphere.to_lonlat(np.stack([z, y, -x], -1))  # the poles go to the equator
    for other in (turned, tipped, np.concatenate([lonlat, lonlat])):
        found = resolved(auto("plane_waves"), places(other)).encoder_params["min_radius"]
        assert found == pytest.approx(want, rel=1e-6)


def test_only_training_places_are_looked_at():
    dataset = data.load("relief", 500, 0, "blocks:500")
    recipe = Recipe(data="relief", points=500, split="blocks:500", encoder_params={"min_radius": AUTO})
    lonlat, target = dataset.lonlat.copy(), dataset.target.copy()
    held_out = np.concatenate([dataset.val, dataset.test])
    lonlat[held_out], target[held_out] = [0.0, 0.0], 1e9
    assert resolved(recipe, replace(dataset, lonlat=lonlat, target=target)) == resolved(recipe, dataset)


def test_a_single_scale_and_an_encoder_without_one_have_nothing_to_follow_the_data():
    recipe = resolved(auto("sphereM", scales=1, max_radius=0.005), places(PLACES["the whole sphere"]))
    assert recipe.encoder_params["min_radius"] < 0.005
    assert encoders.encoder("sphereM", **recipe.encoder_params).dim == 5
    for name in OTHERS:
        config = EncoderConfig.of(name)
        assert with_auto(config) == config


def test_a_value_too_fine_to_be_trained_is_coarsened():
    dataset = places(PLACES["within a metre"])
    recipe = resolved(auto("tile", features=1024), dataset)
    assert 1 < recipe.encoder_params["cell"] < 30
    assert resolved(auto("tile", features=64), dataset).encoder_params["cell"] < recipe.encoder_params["cell"]


def test_auto_goes_through_json_links_and_copied_code():
    recipe = Recipe(data="geoid", encoder="grid", encoder_params={"min_radius": "auto", "scales": 8})
    assert recipe.is_auto
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert EncoderConfig.parse("grid:scales=8,min_radius=auto") == recipe.contestant
    assert EncoderConfig.parse(with_auto(EncoderConfig.of("grid", scales=8)).text) == recipe.contestant
    assert eval(recipe_code(recipe), {"s2v": s2v}) == recipe
    assert "min_radius=auto" in race_commands([recipe])


def test_a_trained_model_has_the_number_and_is_the_one_of_that_number():
    recipe = Recipe(data="relief", points=200, steps=20, encoder="grid", encoder_params={"min_radius": AUTO})
    fitted = s2v.fit(recipe)
    assert not fitted.recipe.is_auto
    assert json.loads(fitted.recipe.to_json())["encoder_params"]["min_radius"] > 1
    again = s2v.fit(fitted.recipe)
    assert fitted.metrics == again.metrics
    for one, other in zip(fitted.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_trials_take_the_place_of_auto_and_have_it_in_their_middle():
    dataset = data.load("geoid", 500)
    recipe = Recipe(data="geoid", points=500, steps=20, encoder="grid", encoder_params={"min_radius": AUTO}, trials=3)
    tried = [r.encoder_params["min_radius"] for r in candidates(recipe, dataset)]
    assert tried[1] == resolved(recipe, dataset).encoder_params["min_radius"]
    *_, last = tune(recipe, dataset)
    assert last.recipe.encoder_params["min_radius"] in tried
    assert last.from_data is None


def test_the_tuning_without_trials_says_where_the_number_is_from():
    dataset = data.load("geoid", 500)
    recipe = Recipe(data="geoid", points=500, encoder="spherical_harmonics", encoder_params={"degree": AUTO})
    (only,) = tune(recipe, dataset)
    assert only.done
    assert only.from_data == FromData.of(dataset)
    said = source_in_words(only.recipe, only.from_data)
    assert said == f"{scale_in_words(only.recipe)}, from the data: training places lie 982 km apart"
    assert scale_in_words(recipe) == "degrees L from the data"


def test_an_encoder_alone_has_no_places():
    with pytest.raises(
        ValueError, match=r"min_radius='auto' follows from places to learn, .* such as the default 0.01"
    ):
        s2v.encoder("sphereM", min_radius="auto")
    spec = encoders.spec("sphereM")
    assert spec.continuous_at_poles({"min_radius": AUTO, "frequencies": "odd"})
    assert spec.features_of({"min_radius": AUTO, "scales": 4}) == 20
    with pytest.raises(ValueError, match=r"min_radius='car' is not a number from 1e-07 to 3.14159 radians, or auto"):
        spec.check({"min_radius": "car"})
    with pytest.raises(ValueError, match="scales='auto' is not a whole number"):
        spec.check({"scales": AUTO})


def test_a_scale_must_be_one_of_the_parameters():
    cells = Parameter("cells", int, 8, "Cells", "How many.", low=1, high=100)
    with pytest.raises(ValueError, match="the scale of encoder 'mine' is 'radius', which is none of its parameters"):
        EncoderSpec("mine", "Mine", "Mine.", "here", "mine:Mine", (cells,), scale=Scale("radius", lambda r: r))


@pytest.mark.parametrize("kind", [s2v.LocationClassifier, s2v.LocationRegressor])
def test_an_estimator_says_auto_and_learns_with_the_number(kind: type):
    lonlat = sphere.random_points(120, seed=2)
    y = (lonlat[:, 1] > 0).astype(int)
    model = kind(steps=5).fit(lonlat, y)
    assert model.get_params()["encoder_params__min_radius"] == AUTO
    task = "classification" if kind is s2v.LocationClassifier else "regression"
    known = data.own(lonlat, y, task, hold_out=False)
    assert model.recipe_.encoder_params == resolved(auto("plane_waves"), known).encoder_params
    alone = kind(steps=5, encoder_params={"scales": 1, "min_radius": AUTO})
    assert alone.get_params()["encoder_params__min_radius"] == 0.01
    assert alone.fit(lonlat, y).recipe_.encoder_params["scales"] == 1
