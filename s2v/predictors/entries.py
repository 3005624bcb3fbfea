"""The reference predictors there are.  A new one is one class in one file and one entry here.  Free of scipy."""

from __future__ import annotations

from s2v.parameters import Parameter
from s2v.predictors.spec import PredictorSpec


def _k(default: int, low: int = 1, high: int = 256) -> Parameter:
    about = "How many of the nearest training places count; more is smoother and slower."
    return Parameter("k", int, default, "Neighbours", about, low=low, high=high)


SPECS = (
    PredictorSpec(
        "mean",
        "Mean",
        "The mean of all training places, or the share of each class, at every place: what is known without a map.",
        "R2 of a regression is 0 at the mean of the places that are scored",
        "s2v.predictors.mean:Mean",
    ),
    PredictorSpec(
        "nearest",
        "Nearest place",
        "The value or the class of the nearest training place by great circle: Thiessen polygons on the sphere.",
        "Thiessen 1911, Monthly Weather Review 39; Cover and Hart 1967, IEEE Trans. Inf. Theory 13",
        "s2v.predictors.nearest:Nearest",
        ("regression", "classification"),
    ),
    PredictorSpec(
        "idw",
        "Inverse distance",
        "The mean of the nearest training places, weighted by a power of one over their great-circle distance.",
        "Shepard 1968, Proc. 23rd ACM National Conference, 517-524",
        "s2v.predictors.idw:InverseDistance",
        ("regression",),
        (
            _k(16),
            Parameter(
                "power",
                float,
                2.0,
                "Power",
                "Of one over the distance: the higher, the more the nearest places count.",
                low=0.1,
                high=20.0,
            ),
        ),
    ),
)
