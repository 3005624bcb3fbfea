"""Kinds of contestants, as the benchmark sorts them."""

from __future__ import annotations

from s2v import encoders
from s2v.benchmark.claims import part_in_paper
from s2v.predictors import PREDICTORS

ALL = "all"
KINDS = {
    "sphere2vec": "Sphere2Vec",
    "planar": "not made for the sphere",
    "spherical": "other spherical",
    "learned": "learned",
    "reference": "reference predictors",
}


def kind_of(contestant: str) -> str:
    """The kind of a contestant, a key of ``KINDS``.

    Examples
    --------
    >>> [kind_of(name) for name in ("sphereM", "grid", "plane_waves", "icosphere", "kriging")]
    ['sphere2vec', 'planar', 'spherical', 'learned', 'reference']
    """
    if part_in_paper(contestant) == "proposed":
        return "sphere2vec"
    if contestant in PREDICTORS or contestant not in encoders.ENCODERS:
        return "reference"
    spec = encoders.spec(contestant)
    if spec.table is not None or spec.held is not None:
        return "learned"
    return "spherical" if spec.spherical else "planar"
