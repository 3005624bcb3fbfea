"""Reference predictors: what a geostatistician would use in place of an encoder and a network.  Free of torch.

``fit(name, dataset)`` chooses the few constants of a predictor on validation places and gives an object that predicts
as a trained model does: ``predict(lonlat)``, ``predict_proba(lonlat)``, and ``stderr(lonlat)`` where it knows its
error.  All work on the sphere: neighbours are found by unit vectors, distances are great circles or chords, so that the
poles and the dateline are places like all others.

>>> from s2v import data, predictors
>>> nearest = predictors.fit("nearest", data.load("land_ocean", points=1000))
>>> nearest.predict_proba([20.0, 10.0]).tolist()
[0.0, 1.0]
"""

from s2v.predictors.base import Predictor
from s2v.predictors.fitting import MAX_SECONDS, PREDICTORS, fit, names
from s2v.predictors.spec import PredictorSpec
from s2v.predictors.variogram import Empirical, empirical_variogram

__all__ = [
    "MAX_SECONDS",
    "PREDICTORS",
    "Empirical",
    "Predictor",
    "PredictorSpec",
    "empirical_variogram",
    "fit",
    "names",
]
