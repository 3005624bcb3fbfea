"""Data sets drawn from mixtures of von Mises-Fisher distributions: classes whose best possible score is known.

After the 20 synthetic sets of the Sphere2Vec paper (arXiv 2306.17624), whose exact protocol is not published; ours is
that of ``s2v.data.mixture`` and stands in each data set's summary.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.blocks import BLOCKS, TEST, VALIDATION
from s2v.data.catalogue import CATALOGUE, CONCENTRATIONS, POLE, STRATA
from s2v.data.dataset import DataSet, Description, Request, assemble
from s2v.data.parts import draw, region
from s2v.data.splits import Split, rung
from s2v.data.von_mises_fisher import Mixture, mixture

POLAR_CAP = 70.0  # degrees: the centres of vmf:polar lie north of it, before they are turned to another latitude
VALIDATION_EACH, TEST_EACH = 50, 100  # places of each class


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    params = request.params
    classes, concentration = int(params["classes"]), float(params["concentration"])
    strata, cap = params.get("strata"), params.get("latitude")
    mixed = _mixture(classes, concentration, strata, int(params["draw"]), cap)
    # In the cap there are few of the usual blocks: as many as usual for the cap alone.
    in_cap = cap is not None and request.split == "blocked"
    cells = round(BLOCKS / float(sphere.cap_area(POLAR_CAP))) if in_cap else None
    counts = request.points, VALIDATION_EACH * classes, TEST_EACH * classes
    rows, *parts = draw(mixed.sample, counts, request.seed, request.split, cells, 100 * classes)
    target = rows[:, 2].astype(np.int64)
    lonlat = np.ascontiguousarray(rows[:, :2])
    if rung(request.split).along_a_line:  # too little of the sphere to integrate over
        val, test = (float(mixed.posterior(lonlat[part]).max(-1).mean()) for part in parts[1:])
    else:
        blocked = rung(request.split).kind == "blocks"  # otherwise both lie in one region
        val, test = (_bayes(mixed, request.split, cells, part) for part in (VALIDATION if blocked else TEST, TEST))
    description = Description(
        credit="Made here, after the synthetic data of the Sphere2Vec paper (Mai and others 2023, arXiv 2306.17624). "
        "No rights reserved.",
        summary=_summary(request.base, classes, concentration, strata, cap),
        classes=tuple(f"Class {i + 1}" for i in range(classes)),
        spread="drawn from the mixture",
        bayes=test,
        bayes_val=None if val == test else val,
        bayes_predict=mixed.posterior,
    )
    return assemble(request, description, lonlat, target, parts, mixed.most_probable, mixed.observe, cells)


def _summary(base: str, classes: int, concentration: float, strata: int | None, cap: int | None) -> str:
    if cap is not None:
        centers = f"centres uniform by area north of {POLAR_CAP:g}°, all with the concentration {concentration:g}"
        if cap != POLE:
            centers += f", then turned so that the middle of the cap lies at latitude {cap}° and longitude 0°"
    else:
        centers = f"concentrations uniform between 1 and {concentration:g}, centres uniform on the sphere by area"
    index = ""
    if strata:
        centers = (
            f"concentrations uniform between 1 and {concentration:g}, centres stratified in {strata} bands of equal "
            "height in latitude, uniform by area within a band"
        )
        index = (
            f" In S i.j, i stands for {', '.join(map(str, STRATA))} bands and j for the largest concentration "
            f"{', '.join(map(str, CONCENTRATIONS))}."
        )
    elif cap is None:
        index = f" U 1 to 4 have the largest concentrations {', '.join(map(str, CONCENTRATIONS))}."
    return (
        f"{classes} classes of places, each scattered around a centre as a von Mises-Fisher distribution: {centers}. "
        f"{TEST_EACH} test and {VALIDATION_EACH} validation places of each class and, unless asked otherwise, "
        f"{CATALOGUE[base].points:,} training places; classes take turns, so all are equally frequent. Made, not "
        "measured; the classes overlap, so no model can be right everywhere, but the best possible score is known and "
        "so is the best answer, which the map of the truth shows "
        f"where there are places at all. The paper's own protocol is not published: this one is ours.{index} "
        "Look at how far a code stays below the best possible score, and at classes near the poles."
    )


@lru_cache(maxsize=16)
def _mixture(classes: int, concentration: float, strata: int | None, seed: int, cap: int | None) -> Mixture:
    if cap is None:
        return mixture(classes, concentration, strata, seed)
    polar = mixture(classes, concentration, None, seed, smallest_concentration=concentration, north_of=POLAR_CAP)
    return polar if cap == POLE else Mixture(_turned(polar.centers, cap), polar.concentrations)


def _turned(lonlat: NDArray[np.float64], latitude: float) -> NDArray[np.float64]:
    """Places (n, 2) after the turn of the sphere that takes the north pole along longitude 0 to a latitude."""
    x, y, z = sphere.to_unit_vectors(lonlat).T
    sine, cosine = np.sin(np.deg2rad(latitude)), np.cos(np.deg2rad(latitude))
    turned: NDArray[np.float64] = sphere.to_lonlat(np.stack([x * sine + z * cosine, y, z * sine - x * cosine], -1))
    return turned


@lru_cache(maxsize=32)
def _bayes(mixed: Mixture, split: Split, cells: int | None, part: int) -> float:
    """The best possible accuracy in the region of a part."""
    if split == "random":
        return mixed.bayes_accuracy()
    where = region(split, cells)
    return mixed.bayes_accuracy(where=lambda places: where(places) == part)
