"""A race on the page, while it goes on and afterwards: its state, scores, maps and curves.

The parts that keep themselves up to date are fragments of the page, each as often as it is worth it.
"""

from __future__ import annotations

import html
import math
import random
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v.evaluation import gap_to_ceiling, reached
from s2v.fields import Grid
from s2v.figures.colormaps import OKABE_ITO
from s2v.parameters import Parameter
from s2v.ui import pictures, session_race
from s2v.ui.contestants import titles
from s2v.ui.linked_globes import Kind, Panel, linked_globes
from s2v.ui.messages import explained, plain
from s2v.ui.page_state import PageState
from s2v.ui.race import curves as race_curves
from s2v.ui.race import maps as race_maps
from s2v.ui.race import results as race_results

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

POLL = 0.3  # seconds between two looks at a race that goes on; its maps come two or three times a second
NEWS = 0.2  # seconds that a look waits for news, rather than showing the same once more
CURVES = 1.0  # seconds between two drawings of the curves
POLES = 4.0  # seconds between two drawings of the polar maps
DRIFT = 0.1  # share by which the clocks of pages differ
CROWD = 4  # where more races go on, all pages together look as often as those of so many
CAMERA = (10.0, 62.0, 1.0)  # longitude, latitude, zoom of the globes at first: the north pole is in sight
GLOBE_HEIGHT = 410  # pixels
LIVE_DPI, FINE_DPI = 70, 130
GOAL = 0.9  # the share of the best possible score whose time is told
KEY = "race globes"
AREA = "race"  # key of the container around all that is shown of a race
BARE = {"displayModeBar": False}
CLASS = Parameter("class", str, "", "Class", "Its probability is on the maps.")
VIEWS: dict[str, str] = {"globe": "Globes", "north": "North pole", "south": "South pole", "world": "World"}
CURVE_KINDS = {"score": "Score", "gap": "Gap to the best"}
AXES: dict[race_curves.Axis, str] = {"step": "Steps", "seconds": "Seconds"}


@dataclass(frozen=True)
class Look:
    """How a race is looked at: a quantity, the class whose probability it may be, the kind of map; the curve beside
    that of the loss, and what both are drawn against."""

    quantity: str = "prediction"
    watched: int = 0
    view: Kind = "globe"
    curves: str = "score"
    axis: race_curves.Axis = "step"


def names(race: Race) -> list[str]:
    """What the contestants are called on the page."""
    from s2v.encoders.registry import EncoderConfig

    return titles([EncoderConfig.of(run.recipe.encoder, **run.recipe.encoder_params) for run in race.firsts])


def class_widget(settings: PageState, race: Race) -> int:
    """The choice of the class whose probability is on the maps; its number."""
    classes = race_maps.known(race.recipe.data).classes
    settings.add(replace(CLASS, default=classes[0], choices=classes), group=race.recipe.data)
    return classes.index(str(settings.widget("class")))


def show_truth(name: str, view: Kind) -> None:
    """What there is to learn, before the first race.

    Its maps and its chart stand where those of a race will be, so that the browser has all it needs by then.
    """
    with explained("The data set"):
        dataset = race_maps.known(name)
        with st.container():
            st.subheader(f"What there is to learn: {dataset.title}", anchor=False)
            st.markdown(
                f"{plain(dataset.summary)} Press **Start**: networks see it at scattered places only, each through "
                "another encoder, and their ideas of the whole Earth appear here while they learn."
            )
        field = race_maps.truth(name, Grid.equirectangular(1))
        _globes([("Truth", field)], view, live=False)
        left, right = st.columns(2, gap="large")
        with left:
            figure = _truth_chart(name)
            st.plotly_chart(figure, config=BARE, alt=f"How often each value of {dataset.title} occurs")
        with right:
            pictures.show_png(_truth_poles(name, pictures.is_dark()), f"Polar maps of {dataset.title}")
        st.caption(plain(dataset.credit))


def show_card(name: str) -> None:
    """What a data set is, and where it comes from."""
    with explained("The data set"):
        dataset = race_maps.known(name)
        st.markdown(f"**{plain(dataset.title)}**: {plain(dataset.summary)}")
        st.caption(plain(dataset.credit))


def show_other_data(race: Race, chosen: str) -> None:
    """Says that the race that is shown is not one of the data that are chosen, and what those are."""
    with explained("The data set"):
        old, new = race_maps.known(race.recipe.data).title, race_maps.known(chosen).title
        changed = "the same data made anew" if old == new else f"**{plain(new)}**"
        st.info(f"This race is on **{plain(old)}**. Start begins one on {changed}.", icon=":material/info:")
        if old != new:
            show_card(chosen)


@lru_cache(maxsize=16)
def _truth_chart(name: str) -> Any:
    return race_results.distribution(name)


@lru_cache(maxsize=16)
def _truth_poles(name: str, dark: bool) -> bytes:
    north, south = (race_maps.truth(name, Grid.polar(pole, 301, 50)) for pole in ("north", "south"))
    return pictures.polar_pair([("Truth", north, south)], LIVE_DPI, dark)


def show_maps(race: Race, look: Look) -> None:
    """Shows the state, the scores and the maps of a race where it is called, up to date until it has ended."""
    st.fragment(_show_race, run_every=_clock(race, POLL))(race.live, _every(POLL), look)


def show_curves(race: Race, look: Look) -> None:
    """Shows the curves and the polar maps of a race where it is called, up to date until it has ended."""
    st.fragment(_show_curves, run_every=_clock(race, CURVES))(look)
    st.fragment(_show_poles, run_every=_clock(race, POLES))(look)


def _clock(race: Race, seconds: float) -> float | None:
    """The seconds between two drawings of a part of this page: no two pages have the same, so that those of a class
    that has started together do not ask for everything at the same moment again and again."""
    return _every(seconds) * random.uniform(1 - DRIFT, 1 + DRIFT) if race.live else None


def _every(seconds: float) -> float:
    """How often a part is drawn again that comes after so many seconds where few races go on: what trains in turns
    has news the less often, the more races there are."""
    return seconds * max(1.0, session_race.load() / CROWD)


def _show_race(was_live: bool, every: float, look: Look) -> None:
    race = session_race.current()
    if race is None:  # the server has forgotten the session
        st.rerun()
    if was_live and not race.live:
        st.rerun()  # once more the whole page: buttons change, and this part need not be repeated any more
    if race.live and not every / 4 <= _every(POLL) <= 2 * every:
        st.rerun()  # many races have come, or gone: the page's parts get other clocks
    if race.live and not race.paused and session_race.load() <= CROWD:
        _await_news(race)
    called = names(race)
    with st.container():
        _show_state(race, called)
        with explained("The scores"):
            _show_scores(race, called)
    with explained("The maps of the race"):
        fine = all(run.latest is not None and run.latest.fine for run in race.firsts)
        key = (look.quantity, look.watched, *_pictures(race))
        world = pictures.once("race world", key, lambda: race_maps.world(race, called, look.quantity, look.watched))
        _globes(world, look.view, live=not fine)


def _pictures(race: Race) -> tuple[Any, ...]:
    """Names the maps that there are."""
    return (race.id, *((run.latest.step, run.latest.fine) for run in race.firsts if run.latest))


def _await_news(race: Race) -> None:
    """Waits a moment for other maps than the session has seen, or for the end."""
    seen, end = st.session_state.get("race seen"), time.monotonic() + NEWS
    while race.live and _pictures(race) == seen and time.monotonic() < end:
        time.sleep(NEWS / 20)
    st.session_state["race seen"] = _pictures(race)


def _globes(fields: list[tuple[str, Any]], view: Kind, live: bool) -> None:
    """The first field is the truth, which stays; the others are followed by newer ones while a race is ``live``."""
    panels = [Panel(field, view, title, live=live and i > 0) for i, (title, field) in enumerate(fields)]
    linked_globes(panels, key=KEY, camera=CAMERA, height=GLOBE_HEIGHT)


def _show_state(race: Race, called: list[str]) -> None:
    history = [run.history[-1] for run in race.all_runs if run.history]
    if not history:
        text = "Waiting for a free worker; the first race after the start of the server takes longest."
        st.progress(0.0, text=text if race.live else _end_word(race))
    else:
        steps = history[0].steps
        done = sum(frame.step for frame in history) / (steps * len(race.all_runs))
        slowest, fastest = min(f.step for f in history), max(f.step for f in history)
        at = f"{slowest:,}" if slowest == fastest else f"{slowest:,} to {fastest:,}"
        speed = sum(run.history[-1].steps_per_second for run in race.all_runs if run.history and run.live)
        tail = f" · {speed:,.0f} steps a second" if speed and not race.paused else ""
        seconds = max(frame.seconds for frame in history)
        word = ("Paused" if race.paused else "Training") if race.live else _end_word(race)
        st.progress(min(done, 1.0), text=f"**{word}**: step {at} of {steps:,} · {seconds:.1f} s{tail}")
    places = [run.place for run in race.all_runs if run.place]
    if places and not race.paused:
        nearest = min(places)
        st.caption(
            f"{session_race.load()} races train on this server in turns. Before this one's next turn there "
            f"{'is' if nearest.ahead == 1 else 'are'} {nearest.ahead}: about {math.ceil(nearest.seconds)} s."
        )
    for contestant, title in zip(race.runs, called, strict=True):
        if ended := next((run for run in contestant if run.message), None):
            show = st.error if ended.status == "failed" else st.warning
            icon = ":material/error:" if ended.status == "failed" else ":material/warning:"
            show(f"**{plain(title)}**: {plain(ended.message)}", icon=icon)


def _end_word(race: Race) -> str:
    states = {run.status for run in race.all_runs}
    return "Finished" if states == {"finished"} else "Stopped" if "stopped" in states else "Ended"


def _show_scores(race: Race, called: list[str]) -> None:
    if not race.live and not any(run.history for run in race.all_runs):
        return  # it ended before there was anything
    score = race_curves.score_of(race)
    tested = all(run.history and f"test_{score.name}" in run.history[-1].metrics for run in race.firsts)
    best = race_curves.ceiling(race)
    heads = ["", "step", "steps/s", f"{score.title}, whole sphere", "above 70° N", "below 70° S", f"{GOAL:.0%} of best"]
    rows = []
    for i, (run, title) in enumerate(zip(race.firsts, called, strict=True)):
        frame = run.history[-1] if run.history else None
        dot = f'<span style="color:{OKABE_ITO[i % len(OKABE_ITO)]}">●</span> {html.escape(title)}'
        if frame is None:
            rows.append([dot, *["–"] * (len(heads) - 1)])
            continue
        areas = [score.text(_mean(race.runs[i], score, area)) for area in _AREAS]
        speed = f"{frame.steps_per_second:,.0f}" if frame.step else "–"
        rows.append([dot, f"{frame.step:,}", speed, *areas, _goal(run, score, best)])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    taken = max((run.history[-1].taken for run in race.firsts if run.history), default=0.0)
    table = f"<table class='race' data-taken='{taken:.3f}'>"  # the time is for who measures how old a picture is
    head = "".join(f"<th>{head}</th>" for head in heads)
    st.html(f"{_STYLE}{_STEADY if race.live else ''}{table}<tr>{head}</tr>{body}</table>")
    dataset = race_curves.data_of(race)
    places = f"{len(dataset.test):,} test places" if tested else f"{len(dataset.val):,} held-out places"
    limit = race_curves.ceiling(race, tested)
    best_here = f" Nothing can do better than {score.text(limit)} there." if limit is not None else ""
    several = len(race.runs[0])
    seeds = f" Means over {several} seeds; steps and the time to {GOAL:.0%} are of the first." if several > 1 else ""
    st.caption(f"On {places} that no network was trained on, {dataset.spread}. {score.about}{best_here}{seeds}")


_AREAS = ("", "_north", "_south")
_STYLE = """<style>
table.race { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
table.race th { text-align: right; font-weight: 400; opacity: .7; font-size: .85rem; padding: .1rem .5rem; }
table.race td { text-align: right; font-size: 1.15rem; padding: .15rem .5rem; white-space: nowrap;
  border-top: 1px solid rgba(128,128,128,.3); }
table.race td:first-child, table.race th:first-child { text-align: left; white-space: normal; }
@media (max-width: 640px) {
  table.race th, table.race td { padding: .1rem .2rem; font-size: .85rem; }
  table.race td:nth-child(3), table.race th:nth-child(3) { display: none; }
}
</style>"""
# Streamlit fades what is about to be drawn again, and moves the bar, in many small steps: without them a browser that
# draws by the processor needs a quarter less of it for a race.
_STEADY = f"""<style>
.st-key-{AREA} [data-testid=stElementContainer] {{ opacity: 1 !important; transition: none !important; }}
.st-key-{AREA} [data-testid=stProgressBarTrack] {{ transition: none !important; }}
</style>"""


def _mean(contestant: tuple[Run, ...], score: race_curves.Score, area: str) -> float:
    values = [score.of(run.history[-1], area) for run in contestant if run.history]
    return sum(values) / len(values)


def _goal(run: Run, score: race_curves.Score, best: float | None) -> str:
    """When a run first reached its goal, in words."""
    history = run.history
    found = reached(
        [f.step for f in history],
        [f.seconds for f in history],
        [score.held_out(f) for f in history],
        GOAL * (1.0 if best is None else best),
    )
    return "–" if math.isnan(found.step) else f"{found.seconds:.1f} s, step {found.step:,.0f}"


def _show_curves(look: Look) -> None:
    race = session_race.current()
    if race is None or not any(run.step for run in race.firsts):
        return  # at step 0 the browser has enough to do with the first maps
    called = names(race)
    key = (
        race.id,
        look.curves,
        look.axis,
        race.live,
        *(run.step for run in race.all_runs),
        len(race_curves.earlier(race)),
    )
    with explained("The curves"):
        drawings = pictures.once("race curves", key, lambda: _curves(race, called, look))
        for column, (what, figure) in zip(st.columns(2, gap="large"), drawings.items(), strict=True):
            column.plotly_chart(figure, key=f"race curve {what}", config=BARE, alt=f"{what} against {look.axis}")


def _curves(race: Race, called: list[str], look: Look) -> dict[str, Any]:
    from s2v.figures.race_charts import race_chart

    score, best = race_curves.score_of(race), race_curves.ceiling(race)
    end = race.recipe.steps if race.live else max(run.step for run in race.firsts)
    gap = look.curves == "gap"

    def quality(frame: Frame) -> float:
        held = score.held_out(frame)
        return gap_to_ceiling(held, 1.0 if best is None else best) if gap else held

    def draw(value: race_curves.Value, **how: Any) -> Any:
        earlier = race_curves.earlier_tracks(race, value, look.axis)
        return race_chart(
            [*earlier, *race_curves.tracks(race, called, value, look.axis)],
            x_title="step" if look.axis == "step" else "seconds of training",
            x_range=(0, end) if look.axis == "step" else None,
            **how,
        )

    return {
        "score": draw(
            quality,
            y_title=f"{score.title} below the best possible" if gap else score.title,
            ceiling=None if gap else best,
            log_y=gap,
            y_range=None if gap else (0.0, 1.02),
        ),
        "loss": draw(lambda frame: frame.loss, y_title="loss", log_y=True),
    }


def _show_poles(look: Look) -> None:
    race = session_race.current()
    if race is None or not any(run.step for run in race.firsts):
        return
    with explained("The polar maps"):
        dark = pictures.is_dark()
        latest = [run.latest for run in race.firsts if run.latest]
        called = names(race)
        key = (look.quantity, look.watched, dark, *_pictures(race))
        dpi = FINE_DPI if all(frame.fine for frame in latest) else LIVE_DPI
        picture = pictures.once("race poles", key, lambda: _poles(race, called, look, dpi, dark))
        title = race_maps.known(race.recipe.data).title
        pictures.show_png(picture, f"North and south polar maps of {title}: Truth, {', '.join(called)}")


def _poles(race: Race, called: list[str], look: Look, dpi: int, dark: bool) -> bytes:
    return pictures.polar_pair(race_maps.poles(race, called, look.quantity, look.watched), dpi, dark)
