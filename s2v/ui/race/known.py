"""Where encoders made for the sphere win, tie and lose, as measured: a list on the page, each line a race to start."""

from __future__ import annotations

import streamlit as st

from s2v import data, encoders
from s2v.encoders.registry import EncoderConfig
from s2v.evaluation import MAIN_SCORES, Score
from s2v.evaluation.judged import MIN_PLACES
from s2v.evaluation.phrases import number, with_interval
from s2v.models.measured_races import ROUND, SEEDS, TRIED, MeasuredRace, measured_races
from s2v.ui import contestants
from s2v.ui.messages import explained, short_title
from s2v.ui.race.settings import RACE_MENU, race_encoder

TITLE = "Where round encoders win, tie and lose"
_OUTCOMES = {"win": "Wins", "tie": "Ties", "loss": "Losses"}


def show_known() -> None:
    """Shows the list, closed at first."""
    with explained("The measured races"), st.expander(TITLE, icon=":material/fact_check:"):
        races = measured_races()
        for outcome, title in _OUTCOMES.items():
            found = [race for race in races if race.outcome == outcome]
            if found:
                st.markdown(f"**{title} of {ROUND}**")
            for race in found:
                st.page_link("pages/train.py", label=sentence(race), query_params=address(race), help=training(race))
        st.caption(about(races))


def sentence(race: MeasuredRace) -> str:
    """A race and what came out, with its numbers."""
    score, other = MAIN_SCORES[data.entry(race.data).task], short_title(encoders.spec(race.against).title)
    where = ", above 70° at both poles" if race.part == "poles" else ""
    gap = Score(race.difference, (race.low, race.high), MIN_PLACES)
    ends = " to ".join(number(end, gap) for end in (race.seeds_low, race.seeds_high))
    return (
        f"{data.title_of(race.data)}, {race.places:,} places{where}: {score.word} "
        f"{number(race.score, gap)} against {number(race.other, gap)} of {other}; "
        f"{with_interval(gap)[:-1]}; over seeds {ends})"
    )


def training(race: MeasuredRace) -> str:
    """How long a race trains, and whether it has trials."""
    return f"{race.steps:,} steps, {f'{race.trials} trials of each scale' if race.trials else 'scales as set'}"


def address(race: MeasuredRace) -> dict[str, str]:
    """The settings of this page that make the race."""
    encoders_of: list[EncoderConfig] = [race_encoder(race.against), race_encoder(ROUND)]
    numbers = {"points": race.places, "steps": race.steps, "trials": race.trials, "seeds": SEEDS}
    return {
        **contestants.address(encoders_of, RACE_MENU),
        "data": race.data,
        "reference": "none",
        **{name: str(value) for name, value in numbers.items()},
    }


def about(races: tuple[MeasuredRace, ...]) -> str:
    """How the races were measured and chosen."""
    flat = [race for race in races if race.outcome == "loss" and not encoders.spec(race.against).spherical]
    none = (
        ""
        if flat
        else "No loss to a flat encoder, `grid` or `theory`, was found whose intervals exclude zero; the losses are to "
        "`xyz`, which is no flat encoder but the plainest round one. "
    )
    least, most = min(race.steps for race in races), max(race.steps for race in races)
    return (
        f"Means of {SEEDS} seeds; {ROUND} minus the other, with 90 % intervals over places and over seeds. A win or a "
        f"loss excludes zero in both; all else is a tie. {none}Searched with other seeds: {TRIED}. A line opens its "
        f"race, of {least:,} to {most:,} steps; choose a reference there to hold both against kriging."
    )
