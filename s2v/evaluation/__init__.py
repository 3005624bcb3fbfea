"""How good predictions are: metrics, by area and by latitude, of one model or of several side by side.  Free of torch.

Every metric takes ``weights`` (n,), the share of the sphere that each place stands for: none for places drawn uniformly
by area, ``Grid.areas`` for the pixels of a map.  A metric of no places is NaN, and so is R2 where the target does not
vary: there is nothing to explain.  A prediction that is NaN makes its metrics NaN.  None of these warns.  ``evaluate``
and ``judge`` leave out places of unknown truth: a target that is NaN, or a class number below 0.
"""

from s2v.evaluation.ceiling import Reached, gap_to_ceiling, reached
from s2v.evaluation.confidence import Calibration, calibration, entropy
from s2v.evaluation.judged import PARTS, BandScore, Judged, Score
from s2v.evaluation.judging import by_band, judge
from s2v.evaluation.latitudes import latitude_places
from s2v.evaluation.metrics import BANDS, POLAR, accuracy, evaluate, log_loss, mae, r2, rmse
from s2v.evaluation.presence import Background, auc, average_precision, background_places, ranks
from s2v.evaluation.scores import MAIN_SCORES, MainScore
from s2v.evaluation.seeds import OverSeeds, over_seeds
from s2v.evaluation.words import Finding, findings, verdict

__all__ = [
    "BANDS",
    "MAIN_SCORES",
    "PARTS",
    "POLAR",
    "Background",
    "BandScore",
    "Calibration",
    "Finding",
    "Judged",
    "MainScore",
    "OverSeeds",
    "Reached",
    "Score",
    "accuracy",
    "auc",
    "average_precision",
    "background_places",
    "by_band",
    "calibration",
    "entropy",
    "evaluate",
    "findings",
    "gap_to_ceiling",
    "judge",
    "latitude_places",
    "log_loss",
    "mae",
    "over_seeds",
    "r2",
    "ranks",
    "reached",
    "rmse",
    "verdict",
]
