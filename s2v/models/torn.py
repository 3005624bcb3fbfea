"""Where an encoder is torn, whether places lie there, and what to choose instead.  Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.encoders import registry

NEAR_KM = 500.0  # places within this distance of a tear share what is learned on its two sides
WHOLE = "plane_waves"  # an encoder without tears, for any data


def near_tears(encoder: str, params: Mapping[str, Any], lonlat: ArrayLike, km: float = NEAR_KM) -> int:
    """How many places lie near the dateline, or a pole, where an encoder is torn.

    Parameters
    ----------
    encoder : str
    params : mapping, its parameters
    lonlat : array (n, 2), degrees, longitude first
    km : float, kilometres

    Returns
    -------
    int
        0 for an encoder without tears.

    Examples
    --------
    >>> places = [[179.0, 0.0], [-179.0, 60.0], [10.0, 89.0], [10.0, 50.0]]
    >>> [near_tears("sphereM", {"frequencies": kind}, places) for kind in ("geometric", "integer", "odd")]
    [3, 1, 0]
    """
    dateline, poles = _torn(encoder, params)
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float)).reshape(-1, 2)
    x, y, _ = sphere.to_unit_vectors(places).T
    near = np.sin(min(km / sphere.EARTH_RADIUS_KM, np.pi / 2))
    at_dateline = (np.abs(y) <= near) & (x <= 0)  # sin of the distance to the plane of 0 and 180 degrees
    at_pole = np.hypot(x, y) <= near
    return int((at_dateline & dateline | at_pole & poles).sum())


def torn_in_words(encoder: str, params: Mapping[str, Any], lonlat: ArrayLike | None) -> str:
    """A sentence where an encoder is torn and places lie there; "" otherwise.  Without places they may lie anywhere.

    Examples
    --------
    >>> torn_in_words("sphereM", {}, [[179.0, 0.0], [10.0, 50.0]])[:76]
    'sphereM is torn at the dateline and the poles: one place there can have two '
    >>> torn_in_words("sphereM", {}, [[10.0, 50.0]]), torn_in_words("plane_waves", {}, [[179.0, 0.0]])
    ('', '')
    """
    dateline, poles = _torn(encoder, params)
    if not dateline and not poles:
        return ""
    where = where_torn(encoder, params)
    told = f"{encoder} is torn at {where}: one place there can have two answers, by how its longitude is written."
    if lonlat is not None:
        count, total = near_tears(encoder, params, lonlat), len(np.reshape(lonlat, (-1, 2)))
        if not count:
            return ""
        lie = "lies" if count == 1 else "lie"
        told += f" {count:,} of {total:,} training places {lie} within {NEAR_KM:.0f} km."
    return f"{told} {_instead(encoder, params)}"


def where_torn(encoder: str, params: Mapping[str, Any]) -> str:
    """Where an encoder is torn, in words; "" for nowhere.

    Examples
    --------
    >>> [where_torn("sphereM", {"frequencies": kind}) for kind in ("geometric", "integer", "odd")]
    ['the dateline and the poles', 'the poles', '']
    """
    dateline, poles = _torn(encoder, params)
    return " and ".join((["the dateline"] if dateline else []) + (["the poles"] if poles else []))


def repair(encoder: str, params: Mapping[str, Any]) -> str:
    """The frequencies with which the same encoder has no tears: "integer" or "odd"; "" where there are none.

    Examples
    --------
    >>> repair("sphereM", {}), repair("grid", {})
    ('odd', '')
    """
    for kind in ("integer", "odd"):
        try:
            if _torn(encoder, {**params, "frequencies": kind}) == (False, False):
                return kind
        except ValueError:  # it has no frequencies to choose
            return ""
    return ""


def differences(predict: Callable[[NDArray[np.float64]], NDArray[Any]]) -> tuple[float, float, float]:
    """The largest difference between two predictions of one place: at the dateline, the north and the south pole.

    Parameters
    ----------
    predict : function of places (n, 2) in degrees, to values (n,) or probabilities (n, classes)

    Returns
    -------
    (float, float, float)

    Examples
    --------
    >>> differences(lambda lonlat: lonlat[:, 0])
    (360.0, 355.0, 355.0)
    >>> differences(lambda lonlat: lonlat[:, 1])
    (0.0, 0.0, 0.0)
    """
    latitude, longitude = np.linspace(-90, 90, 361), np.arange(-180.0, 180.0, 5.0)
    west, east = (predict(np.stack([np.full_like(latitude, side), latitude], -1)) for side in (-180.0, 180.0))
    poles = (predict(np.stack([longitude, np.full_like(longitude, pole)], -1)) for pole in (90.0, -90.0))
    north, south = (float(np.ptp(answers, axis=0).max()) for answers in poles)
    return float(np.abs(west - east).max()), north, south


def _torn(encoder: str, params: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether it is torn at the dateline, and at the poles."""
    spec = registry.spec(encoder)
    return not spec.continuous_at_dateline(params), not spec.continuous_at_poles(params)


def _instead(encoder: str, params: Mapping[str, Any]) -> str:
    """What has no tears: other frequencies of the same encoder, or another one."""
    kind = repair(encoder, params)
    if kind:
        return f"Without tears: frequencies={kind}, or the encoder {WHOLE}."
    return f"Without tears: the encoder {WHOLE}."
