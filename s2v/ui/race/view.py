"""A race on the page, during training and afterwards: its status, scores, maps and curves.

Status with scores and globes, curves, and polar maps are three fragments of the page.  The server draws each again when
something has arrived for it (``s2v.ui.redraw``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from s2v.evaluation.confidence import wilson
from s2v.fields import Field
from s2v.parameters import Parameter
from s2v.ui import charts, glossary, labels, pictures, redraw, session_race, steady
from s2v.ui.linked_globes import Kind
from s2v.ui.messages import explained, plain
from s2v.ui.page_state import PageState
from s2v.ui.race import curves, from_data, landmarks, maps, references, told, trials, veil
from s2v.ui.race.scores import show_scores

if TYPE_CHECKING:
    from s2v.engine import Race
    from s2v.ui.session_race import Standing

AREA = "race"  # key of the container around everything that shows the race
RACE_SECONDS = 0.3  # from a drawing of status, scores and globes to the next: a live race has 2 or 3 new maps a second
CURVES_SECONDS = 1.0  # from a drawing of the curves to the next
POLES_SECONDS = 4.0  # from a drawing of the polar maps to the next
CLOCK_SECONDS, MAX_CLOCK_SECONDS = 2.0, 10.0  # of a page without news: its place in the queue, the buttons of its owner
_CURVES = (
    "The curve is of the validation places, which are scored again and again while networks learn; table and result "
    "are of the test places, which are scored once, at the end."
)
CLASS = Parameter("class", str, "", "Class", "Its probability is on the maps.")


@dataclass(frozen=True)
class ViewOptions:
    """What the page shows of a race: a quantity, the number of the class whose probability it may be, the kind of
    map, the veil over the maps, the curve beside the loss, the axis of both curves, and whether the places that
    encoders are made of are dots."""

    quantity: str = "prediction"
    watched_class: int = 0
    kind: Kind = "globe"
    veil: str = veil.OFF
    curve: str = "score"
    axis: curves.Axis = "step"
    dots: bool = False


def titles_of(race: Race) -> list[str]:
    """The titles of the contestants."""
    return labels.titles([run.recipe.contestant for run in race.firsts])


def class_widget(state: PageState, race: Race) -> int:
    """Shows the choice of the class whose probability is on the maps, and returns its number."""
    classes = maps.load_dataset(race.recipe.data).classes
    state.add(replace(CLASS, default=classes[0], choices=classes), group=race.recipe.data)
    return classes.index(str(state.widget("class")))


def show_race(race: Race, options: ViewOptions) -> None:
    """Shows status, scores and maps, updated until the race has ended."""
    st.fragment(_show_race)((race.live, session_race.standing()), options)


def show_curves(race: Race, options: ViewOptions) -> None:
    """Shows curves and polar maps, updated until the race has ended."""
    st.fragment(_show_curves)(options)
    st.fragment(_show_poles)(options)


def _follow(race: Race, news: Callable[[], object], seconds: float, clock: float | None = None) -> None:
    """Has the fragment that calls this drawn again for news, see ``redraw.on_news``, until the race has ended."""
    if race.live:
        redraw.on_news(news, seconds, clock)
    else:
        redraw.not_again()


def _show_race(before: tuple[bool, Standing], options: ViewOptions) -> None:
    race = session_race.current()
    if race is None:  # the server has forgotten the session
        st.rerun()
    if before[0] and before != (race.live, session_race.standing()):
        st.rerun()  # the whole page once more: its buttons change
    _follow(race, lambda: _news(race), RACE_SECONDS, min(session_race.slower(CLOCK_SECONDS), MAX_CLOCK_SECONDS))
    titles = titles_of(race)
    with st.container():
        _show_status(race, titles)
        with explained("The scores"):
            show_scores(race, titles, steady.style(AREA) if race.live else "")
    with explained("The maps of the race"):
        fine = all(run.latest is not None and run.latest.fine for run in race.firsts)
        key = (options.quantity, options.watched_class, *_shown(race))
        world = pictures.cached(
            "race world", key, lambda: maps.world(race, titles, options.quantity, options.watched_class)
        )
        dots = maps.landmarks(race, titles, options.quantity) if options.dots else {}
        said = pictures.cached(
            "race told",
            (*key, options.kind),
            lambda: told.of_maps(race, titles, options.quantity, options.kind, world),
        )
        maps.show_maps(world, options.kind, not fine, veil.veil_of(race.recipe, options.veil), dots, said)
        landmarks.show_remark(race, titles, dots)
        if world[1:] and maps.has_errors(race, options.quantity):
            _say_error_scale(world[-1][1])
        if options.quantity == "stderr":
            _say_who_knows(race, titles)
        maps.show_remarks(race.recipe, options.quantity, options.veil)


def _say_who_knows(race: Race, titles: Sequence[str]) -> None:
    """Says whose standard error the maps show, and which contestants have none."""
    silent = maps.without_stderr(race, titles)
    text = glossary.sentence("standard error") + plain(_coverage(race, titles))
    if silent:
        text += f" No map of {plain(', '.join(silent))}: a network, or a mean of neighbours, does not know its error."
    st.caption(text)


def _coverage(race: Race, titles: Sequence[str]) -> str:
    """How often the standard error was right on the test places, for each contestant that has one."""
    count = len(maps.dataset_of(race).test)
    said = ""
    for run, title in zip(race.firsts, titles, strict=True):
        metrics = run.history[-1].metrics if run.history else {}
        shares = [metrics.get(name, math.nan) for name in ("test_within_stderr", "test_within_90")]
        if count and not any(map(math.isnan, shares)):
            one, nine = (_share_with_interval(share, count) for share in shares)
            said += (
                f" Measured of {title}: {one} of the {count:,} test places lie within one standard error (68 % "
                f"if its errors were normal), {nine} within its 90 % interval."
            )
    return said


def _share_with_interval(share: float, count: int) -> str:
    low, high = 100 * wilson(np.array([share]), np.array([count]))[0]
    return f"{100 * share:.1f} % ({low:.1f} to {high:.1f})"


def _say_error_scale(error: Field) -> None:
    if error.classes:
        st.caption("Error: orange where the most probable class is not the true one.")
    else:
        limit = f"{error.limits[1]:,g} {error.units}".strip()
        st.caption(
            f"Error is prediction minus truth, on a scale of its own from −{limit} to {limit}, the same for all "
            "contestants. Larger errors have the colours of its ends."
        )


def _shown(race: Race) -> tuple[Any, ...]:
    """Identifies the newest maps of a race."""
    return (race.id, *((run.latest.step, run.latest.fine) for run in race.firsts if run.latest))


def _news(race: Race) -> tuple[Any, ...]:
    """Changes whenever a page of the race has more to show, but for its place in the queue."""
    runs = [(run.status, run.step, id(run.tuning)) for run in race.all_runs]
    return (race.paused, race.finishing, *_shown(race), *runs)


def _show_status(race: Race, titles: Sequence[str]) -> None:
    frames = [run.history[-1] for run in race.all_runs if run.history]
    problem = session_race.cluster_problem() if race.live else ""
    tried, trial = trials.progress(race)
    if trial:
        word = "Choosing the scales" if _state(race) == "Training" else _state(race)
        st.progress(tried, text=f"**{word}**: {trial}")
    elif not frames:
        text = "Waiting for a free worker; the first race after the start of the server takes longest."
        text = "Waiting for workers." if problem else text
        st.progress(0.0, text=text if race.live else ended(race))
    else:
        training = [run for run in race.all_runs if not run.recipe.predictor]
        taken = [run.step for run in training if run.history]
        steps, done = race.recipe.steps, sum(taken) / (race.recipe.steps * max(1, len(training)))
        slowest, fastest = (min(taken), max(taken)) if taken else (0, 0)
        step = f"{slowest:,}" if slowest == fastest else f"{slowest:,} to {fastest:,}"
        speed = sum(run.history[-1].steps_per_second for run in race.all_runs if run.history and run.live)
        rate = f" · {speed:,.0f} steps a second" if speed and not race.paused else ""
        seconds = max(frame.seconds for frame in frames)
        word = _state(race) if race.live else ended(race)
        at = f"step {step} of {steps:,} · " if training else ""
        done = min(done, 1.0) if training else float(not race.live)
        st.progress(done, text=f"**{word}**: {at}{seconds:.1f} s{rate}")
    if problem:
        st.warning(plain(problem), icon=":material/warning:")
    positions = [run.queue_position for run in race.all_runs if run.queue_position]
    if positions and not race.paused:
        nearest = min(positions)
        races = session_race.live_races()
        st.caption(
            f"{races} {'race trains' if races == 1 else 'races train'} on this server in turns. Before this one's next "
            "turn there "
            f"{'is' if nearest.ahead == 1 else 'are'} {nearest.ahead}: about {math.ceil(nearest.seconds)} s."
        )
    trials.show_trials(race, titles)
    from_data.show_race(race, titles)
    references.show_status(race, titles)
    _show_messages(race, titles)


def _show_messages(race: Race, titles: Sequence[str]) -> None:
    """Says why runs have ended, once for all contestants with the same reason."""
    reasons: dict[tuple[str, bool], list[str]] = {}
    for runs, title in zip(race.runs, titles, strict=True):
        if told := next((run for run in runs if run.message), None):
            reasons.setdefault((told.message, told.status == "failed"), []).append(title)
    for (message, failed), names in reasons.items():
        show, icon = (st.error, ":material/error:") if failed else (st.warning, ":material/warning:")
        show(f"**{plain(', '.join(names))}**: {plain(message)}", icon=icon)


def _state(race: Race) -> str:
    return "Stopping" if race.finishing else "Paused" if race.paused else "Training"


def ended(race: Race) -> str:
    """How a race has ended, in a word."""
    states = {run.status for run in race.all_runs}
    return "Finished" if states == {"finished"} else "Stopped" if "stopped" in states else "Ended"


def _is_under_way(race: Race) -> bool:
    """Whether there is more than the first maps, which keep the browser busy."""
    return any(run.step or (run.recipe.predictor and run.history) for run in race.firsts)


def _show_curves(options: ViewOptions) -> None:
    race = session_race.current()
    if race is None:
        return
    _follow(race, lambda: [run.step for run in race.all_runs], session_race.slower(CURVES_SECONDS))
    if not _is_under_way(race):
        return
    steps = tuple((run.step, len(run.history)) for run in race.all_runs)
    key = (race.id, options.curve, options.axis, race.live, steps, len(curves.earlier(race)))
    with explained("The curves"):
        drawn = pictures.cached(
            "race curves", key, lambda: curves.charts(race, titles_of(race), options.curve, options.axis)
        )
        for column, (name, chart) in zip(st.columns(2, gap="large"), drawn.items(), strict=True):
            by = f"{name} by {options.axis}"
            with column:
                charts.show(
                    chart,
                    key=f"race curve {name}",
                    alt=f"{name} against {options.axis}",
                    file_name=charts.race_file_name([run.recipe for run in race.firsts], by),
                )
        st.caption(_CURVES)


def _show_poles(options: ViewOptions) -> None:
    race = session_race.current()
    if race is None:
        return
    _follow(race, lambda: _shown(race), session_race.slower(POLES_SECONDS))
    if not _is_under_way(race):
        return
    with explained("The polar maps"):
        dark, titles = pictures.is_dark(), titles_of(race)
        fine = all(run.latest.fine for run in race.firsts if run.latest)
        # The races of a class end together, and a fine picture takes four times as long.
        pixels = maps.FINE_PIXELS if fine and not session_race.is_crowded() else maps.LIVE_PIXELS
        key = (options.quantity, options.watched_class, options.veil, dark, pixels, *_shown(race))

        def draw() -> bytes:
            columns = maps.poles(race, titles, options.quantity, options.watched_class)
            return pictures.polar_pair(columns, pixels, dark, veil.veil_of(race.recipe, options.veil))

        data = maps.load_dataset(race.recipe.data).title
        picture = pictures.cached("race poles", key, draw)
        pictures.show_png(picture, f"North and south polar maps of {data}: Truth, {', '.join(titles)}")
