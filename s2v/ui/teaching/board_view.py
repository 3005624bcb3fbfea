"""The board of a class as everybody sees it: its races as they come, and what the class has found together."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

import streamlit as st

from s2v import spreadsheets
from s2v.ui import charts, pictures, projector, session_race, steady
from s2v.ui.messages import explained, plain
from s2v.ui.teaching import class_scores, sharing
from s2v.ui.teaching.boards import Board, Place, Scored, SharedRace, places

AREA = "class_races"  # key of the container
POLL_SECONDS = 3.0  # between two looks while few races are live
MAX_POLL_SECONDS = 20.0
MAX_SHOWN, MAX_PROJECTED = 60, 12  # races in the table


def show(board: Board) -> None:
    """Shows the races, and keeps them up to date."""
    with st.container(key=AREA):
        st.html(steady.style(AREA))
        st.fragment(_show, run_every=min(session_race.slower(POLL_SECONDS), MAX_POLL_SECONDS))(board)


def rows(races: Sequence[SharedRace]) -> list[dict[str, object]]:
    """The board as a table: a row for each contestant of each race."""
    found = places(races)
    return [
        {
            "began": round(race.began),
            "name": race.name,
            "data": race.data,
            "encoder": scored.title,
            "seeds": " ".join(str(seed) for seed, _ in scored.runs),
            "status": race.status,
            "score": race.score,
            "value": scored.value,
            "low": scored.low,
            "high": scored.high,
            "place": _place(found.get((race.race, scored.title))),
        }
        for race in races
        for scored in race.scored
    ]


def _show(board: Board) -> None:
    with explained("The class's board"):
        board.look(POLL_SECONDS / 2, _news)
        races = board.races()
        if not races:
            st.info(
                "No race yet. Students open the class's link, press “Show my races on the board” and then Start.",
                icon=":material/groups:",
            )
            return
        live = sum(not race.is_final for race in races)
        names = len({race.name for race in races})
        st.markdown(
            f"**{len(races)}** {'race' if len(races) == 1 else 'races'} of **{names}** "
            f"{'name' if names == 1 else 'names'}; **{live}** {'trains' if live == 1 else 'train'} now."
        )
        _show_found(races)
        _show_table(races)


def _news(race: SharedRace) -> SharedRace | None:
    found = session_race.find(race.race)
    return None if found is None else sharing.shared(found, race.name)


def _show_found(races: Sequence[SharedRace]) -> None:
    """What the class has found together."""
    known = class_scores.settings(races)
    if not known:
        return
    st.subheader("What the class has found together", anchor=False)
    setting = next(iter(known))
    if len(known) > 1 and not projector.is_on():
        setting = st.selectbox(
            "Races with these settings",
            list(known),
            format_func=known.__getitem__,
            key="class setting",
            help="Scores can be compared where everything but encoders and seed is the same.",
        )
    over_time = (
        st.segmented_control("Score", ["by encoder", "by time"], default="by encoder", required=True, key="class chart")
        == "by time"
    )
    chosen = [race for race in races if race.setting == setting and race.is_final]
    scores = class_scores.by_encoder(races, setting)
    from s2v.figures import class_charts  # here, because plotly takes a second to import

    title = chosen[0].score
    results = [(race.began, scored.title, scored.value) for race in chosen for scored in race.scored]
    figure = pictures.cached(
        "class chart drawn",
        (over_time, setting, *results),
        lambda: (
            class_charts.by_time(results, title)
            if over_time
            else class_charts.by_encoder(scores, class_scores.means(scores), title)
        ),
    )
    charts.show(
        figure,
        key=f"class {'time' if over_time else 'encoders'}",
        alt=f"{title} of the class {'by time' if over_time else 'by encoder'}",
        file_name=charts.file_name("class", known[setting].partition(",")[0], title),
    )
    seeds = max(len(by_seed) for by_seed in scores.values())
    if seeds < class_scores.MIN_SEEDS:
        st.caption(
            f"{known[setting]}. From {class_scores.MIN_SEEDS} different seeds there is a mean with a 90 % interval; "
            f"so far the most for one encoder is {seeds}. Races with equal settings and the same seed give the same "
            "numbers, however many students run them: they are one measurement."
        )
        return
    for sentence in class_scores.findings(scores):
        st.markdown(f"- {plain(sentence)}")
    st.caption(
        f"{known[setting]}. Dots: one for each seed; diamonds: their mean with its 90 % interval. The settings are the "
        "same, so the spread is luck, of the drawn places and of the start; a difference counts where its interval "
        "excludes zero."
    )


def _show_table(races: Sequence[SharedRace]) -> None:
    most = MAX_PROJECTED if projector.is_on() else MAX_SHOWN
    found = places(races)
    body = "".join(_row(race, found) for race in races[:most])
    head = "<tr><th>Name</th><th>Encoder</th><th>Score (90 % interval)</th><th>Place</th></tr>"
    st.subheader("The races as they come", anchor=False)
    st.html(f"{_STYLE}<div class='board'><table><thead>{head}</thead>{body}</table></div>")
    more = f" The newest {most} of {len(races)} are shown." if len(races) > most else ""
    st.caption(
        "Intervals are over the test places. Places are given among results with the same settings, and only where "
        f"intervals tell: results whose intervals meet share their places.{more}"
    )
    st.download_button(
        "All as CSV",
        lambda: spreadsheets.table(rows(races)),
        "class-board.csv",
        "text/csv",
        icon=":material/download:",
        key="class csv",
        on_click="ignore",
    )


def _row(race: SharedRace, found: Mapping[tuple[str, str], Place]) -> str:
    status = race.status if race.is_final else f"{race.status}, {100 * race.done:.0f} %"
    lines = [
        f"<td>{html.escape(scored.title)}</td><td class='number'>{_score(scored)}</td>"
        f"<td class='number'>{_place(found.get((race.race, scored.title)))}</td>"
        for scored in race.scored
    ] or ["<td>–</td><td>–</td><td></td>"]
    span = f" rowspan={len(lines)}"
    first = (
        f"<td{span}><bdi>{html.escape(race.name)}</bdi><br>"
        f"<span>{html.escape(race.data)}<br>{html.escape(status)}</span></td>"
    )
    return "<tbody>" + "".join(f"<tr>{first if i == 0 else ''}{line}</tr>" for i, line in enumerate(lines)) + "</tbody>"


def _score(scored: Scored) -> str:
    if math.isnan(scored.value):
        return "–"
    interval = "" if math.isnan(scored.low) else f" ({scored.low:.3f} to {scored.high:.3f})"
    return f"{scored.value:.3f}{interval}"


def _place(place: Place | None) -> str:
    """A place in words: 2 of 8, or 1 to 4 of 8 where intervals do not tell."""
    if place is None or place.count < 2:
        return ""
    where = f"{place.first}" if place.first == place.last else f"{place.first} to {place.last}"
    return f"{where} of {place.count}"


_STYLE = """<style>
.board { overflow-x: auto; }
.board table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.board th { text-align: left; font-weight: 400; opacity: .78; padding: .2rem .6rem; }
.board td { padding: .2rem .6rem; vertical-align: top; }
.board td span { opacity: .78; font-size: .9em; }
.board .number { white-space: nowrap; }
.board tbody { border-top: 1px solid rgba(128, 128, 128, .4); }
.board bdi { font-weight: 600; overflow-wrap: anywhere; }
@media (max-width: 640px) { .board th, .board td { padding: .15rem .25rem; font-size: .85rem; }
  .board .number { white-space: normal; } }
</style>"""
