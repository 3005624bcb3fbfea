"""Models predict in the right units and shapes, for any number of places."""

import numpy as np
import pytest
import torch

from s2v import sphere
from s2v.models import model as module
from s2v.models.model import LocationModel
from s2v.models.networks import ACTIVATION_LAYERS
from s2v.models.recipe import Recipe

CLASSES = ("sea", "land", "ice")


def made(task="regression", classes=(), **settings) -> LocationModel:
    torch.manual_seed(0)
    return LocationModel(Recipe(hidden=16, **settings), task, classes)


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (0,), (3, 0, 2)])
def test_shapes(shape: tuple[int, ...]) -> None:
    lonlat = np.zeros((*shape, 2))
    assert made().predict(lonlat).shape == shape
    probabilities = made("classification", CLASSES).predict(lonlat)
    assert probabilities.shape == (*shape, 3)
    np.testing.assert_allclose(probabilities.sum(-1), np.ones(shape), rtol=1e-6)


def test_presences_are_independent_probabilities() -> None:
    lonlat = sphere.random_points(50, 1).astype(np.float32)
    model = made("presence", CLASSES, data="languages:presence")
    with torch.no_grad():
        raw = model(torch.from_numpy(lonlat)).numpy()
    np.testing.assert_allclose(model.predict(lonlat), 1 / (1 + np.exp(-raw)), rtol=1e-5)
    assert made("presence", ("town",)).predict(lonlat).shape == (50, 1)


def test_predict_proba_is_predict_of_classes() -> None:
    lonlat = sphere.random_points(50, 1)
    for model in (made("classification", CLASSES), made("presence", CLASSES, data="languages:presence")):
        np.testing.assert_array_equal(model.predict_proba(lonlat), model.predict(lonlat))
    with pytest.raises(ValueError, match="regression and has no probabilities; predict gives its values"):
        made().predict_proba(lonlat)


@pytest.mark.parametrize("activation", ACTIVATION_LAYERS)
def test_the_activation_is_that_of_the_recipe(activation: str) -> None:
    lonlat = torch.from_numpy(sphere.random_points(50, 1)).float()
    model = made(activation=activation).eval()
    first = model.network.body[0]
    # Of an input of zeros a layer gives the activation of its bias, normalised.
    with torch.no_grad():
        expected = first.layernorm(ACTIVATION_LAYERS[activation]()(first.linear.bias))
        torch.testing.assert_close(first(torch.zeros(first.linear.in_features)), expected)
        assert torch.isfinite(model(lonlat)).all()


@pytest.mark.parametrize("network", ["linear", "residual", "siren", "residual_sine"])
def test_networks_without_a_choice_of_activation_are_the_same_with_any(network: str) -> None:
    lonlat = sphere.random_points(20, 1)
    relu, tanh = (made(network=network, activation=name).predict(lonlat) for name in ("relu", "tanh"))
    np.testing.assert_array_equal(relu, tanh)


def test_values_are_the_raw_outputs_in_the_units_of_the_data() -> None:
    model = made()
    model.mean.fill_(-30.0)
    model.scale.fill_(29.0)
    lonlat = sphere.random_points(50, 1).astype(np.float32)
    with torch.no_grad():
        raw = model(torch.from_numpy(lonlat))
    assert raw.shape == (50, 1)
    np.testing.assert_allclose(model.predict(lonlat), raw.numpy()[:, 0] * 29 - 30, rtol=1e-6)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    model, lonlat = made("classification", CLASSES), sphere.random_points(1000, 2)
    whole = model.predict(lonlat)
    monkeypatch.setattr(module, "_MAX_FEATURES", 1)  # pieces of 256, the smallest
    # Matrix products of other sizes sum in another order: a few units in the last place.
    np.testing.assert_allclose(model.predict(lonlat), whole, atol=1e-6)


def test_dropout_is_off_in_predictions_and_on_again_afterwards() -> None:
    model, lonlat = made(dropout=0.5), sphere.random_points(100, 3)
    assert model.training
    np.testing.assert_array_equal(model.predict(lonlat), model.predict(lonlat))
    assert model.training
    places = torch.from_numpy(lonlat).float()
    assert not torch.equal(model(places), model(places))
    model.eval().predict(lonlat)
    assert not model.training


def test_outputs_are_differentiable_in_the_place() -> None:
    lonlat = torch.tensor([[15.6, 78.2], [-70.0, -30.0]], dtype=torch.float64, requires_grad=True)
    model = made().double()
    model(lonlat).sum().backward()
    step = torch.tensor([1e-5, 0.0], dtype=torch.float64)
    with torch.no_grad():
        slope = ((model(lonlat + step) - model(lonlat - step)) / 2e-5).squeeze(-1)
    # Central differences are good to the square of the step; relu kinks are not that near to these two places.
    torch.testing.assert_close(lonlat.grad[:, 0], slope, rtol=1e-6, atol=1e-9)


def test_bad_input_is_explained() -> None:
    with pytest.raises(ValueError, match="latitude 91"):
        made().predict([[0.0, 91.0]])
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        made().predict([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="task='ranking'"):
        made("ranking")
    with pytest.raises(ValueError, match="names of its classes"):
        made("classification")
    with pytest.raises(ValueError, match="A presence needs the names of its classes"):
        made("presence")
