"""Dropout is fair coin tossing."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from s2v.models import dropout
from s2v.models.dropout import Dropout, ReluDropout
from s2v.models.networks import network


def dropped_ones(p: float, shape: tuple[int, ...], seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return Dropout(p)(torch.ones(shape, dtype=torch.float64))


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5, 0.9])
def test_zeroes_a_share_p_and_scales_the_rest_to_keep_the_mean(p: float) -> None:
    mask = dropped_ones(p, (1000, 1000))
    spread = math.sqrt(p * (1 - p) / mask.numel())
    assert abs((mask == 0).double().mean() - p) < 4 * spread + 2**-13  # p is rounded to 1/4096
    kept = mask[mask != 0]
    assert torch.equal(kept, kept[:1].expand_as(kept))
    assert kept[0] == pytest.approx(1 / (1 - p), rel=2**-13 / (1 - p))


def test_half_is_exact() -> None:
    torch.manual_seed(0)
    mask = Dropout(0.5)(torch.ones(16_000_000))
    zeros = int((mask == 0).sum())
    assert int((mask == 2).sum()) == len(mask) - zeros
    assert abs(zeros / len(mask) - 0.5) < 4 * 0.5 / math.sqrt(len(mask))  # four standard deviations: 0.0005


@pytest.mark.parametrize("p", [0.5, 0.25, 0.3])
def test_neighbours_and_the_eight_bits_of_a_byte_are_independent(p: float) -> None:
    size = 2_000_000
    mask = (dropped_ones(p, (size,)) == 0).double() - p
    count = size // 8  # the bits of one byte lie this far apart
    for lag in (1, 2, 3, 7, 8, 16, 64, *(bit * count for bit in range(1, 8))):
        correlation = (mask[lag:] * mask[:-lag]).mean() / (p * (1 - p))
        assert abs(correlation) < 4.5 / math.sqrt(size - lag)  # 4.5 standard deviations
    for bit in range(8):  # each alone is fair too
        assert abs(mask[bit * count :][:count].mean()) < 4.5 * math.sqrt(p * (1 - p) / count) + 2**-13


@pytest.mark.parametrize("apart", [1, 50_000])
def test_the_joint_law_of_four_is_that_of_four_coins(apart: int) -> None:
    """Of neighbours, and of four bits of the same byte."""
    p = 0.3
    zeros = (dropped_ones(p, (400_000,)) == 0).reshape(-1, 4, apart).transpose(1, 2).reshape(-1, 4)
    for pattern in itertools.product((True, False), repeat=4):
        expected = math.prod(p if dropped else 1 - p for dropped in pattern)
        share = (zeros == torch.tensor(pattern)).all(-1).double().mean()
        assert abs(share - expected) < 4.5 * math.sqrt(expected / len(zeros))  # 16 patterns


def test_a_probability_takes_as_many_bits_as_it_has_binary_digits() -> None:
    for p, digits in ((0.5, 1), (0.25, 2), (0.75, 2), (0.375, 3), (0.3, 12), (2**-12, 12), (0.99999, 12)):
        kept, bits = dropout._kept(p)
        assert bits == digits, p
        assert kept / 2**bits == pytest.approx(1 - p, abs=2**-12), p


def test_a_probability_that_rounds_to_zero_keeps_all() -> None:
    assert torch.equal(dropped_ones(1e-6, (3, 4)), torch.ones(3, 4, dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_in_half_precision_the_masks_are_the_same(dtype: torch.dtype) -> None:
    numbers = torch.linspace(-1, 1, 999).to(dtype)
    for p in (0.5, 0.3):
        for both in (Dropout(p), ReluDropout(p)):
            results = []
            for kind in (torch.float64, dtype):
                torch.manual_seed(0)
                values = numbers.to(kind, copy=True).requires_grad_()
                result = both(values)
                result.sum().backward()
                assert result.dtype == values.grad.dtype == kind
                results.append((result.double(), values.grad.double()))
            for double, half in zip(*results, strict=True):
                torch.testing.assert_close(half, double, rtol=0.02, atol=0)


def test_evaluation_and_zero_change_nothing() -> None:
    values = torch.randn(7, 5)
    assert Dropout(0.5).eval()(values) is values
    assert Dropout(0.0)(values) is values


def test_values_that_do_not_fill_a_word_and_are_not_contiguous() -> None:
    for shape in ((), (1,), (3,), (5, 7), (0, 4)):
        assert dropped_ones(0.5, shape).shape == shape
    torch.manual_seed(0)
    values = torch.arange(1.0, 13).reshape(3, 4).T
    result = Dropout(0.5)(values)
    assert torch.equal(result[result != 0], 2 * values[result != 0])


def test_gradient_passes_where_the_value_did() -> None:
    torch.manual_seed(0)
    values = torch.randn(1000, requires_grad=True)
    result = Dropout(0.25)(values)
    result.sum().backward()
    torch.testing.assert_close(values.grad * values, result)


@pytest.mark.parametrize("p", [0.25, 0.3])
def test_relu_dropout_is_dropout_of_relu(p: float) -> None:
    """The same values and the same derivatives, first and second."""
    values = torch.randn(40, 6, dtype=torch.float64, requires_grad=True)
    results = []
    for both in (ReluDropout(p), nn.Sequential(nn.ReLU(), Dropout(p))):
        torch.manual_seed(0)
        result = both(values)
        (slope,) = torch.autograd.grad((result**2).sum(), values, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), values)
        results.append((result, slope, bend))
    assert 0 < (results[0][0] > 0).double().mean() < 0.5
    for one, two in zip(*results, strict=True):
        torch.testing.assert_close(one, two)
    assert torch.equal(ReluDropout(p).eval()(values), values.relu())
    assert torch.equal(ReluDropout(0.0)(values), values.relu())


def test_follows_the_seed_and_moves_on() -> None:
    assert torch.equal(dropped_ones(0.5, (100,), seed=3), dropped_ones(0.5, (100,), seed=3))
    torch.manual_seed(3)
    first, second = (Dropout(0.5)(torch.ones(100)) for _ in range(2))
    assert not torch.equal(first, second)


def test_the_same_masks_whatever_the_number_of_threads() -> None:
    before = torch.get_num_threads()
    try:
        masks = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            masks.append(dropped_ones(0.5, (500, 500)))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*masks)


@pytest.mark.parametrize("p", [0.5, 0.3])
def test_forward_mode_works_in_training(p: float) -> None:
    net = network("ffn", 7, 3, hidden=16, dropout=p).train().double()
    x, along = torch.randn(6, 7, dtype=torch.float64), torch.randn(6, 7, dtype=torch.float64)

    def same_masks(values: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(3)
        return net(values)

    value, slope = torch.func.jvp(same_masks, (x,), (along,))
    torch.testing.assert_close(value, same_masks(x))
    step = 1e-7
    numeric = (same_masks(x + step * along) - same_masks(x - step * along)) / (2 * step)
    torch.testing.assert_close(slope, numeric, rtol=1e-5, atol=1e-7)
