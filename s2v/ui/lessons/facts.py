"""What the checks of a lesson look at: the settings of the page, and its race."""

from __future__ import annotations

from s2v.lessons import Facts, RaceFacts
from s2v.ui import session_race
from s2v.ui.page_state import PageState


def of_page(page: str) -> Facts:
    """The facts of a page, after it was drawn."""
    return Facts(PageState.addresses().get(page, {}), _race() if page == "train" else None)


def _race() -> RaceFacts | None:
    race = session_race.current()
    if race is None:
        return None
    recipe = race.recipe
    settings = {name: str(getattr(recipe, name)) for name in ("points", "steps", "split", "trials")}
    settings |= {"data": recipe.data.partition(",")[0], "seeds": str(len(race.runs[0]))}
    ended = not race.live and any(run.latest and run.latest.fine for run in race.all_runs)
    return RaceFacts(settings, tuple(run.recipe.contestant.name for run in race.firsts), ended)
