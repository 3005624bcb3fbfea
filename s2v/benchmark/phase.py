"""When does multi-scale spherical encoding pay?  Winner and margin, by the size and the shape of the data."""

from __future__ import annotations

from dataclasses import dataclass

from s2v.benchmark.table import Gap, Setting, Table

MULTI_SCALE = ("sphereC", "sphereC+", "sphereM", "sphereM+", "dfs", "plane_waves")  # made for the sphere


@dataclass(frozen=True)
class PhasePoint:
    """What came out on a setting.

    Attributes
    ----------
    setting : Setting
    winner : str
        The contestant with the highest mean score.
    not_behind : tuple of str
        The winner, and all that cannot be told from it.
    spherical, other : str
        The best multi-scale encoder of the sphere, and the best of all others.
    margin : Gap
        How far the first of these two is ahead of the second.

    Examples
    --------
    >>> gap = Gap(0.1, 0.05, 0.15, (0.02, 0.18))
    >>> PhasePoint(Setting("vmf:U1", 500, "random"), "sphereM", ("sphereM",), "sphereM", "grid", gap).pays
    True
    """

    setting: Setting
    winner: str
    not_behind: tuple[str, ...]
    spherical: str
    other: str
    margin: Gap

    @property
    def pays(self) -> bool | None:
        """Whether a multi-scale encoder of the sphere is ahead of all others; None for a tie."""
        return None if self.margin.sign == 0 else self.margin.sign > 0


def phase(table: Table) -> list[PhasePoint]:
    """A point for each setting on which both kinds of contestants have a score.

    Parameters
    ----------
    table : Table
        Of the suite ``phase``, or any other.

    Examples
    --------
    >>> phase(Table([]))
    []
    """
    found = []
    for setting in table.settings:
        best = [
            table.best(setting, [name for name in table.contestants if (name in MULTI_SCALE) == wanted])
            for wanted in (True, False)
        ]
        spherical, other, winner = *best, table.best(setting)
        if spherical is None or other is None or winner is None:
            continue
        margin = table.against(other, setting)[spherical]
        found.append(PhasePoint(setting, winner, tuple(table.not_behind(setting)), spherical, other, margin))
    return found
