"""What is known of a reference predictor before it is fitted.  Free of torch and scipy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from s2v.data.catalogue import TASKS, Task
from s2v.parameters import Parameter, check_all

Params = Mapping[str, Any]


@dataclass(frozen=True)
class PredictorSpec:
    """A predictor's entry in ``s2v.predictors.PREDICTORS``.

    Parameters
    ----------
    name : str, unique; in addresses, recipes and files
    title : str, for people
    summary : str, one sentence
    reference : str, paper or book that it follows
    implementation : str, "package.module:Class", imported when the predictor is fitted
    tasks : tuple of "regression", "classification" and "presence", those that it serves
    parameters : tuple of Parameter, its constants; those that are not given are chosen on validation places
    has_stderr : bool, whether it knows its standard error (``Predictor.stderr``)
    rule : function of the constants, which raises ``ValueError`` for some that do not go together

    Examples
    --------
    >>> from s2v import predictors
    >>> spec = predictors.PREDICTORS["idw"]
    >>> spec.title, spec.tasks, [parameter.name for parameter in spec.parameters]
    ('Inverse distance', ('regression',), ['k', 'power'])
    """

    name: str
    title: str
    summary: str
    reference: str
    implementation: str
    tasks: tuple[Task, ...] = TASKS
    parameters: tuple[Parameter, ...] = ()
    has_stderr: bool = False
    rule: Callable[[Params], None] | None = None

    def check(self, params: Params) -> dict[str, Any]:
        """All constants: the given ones checked, the others at their defaults."""
        checked = self._all(params)
        if self.rule is not None:
            self.rule(checked)
        return checked

    def check_given(self, params: Params) -> dict[str, Any]:
        """The given constants, checked; whether they go together is known when the others are chosen."""
        checked = self._all(params)
        return {name: checked[name] for name in params}

    def check_task(self, task: Task) -> None:
        """``ValueError`` for a task that the predictor does not serve."""
        if task not in self.tasks:
            raise ValueError(
                f"The predictor {self.name!r} does not serve a {task}, only a {' or a '.join(self.tasks)}."
            )

    def _all(self, params: Params) -> dict[str, Any]:
        return check_all(self.parameters, params, f"predictor {self.name!r}")
