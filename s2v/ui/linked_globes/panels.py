"""What the linked globes show: maps of a field, of a difference and of two fields with a divider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from s2v.fields import Field

Kind = Literal["globe", "north", "south", "world"]


@dataclass(frozen=True)
class Panel:
    """One map of one field.

    Parameters
    ----------
    field : Field
    kind : str, default "globe"
        "globe", the sphere seen from afar (orthographic); "north" or "south", a polar cap (azimuthal equal-area);
        "world" (equirectangular).
    title : str, optional
        The field's title if not given.
    smooth : bool, default True
        Interpolate between the centres of cells; otherwise, and for classes, each cell has hard edges.
    edge : float, degrees, default 50
        Latitude at which a polar cap ends, as if it showed the north.
    frames : sequence of Field, optional
        The fields for the places of a walk, on the grid and the colour scale of ``field``.
    ellipses : sequence of arrays (points, 2), optional
        Closed lines on this panel only.
    points : array (n, 2), degrees, optional
        Dots on this panel only.
    live : bool, default False
        Whether another field will soon replace this one.  Its values then travel within the message, since a file
        may be gone before a slow browser asks for it.
    seen : str, optional
        A sentence on what is seen, which screen readers say behind the title.
    """

    field: Field
    kind: Kind = "globe"
    title: str | None = None
    smooth: bool = True
    edge: float = 50.0
    frames: Sequence[Field] = ()
    ellipses: Sequence[ArrayLike] = ()
    points: ArrayLike | None = None
    live: bool = False
    seen: str = ""


@dataclass(frozen=True)
class Difference:
    """A map of ``a`` minus ``b``, subtracted in the browser.

    Parameters
    ----------
    a, b : Panel or Field
        Kind of map, edge and smoothness are those of ``a``.
    title : str, optional
        Made of the titles of both if not given.
    limits : (float, float), optional
        Of the colour scale; symmetric about zero if not given.
    colormap : str, default "RdBu_r"
    """

    a: Panel | Field
    b: Panel | Field
    title: str | None = None
    limits: tuple[float, float] | None = None
    colormap: str = "RdBu_r"


@dataclass(frozen=True)
class Wipe:
    """One map with ``a`` to the left of a divider that the reader drags, and ``b`` to the right of it.

    Parameters
    ----------
    a, b : Panel or Field
        Two fields on one colour scale; kind of map, edge and smoothness are those of ``a``.
    title : str, optional
        Made of the titles of both if not given.
    """

    a: Panel | Field
    b: Panel | Field
    title: str | None = None


def as_panel(panel: Panel | Field) -> Panel:
    """A panel of a field alone."""
    return panel if isinstance(panel, Panel) else Panel(panel)
