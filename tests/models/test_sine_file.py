"""Sine networks on harmonics under SatCLIP's names: a file gives the network that was trained, or a sentence."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

import s2v
from s2v import sphere
from s2v.comparison import answering, sources
from s2v.comparison.questions import CharacterOf, CodeVariogramOf, HalfSillsOf, OpenedModelOf, OverviewOf
from s2v.comparison.sources import TrainedModel
from s2v.models import sine_file
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.training import train

DEGREE = 4


@lru_cache
def trained(encoder: str = "spherical_harmonics") -> LocationModel:
    """A small sine network, trained on land cover."""
    params = {"degree": DEGREE} if encoder == "spherical_harmonics" else {}
    settings = {"data": "land_cover", "network": "siren", "hidden": 12, "points": 200, "steps": 20}
    recipe = Recipe(encoder=encoder, encoder_params=params, **settings)  # type: ignore[arg-type]
    *_, last = train(recipe, every=recipe.steps)
    return last.model


def weights(model: LocationModel) -> dict[str, torch.Tensor]:
    """Its weights under SatCLIP's names, which takes the harmonics at the antipode."""
    state = model.network.state_dict()
    signs = torch.tensor([(-1.0) ** degree for degree in range(DEGREE) for _ in range(2 * degree + 1)])
    first = state["body.0.weight"]
    found = {"layers.0.weight": first * signs if first.shape[1] == DEGREE**2 else first}
    found |= {"layers.0.bias": state["body.0.bias"]}
    found |= {f"layers.1.{part}": state[f"body.1.{part}"] for part in ("weight", "bias")}
    return found | {f"last_layer.{part}": state[f"head.{part}"] for part in ("weight", "bias")}


def content(prefix: str = "model.location.nnet.", data: str = "Land cover", **changes: Any) -> bytes:
    named = {**weights(trained()), **changes}
    tensors = {prefix + name: tensor.contiguous() for name, tensor in named.items() if tensor is not None}
    return safetensors.torch.save(tensors, {"data": data} if data else None)


@pytest.mark.parametrize("prefix", ["", "nnet.", "model.location.nnet."])
def test_the_file_gives_the_network_that_was_trained(prefix: str, tmp_path: Path) -> None:
    path = tmp_path / "satclip.safetensors"
    path.write_bytes(content(prefix))
    encoder = s2v.import_embedding(path)
    places = torch.tensor([[15.6, 78.2], [-180.0, -90.0], [180.0, 90.0], [0.0, 0.0]])
    with torch.no_grad():
        expected = trained()(places)
        torch.testing.assert_close(encoder(places), expected, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(encoder(places.double()).float(), expected, rtol=1e-4, atol=1e-4)
    assert encoder.dim == 17  # classes


def test_three_inputs_are_the_unit_vector() -> None:
    model = trained("xyz")
    found = sine_file.loads(safetensors.torch.save({k: v.contiguous() for k, v in weights(model).items()}))
    assert found is not None
    places = torch.from_numpy(sphere.random_points(50, seed=2))
    with torch.no_grad():
        torch.testing.assert_close(found(places).float(), model(places.float()), rtol=1e-3, atol=1e-3)


def test_it_stands_among_the_encoders() -> None:
    file = content()
    sources.take([file])
    source = TrainedModel("file:1", "satclip.safetensors", sources.digest(file))
    opened = answering.answer(OpenedModelOf(source))
    assert opened.is_embedding
    assert opened.data == "Land cover"
    assert opened.untrained == f"spherical_harmonics:degree={DEGREE}"
    assert "network: 2 layers of sines and a linear one, 17 numbers in all" in opened.understood
    # Harmonics are whole everywhere, and so is what a network makes of them.
    found = answering.answer(CharacterOf(source))
    assert max(found.dateline_tear, found.north_tear, found.south_tear) < 1e-4
    assert np.isfinite(answering.answer(OverviewOf(source)).anisotropy).all()
    assert len(answering.answer(HalfSillsOf(source)).at_latitudes) == 3
    assert answering.answer(CodeVariogramOf(source)).mean.shape == (64,)


def test_other_safetensors_are_none() -> None:
    assert sine_file.loads(dumps(trained())) is None
    assert sine_file.loads(b"PK\x03\x04") is None
    assert sine_file.loads(b"\x10\x00\x00\x00\x00\x00\x00\x00{") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layers.0.weight": torch.ones(12, 5)}, "has 5 inputs; allowed are L"),
        ({"layers.0.bias": torch.ones(3)}, "layers.0.bias do not fit"),
        ({"layers.1.weight": torch.full((12, 12), torch.nan)}, "layers.1 are not finite"),
        ({"layers.1.weight": torch.ones(12, 7)}, "no matrix of 12 columns"),
        ({"layers.1.weight": torch.ones(12, 12, dtype=torch.int32)}, "allowed are F16"),
        ({"layers.0.weight": None}, "has 0 inputs"),
        ({"layers.7.weight": torch.ones(2, 2)}, "weights of no such network"),
    ],
)
def test_damaged_weights_get_a_sentence(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content(**changes))
    with pytest.raises(ValueError, match=said):
        s2v.import_embedding(path)
