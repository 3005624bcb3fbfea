"""Trainings on the CPU and on a GPU.  Torch's device "meta", which has no numbers, stands for one."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import s2v
from s2v import data
from s2v.cli import main
from s2v.models import device, loop
from s2v.models.batches import BackgroundFeatures, Batches, EncodedPart, RandomStream
from s2v.models.choices import LOSSES
from s2v.models.device import CPU, NoGpuError
from s2v.models.loop import DivergedError, new_model, objective
from s2v.models.recipe import Recipe
from s2v.testing.test_contract import OneDevice

QUICK = Recipe(data="checkerboard", encoder="sphereM", points=500, steps=30, batch=64, hidden=16)
WILD = Recipe(data="relief", encoder="grid", network="residual", layers=8, learning_rate=1.0, steps=60, points=1000)
META = torch.device("meta")

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.mark.parametrize(("there", "found"), [(True, "cuda"), (False, "cpu")])
def test_auto_is_a_gpu_where_there_is_one(there: bool, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert device.torch_device().type == found
    assert device.torch_device("cpu").type == "cpu"


def test_a_gpu_that_is_not_there_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for run in (lambda: s2v.train(replace(QUICK, device="cuda")), lambda: s2v.fit(replace(QUICK, device="cuda"))):
        with pytest.raises(ValueError, match=r"device='cuda', but torch .* here .* Choose 'cpu', or 'auto'"):
            run()
    with pytest.raises(NoGpuError):
        s2v.LocationRegressor(device="cuda").fit(s2v.sphere.random_points(50), np.arange(50.0))
    with pytest.raises(ValueError, match=r"^device='gpu' is .*auto, cpu, cuda"):
        Recipe(device="gpu")
    with pytest.raises(ValueError, match=r"^device='gpu' is unknown; allowed is one of auto, cpu, cuda"):
        device.torch_device("gpu")


@pytest.mark.parametrize(
    "command", ["train --data checkerboard --points 100 --steps 5 --out {}-out", "map {} --out {}.png"]
)
def test_commands_refuse_a_gpu_that_is_not_there(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    s2v.save(new_model(QUICK, data.load("checkerboard", 500)), tmp_path / "model.safetensors")
    assert main([*command.replace("{}", str(tmp_path / "model.safetensors")).split(), "--device", "cuda"]) == 2
    assert "device='cuda', but torch" in capsys.readouterr().err


def test_a_recipe_without_a_device_keeps_its_text_and_means_auto() -> None:
    assert "device" not in json.loads(QUICK.to_json())
    assert Recipe.from_json(QUICK.to_json()).device == "auto"
    on_gpu = replace(QUICK, device="cuda")  # may be described anywhere
    assert Recipe.from_json(on_gpu.to_json()) == on_gpu


def test_losses_that_are_read_later_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU they are read sixteen steps at a time."""
    at_once = [(s.step, s.loss) for s in s2v.train(QUICK, every=10)]
    with pytest.raises(DivergedError) as first:
        list(s2v.train(WILD))
    monkeypatch.setattr(loop, "MAX_UNREAD", 7)
    for found, (step, loss) in zip(s2v.train(QUICK, every=10), at_once, strict=True):
        assert (found.step, found.loss) == (step, pytest.approx(loss, rel=1e-12))  # summed in another order
    with pytest.raises(DivergedError) as later:
        list(s2v.train(WILD))
    assert str(later.value) == str(first.value)


def test_batches_are_drawn_on_the_cpu_then_moved() -> None:
    with RandomStream(3):
        here = Batches(100, 30)
        drawn = [here.next() for _ in range(7)]
    with RandomStream(3):
        there = Batches(100, 30, META)
        assert all(there.next().device == META for _ in range(7))
        after = torch.rand(())
    with RandomStream(3):
        again = Batches(100, 30)
        assert all(torch.equal(again.next(), rows) for rows in drawn)
        assert torch.rand(()) == after  # as many random numbers of the CPU were taken


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("encoder", ["sphereM", "tile"])
def test_a_step_is_computed_on_the_device_of_the_model(
    loss: str, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # "meta" has none
    name = "geoid" if loss == "squared_error" else "checkerboard"
    recipe = replace(QUICK, data=name, loss=loss, encoder=encoder, encoder_params={}, dropout=0.3)
    dataset = data.load(name, 500)
    model = new_model(recipe, dataset).to(META)
    if name == "geoid":
        object.__setattr__(dataset, "task", "classification")  # else the mean would be read, which has no number
    train = EncodedPart(model, dataset, dataset.train)
    rows = torch.zeros(64, dtype=torch.int64, device=META)
    target = train.target[rows].to(torch.float32 if name == "geoid" else torch.int64)
    with OneDevice():
        found = objective(recipe, model)(train.features(rows), target, torch.ones(64, device=META))
        found.backward()
    assert found.device == META
    assert all(parameter.grad is not None and parameter.grad.device == META for parameter in model.network.parameters())
    if LOSSES[recipe.loss_in_force].background:
        assert BackgroundFeatures(recipe, model).next(10).device == META


def test_kernels_and_distortion_compute_on_the_encoders_device() -> None:
    """Places that are no tensor go there; those of an encoder without tensors stay on the CPU."""
    for name, found in (("plane_waves", META), ("xyz", CPU)):
        code = s2v.kernels.encode(s2v.encoder(name).to(META), [[15.6, 78.2]])
        assert (code.device, code.dtype) == (found, torch.float64)


@needs_gpu
@pytest.mark.parametrize("name", ["plane_waves", "tile", "xyz"])
def test_a_gpu_gives_the_same_kernel_and_metric(name: str) -> None:
    here, there = s2v.encoder(name), s2v.encoder(name).to("cuda")
    places = s2v.sphere.random_points(100)
    for measure in s2v.kernels.MEASURES:
        found = [s2v.kernels.similarity(enc, (15.6, 78.2), places, measure) for enc in (here, there)]
        np.testing.assert_allclose(*found, rtol=0, atol=1e-6)
    metrics = [s2v.distortion.metric_tensor(enc, places) for enc in (here, there)]
    np.testing.assert_allclose(*metrics, rtol=1e-9, atol=1e-9)


@needs_gpu
@pytest.mark.parametrize(
    "recipe",
    [
        QUICK,
        replace(QUICK, data="geoid", encoder="plane_waves", encoder_params={}),
        replace(QUICK, encoder="tile", encoder_params={}),
        replace(QUICK, data="languages:presence", points=2000),
        replace(QUICK, encoder="rbf", encoder_params={}, trials=2),
    ],
    ids=lambda recipe: recipe.encoder,
)
def test_a_gpu_learns_what_the_cpu_learns(recipe: Recipe) -> None:
    here, there = (list(s2v.train(replace(recipe, device=name), every=10)) for name in ("cpu", "cuda"))
    assert there[-1].model.device.type == "cuda"
    for one, other in zip(here, there, strict=True):
        assert other.loss == pytest.approx(one.loss, rel=1e-3, abs=1e-4)
    places = s2v.sphere.random_points(1000)
    # Rounding grows with each step: see docs/device.md.
    np.testing.assert_allclose(there[-1].model.predict(places), here[-1].model.predict(places), rtol=1e-2, atol=1e-2)
    assert there[-1].metrics == pytest.approx(here[-1].metrics, abs=0.02, nan_ok=True)


@needs_gpu
def test_the_same_weights_predict_the_same_on_a_gpu() -> None:
    *_, last = s2v.train(replace(QUICK, device="cpu"))
    places = s2v.sphere.random_points(5000)
    here = last.model.predict(places)
    np.testing.assert_allclose(last.model.to("cuda").predict(places), here, rtol=0, atol=1e-5)


@needs_gpu
def test_dropout_on_a_gpu_follows_the_seed_and_leaves_torchs_state() -> None:
    recipe = replace(QUICK, device="cuda", dropout=0.5)
    state = torch.cuda.get_rng_state()
    one, other = ([s.loss for s in s2v.train(recipe, every=every)] for every in (10, 10))
    assert one == pytest.approx(other, rel=1e-5)
    assert torch.equal(torch.cuda.get_rng_state(), state)
