"""What screen readers say of the maps of a race: score and step of each network, and how far it is from the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2v.fields import Field
from s2v.ui import seen
from s2v.ui.linked_globes import Kind
from s2v.ui.race import maps
from s2v.ui.race.scores import final_score, score_of

if TYPE_CHECKING:
    from s2v.engine import Race


def of_maps(
    race: Race, titles: Sequence[str], quantity: str, kind: Kind, world: Sequence[tuple[str, Field]]
) -> dict[str, str]:
    """A text for each map of ``world`` (see ``maps.world``), by its title.

    Score and step are those of the network that is drawn, the first of its seeds.  Errors are those of the whole sphere
    and of both polar caps, whichever ``kind`` of map is shown.
    """
    (truth, _), *others = world
    found = {truth: maps.truth_told(race.recipe.data, kind)}
    score, is_alone = score_of(race), len(race.firsts) == 1
    has_errors = quantity in ("prediction", "error") and "error" in maps.quantities(race.recipe.task)
    for title, field in others:
        run = race.firsts[0 if is_alone else titles.index(title)]
        if (frame := run.latest) is None:
            continue
        whose = f"{titles[0]}: " if is_alone else ""  # its maps are called Prediction and Error
        step = "" if run.recipe.predictor else f" at step {frame.step:,}"
        error = maps.drawn(run, frame, "world", "error", 0) if has_errors else None
        what = seen.of_field(field, kind) if error is None else seen.of_error(error)
        found[title] = f"{whose}{score.title} {score.text(final_score(race, frame))}{step}. {what}"
    return found
