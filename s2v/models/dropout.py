"""Dropout whose masks are cheap on a CPU: one random bit for each binary digit of the probability."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

from s2v.errors import shown

_DIGITS = 12  # binary digits of a probability
_BITS = torch.tensor([[1], [2], [4], [8], [16], [32], [64], [-128]], dtype=torch.int8)  # the eight bits of a byte


class Dropout(nn.Module):
    """Zeroes each number with probability ``p`` and scales the others to keep the mean; no effect in evaluation.

    On a CPU the masks of ``nn.Dropout`` cost more than anything else in a published training step.  Here a number takes
    one random bit for each binary digit of ``p``: one for 0.5, at most 12.  The probability in force is ``p`` rounded
    to 1/4096, and the scale is that of the rounded one, in the dtype of the numbers.  On other devices torch's dropout
    is used.  Follows ``torch.manual_seed``.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p={shown(p)} is not a share from 0 to less than 1.")
        self.p = p

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return values
        if values.device.type != "cpu":
            return F.dropout(values, self.p)
        return values * _mask(values, self.p).mul_(_scale(self.p))

    def extra_repr(self) -> str:
        return f"p={self.p}"


class ReluDropout(Dropout):
    """``Dropout`` of ``relu``; in training on a CPU one operation, which keeps only its result for the gradient."""

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.p == 0 or values.device.type != "cpu":
            return super().forward(F.relu(values))
        result: Tensor = _ReluDropout.apply(values, self.p)
        return result


class _ReluDropout(torch.autograd.Function):
    @staticmethod
    def forward(values: Tensor, p: float) -> Tensor:
        return _mask(values, p).mul_(values).relu_().mul_(_scale(p))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float], output: Tensor) -> None:
        ctx.scale = _scale(inputs[1])
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _ReluDropout._passed(ctx, gradients[0]), None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor) -> Tensor:
        return _ReluDropout._passed(ctx, tangents[0])

    @staticmethod
    def _passed(ctx: Any, change: Tensor) -> Tensor:
        (result,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.threshold_backward(change, result, 0.0)  # torch.where takes four times as long
        return passed.mul_(ctx.scale)


def _kept(p: float) -> tuple[int, int]:
    """The share that dropout with probability ``p`` keeps, as numerator / 2^digits in lowest terms."""
    kept, digits = 2**_DIGITS - min(round(p * 2**_DIGITS), 2**_DIGITS - 1), _DIGITS
    while kept % 2 == 0:
        kept, digits = kept // 2, digits - 1
    return kept, digits


def _scale(p: float) -> float:
    """The factor that keeps the mean under dropout with probability ``p``."""
    kept, digits = _kept(p)
    return 2**digits / kept


def _mask(values: Tensor, p: float) -> Tensor:
    """A new tensor like ``values`` of ones, and zeros with probability ``p``."""
    kept, digits = _kept(p)
    if not digits:
        return torch.ones_like(values)
    words = torch.empty((digits, -(-values.numel() // 64)), dtype=torch.int64).random_(-(2**63), None)
    # "or" with a random bit turns a probability q into (1 + q) / 2, "and" into q / 2: the binary digits of the share
    # kept, from the last to the first.
    bits = words[0]
    for digit in range(1, digits):
        bits = bits | words[digit] if kept >> digit & 1 else bits & words[digit]
    packed = bits.view(torch.int8)  # bytes
    mask = torch.empty((8, len(packed)), dtype=values.dtype)
    return torch.ne(packed & _BITS, 0, out=mask).view(-1)[: values.numel()].view(values.shape)
