"""The phase diagram: when multi-scale spherical encoding pays."""

from __future__ import annotations

import streamlit as st

from s2v.benchmark.phase import PhasePoint, phase
from s2v.benchmark.table import Setting, title_of
from s2v.data.catalogue import CONCENTRATIONS, classes_of
from s2v.figures import benchmark_charts
from s2v.figures.benchmark_charts import PhaseCell
from s2v.ui import charts
from s2v.ui.benchmark import stored, verdict
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain, short_title

POLAR = "pole"
_ROWS = {f"vmf:U{j}": f"≤ {kappa}" for j, kappa in enumerate(CONCENTRATIONS, 1)} | {"vmf:polar": POLAR}


def show(opened: Opened | None) -> None:
    """The diagram of the suite ``phase``, or of a file with mixtures that is open."""
    st.subheader("When does multi-scale spherical encoding pay?", anchor=False)
    source = opened if opened is not None and opened.is_file and verdict.is_of_mixtures(opened) else None
    source = source or stored.suite("phase")
    if source is None:
        st.info(f"Not computed yet: `{stored.command('phase')}`.", icon=":material/hourglass_empty:")
        return
    with st.spinner("Comparing the settings…"):
        points = sorted(phase(source.table), key=lambda point: (_row(point.setting), point.setting.points))
    if not points:
        st.caption("These results have no multi-scale encoder of the sphere beside another contestant.")
        return
    st.markdown(plain(in_words(points)))
    cells = [cell_of(point) for point in points]
    charts.show(
        benchmark_charts.phase_chart(cells),
        key="benchmark phase",
        alt="Winner and margin by training places a class and by concentration",
        file_name="benchmark-phase",
        table=lambda: [row_of(point) for point in points],
    )
    st.caption(
        "In each cell: the contestant with the highest score, and how far the best multi-scale encoder of the sphere "
        "(Sphere2Vec or plane waves) is ahead of the best other contestant. Blue: it is ahead; orange: it is behind; "
        "≈: its margin cannot be told from zero, over places or over seeds. The last row is a mixture around the pole."
    )


def in_words(points: list[PhasePoint]) -> str:
    """What the diagram says, in sentences.

    Examples
    --------
    >>> from s2v.benchmark.table import Gap
    >>> gap = Gap(0.1, 0.05, 0.15, (0.02, 0.18))
    >>> in_words([PhasePoint(Setting("vmf:U1", 500, "random"), "sphereM", ("sphereM",), "sphereM", "grid", gap)])[:63]
    'A multi-scale encoder of the sphere is ahead on 1 of 1 settings'
    """
    ahead = [point for point in points if point.pays]
    behind = [point for point in points if point.pays is False]
    words = (
        f"A multi-scale encoder of the sphere is ahead on {len(ahead)} of {len(points)} settings, behind on "
        f"{len(behind)}, and cannot be told from the best other contestant on {len(points) - len(ahead) - len(behind)}."
    )
    for found, what in ((ahead, "Farthest ahead"), (behind, "Farthest behind")):
        if found:
            point = max(found, key=lambda p: abs(p.margin.value))
            gap = point.margin
            words += (
                f" {what} on {point.setting.title}: {title_of(point.spherical)} against {title_of(point.other)}, "
                f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})."
            )
    return words


def cell_of(point: PhasePoint) -> PhaseCell:
    """A setting in the diagram."""
    gap = point.margin
    ends = f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
    about = (
        f"{point.setting.title}<br>best: {title_of(point.winner)}, {len(point.not_behind) - 1} tied with it<br>"
        f"{title_of(point.spherical)} against {title_of(point.other)}: {ends}"
    )
    winner = short_title(title_of(point.winner)).removeprefix("Spherical ")
    column = f"{point.setting.points / classes_of(point.setting.data):g}"
    return PhaseCell(column, _row(point.setting)[1], winner, gap.value, point.pays is not None, about)


def row_of(point: PhasePoint) -> dict[str, object]:
    """A setting as a row of the CSV."""
    gap = point.margin
    return {
        "data": point.setting.data,
        "places": point.setting.points,
        "split": point.setting.split,
        "winner": point.winner,
        "not behind": " ".join(point.not_behind),
        "best multi-scale of the sphere": point.spherical,
        "best other": point.other,
        "margin": gap.value,
        "low": gap.low,
        "high": gap.high,
        "low over seeds": gap.over_seeds[0],
        "high over seeds": gap.over_seeds[1],
        "pays": {True: "yes", False: "no", None: "tie"}[point.pays],
    }


def _row(setting: Setting) -> tuple[int, str]:
    """Where the row of a setting stands, and its title; splits other than at random have rows of their own."""
    title = _ROWS.get(setting.data, setting.data)
    place = list(_ROWS).index(setting.data) if setting.data in _ROWS else len(_ROWS)
    return place, title if setting.split == "random" else f"{title}, {setting.split}"
