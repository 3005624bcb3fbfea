"""Sines and cosines that are written to memory are those that can be differentiated, however they are computed."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from s2v import encoders
from s2v.encoders import waves
from s2v.testing.cases import places


@pytest.fixture(params=["compiled", "without numba"])
def compiler(request, monkeypatch):
    if request.param == "without numba":
        monkeypatch.setattr(waves, "_compiled", lambda: None)


def assert_waves(made, phase, tolerance):
    expected = torch.stack((phase.sin(), phase.cos())).to(made.dtype)
    torch.testing.assert_close(made, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "shape", [(7,), (1, 1), (3, 0), (5, 70_000), (1, 300_000), (2, 3, 60_000), (2, 9, 60_000), (300_000,)]
)
def test_waves_in_memory_are_the_plain_ones(compiler, dtype, shape):
    phase = (torch.rand(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 0.5) * 6e4
    before = phase.clone()
    memory = torch.full((2, *shape), math.nan, dtype=dtype)
    sine, _ = waves.waves(phase, dtype, *memory)
    assert sine.data_ptr() == memory[0].data_ptr()
    assert torch.equal(phase, before)
    # A float64 phase of 3e4 is good to 4e-12; a float32 one, less whole turns, to 2.4e-7, and its sine is rounded.
    tolerance = 1e-11 if dtype == torch.float64 else 6e-7
    assert_waves(memory, phase, tolerance)
    assert_waves(torch.stack(waves.waves(phase, dtype)), phase, tolerance)
    alone, beside = waves.waves(phase, dtype, torch.empty(shape, dtype=dtype))
    assert_waves(torch.stack((alone, beside)), phase, tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(7,), (0,), (2, 50_000), (3, 70_000)])
@pytest.mark.parametrize("highest", [0.5, 30.0, 1e6, 1e9])  # the last is beyond what is compiled
def test_scaled_waves_are_those_of_the_products(compiler, dtype, shape, highest):
    """Up to 1.6, 90, three million and three billion radians, poles and dateline among them."""
    position = (torch.rand(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 0.5) * 2 * math.pi
    position[..., :2] = torch.tensor([math.pi, -math.pi / 2], dtype=torch.float64)[: shape[-1]]
    frequencies = tuple(float(f) for f in torch.linspace(highest / 9, highest, 9, dtype=torch.float64))
    phase = position[..., None, :] * torch.tensor(frequencies, dtype=torch.float64)[:, None]
    memory = torch.full((2, *phase.shape), math.nan, dtype=dtype)
    sine, _ = waves.scaled_waves(position, frequencies, dtype, *memory)
    assert sine.data_ptr() == memory[0].data_ptr()
    # The phase itself is good to 1.1e-16 of itself, twice: once here, once there.
    tolerance = 2.3e-16 * highest * math.pi + (1e-15 if dtype == torch.float64 else 9e-7)
    assert_waves(memory, phase, tolerance)
    assert_waves(torch.stack(waves.scaled_waves(position, frequencies, dtype)), phase, tolerance)


@pytest.mark.parametrize("name", [name for name, spec in encoders.ENCODERS.items() if spec.frequencies()])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_without_numba_encoders_give_the_same(monkeypatch, name, dtype):
    lonlat, enc = places(200).to(dtype), encoders.encoder(name, scales=8)
    compiled = enc(lonlat)
    assert waves.are_compiled(compiled, torch.zeros(3, dtype=torch.float64))
    monkeypatch.setattr(waves, "_compiled", lambda: None)
    assert not waves.are_compiled(compiled, torch.zeros(3, dtype=torch.float64))
    torch.testing.assert_close(enc(lonlat), compiled, rtol=0, atol=1e-6 if dtype == torch.float32 else 2e-13)


def test_memory_that_does_not_fit_is_not_written():
    """What is compiled does not look where it writes."""
    position, frequencies, memory = np.zeros(5), np.ones(3), np.full((2, 3, 10), np.nan)
    for sine, cosine in (memory[:, :, :4], memory[:, :2, :5], memory[:, :, ::2], (memory[0, :, :5], memory[1, :2, :5])):
        with pytest.raises(ValueError, match=r"do not fit|bytes apart"):
            waves.write(position, frequencies, sine, cosine)
    with pytest.raises(ValueError, match="do not fit"):
        waves.write(np.zeros((2, 5)), frequencies, *memory[:, :, :5])
    assert np.isnan(memory).all()


def test_no_frequencies_and_negative_ones():
    position = torch.tensor([1.0, 100.0], dtype=torch.float64)
    for frequencies in ((), (-1e9, 1.0)):
        memory = torch.full((2, len(frequencies), 2), math.nan, dtype=torch.float64)
        waves.scaled_waves(position, frequencies, torch.float64, *memory)
        assert torch.equal(memory, torch.stack(waves.scaled_waves(position, frequencies, torch.float64)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_several_threads_encode_at_once(dtype):
    enc = encoders.encoder("sphereM", scales=32, min_radius=0.01)
    some = [places(3000, seed).to(dtype) for seed in range(16)]
    one_by_one = [enc(lonlat) for lonlat in some]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(enc, some))
    for expected, code in zip(one_by_one, at_once, strict=True):
        torch.testing.assert_close(code, expected, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["grid", "sphereM", "plane_waves"])
def test_what_is_kept_from_inference_mode_serves_outside(name, dtype):
    """In a thread that has not encoded before, with frequencies that nobody has used: nothing is kept yet."""
    enc = encoders.encoder(name, scales=3, min_radius=0.0123 if dtype == torch.float32 else 0.0124)
    lonlat = places(50).to(dtype)

    def work():
        with torch.inference_mode():
            first = enc(lonlat)
        with torch.no_grad():
            again = enc(lonlat)
        differentiable = lonlat.clone().requires_grad_()
        enc(differentiable).sum().backward()
        return first, again, differentiable.grad

    with ThreadPoolExecutor(1) as pool:
        first, again, gradient = pool.submit(work).result()
    assert torch.equal(first, again)
    assert gradient.isfinite().all()
