"""Encoders inside what torch does to functions: torch.func, tracing, casts, and numpy's strictest mode."""

from __future__ import annotations

import copy
import warnings

import numpy as np
import pytest
import torch
from torch import Tensor

from s2v.testing.cases import build, places

both_precisions = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def tolerance(dtype: torch.dtype) -> float:
    return 3e-6 if dtype == torch.float32 else 1e-12


@both_precisions
def test_vmap_over_places_and_around_them(name: str, dtype: torch.dtype) -> None:
    enc = build(name).requires_grad_(False)
    lonlat = torch.cat((places(20).to(dtype), torch.tensor([[200.0, -3.0], [-750.0, 90.0]], dtype=dtype)))
    plain = enc(lonlat)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of operations that vmap has no rule for, and does one by one
        mapped = torch.func.vmap(enc)(lonlat)
    torch.testing.assert_close(mapped, plain, rtol=1e-5, atol=tolerance(dtype))
    scaled = torch.func.vmap(lambda factor: (enc(lonlat) * factor).sum(0))(torch.arange(3.0, dtype=dtype))
    torch.testing.assert_close(scaled[2], 2 * plain.sum(0), rtol=1e-5, atol=30 * tolerance(dtype))


@both_precisions
def test_transforms_of_other_variables_leave_the_code_as_it_is(name: str, dtype: torch.dtype) -> None:
    """Weights vary, the places are data: the usual way to use torch.func."""
    enc = build(name).requires_grad_(False)
    lonlat = places(20).to(dtype)
    net = torch.nn.Linear(enc.dim, 1).to(dtype)
    weights: dict[str, Tensor] = dict(net.named_parameters())

    def loss(weights: dict[str, Tensor]) -> Tensor:
        code: Tensor = torch.func.functional_call(net, weights, (enc(lonlat),))
        return code.square().mean()

    gradient = torch.func.grad(loss)(weights)
    loss(weights).backward()
    for key, parameter in net.named_parameters():
        torch.testing.assert_close(gradient[key], parameter.grad, rtol=1e-4, atol=1e-5)
    one = torch.ones((), dtype=dtype)
    slope = torch.func.jvp(lambda s: torch.func.jvp(lambda t: enc(lonlat) * t, (s,), (one,))[0], (one,), (one,))[1]
    torch.testing.assert_close(slope, enc(lonlat), rtol=1e-5, atol=tolerance(dtype))


def test_compiled_in_one_graph_for_any_number_of_places(name: str) -> None:
    enc = build(name)
    torch._dynamo.reset()
    compiled = torch.compile(enc, backend="eager", fullgraph=True, dynamic=True)  # records, and runs what it recorded
    for count in (20, 31):
        lonlat = _beyond(places(count).float())
        torch.testing.assert_close(compiled(lonlat), enc(lonlat), rtol=1e-5, atol=tolerance(torch.float32))
    with pytest.raises(RuntimeError, match="latitude outside"):
        compiled(torch.full((9, 2), 91.0))


def test_exported_for_any_number_of_places(name: str) -> None:
    enc = build(name).requires_grad_(False)
    count = {0: torch.export.Dim("places")}
    exported = torch.export.export(enc, (places(5).float(),), dynamic_shapes=(count,)).module()
    lonlat = _beyond(places(31).float())
    torch.testing.assert_close(exported(lonlat), enc(lonlat), rtol=1e-5, atol=tolerance(torch.float32))
    with pytest.raises(RuntimeError, match="latitude outside"):
        exported(torch.full((9, 2), torch.nan))


def _beyond(lonlat: Tensor) -> Tensor:
    """With some places more, at longitudes beyond 180 degrees."""
    return torch.cat((lonlat, torch.tensor([[200.0, -3.0], [-750.0, 90.0]], dtype=lonlat.dtype)))


@both_precisions
def test_a_traced_encoder_encodes_other_places(name: str, dtype: torch.dtype) -> None:
    enc = build(name).requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that tracing is deprecated, and that checks of values are not traced
        traced = torch.jit.trace(enc, places(50, 0).to(dtype), check_trace=False)
    others = torch.cat((places(70, 1).to(dtype), torch.tensor([[400.0, 12.0]], dtype=dtype)))
    torch.testing.assert_close(traced(others), enc(others), rtol=1e-5, atol=tolerance(dtype))


def test_casts_of_a_model_leave_the_code_as_it_is(name: str) -> None:
    enc = build(name).requires_grad_(False)
    lonlat = places(30)
    expected = enc(lonlat)
    learned = bool(list(enc.parameters()))  # these follow the cast
    for cast in (lambda e: e.float(), lambda e: e.half(), lambda e: e.to(torch.bfloat16), lambda e: e.double()):
        code = cast(copy.deepcopy(enc))(lonlat)
        torch.testing.assert_close(code, expected, rtol=0, atol=0.02 if learned else 0)


@both_precisions
def test_numpys_strictest_mode_finds_nothing_to_object_to(name: str, dtype: torch.dtype) -> None:
    enc = build(name)
    grid = np.stack(np.meshgrid(np.arange(-180, 181, 5.0), np.arange(-90, 91, 5.0)), -1)
    tiny = torch.tensor([[1e-30, 1e-38], [1e-44, 0.0], [-1e-44, 1e-40]], dtype=dtype)
    with np.errstate(all="raise"):
        assert enc(torch.from_numpy(grid).to(dtype)).isfinite().all()
        assert enc(tiny).isfinite().all()
