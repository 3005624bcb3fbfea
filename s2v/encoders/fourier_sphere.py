"""The double Fourier sphere with the parities that close its poles (Merilees 1973, Orszag 1974)."""

from __future__ import annotations

import torch
from torch import Tensor

from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.waves import scaled_waves


class FourierSphere(Encoder):
    """Waves in longitude times waves in colatitude, which together span all spherical harmonics below a degree L.

    With colatitude c, order m and n from 0 to L-1:

    * m = 0: cos nc;
    * odd m: cos m lon and sin m lon, times sin nc for n >= 1;
    * even m >= 2: the same times sin c sin nc for 1 <= n <= L-2.

    A harmonic of order m is sin^m c times a polynomial in cos c, which lies in the waves of its order.  They are more
    than the harmonics, as sin c to the first or second power stands for sin^m c: the code is continuous at the poles,
    and from order 3 on not smooth there.

    Columns: m = 0 with n rising; then the odd orders, order by order, cosines before sines, n rising; then the even
    ones alike.
    """

    def __init__(self, degree: int) -> None:
        super().__init__()
        self.degree = degree
        odd, even = degree // 2, (degree - 1) // 2  # orders of each kind
        self.parts = (
            Part((1, degree)),
            *([Part((1, odd, 2, degree - 1))] if odd else []),
            *([Part((1, even, 2, degree - 2))] if even else []),
        )
        self.width = 8 * degree

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        numbers = tuple(float(n) for n in range(1, self.degree))
        if not numbers:
            return (torch.ones_like(lonlat[:1]),)
        longitude, colatitude = torch.deg2rad(lonlat[0]), torch.deg2rad(90 - lonlat[1])
        around = torch.stack(scaled_waves(longitude, numbers, dtype)[::-1], 1)  # (L-1, 2, n): cosines, then sines
        sine, cosine = scaled_waves(colatitude, numbers, dtype)  # (L-1, n)
        made = [torch.cat((torch.ones_like(cosine[:1]), cosine))]
        for orders, waves, slot in zip(
            (around[::2], around[1::2]), (sine, sine[:1] * sine[:-1]), out[1:], strict=False
        ):
            made.append(torch.mul(orders[:, :, None], waves, out=slot))
        return tuple(made)
