"""A reference predictor as a contestant, named and titled like an encoder.  Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from s2v.data.catalogue import Task
from s2v.predictors import PREDICTORS


@dataclass(frozen=True)
class PredictorConfig:
    """A reference predictor's name, used like an ``EncoderConfig``.  Its constants are chosen on validation places.

    Examples
    --------
    >>> PredictorConfig("idw").title
    'Inverse distance'
    """

    name: str

    @property
    def title(self) -> str:
        """Its title for people."""
        return PREDICTORS[self.name].title

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return PREDICTORS[self.name].summary

    @property
    def params(self) -> tuple[tuple[str, Any], ...]:
        """Empty: nothing is chosen by hand."""
        return ()


_BEST: Mapping[Task, str] = {"regression": "kriging", "classification": "knn", "presence": "kde"}


def best_predictor(task: Task) -> str:
    """The name of the reference predictor that a race of a task is held against unless another is chosen.

    Examples
    --------
    >>> best_predictor("presence") in PREDICTORS
    True
    """
    return _BEST[task]
