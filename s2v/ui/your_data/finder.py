"""Which encoder for these points?  One button, the search as it goes on, and its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v.data import held, split_title, title_of
from s2v.models import snippets
from s2v.models.contestant import PredictorConfig, best_predictor
from s2v.models.search_report import findings, json_of, progress_in_words, rows_of
from s2v.models.standings import RANDOM, Standings
from s2v.ui import contestants, copying, session_race, steady
from s2v.ui.messages import plain
from s2v.ui.race.settings import BEST, NONE, menu
from s2v.ui.session_race import ServerFullError

if TYPE_CHECKING:
    from s2v.engine import Search

AREA = "finder"  # key of the container of a search that goes on
POLL_SECONDS = 1.0
SHOWN_ROWS = 10

ABOUT = (
    "Encoders at three scales around the spacing of your points, and the reference predictors, are trained briefly; "
    "the better half goes on with twice the steps, and so on (successive halving, on validation places alone). "
    "Held-out places lie among the others, and far from them in whole blocks. The finalists are compared on test "
    "places. On two cores that takes a minute or two."
)


def show(data_name: str) -> None:
    """Shows the search for the best encoder of a data set: its button, its progress, its answer.

    Parameters
    ----------
    data_name : str
        Of data that this session has open, or built in.
    """
    st.subheader("Which encoder for my points?")
    search = session_race.search()
    if search is not None and search.data != data_name:
        if search.live:
            st.caption(f"A search on {plain(title_of(search.data))} goes on; a new one stops it.")
        search = None
    if search is None:
        st.caption(ABOUT)
    with st.container(horizontal=True):
        if search is not None and search.live:
            st.button("Stop", icon=":material/stop:", key="finder stop", on_click=search.stop)
        elif st.button(
            _label(search),
            icon=":material/emoji_events:",
            key="finder start",
            type="secondary" if search else "primary",
        ):
            _start(data_name, _next_seed(search))
    if search is None:
        return
    with st.container(key=AREA):
        if search.live:
            st.fragment(_show_live, run_every=POLL_SECONDS)(data_name)
        else:
            _show_end(search)


def _label(search: Search | None) -> str:
    if search is None:
        return "Find the encoder"
    return "Search again" if search.status != "finished" else "Search again with another seed"


def _next_seed(search: Search | None) -> int:
    """A search with the same seed has the same answer."""
    return 0 if search is None else search.seed + (search.status == "finished")


def _start(data_name: str, seed: int) -> None:
    try:
        session_race.start_search(data_name, seed)
    except (ServerFullError, ValueError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _show_live(data_name: str) -> None:
    search = session_race.search()
    if search is None or not search.live or search.data != data_name:
        st.rerun()  # the whole page: the answer takes the place of the bar
    st.html(steady.style(AREA))
    if problem := session_race.cluster_problem():
        st.warning(plain(problem), icon=":material/warning:")
    standings = search.standings
    if standings is None or not standings.share:
        st.progress(0.0, "It waits for the worker processes.")
    else:
        st.progress(standings.share, progress_in_words(standings))
    if standings is not None:
        _show_table(standings)


def _show_end(search: Search) -> None:
    if search.message:
        st.error(plain(search.message), icon=":material/error:")
    standings = search.standings
    if standings is None:
        if not search.message:
            st.caption("It was stopped before anything was known.")
        return
    if standings.stopped:
        st.caption("The search was stopped; what it had found is kept.")
    for finding in findings(standings):
        heading = finding.heading if finding.heading.endswith("?") else f"{finding.heading}."
        st.markdown(f"**{plain(heading)}** {plain(finding.text)}")
    with st.container(horizontal=True):
        if any(not row.recipe.predictor for row in standings.finalists):
            st.page_link(
                "pages/train.py",
                label="Race the finalists on Train",
                icon=":material/model_training:",
                query_params=race_address(standings),
            )
        st.download_button(
            "The search as JSON",
            json.dumps(json_of(standings), indent=1, ensure_ascii=False),
            "encoder-search.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    with st.expander(f"All {len(standings.rows)} candidates"):
        _show_table(standings)
    recipe = standings.rows[0].recipe
    code = snippets.finding(search.data, standings.points, recipe.steps, recipe.seed, held.find(search.data))
    copying.show(*code, "finder")


def race_address(standings: Standings) -> dict[str, str]:
    """Parameters for the address of Train: a race of the finalists with the scales that the search has found.

    Examples
    --------
    >>> from s2v.models.halving import search
    >>> from s2v.models.recipe import Recipe
    >>> recipes = [Recipe(data="geoid", encoder="xyz", points=300), Recipe(data="geoid", predictor="idw", points=300)]
    >>> *_, last = search("geoid", points=300, steps=40, recipes=recipes)
    >>> found = race_address(last)
    >>> found["data"], found["e1"], found["e2"], found["reference"], found["trials"]
    ('geoid', 'xyz', 'none', 'idw', '0')
    """
    finalists = standings.finalists
    encoders = [row for row in finalists if not row.recipe.predictor]
    references = [row.recipe.predictor for row in finalists if row.recipe.predictor]
    recipe = encoders[0].recipe
    best = best_predictor(recipe.task)
    sources = [row.contestant for row in encoders]
    sources += [PredictorConfig(name) for name in references[1:]]
    return {
        **contestants.address(sources[: contestants.MAX_CONTESTANTS], menu(recipe.task)),
        "data": standings.data,
        "points": str(standings.points),
        "steps": str(recipe.steps),
        "seed": str(recipe.seed),
        "trials": "0",
        "reference": NONE if not references else BEST if references[0] == best else references[0],
    }


def _show_table(standings: Standings) -> None:
    rows = rows_of(standings)
    scores = [name for name in rows[0] if name not in ("Contestant", "Scale", "Steps", "State")] if rows else []
    config: dict[str, Any] = {name: st.column_config.NumberColumn(format="%.3f") for name in scores}
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        height=35 * (1 + min(len(rows), SHOWN_ROWS)) + 3,
        column_config={
            **config,
            "Steps": st.column_config.NumberColumn(help="After which the scores are; reference predictors take none."),
        },
    )
    far = [split for split in standings.splits if split != RANDOM]
    where = f" Far from the data: {split_title(far[0])}." if far else f" {standings.note}"
    st.caption(f"Scores are of validation places, after so many steps.{where}")
