"""How good predictions are: measures, by area and by latitude.  Free of torch.

Every measure takes ``weights`` (n,), the share of the sphere that each place stands for: none for places drawn
uniformly by area, ``Grid.areas`` for the pixels of a map.  A measure of no places is NaN, and so is R2 where the
target does not vary: there is nothing to explain.  A prediction that is NaN makes its measures NaN.  None of these
warns.  Places of unknown truth, a target that is NaN or a class number below 0, are left out.
"""

from s2v.evaluation.metrics import (
    BANDS,
    POLAR,
    BandScore,
    accuracy,
    by_band,
    evaluate,
    log_loss,
    mae,
    r2,
    rmse,
)
from s2v.evaluation.presence import Background, auc, average_precision, background_places, ranks

__all__ = [
    "BANDS",
    "POLAR",
    "Background",
    "BandScore",
    "accuracy",
    "auc",
    "average_precision",
    "background_places",
    "by_band",
    "evaluate",
    "log_loss",
    "mae",
    "r2",
    "ranks",
    "rmse",
]
