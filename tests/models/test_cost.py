"""What a training takes is known before anything is built, and is the truth."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from s2v import data, encoders
from s2v.models import cost
from s2v.models.choices import NETWORKS
from s2v.models.cost import TooLargeError
from s2v.models.networks import network
from s2v.models.presets import PRESETS, preset
from s2v.models.recipe import Recipe
from s2v.testing.cases import variants
from s2v.ui.race.settings import RACE_MENU

GIANTS = {
    "parameters": Recipe(encoder="tile", encoder_params={"cell": 0.5, "features": 4096}),
    "step": Recipe(batch=16384, hidden=1024, layers=4),
    "memory": Recipe(encoder="rff", encoder_params={"features": 16384}, network="linear", points=200000, batch=2048),
}


@pytest.mark.parametrize("name", encoders.ENCODERS)
def test_the_features_of_an_encoder_are_known_before_it_is_built(name: str):
    spec = encoders.spec(name)
    for params in variants(name):
        assert spec.features_of(params) == spec.build(**params).dim


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("hidden", "layers"), list(itertools.product((7, 300), (1, 2, 4))))
def test_the_weights_of_a_network_are_known_before_it_is_built(name: str, hidden: int, layers: int):
    given = {"hidden": hidden, "layers": layers, "dropout": 0.0, "activation": "relu"}
    built = network(name, 11, 5, **{key: given[key] for key in NETWORKS[name].parameters})
    assert NETWORKS[name].weights(11, 5, hidden, layers) == sum(p.numel() for p in built.parameters())


@pytest.mark.parametrize("name", data.names())
def test_the_number_of_classes_is_known_before_data_are_read(name: str):
    assert data.catalogue.classes_of(name) == len(data.load(name, 300).classes)


@pytest.mark.parametrize("name", PRESETS)
def test_published_methods_are_within_the_limits_of_a_server(name: str):
    cost.check([Recipe(**preset(name).settings())])


@pytest.mark.parametrize("name", PRESETS)
def test_a_published_method_may_race_the_default(name: str):
    own = preset(name).settings()
    cost.check([Recipe(**own), Recipe(**{**own, "encoder": "sphereM", "encoder_params": {}})])


@pytest.mark.parametrize("name", RACE_MENU.line_ups)
def test_a_line_up_of_train_is_within_the_limits(name: str):
    line_up = RACE_MENU.line_ups[name]
    cost.check([Recipe(encoder=source.name, encoder_params=dict(source.params)) for source in line_up])


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "parameters",
            "1,06[0-9],[0-9]{3},[0-9]{3} parameters; the lab trains at most 5,000,000. Choose a larger cell",
        ),
        ("step", r"takes about 6.\d s of one core; the lab allows 1.0 s.*Choose a smaller batch than 16,384"),
        ("memory", r"needs about \d.\d GB of memory .16,384 features at 200,000 places.*the lab allows 1.6 GB. Choose"),
    ],
)
def test_a_giant_is_refused_with_its_number(what: str, words: str):
    with pytest.raises(TooLargeError, match=words):
        cost.check([GIANTS[what]])


def test_the_steps_of_a_gpu_are_not_measured_by_a_core():
    large = replace(GIANTS["step"], device="cuda")
    cost.check([large])
    assert cost.in_words(cost.cost(large), 100, "cuda").endswith("; 100 steps on a GPU")
    with pytest.raises(TooLargeError, match="of memory"):
        cost.check([replace(GIANTS["memory"], device="cuda")])


def test_the_work_of_a_learned_encoder_counts_in_each_step():
    large = Recipe(encoder="herglotz", encoder_params={"features": 1024}, batch=8192)
    cost.check([Recipe(encoder="herglotz"), Recipe(encoder="herglotz", encoder_params={"degree": "auto"})])
    with pytest.raises(
        TooLargeError, match=r"A step of Herglotz features .* or fewer features, hidden units or layers"
    ):
        cost.check([large])


def test_wider_wavelets_are_fewer():
    fine = Recipe(encoder="wavelets", encoder_params={"finest": 2.0}, hidden=1024, batch=8192)
    with pytest.raises(TooLargeError, match="a larger finest width, fewer levels, hidden units or layers"):
        cost.check([fine])


def test_codes_that_are_not_kept_are_encoded_in_each_step():
    fine = {"features": 1024, "range": 0.02}
    for given in (fine, {"features": 1024, "range": "auto"}):  # which may become as short
        kept, not_kept = (Recipe(encoder="matern", encoder_params=given, points=n, batch=4096) for n in (8192, 100_000))
        cost.check([kept])
        with pytest.raises(TooLargeError, match=r"A step of Matérn features .* or fewer features, hidden units or lay"):
            cost.check([not_kept])


def test_contestants_are_counted_together():
    one = Recipe(encoder="rff", encoder_params={"features": 4000}, batch=512)
    cost.check([one])
    with pytest.raises(TooLargeError, match=r"These 4 trainings need .* or fewer encoders"):
        cost.check([one] * 4)


def test_seeds_are_counted_too():
    one = Recipe(encoder="rff", encoder_params={"features": 512}, batch=8192, points=200_000)
    cost.check([one] * 4, seeds=2)
    with pytest.raises(TooLargeError, match=r"5 seeds of each of 4 contestants need about 7\.\d GB.*at most 2 of them"):
        cost.check([one] * 4, seeds=5)
    cost.check([Recipe()] * 4, seeds=5)


def test_four_of_the_largest_published_method_are_refused_with_what_to_change():
    words = r"about 2\.\d GB of memory \(1,536 features .* the lab allows 1\.6 GB\. Choose fewer .*or fewer encoders\.$"
    with pytest.raises(TooLargeError, match=words):
        cost.check([Recipe(**preset("GeoCLIP-style").settings())] * 4)
