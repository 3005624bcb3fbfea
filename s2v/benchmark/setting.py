"""What all contestants of a comparison have in common: a data set, a number of training places, a split, a radius."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from s2v import encoders
from s2v.data import is_own, title_of
from s2v.parameters import AUTO, Parameter

RADIUS = "min_radius"  # parameter of multi-scale encoders


class Setting(NamedTuple):
    """A data set with a number of training places and a split.

    With a ``radius``, in radians, every contestant that has a smallest radius has this one; without, its own search
    has chosen it.
    """

    data: str
    points: int
    split: str
    radius: float | None = None

    @property
    def title(self) -> str:
        """For people.

        Examples
        --------
        >>> Setting("vmf:U3", 5000, "random").title
        'vmf:U3, 5,000 places'
        """
        split = "" if self.split == "random" else f", {self.split}"
        radius = "" if self.radius is None else f", smallest radius {self.radius:g}"
        name = title_of(self.data) if is_own(self.data) else self.data
        return f"{name}, {self.points:,} places{split}{radius}"


Cells = dict[tuple[str, Setting], dict[int, Mapping[str, Any]]]  # rows by contestant and setting, and by seed


def setting_of(row: Mapping[str, Any]) -> Setting:
    """The setting of a row.  It has a radius where the smallest radius of an encoder was given: neither searched, nor
    left at its default."""
    recipe, parameter = json.loads(row["recipe"]), _radius_of(row["contestant"])
    given = None if recipe["trials"] or parameter is None else recipe["encoder_params"].get(RADIUS)
    radius = None
    if parameter is not None and given not in (None, AUTO, parameter.default):
        # To two digits, because degrees were rounded to three: 1.15 degrees are meant to be 0.02.
        radius = float(f"{math.radians(given) if parameter.unit == 'degrees' else given:.2g}")
    return Setting(row["data"], row["points"], row["split"], radius)


def with_others(cells: Cells) -> Cells:
    """Puts contestants that have no smallest radius into the settings of each radius, too: it is nothing to them."""
    found = dict(cells)
    for setting in dict.fromkeys(setting for _, setting in cells if setting.radius is not None):
        usual = setting._replace(radius=None)
        for name in dict.fromkeys(name for name, s in cells if s == usual and _radius_of(name) is None):
            found[name, setting] = cells[name, usual]
    return found


def _radius_of(contestant: str) -> Parameter | None:
    if contestant not in encoders.ENCODERS:
        return None
    return next((p for p in encoders.spec(contestant).parameters if p.name == RADIUS), None)
