"""What every encoder promises, and that its spec says the truth."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from s2v import distortion, encoders, sphere
from s2v.encoders import base, blocks
from s2v.parameters import AUTO
from s2v.testing.cases import build, lonlats, places, rotation

Params = dict[str, Any]
PRECISIONS = (torch.float32, torch.float64)


def test_the_spec_is_complete(name: str) -> None:
    spec = encoders.spec(name)
    assert spec.title
    assert spec.summary.endswith(".")
    assert spec.reference
    for parameter in spec.parameters:
        assert parameter.help.endswith(".")
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.kind in (str, bool) or (parameter.low is not None and parameter.high is not None)
    assert len(build(name).state_dict()) == len(spec.build().state_dict())  # the defaults can be built, too


def test_a_finer_scale_tells_near_places_apart_better(name: str, params: Params) -> None:
    """By the distance of the codes of places a degree apart, relative to that of any two."""
    spec = encoders.spec(name)
    if spec.scale is None:
        with pytest.raises(ValueError, match="has no scale"):
            spec.at_radius(0.5, params)
        return
    coarse, fine = (spec.at_radius(radius, params) for radius in (0.5, 0.02))
    assert coarse[spec.scale.parameter] != fine[spec.scale.parameter]
    assert (_sharpness(name, fine) > _sharpness(name, coarse)) == spec.has_scale(params)


def test_a_scale_left_to_the_data_is_one_of_its_range(name: str, params: Params) -> None:
    """Whatever radius follows from the data, from a metre to the whole sphere, is made of what the range allows."""
    spec = encoders.spec(name)
    if spec.scale is None:
        return
    asked = {**params, spec.scale.parameter: AUTO}
    assert spec.is_auto(spec.check(asked))
    assert not spec.is_auto(spec.in_numbers(asked))
    assert spec.has_scale(asked) == spec.has_scale(params)
    with pytest.raises(ValueError, match="'auto' follows from places to learn"):
        spec.build(**asked)
    for radius in np.geomspace(1e-7, 4.0, 30):
        found = spec.at_radius(float(radius), asked)
        assert spec.check(found) == found
        assert not spec.is_auto(found)


def _sharpness(name: str, params: Params) -> float:
    enc, here = encoders.encoder(name, **params), places(2000)
    here = here[here[:, 1].abs() < 60]
    there = here + torch.tensor([1.0, 1.0], dtype=here.dtype)
    with torch.no_grad():
        code, near = enc(here), enc(there)
    return float((code - near).norm(dim=-1).mean() / (code - code.roll(1, 0)).norm(dim=-1).mean())


def test_shape_dtype_device_and_finite_values(name: str, params: Params) -> None:
    enc = encoders.encoder(name, **params)
    for dtype in PRECISIONS:
        for shape in ((2,), (5, 2), (3, 4, 2), (0, 2), (2, 0, 2)):
            lonlat = torch.zeros(shape, dtype=dtype)
            code = enc(lonlat)
            assert code.shape == (*shape[:-1], enc.dim)
            assert code.dtype == dtype
            assert code.device == lonlat.device
        assert torch.isfinite(enc(places().to(dtype))).all()
    assert enc.params == encoders.spec(name).check(params)
    assert enc.name == name


class OneDevice(TorchDispatchMode):
    """Inside it, an operation on tensors of two devices is an error; torch's own device without numbers allows some."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor) and each.ndim]
        assert len({tensor.device for tensor in tensors}) <= 1, f"{func} of tensors on two devices"
        return func(*args, **(kwargs or {}))


def test_all_is_computed_on_the_device_of_the_places(name: str, params: Params) -> None:
    """On torch's "meta", which stands for a GPU: it has no numbers, so nothing can wait for one either."""
    enc = encoders.encoder(name, **params).to("meta")
    for dtype in PRECISIONS:
        for requires_grad in (False, True):
            lonlat = torch.empty(300, 2, dtype=dtype, device="meta", requires_grad=requires_grad)
            with OneDevice():
                code = enc(lonlat)
            assert (code.device.type, code.dtype, code.shape) == ("meta", dtype, (300, enc.dim))


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_the_way_of_a_gpu_gives_the_code(
    name: str, params: Params, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken on the CPU, in several blocks: there is other memory for the intermediates, and no other formula."""
    enc = encoders.encoder(name, **params)
    lonlat = places(3000).to(dtype)
    with torch.no_grad():
        expected = enc(lonlat)
        monkeypatch.setattr(base, "_is_on_cpu", lambda lonlat: False)
        monkeypatch.setattr(blocks, "_MIN_WORK", 1 << 16)
        code = enc(lonlat)
    tolerance = (1e-6 if dtype == torch.float32 else 1e-12) * max(1.0, float(expected.abs().max()))
    torch.testing.assert_close(code, expected, rtol=0, atol=tolerance)


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; all else here runs without")


@needs_gpu
def test_cuda_gives_the_same(name: str) -> None:
    enc = build(name)
    expected = enc(places())
    on_device = enc.cuda()(places().cuda())
    assert on_device.device.type == "cuda"
    torch.testing.assert_close(on_device.cpu(), expected, rtol=0, atol=1e-10)


@needs_gpu
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_cuda_is_not_waited_for_and_takes_twice_the_memory(name: str, dtype: torch.dtype) -> None:
    enc = build(name).requires_grad_(False).cuda()
    lonlat = places(2_000_000).to("cuda", dtype)
    enc(lonlat[:1000])
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    torch.cuda.set_sync_debug_mode("error")
    try:
        code = enc(lonlat)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    work = max(1.1 * code.numel() * code.element_size(), 1.1 * blocks._MIN_WORK)
    assert torch.cuda.max_memory_allocated() - before <= code.numel() * code.element_size() + work


def test_same_seed_same_code_and_another_seed_another(name: str) -> None:
    assert torch.equal(build(name)(places()), build(name)(places()))
    if any(p.name == "seed" for p in encoders.spec(name).parameters):
        assert not torch.equal(build(name, seed=1)(places()), build(name)(places()))


def test_code_of_a_place_does_not_depend_on_its_neighbours_or_on_the_input_array(name: str) -> None:
    enc = build(name)
    many = places(40000)  # more than one block of memory
    before = many.clone()
    with torch.no_grad():
        code = enc(many)
        torch.testing.assert_close(code[12345:12350], enc(many[12345:12350]), rtol=0, atol=1e-12)  # sums may reorder
    assert torch.equal(many, before)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_code_to_be_differentiated_is_the_code(name: str, params: Params, dtype: torch.dtype) -> None:
    """Two ways of computing it: one for speed, written to memory, and one for torch's derivatives."""
    enc = encoders.encoder(name, **params)
    lonlat = places().to(dtype)
    with torch.no_grad():
        quick = enc(lonlat)
    tolerance = (1e-6 if dtype == torch.float32 else 1e-12) * max(1.0, float(quick.abs().max()))
    torch.testing.assert_close(enc(lonlat.requires_grad_()).detach(), quick, rtol=0, atol=tolerance)


@given(place=lonlats(), turns=st.integers(-3, 3))
@settings(max_examples=60, deadline=None)
def test_longitude_has_a_period_of_360_degrees(name: str, place: NDArray[np.float64], turns: int) -> None:
    if abs(place[0]) > 179.999:  # adding a turn may round it onto the dateline
        place[0] = 179.5  # which has two sides; continuity is tested below
    enc = build(name)

    def code(longitude: float) -> Tensor:
        return enc(torch.tensor([longitude, place[1]], dtype=torch.float64)).detach()

    # Adding 1080 degrees rounds a longitude by 1e-13 degrees; no code is steeper than 1e5 a degree but at a jump.
    if not encoders.spec(name).smooth:
        assume((code(place[0] + 1e-9) - code(place[0] - 1e-9)).abs().max() < 1e-6)
    torch.testing.assert_close(code(place[0] + 360 * turns), code(place[0]), rtol=0, atol=1e-8)


def test_declared_continuity_is_what_is_measured(name: str, params: Params) -> None:
    spec = encoders.spec(name)
    enc = spec.build(**params)
    dateline = distortion.dateline_tear(enc)
    poles = max(distortion.pole_tear(enc, "north"), distortion.pole_tear(enc, "south"))
    # In units of the code's spread: rounding gives 1e-13, the smallest real tear in these settings 1e-1.
    assert (dateline < 1e-9) == spec.continuous_at_dateline(params), dateline
    assert (poles < 1e-9) == spec.continuous_at_poles(params), poles
    assert dateline < 1e-9 or dateline > 1e-2
    assert poles < 1e-9 or poles > 1e-2


def test_first_and_second_derivatives(name: str, params: Params) -> None:
    enc = encoders.encoder(name, **params)
    lonlat = torch.tensor([[13.0, 41.0], [-121.3, -67.0], [179.0, 88.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(enc, lonlat, eps=1e-5, atol=1e-6)
    assert torch.autograd.gradcheck(enc, lonlat, eps=1e-5, atol=1e-6, check_forward_ad=True)
    if encoders.spec(name).smooth:
        assert torch.autograd.gradgradcheck(enc, lonlat, eps=1e-5, atol=1e-5)


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_the_code_is_smooth_at_the_poles_where_it_is_continuous(name: str, pole: float) -> None:
    spec, enc = encoders.spec(name), build(name)

    def over_the_pole(offset: Tensor) -> Tensor:  # a meridian, walked across the pole
        latitude = pole * (1 - offset.abs() / 90)
        return enc(torch.stack((torch.where(offset > 0, -147.0, 33.0).to(offset), latitude), -1)).detach()

    step = torch.tensor([1e-4], dtype=torch.float64)
    numeric = ((over_the_pole(step) - over_the_pole(-step)) / 2e-4)[0]

    def along(longitude: float) -> Tensor:  # the derivative at the pole along that meridian
        lonlat = torch.tensor([longitude, pole], dtype=torch.float64)
        return torch.autograd.functional.jacobian(enc, lonlat)[:, 1] * np.sign(pole)

    metric = distortion.metric_tensor(enc, [[0.0, pole], [120.0, pole]])
    # The central difference has an error of step^2; the metric's frame at a pole is one for all longitudes.
    smooth = bool(torch.allclose(along(33.0), numeric, rtol=0, atol=1e-6))
    sloping = (along(33.0) + along(123.0)) / math.sqrt(2)  # of a plane, halfway between the two
    smooth = smooth and bool(torch.allclose(along(78.0), sloping, rtol=0, atol=1e-9))
    smooth = smooth and bool(np.isfinite(metric).all()) and np.allclose(metric[0], metric[1], rtol=1e-9, atol=1e-9)
    continuous = spec.continuous_at_poles(spec.example)
    assert smooth == continuous if spec.smooth else continuous or not smooth


def test_float32_is_no_worse_than_rounding_the_location(name: str) -> None:
    """Against the exact code of the rounded place, only the rounding of the result itself is left."""
    finest = {"min_radius": 1e-6} if any(p.name == "min_radius" for p in encoders.spec(name).parameters) else {}
    enc = build(name, **finest).requires_grad_(False)
    rounded = places(2000).float()
    exact = enc(rounded.double())
    error = (enc(rounded).double() - exact).abs().max()
    moved = (enc(places(2000)) - exact).abs().max()
    own = 4 * torch.finfo(torch.float32).eps * exact.abs().max()  # a few roundings of the result
    assert error <= max(moved, own)
    assert error <= 1e-5 * exact.abs().max()


def test_similarity_is_invariant_under_rotation_where_the_spec_says_isotropic(name: str) -> None:
    enc = build(name).requires_grad_(False)
    a, b = places(), places(seed=6)

    def dots(turn: NDArray[np.float64]) -> Tensor:
        turned = [sphere.to_lonlat(sphere.to_unit_vectors(p.numpy()) @ turn.T) for p in (a, b)]
        one, other = (enc(torch.from_numpy(p)) for p in turned)
        return (one * other).sum(1)

    change = max(float((dots(rotation(seed)) - dots(np.eye(3))).abs().max()) for seed in range(5))
    assert (change < 1e-12 * enc.dim) == encoders.spec(name).isotropic, change
    assert change < 1e-12 * enc.dim or change > 1e-6


def test_phases_give_the_similarity_in_closed_form(name: str) -> None:
    enc = build(name)
    if (phases := enc.phases()) is None:
        pytest.skip("the code is not made of sines and cosines of phases")
    a, b = places(), places(seed=6)
    positions = [phases.position(p) for p in (a, b)]
    expected = ((positions[0] - positions[1]) @ phases.matrix).cos().sum(1)
    if phases.with_position:
        expected += (positions[0] * positions[1]).sum(1)
    torch.testing.assert_close((enc(a) * enc(b)).sum(1), expected, rtol=0, atol=1e-10 * enc.dim)
    if phases.straight:
        along = phases.position(torch.tensor([[x, 37.0] for x in (-60.0, 0.0, 60.0)], dtype=torch.float64))
        torch.testing.assert_close(along[2] - along[1], along[1] - along[0], rtol=1e-12, atol=1e-12)


def test_large_learned_tables_are_known_before_they_are_built(name: str, params: Params) -> None:
    learned = sum(p.numel() for p in encoders.encoder(name, **params).parameters())
    table = encoders.spec(name).table_size(params)
    assert table == learned if table else learned <= 100_000


def test_rates_of_their_own_belong_to_learned_parameters(name: str) -> None:
    enc = build(name)
    assert set(enc.learning_rates) <= {parameter for parameter, _ in enc.named_parameters()}
    assert all(math.isfinite(factor) and factor > 0 for factor in enc.learning_rates.values())


def test_after_a_step_an_encoder_is_as_it_was_where_nothing_has_moved(name: str) -> None:
    enc = build(name)
    expected = enc(places()).detach()
    with torch.no_grad():
        enc.after_step()
    torch.testing.assert_close(enc(places()).detach(), expected, rtol=0, atol=1e-6)


def test_landmarks_are_places_that_the_spec_names(name: str) -> None:
    spec, found = encoders.spec(name), build(name).landmarks()
    assert (spec.landmarks is None) == (found is None)
    if found is not None:
        assert found.ndim == 2
        sphere.check_lonlat(found)


def test_places_to_train_on_leave_the_shape_as_it_is(name: str) -> None:
    for count in (3, 500):
        one, other = build(name), build(name)
        lonlat = sphere.random_points(count, seed=1)
        for enc in (one, other):
            enc.fit_places(lonlat)
        assert torch.equal(one(places()), other(places()))
        assert one.dim == build(name).dim == one(places()).shape[1]
        assert torch.isfinite(one(places())).all()


def test_copies_pickles_and_states_give_the_same_code(name: str) -> None:
    enc = build(name)
    with torch.no_grad():
        for tensor in enc.state_dict().values():
            tensor.mul_(0.9)
    restored = build(name)
    restored.load_state_dict(enc.state_dict())
    for other in (copy.deepcopy(enc), pickle.loads(pickle.dumps(enc)), restored):
        assert torch.equal(other(places()), enc(places()))
        assert other.params == enc.params


BAD_LOCATIONS: list[tuple[Any, type[Exception], str]] = [
    (torch.tensor([[0.0, math.nan]]), ValueError, "not finite"),
    (torch.tensor([[math.inf, 0.0]]), ValueError, "not finite"),
    (torch.tensor([[10.0, 20.0], [45.0, 100.0]]), ValueError, "swapped"),
    (torch.tensor([[500.0, -95.0]]), ValueError, "-95"),
    (torch.zeros(4, 3), ValueError, "unit vectors"),
    (torch.zeros(4), ValueError, r"\(4,\)"),
    (torch.tensor(1.0), ValueError, r"\(\)"),
    (torch.zeros(2, 2, dtype=torch.int64), TypeError, "int64"),
    (torch.zeros(2, 2, dtype=torch.float16), TypeError, "float16"),
    (np.zeros((2, 2)), TypeError, "ndarray"),
]


def test_bad_locations_are_named(name: str) -> None:
    enc = build(name)
    for lonlat, error, words in BAD_LOCATIONS:
        with pytest.raises(error, match=words):
            enc(lonlat)


def test_bad_parameters_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"has no parameter 'no_such'; its parameters are: "):
        build(name, no_such=1)
    for parameter in encoders.spec(name).parameters:
        beyond = "no such choice" if parameter.choices else (parameter.high or 0) + 1
        with pytest.raises(ValueError, match=f"^{parameter.name}={beyond!r} is "):
            build(name, **{parameter.name: beyond})
