"""The reference predictors there are.  A new one is one class in one file and one entry here.  Free of scipy."""

from __future__ import annotations

from s2v.parameters import Parameter
from s2v.predictors.spec import Params, PredictorSpec


def _k(default: int, low: int = 1, high: int = 256) -> Parameter:
    about = "How many of the nearest training places count; more is smoother and slower."
    return Parameter("k", int, default, "Neighbours", about, low=low, high=high)


def _valid_covariance(params: Params) -> None:
    if params["distance"] == "great_circle" and params["smoothness"] > 0.5:
        raise ValueError(
            f"smoothness={params['smoothness']:g}: on the great circle a Matérn covariance is valid up to 0.5 only; "
            "choose distance='chord'."
        )


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
    PredictorSpec(
        "kriging",
        "Kriging",
        "Local ordinary kriging: the best linear unbiased prediction from the nearest training places, for a Matérn "
        "covariance of the chord, which is valid on the sphere for every smoothness.",
        "Cressie 1993, Statistics for Spatial Data, section 3.2; Guinness and Fuentes 2016, J. Multivariate Analysis "
        "143; Jeong and Jun 2015, Spatial Statistics 11",
        "s2v.predictors.kriging:Kriging",
        ("regression",),
        (
            _k(32, high=128),
            Parameter(
                "range",
                float,
                1000.0,
                "Range",
                "Distance at which the correlation has fallen to about a half.",
                low=1.0,
                high=40000.0,
                unit="km",
                log=True,
            ),
            Parameter(
                "smoothness",
                float,
                1.0,
                "Smoothness",
                "Of the Matérn covariance: 0.5 is rough, 2.5 smooth.",
                low=0.1,
                high=5.0,
            ),
            Parameter(
                "nugget",
                float,
                0.0,
                "Nugget",
                "Share of the variance that is noise of an observation, and not of the field.",
                low=0.0,
                high=1.0,
            ),
            Parameter(
                "distance",
                str,
                "chord",
                "Distance",
                "Straight through the Earth, or along the great circle; for this one smoothness is at most 0.5.",
                choices=("chord", "great_circle"),
            ),
        ),
        has_stderr=True,
        rule=_valid_covariance,
    ),
    PredictorSpec(
        "knn",
        "Nearest neighbours",
        "Classes: their shares among the nearest training places. Presences: the density of each class, from the "
        "distance to its k-th nearest presence.",
        "Fix and Hodges 1951; Loftsgaarden and Quesenberry 1965, Annals of Mathematical Statistics 36",
        "s2v.predictors.knn:NearestNeighbours",
        ("classification", "presence"),
        (_k(8),),
    ),
    PredictorSpec(
        "kde",
        "Kernel density",
        "The density of each class's places under a von Mises-Fisher kernel: their shares are the classes' "
        "probabilities; presences are compared with places spread evenly over the sphere.",
        "Hall, Watson and Cabrera 1987, Biometrika 74; Mardia and Jupp 2000, Directional Statistics, section 12.5",
        "s2v.predictors.kde:KernelDensity",
        ("classification", "presence"),
        (
            Parameter(
                "bandwidth",
                float,
                400.0,
                "Bandwidth",
                "Radius of the kernel, one over the root of its concentration; wider is smoother.",
                low=1.0,
                high=10000.0,
                unit="km",
                log=True,
            ),
        ),
    ),
)
