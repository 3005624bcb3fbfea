"""The embedding of a trained model used as an encoder: values, precision, derivatives, comparisons."""

import numpy as np
import pytest
import torch

import s2v
from s2v import distortion, kernels, sphere
from s2v.comparison import sources
from s2v.comparison.kernel_shape import similarity_map, walk
from s2v.comparison.sources import TrainedModel
from s2v.comparison.stretch import character, features, overview, stretch_map
from s2v.encoders import EncoderConfig
from s2v.models.checkpoints import dumps, loads
from s2v.models.choices import NETWORKS
from s2v.models.model import Embedding, LocationModel
from s2v.models.recipe import Recipe

PLACES = np.array([[0.0, 90.0], [90, 90], [-180, 10], [180, 10], [15.6, 78.2], [77, -90]])


def model(**settings) -> LocationModel:
    torch.manual_seed(1)
    return LocationModel(Recipe(hidden=16, **settings), "regression")


def source_of(made: LocationModel, name: str = "run:test") -> TrainedModel:
    file = dumps(made)
    sources.take([file])
    return TrainedModel(name, "a test", sources.digest(file))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_last_matrix_makes_the_outputs_of_the_embedding(network: str) -> None:
    made = model(network=network, dropout=0.5).eval()
    embedding = Embedding(made)
    lonlat = torch.from_numpy(PLACES.astype(np.float32))
    with torch.no_grad():
        embedded = embedding(lonlat)
        outputs = made(lonlat)
    assert embedded.shape == (len(PLACES), embedding.dim)
    assert embedding.dim == (made.encoder.dim if network == "linear" else 16)
    torch.testing.assert_close(made.network.head(embedded), outputs)


@pytest.mark.parametrize("network", NETWORKS)
def test_derivatives_in_the_location_are_those_of_differences(network: str) -> None:
    embedding = Embedding(model(network=network))
    places = sphere.fibonacci_lattice(40)
    step = np.array([np.rad2deg(1e-6), 0])
    east = (kernels.encode(embedding, places + step) - kernels.encode(embedding, places - step)) / 2e-6
    # Central differences of float64 over 1e-6 radian; a relu may bend between the two places of a pair.
    exact = distortion.derivative(embedding, places, (1.0, 0.0))
    close = np.isclose(exact, east, rtol=1e-4, atol=1e-4 * np.abs(exact).max())
    assert close.mean() > 0.999


def test_an_embedding_is_as_continuous_as_its_encoder() -> None:
    whole = Embedding(model(encoder="sphereM", encoder_params={"frequencies": "odd", "scales": 4}))
    assert distortion.dateline_tear(whole) < 1e-9  # float64 throughout: float32 weights would leave 1e-7
    assert distortion.pole_tear(whole) < 1e-9
    assert distortion.dateline_tear(Embedding(model(encoder="grid"))) > 0.01


def test_an_embedding_leaves_its_model_alone() -> None:
    made = model().train()
    Embedding(made)
    assert made.training
    assert all(p.requires_grad and p.dtype == torch.float32 for p in made.parameters())


def test_bytes_and_files_hold_the_same_model(tmp_path) -> None:
    made = model()
    s2v.save(made, tmp_path / "model.safetensors")
    again = loads((tmp_path / "model.safetensors").read_bytes())
    np.testing.assert_array_equal(again.predict(PLACES), made.predict(PLACES))
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        loads(b"nonsense")


def test_a_trained_model_is_compared_like_an_encoder() -> None:
    made = model(network="ffn")
    source = source_of(made)
    probe = (15.6, 78.2)
    assert features(source) == 16
    grid, values = similarity_map(source, probe, 10.0)
    expected = kernels.similarity(Embedding(made), probe, grid.lonlat)
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-5)  # float32 codes
    ellipses = distortion.tissot(Embedding(made), stretch_map(source, 10.0).grid.lonlat)
    np.testing.assert_allclose(stretch_map(source, 10.0).area, ellipses.area, rtol=1e-5, atol=1e-6)
    assert np.isfinite(overview(source).direction)
    assert walk(source, probe, 3, 10.0).values.shape == (3, *grid.shape)


def test_a_linear_network_sees_the_encoders_own_code() -> None:
    source = source_of(model(network="linear", encoder="sphereM"))
    untrained = EncoderConfig.of("sphereM")
    assert character(source) == character(untrained)


def test_files_that_are_not_here_are_named() -> None:
    file = dumps(model(seed=5))
    name = sources.digest(file)
    assert sources.lacking([name]) == [name]
    sources.take([file])
    assert sources.lacking([name]) == []


def test_files_are_forgotten_once_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_files", type(sources._files)())
    monkeypatch.setattr(sources, "MAX_BYTES", 25)
    files = [bytes([i]) * 10 for i in range(3)]
    sources.take(files)
    assert sources.lacking(map(sources.digest, files)) == [sources.digest(files[0])]
