"""Sines and cosines that are written to memory are those that can be differentiated, however they are computed."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from s2v import encoders
from s2v.encoders import waves

from .cases import places


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(7,), (1, 1), (3, 0), (5, 70_000), (1, 300_000), (2, 3, 60_000), (300_000,)])
def test_waves_in_memory_are_the_plain_ones(threads, dtype, shape):
    """Shapes on both sides of a strip, along every axis."""
    generator = torch.Generator().manual_seed(0)
    position = (torch.rand(shape[-1:], generator=generator, dtype=torch.float64) - 0.5) * 2 * math.pi
    frequencies = torch.linspace(0.5, 1e4, max(1, math.prod(shape[:-1])), dtype=torch.float64)
    frequencies = frequencies[: math.prod(shape[:-1])].view(*shape[:-1], 1)
    memory = torch.full((2, *shape), math.nan, dtype=dtype)
    sine, cosine = waves.waves(position, frequencies, dtype, *memory)
    assert sine.data_ptr() == memory[0].data_ptr()
    phase = (position * frequencies).expand(shape)
    # A float64 phase of 3e4 is good to 4e-12; a float32 one, less whole turns, to 2.4e-7, and its sine is rounded.
    tolerance = 1e-11 if dtype == torch.float64 else 6e-7
    torch.testing.assert_close(sine, phase.sin().to(dtype), rtol=0, atol=tolerance)
    torch.testing.assert_close(cosine, phase.cos().to(dtype), rtol=0, atol=tolerance)
    plain = waves.waves(position, frequencies, dtype)
    torch.testing.assert_close(torch.stack(plain), memory, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_several_threads_encode_at_once(dtype):
    enc = encoders.encoder("sphereM", scales=32, min_radius=0.01)
    some = [places(3000, seed).to(dtype) for seed in range(16)]
    one_by_one = [enc(lonlat) for lonlat in some]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(enc, some))
    for expected, code in zip(one_by_one, at_once, strict=True):
        torch.testing.assert_close(code, expected, rtol=0, atol=0)
