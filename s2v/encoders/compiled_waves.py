"""Sine and cosine of many phases in one pass, compiled by numba for this processor.

One core takes a third of the time that torch's sines and cosines alone take on two.  The compiled code is cached
beside this file, or in the user's cache folder: only the first import on a machine waits for the compiler, about a
second.

Whole quarter turns are subtracted from a phase in float64 (Cody and Waite 1980).  On the rest, in [-pi/4, pi/4], two
short polynomials are the sine and the cosine to the last digit or two; the number of quarter turns tells which is
which, and the signs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numba import config, from_dtype, njit, types
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

if config.DISABLE_JIT:  # type: ignore[attr-defined]  # by NUMBA_DISABLE_JIT=1
    raise ImportError("Without the compiler, the loops of this module are far slower than torch.")

MAX_PHASE = 2.0**27 * math.pi / 2  # radians; beyond, the products of quarter turns and parts of pi/2 are not exact

_QUARTERS_PER_RADIAN = 2 / math.pi
_DEGREES = {np.float32: 2, np.float64: 5}  # of the polynomials
_DIGITS = 26  # binary digits of a part; with the 27 of the quarter turns, the 53 of float64
_PI = Fraction(31415926535897932384626433832795028841971, 10**40)


def _parts(value: Fraction) -> tuple[float, float, float]:
    """A number from 1 to 2 as a sum of its first ``_DIGITS`` digits, as many again, and the rest."""
    first = Fraction(int(value * 2 ** (_DIGITS - 1)), 2 ** (_DIGITS - 1))
    second = Fraction(int((value - first) * 2 ** (2 * _DIGITS - 1)), 2 ** (2 * _DIGITS - 1))
    return float(first), float(second), float(value - first - second)


def _polynomial(after: int, degree: int, kind: Any) -> Any:
    """Coefficients, the constant last, that fit the sum of (-z)^k / (2k + after)! for z in [0, (pi/4)^2]."""
    series = Polynomial([(-1) ** k / math.factorial(2 * k + after) for k in range(12)])
    fitted = Chebyshev.interpolate(series, degree, domain=[0, (math.pi / 4) ** 2])
    return tuple(kind(c) for c in fitted.convert(kind=Polynomial).coef[::-1])


_Q1, _Q2, _Q3 = _parts(_PI / 2)
# By dtype: the coefficients of (1 - sin(r)/r) / r^2 and of (cos(r) - 1 + r^2/2) / r^4, in z = r^2.
TERMS = {kind: (_polynomial(3, degree, kind), _polynomial(4, degree, kind)) for kind, degree in _DEGREES.items()}


def _compiled(function: Callable[..., None]) -> Any:
    """Compiled now, for both dtypes.  A product and a sum may be fused; otherwise the rules of IEEE 754 hold."""
    positions, number, signatures = types.float64[::1], types.int64, []
    for kind, degree in _DEGREES.items():
        result = from_dtype(np.dtype(kind))
        waves, terms = result[::1], types.UniTuple(result, degree + 1)
        signatures.append(types.void(positions, number, positions, waves, number, waves, number, number, terms, terms))
    how: Any = {"fastmath": {"contract"}, "nogil": True, "error_model": "numpy"}
    try:
        return njit(signatures, cache=True, **how)(function)
    except Exception:  # no folder for the cache, a full disk, or a damaged cache
        return njit(signatures, **how)(function)


@_compiled
def fill(
    position: NDArray[np.float64],
    step: int,
    frequencies: NDArray[np.float64],
    sine: NDArray[Any],
    sine_step: int,
    cosine: NDArray[Any],
    cosine_step: int,
    count: int,
    sine_terms: tuple[Any, ...],
    cosine_terms: tuple[Any, ...],
) -> None:
    """Waves of ``count`` positions times each frequency, up to ``MAX_PHASE`` radians, with their dtype's ``TERMS``.

    All arrays are flat: the row of frequency k begins at k times the array's step.
    """
    kind = sine.dtype.type
    for k in range(frequencies.size):
        frequency = frequencies[k]
        x = position[k * step : k * step + count]
        s, c = sine[k * sine_step : k * sine_step + count], cosine[k * cosine_step : k * cosine_step + count]
        for i in range(count):
            phase = x[i] * frequency
            quarters = np.rint(phase * _QUARTERS_PER_RADIAN)
            r = kind(((phase - quarters * _Q1) - quarters * _Q2) - quarters * _Q3)
            n = np.int32(quarters)
            z = r * r
            p, q = kind(0), kind(0)
            for j in range(len(sine_terms)):
                p = p * z + sine_terms[j]
                q = q * z + cosine_terms[j]
            sin = r - r * z * p
            cos = kind(1) - (kind(0.5) * z - z * z * q)
            a, b = (cos, sin) if n & 1 else (sin, cos)
            s[i] = -a if n & 2 else a
            c[i] = -b if (n + 1) & 2 else b
