"""The table of contestants, the chart of their ranks, and the race of a chosen one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from s2v import data
from s2v.benchmark.report import counted, title_of
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Table
from s2v.encoders.registry import EncoderConfig
from s2v.evaluation import MAIN_SCORES
from s2v.figures import benchmark_charts
from s2v.figures.benchmark_charts import Ranked
from s2v.models.contestant import PredictorConfig
from s2v.models.recipe import Recipe
from s2v.parameters import Parameter
from s2v.ui import charts, contestants
from s2v.ui.benchmark import kinds
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain, short_title
from s2v.ui.page_state import PageState
from s2v.ui.race.settings import NONE, menu

MIN_SEEDS = 3  # with fewer no interval is known
SHOWN_ROWS = 20

_COLUMNS: Mapping[str, tuple[str, str, str]] = {  # title, format, help
    "contestant": ("Contestant", "", "An encoder with a network on it, or a reference predictor."),
    "score": ("Score", "%.3f", "On the test places, the mean over the settings that the contestant has, and seeds."),
    "low": ("from", "%.3f", "The lower end of the 90 % interval of the score over the seeds, by Student's t."),
    "high": ("to", "%.3f", "The upper end of that interval. Below three seeds there is none."),
    "rank": ("Rank", "%.1f", "Among all contestants, not only those shown: the mean over the settings. 1 is the best."),
    "gap": ("Gap to ceiling", "%.3f", "What the score lacks of the best possible one, where that is known (mixtures)."),
    "north": ("North", "%.3f", "The score above 70° N."),
    "south": ("South", "%.3f", "The score below 70° S."),
    "dateline": ("Dateline", "%.3f", "The score within 15 degrees of longitude of the dateline."),
    "best": (
        "Best or tied",
        "%d",
        "On how many settings it is the best, or cannot be told from the best: by intervals over places that hold "
        "together with 90 %, and over seeds.",
    ),
    "on": ("of", "%d", "On how many settings it has a score. Means over different settings cannot be compared."),
    "seconds": ("Seconds", "%.2f", "Of a training or a fit on one core, without the search of the scale: the mean."),
    "parameters": ("Parameters", "localized", "Learned numbers of encoder and network: the mean."),
    "kind": ("Kind", "", "Sphere2Vec, other encoders of the sphere, and so on: see the filter."),
}


def filters(state: PageState, opened: Opened) -> tuple[Table, str]:
    """Shows the filters of settings and kinds; returns the table of the settings, and the kind."""
    titles = {setting.title: setting for setting in opened.table.settings}
    tasks = opened.tasks
    of_suite = Parameter("setting", str, tasks[0], "Data", "", choices=(*tasks, *titles))
    kind = Parameter("kind", str, kinds.ALL, "Contestants", "", choices=(kinds.ALL, *kinds.KINDS))
    chosen = str(state.add(of_suite, group=opened.name)["setting"])
    state.add(kind)
    left, right = st.columns(2)
    with left:
        tables = {task: opened.of_task(task) for task in tasks}
        words = {task: _all_of(tables[task], task, len(tasks) > 1) for task in tasks}
        chosen = str(state.widget("setting", label=lambda name: words.get(name, name)))
        table = tables.get(chosen) or opened.table.on([titles[chosen]])
        st.caption(plain(over(table)))
    with right:
        wanted = str(state.widget("kind", label=lambda name: kinds.KINDS.get(name, "all kinds")))
        shown = [name for name in table.contestants if wanted in (kinds.ALL, kinds.kind_of(name))]
        st.caption(
            f"{len(shown)} of {len(table.contestants)} contestants are shown. Ranks, and who is best or tied, are "
            "among all of them."
        )
    return table, wanted


def over(table: Table) -> str:
    """What the numbers of a table are over, in a sentence."""
    words = ", ".join(dict.fromkeys(MAIN_SCORES[data.entry(setting.data).task].word for setting in table.settings))
    seeds = _seeds(table)
    ends = "" if seeds >= MIN_SEEDS else " With fewer than 3 seeds no difference can be told: all count as tied."
    return (
        f"Scores are {words}, the mean over {counted(len(table.settings), 'setting')} and {counted(seeds, 'seed')}."
        f"{ends}"
    )


def rows_of(table: Table, kind: str = kinds.ALL) -> list[dict[str, Any]]:
    """A row for each contestant of a kind, the best mean rank first; None where a number is not known."""
    ties = {setting: table.not_behind(setting) for setting in table.settings}
    rows = []
    for name in table.contestants:
        if kind not in (kinds.ALL, kinds.kind_of(name)):
            continue
        overall, on = table.overall(name), [s for s in table.settings if table.cells(name, s)]
        seconds, parameters = table.cost(name)
        numbers = {
            "score": table.mean(name),
            "low": overall.interval[0],
            "high": overall.interval[1],
            "rank": table.rank(name),
            "gap": table.gap_to_ceiling(name),
            **{part: table.mean(name, part) for part in ("north", "south", "dateline")},
            "best": float(sum(name in ties[s] for s in on)),
            "on": float(len(on)),
            "seconds": seconds,
            "parameters": float(round(parameters)) if math.isfinite(parameters) else math.nan,
        }
        known = {key: value if math.isfinite(value) else None for key, value in numbers.items()}
        rows.append({"contestant": short_title(title_of(name)), "kind": kinds.KINDS[kinds.kind_of(name)], **known})
    return rows


def show_table(table: Table, kind: str, key: str) -> str | None:
    """Shows the table; returns the contestant whose row is chosen."""
    with st.spinner("Comparing the contestants…"):
        rows = rows_of(table, kind)
    names = [name for name in table.contestants if kind in (kinds.ALL, kinds.kind_of(name))]
    if not rows:
        st.info("No contestant of this kind is in these results.", icon=":material/filter_alt:")
        return None
    config = {
        name: st.column_config.Column(title, help=help_)
        if not form
        else st.column_config.NumberColumn(title, format=form, help=help_)
        for name, (title, form, help_) in _COLUMNS.items()
    }
    event = st.dataframe(
        rows,
        hide_index=True,
        key=key,
        placeholder="–",
        column_config=config,
        column_order=list(_COLUMNS),
        height=35 * (1 + min(len(rows), SHOWN_ROWS)) + 3,
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = event["selection"]["rows"]
    return names[chosen[0]] if chosen and chosen[0] < len(names) else None


def show_problems(table: Table) -> None:
    """Says which cells failed, and why."""
    problems = table.problems()
    if problems:
        with st.expander(f"{counted(len(problems), 'cell')} failed", icon=":material/error:"):
            st.dataframe(
                [
                    {"contestant": title_of(r["contestant"]), "data": r["data"], "seed": r["seed"], "why": r["problem"]}
                    for r in problems[:100]
                ],
                hide_index=True,
            )


def show_ranks(table: Table, name: str) -> None:
    """The chart of mean ranks, with what it says in words."""
    ranked = [name for name in table.contestants if math.isfinite(table.rank(name))]
    if len(ranked) < 2:
        st.caption("Ranks need two contestants that have scores on the same settings.")
        return
    points = [Ranked(short_title(title_of(n)), table.rank(n), kinds.KINDS[kinds.kind_of(n)]) for n in ranked]
    critical, settings = table.critical_difference, len(table.complete_settings)
    if math.isfinite(critical):
        first = table.rank(ranked[0])
        tied = [n for n in ranked if table.rank(n) - first < critical]
        about = (
            f"Over {settings} settings. The whiskers are half the critical difference of {critical:.1f} long "
            f"(Nemenyi's test at 10 %): contestants whose whiskers do not meet can be told apart. {len(tied)} of "
            f"{len(ranked)} cannot be told from the best rank."
        )
    else:
        about = "One setting alone: its ranks have no critical difference. Choose all settings for one."
    charts.show(
        benchmark_charts.rank_chart(points, critical),
        key=f"{name} ranks",
        alt="Mean ranks of the contestants with the critical difference",
        file_name=charts.file_name("benchmark", name, "ranks"),
        table=lambda: [
            {
                "contestant": point.title,
                "kind": point.kind,
                "mean rank": point.rank,
                "critical difference": critical if math.isfinite(critical) else None,
                "settings": settings,
            }
            for point in points
        ],
    )
    st.caption(about)


def show_race(table: Table, chosen: str | None) -> None:
    """The link that races the chosen contestant on Train against the best of a setting."""
    if chosen is None:
        st.caption("Choose a row to race its contestant on Train.")
        return
    on = [setting for setting in table.settings if table.cells(chosen, setting)]
    if not on:
        st.caption(f"{plain(title_of(chosen))} has no score here.")
        return
    setting = on[0]
    if len(on) > 1:
        title = st.selectbox("Race it on", [s.title for s in on], key="benchmark race on")
        setting = next(s for s in on if s.title == title)
    address = race_address(table, chosen, setting)
    if address is None:
        st.caption("A race needs an encoder: none has a score on this setting.")
        return
    rival = rival_of(table, chosen, setting)
    against = f" against {plain(title_of(rival))}" if rival else ""
    st.page_link(
        "pages/train.py",
        label=f"Race {plain(title_of(chosen))}{against} on {plain(setting.title)}",
        icon=":material/model_training:",
        query_params=address,
    )


def rival_of(table: Table, chosen: str, setting: Setting) -> str | None:
    """Who races against the chosen one: the best of the others, or the best other encoder if it is a predictor."""
    others = {n: table.score(n, setting).mean for n in table.contestants if n != chosen and table.cells(n, setting)}
    if kinds.kind_of(chosen) == "reference":
        others = {name: score for name, score in others.items() if kinds.kind_of(name) != "reference"}
    return max(others, key=lambda name: others[name], default=None)


def race_address(table: Table, chosen: str, setting: Setting) -> dict[str, str] | None:
    """Parameters for the address of Train: the two contestants as in their first cells; None without an encoder."""
    names = [name for name in (chosen, rival_of(table, chosen, setting)) if name is not None]
    recipes = [Recipe.from_json(table.cells(name, setting)[0]["recipe"]) for name in names]
    encoders = [recipe for recipe in recipes if not recipe.predictor]
    references = [recipe.predictor for recipe in recipes if recipe.predictor]
    if not encoders:
        return None
    first = encoders[0]
    base, own = data.parse(first.data)
    sources: list[EncoderConfig | PredictorConfig] = [
        EncoderConfig.of(recipe.encoder, **dict(recipe.encoder_params)) for recipe in encoders
    ]
    return {
        **contestants.address(sources, menu(first.task)),
        "data": base,
        **{name: str(value) for name, value in own.items()},
        "points": str(first.points),
        "steps": str(first.steps),
        "batch": str(first.batch),
        "seed": str(first.seed),
        "trials": str(first.trials),
        "split": first.split,
        "reference": references[0] if references else NONE,
    }


def _all_of(table: Table, task: str, is_one_of_several: bool) -> str:
    score = f": {MAIN_SCORES[task].word}" if is_one_of_several else ""
    return f"all settings ({len(table.settings)}){score}"


def _seeds(table: Table) -> int:
    return max((len(table.cells(n, s)) for n in table.contestants for s in table.settings), default=0)
