"""When does multi-scale spherical encoding pay?  Winner and margin on each setting, in diagrams of two axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from s2v import data, encoders
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Gap, Table
from s2v.data.catalogue import POLE, classes_of


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
            table.best(setting, [name for name in table.contestants if is_multi_scale(name) == wanted])
            for wanted in (True, False)
        ]
        spherical, other, winner = *best, table.best(setting)
        if spherical is None or other is None or winner is None:
            continue
        margin = table.against(other, setting)[spherical]
        found.append(PhasePoint(setting, winner, tuple(table.not_behind(setting)), spherical, other, margin))
    return found


def is_multi_scale(contestant: str) -> bool:
    """Whether a contestant is a multi-scale encoder made for the sphere.

    Examples
    --------
    >>> [is_multi_scale(name) for name in ("sphereM", "plane_waves", "grid", "xyz", "kriging")]
    [True, True, False, False, False]
    """
    if contestant not in encoders.ENCODERS:
        return False
    spec = encoders.spec(contestant)
    return spec.spherical and spec.wavenumber is not None


MAX_COLUMNS = 4  # what fits a phone; where there are more, they are rows
Mark = tuple[float, str]  # place on an axis, and what is written there; lines are split by <br>


@dataclass(frozen=True)
class Diagram:
    """Two axes, and the points of them.

    Attributes
    ----------
    name, title : str
    columns, rows : str
        Titles of the axes.
    points : tuple of ((float, str), (float, str), PhasePoint)
        With the column and the row of each: where it stands on the axis, and what is written there.

    Examples
    --------
    >>> diagrams([])
    []
    """

    name: str
    title: str
    columns: str
    rows: str
    points: tuple[tuple[Mark, Mark, PhasePoint], ...]


def diagrams(points: Sequence[PhasePoint]) -> list[Diagram]:
    """The diagrams that can be drawn of these points: those with at least two columns.

    Parameters
    ----------
    points : sequence of PhasePoint

    Examples
    --------
    >>> gap = Gap(0.1, 0.05, 0.15, (0.02, 0.18))
    >>> settings = [Setting("vmf:U1", points, "random") for points in (500, 5000)]
    >>> found = diagrams([PhasePoint(s, "sphereM", ("sphereM",), "sphereM", "grid", gap) for s in settings])
    >>> found[0].title, [column for (_, column), *_ in found[0].points]
    ('Places and concentration', ['10', '100'])
    """
    found = []
    for name, title, compared, beside, place in _AXES:
        placed = [(*marks, point) for point in points if (marks := place(point.setting))]
        count = Counter(other for _, other, _ in placed)  # one setting alone compares nothing
        kept = [p for p in placed if count[p[1]] > 1]
        if len({mark for mark, *_ in kept}) > MAX_COLUMNS:
            kept = [(other, mark, point) for mark, other, point in kept]
            compared, beside = beside, compared
        kept.sort(key=lambda p: (p[1], p[0]))
        if kept:
            found.append(Diagram(name, title, compared, beside, tuple(kept)))
    return found


def _by_places(setting: Setting) -> tuple[Mark, Mark] | None:
    if setting.radius is not None or setting.split != "random" or not is_mixture(setting):
        return None
    if _latitude(setting.data) not in (None, POLE):
        return None  # in the diagram of latitudes
    each = _each(setting)
    return (each, f"{each:g}"), _shape(setting.data)


def _by_latitude(setting: Setting) -> tuple[Mark, Mark] | None:
    latitude = _latitude(setting.data) if is_mixture(setting) else None
    if latitude is None or setting.radius is not None or setting.split != "random":
        return None
    kappa, each = data.parse(setting.data)[1]["concentration"], _each(setting)
    return (-latitude, _where(latitude)), (kappa + each * 1e-6, f"{kappa:,g}<br>{each:g}")


def _by_radius(setting: Setting) -> tuple[Mark, Mark] | None:
    if setting.split != "random" or not is_mixture(setting):
        return None
    (order, shape), each = _shape(setting.data), _each(setting)
    column = (1e9, "searched") if setting.radius is None else (setting.radius, f"{setting.radius:g}")
    return column, (order + each * 1e-6, f"{shape}<br>{each:g}")


def _by_rung(setting: Setting) -> tuple[Mark, Mark] | None:
    if setting.radius is not None:
        return None
    kind, size = data.rung(setting.split)
    unit = "°" if kind == "latitude" else " km"
    column = "random" if kind == "random" else f"{kind}<br>{size:,g}{unit}"
    own = "".join(f"<br>{part}" for part in setting.data.split(",")[1:] if not data.is_own(setting.data))
    row = f"{data.title_of(setting.data)}{own}<br>{setting.points:,} places"
    order = list(data.names()).index(data.parse(setting.data)[0]) if is_mixture(setting) else -1
    return (data.KINDS.index(kind) * 1e6 + size, column), (order + setting.points * 1e-8, row)


def is_mixture(setting: Setting) -> bool:
    """Whether the data are a mixture of von Mises-Fisher distributions."""
    return setting.data.startswith("vmf:")


def _each(setting: Setting) -> float:
    """Training places of a class."""
    return setting.points / classes_of(setting.data)


def _latitude(name: str) -> int | None:
    """Where the middle of a mixture in a cap lies; None for one that is all over the sphere."""
    latitude: int | None = data.parse(name)[1].get("latitude")
    return latitude


def _where(latitude: int) -> str:
    return "pole" if latitude == POLE else f"{latitude}°".replace("-", "−")


def _shape(name: str) -> Mark:
    """Largest concentration and strata of a mixture."""
    params = data.parse(name)[1]
    kappa, strata = params["concentration"], params.get("strata", 0)
    if (latitude := _latitude(name)) is not None:
        return 1e8 - latitude, f"{_where(latitude)}, {kappa:,g}"
    return strata * 1e6 + kappa, f"≤ {kappa:,g}" + (f"<br>{strata} bands" if strata else "")


_KAPPA_AND_PLACES = "{},<br>and training places a class below it"
_AXES: tuple[tuple[str, str, str, str, Callable[[Setting], tuple[Mark, Mark] | None]], ...] = (
    ("places", "Places and concentration", "training places a class", "largest concentration", _by_places),
    (
        "latitude",
        "Latitude of the clusters",
        "latitude of the clusters",
        _KAPPA_AND_PLACES.format("concentration"),
        _by_latitude,
    ),
    (
        "radius",
        "Smallest radius",
        "smallest radius of multi-scale encoders (radians)",
        _KAPPA_AND_PLACES.format("largest concentration"),
        _by_radius,
    ),
    ("rung", "Distance of held-out places", "held-out places", "data", _by_rung),
)
