"""Encoders inside of what torch does to functions: torch.func, tracing, casts, other threads, other modes."""

import copy
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from s2v import encoders, sphere
from s2v.models.networks import network

from .cases import build, places

every_encoder = pytest.mark.parametrize("name", encoders.ENCODERS)
both_precisions = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def tolerance(dtype):
    return 3e-6 if dtype == torch.float32 else 1e-12


@every_encoder
@both_precisions
def test_vmap_over_places_and_around_them(name, dtype):
    enc = build(name).requires_grad_(False)
    lonlat = torch.cat((places(20).to(dtype), torch.tensor([[200.0, -3.0], [-750.0, 90.0]], dtype=dtype)))
    plain = enc(lonlat)
    torch.testing.assert_close(torch.func.vmap(enc)(lonlat), plain, rtol=1e-5, atol=tolerance(dtype))
    scaled = torch.func.vmap(lambda factor: (enc(lonlat) * factor).sum(0))(torch.arange(3.0, dtype=dtype))
    torch.testing.assert_close(scaled[2], 2 * plain.sum(0), rtol=1e-5, atol=30 * tolerance(dtype))


@every_encoder
@both_precisions
def test_transforms_of_other_variables_leave_the_code_as_it_is(name, dtype):
    """Weights vary, the places are data: the usual way to use torch.func."""
    enc = build(name).requires_grad_(False)
    lonlat = places(20).to(dtype)
    net = network("linear", enc.dim, 1).to(dtype)
    weights = dict(net.named_parameters())

    def loss(weights):
        return torch.func.functional_call(net, weights, (enc(lonlat),)).square().mean()

    gradient = torch.func.grad(loss)(weights)
    loss(weights).backward()
    for key, parameter in net.named_parameters():
        torch.testing.assert_close(gradient[key], parameter.grad, rtol=1e-4, atol=1e-5)
    one = torch.ones((), dtype=dtype)
    _, slope = torch.func.jvp(lambda s: torch.func.jvp(lambda t: enc(lonlat) * t, (s,), (one,))[0], (one,), (one,))
    torch.testing.assert_close(slope, enc(lonlat), rtol=1e-5, atol=tolerance(dtype))


@every_encoder
@both_precisions
def test_a_traced_encoder_encodes_other_places(name, dtype):
    enc = build(name).requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that tracing is deprecated, and that checks of values are not traced
        traced = torch.jit.trace(enc, places(50, 0).to(dtype), check_trace=False)
    others = torch.cat((places(70, 1).to(dtype), torch.tensor([[400.0, 12.0]], dtype=dtype)))
    torch.testing.assert_close(traced(others), enc(others), rtol=1e-5, atol=tolerance(dtype))


@pytest.mark.parametrize("name", ["sphereM", "dfs", "plane_waves"])
def test_compiled_and_exported_encoders_encode_alike(name):
    enc = build(name)
    lonlat = places(50).float()
    compiled = torch.compile(enc, backend="eager")
    exported = torch.export.export(enc, (lonlat,)).module()
    for other in (compiled, exported):
        torch.testing.assert_close(other(lonlat), enc(lonlat), rtol=1e-5, atol=tolerance(torch.float32))


@every_encoder
def test_casts_of_a_model_leave_the_code_as_it_is(name):
    enc = build(name).requires_grad_(False)
    lonlat = places(30)
    expected = enc(lonlat)
    learned = bool(list(enc.parameters()))  # these follow the cast
    for cast in (lambda e: e.float(), lambda e: e.half(), lambda e: e.to(torch.bfloat16), lambda e: e.double()):
        code = cast(copy.deepcopy(enc))(lonlat)
        torch.testing.assert_close(code, expected, rtol=0, atol=0.02 if learned else 0)


def test_threads_keep_their_number_of_cores():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        enc = build("sphereC", scales=32)
        lonlat = torch.from_numpy(sphere.random_points(20_000)).float()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: enc(lonlat), range(8)))
            counts = list(pool.map(lambda _: (time.sleep(0.02), torch.get_num_threads())[1], range(8)))
        assert counts == [2] * 8
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@every_encoder
@both_precisions
def test_numpys_strictest_mode_finds_nothing_to_object_to(name, dtype):
    enc = build(name)
    grid = np.stack(np.meshgrid(np.arange(-180, 181, 5.0), np.arange(-90, 91, 5.0)), -1)
    tiny = torch.tensor([[1e-30, 1e-38], [1e-44, 0.0], [-1e-44, 1e-40]], dtype=dtype)
    with np.errstate(all="raise"):
        assert enc(torch.from_numpy(grid).to(dtype)).isfinite().all()
        assert enc(tiny).isfinite().all()


def test_a_buffer_that_is_learned_gets_its_gradient():
    enc = build("plane_waves")
    enc.directions.requires_grad_()
    enc(places(20)).square().sum().backward()
    assert enc.directions.grad is not None


@pytest.mark.parametrize("p", [0.5, 0.3])
def test_a_network_with_dropout_can_be_differentiated_forwards_while_it_trains(p):
    net = network("ffn", 7, 3, hidden=16, dropout=p).train().double()
    x, along = torch.randn(6, 7, dtype=torch.float64), torch.randn(6, 7, dtype=torch.float64)

    def same_masks(values):
        torch.manual_seed(3)
        return net(values)

    value, slope = torch.func.jvp(same_masks, (x,), (along,))
    torch.testing.assert_close(value, same_masks(x))
    step = 1e-7
    numeric = (same_masks(x + step * along) - same_masks(x - step * along)) / (2 * step)
    torch.testing.assert_close(slope, numeric, rtol=1e-5, atol=1e-7)
