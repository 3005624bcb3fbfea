"""Results of single samples: where a published model is right, and which of two is right more often."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from s2v.evaluation import samples
from s2v.evaluation.judged import Judged, Score
from s2v.evaluation.phrases import with_interval
from s2v.evaluation.samples import McNemar, SampleResults
from s2v.fields import Field
from s2v.ui import charts, pictures
from s2v.ui.linked_globes import Panel, linked_globes
from s2v.ui.messages import plain, shorten

MAX_FILES = 4
SMALL_P = 0.05
TOP_1 = "top-1 accuracy"


def show() -> None:
    """Shows the uploader of results, and what the files say."""
    st.subheader("Results of single samples", anchor=False)
    files = st.file_uploader(
        "Drop one CSV, or several of the same test samples to compare models",
        accept_multiple_files=True,
        key="published samples",
        help=f"A row for each test sample with the columns {', '.join(samples.COLUMNS)}, as TorchSpatial writes them.",
    )
    if not files:
        st.caption(
            "TorchSpatial's evaluation writes such files. Here they show where a model is right: by latitude, by how "
            "many samples there are around, and for two models which of them is right more often, and where."
        )
        return
    if len(files) > MAX_FILES:
        st.info(f"{len(files)} files are here; the first {MAX_FILES} are compared.", icon=":material/info:")
    contents = [(_title(file.name), file.getvalue()) for file in files[:MAX_FILES]]
    key = tuple((name, hashlib.sha256(content).hexdigest()) for name, content in contents)
    results: dict[str, SampleResults] = {}
    try:
        with st.spinner("Reading the results …"):
            results = pictures.cached("published samples read", key, lambda: _read(contents))
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    try:
        samples.check_paired(results)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        results = dict([next(iter(results.items()))])
        st.caption(f"{plain(next(iter(results)))} alone is shown.")
    shown = (key, tuple(results))
    judged = pictures.cached("published samples judged", shown, lambda: samples.judge_samples(results))
    _show_table(results, judged)
    _show_bars(results, judged, shown)
    if len(results) > 1:
        _show_pair(results, judged, shown)


def _show_table(results: Mapping[str, SampleResults], judged: Judged) -> None:
    first = next(iter(results.values()))
    left_out = sum(found.left_out for found in results.values())
    st.caption(
        f"{len(first.lonlat):,} samples."
        + (f" {left_out:,} rows without a place or a result are left out." if left_out else "")
        + f" Intervals (90 %) draw whole areas of {samples.BLOCK_KM:.0f} km, since neighbours resemble each other."
    )
    rows = [
        {
            "Model": name,
            "Top 1": with_interval(judged.score(name)),
            "Top 3": f"{found.hit3.mean():.3f}",
            "Mean reciprocal rank": f"{found.reciprocal_rank.mean():.3f}",
            "Mean probability of the true class": f"{found.probability.mean():.3f}",
        }
        for name, found in results.items()
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def _show_bars(results: Mapping[str, SampleResults], judged: Judged, key: object) -> None:
    from s2v.figures.charts import Band, band_bars, band_rows  # here, because plotly takes a second to import

    by_latitude = {
        name: [Band(band.title, band.value, *_ends(band.interval)) for band in judged.bands(name) if band.count]
        for name in results
    }
    density = pictures.cached("published samples density", key, lambda: samples.by_density(results))
    by_density = {
        name: [Band(words, scores[name].value, *_ends(scores[name].interval)) for words, scores in density]
        for name in results
    }
    left, right = st.columns(2, gap="medium")
    for place, title, series, about in (
        (
            left,
            "By latitude",
            by_latitude,
            "Bands without samples are left out; few samples give wide intervals, or none.",
        ),
        (
            right,
            "By how many samples are around",
            by_density,
            f"Samples in the same area of {samples.BLOCK_KM:.0f} km, in groups of about as many samples each.",
        ),
    ):
        with place:
            st.markdown(f"**{title}**")
            charts.show(
                band_bars(series, y_title=TOP_1, height=320),
                key=f"published {title}",
                alt=f"Accuracy: {title}",
                file_name=charts.file_name(*results, f"{TOP_1} {title.lower()}"),
                table=partial(band_rows, series, TOP_1),
            )
            st.caption(about)


def _show_pair(results: Mapping[str, SampleResults], judged: Judged, key: object) -> None:
    names = list(results)
    st.markdown("**Which of two is right more often**")
    first, second = names[:2]
    if len(names) > 2:
        with st.container(horizontal=True):
            first = st.selectbox("First", names, key="published first", format_func=plain)
            second = st.selectbox(
                "Second", [name for name in names if name != first], key="published second", format_func=plain
            )
    pair = (key, first, second)
    test = pictures.cached(
        "published mcnemar", pair, lambda: samples.mcnemar(results[first].hit1, results[second].hit1)
    )
    gain = judged.difference(first, second)
    st.markdown(sentence(plain(first), plain(second), gain, test))
    field = pictures.cached("published where", pair, lambda: samples.difference_field(results[first], results[second]))
    if not field.known.any():
        st.caption(f"No area has {samples.MIN_SAMPLES} samples, so there is no map of where which one wins.")
        return
    linked_globes(
        _panels(field),
        key="published where globes",
        camera=(0.0, 40.0, 1.0),
        height=380,
        columns=2,
        file_name="published-where",
        caption=[f"Red: {first} is right more often; blue: {second}."],
    )
    st.caption(
        f"Red: {plain(first)} is right more often; blue: {plain(second)}; in cells of equal area with at least "
        f"{samples.MIN_SAMPLES} samples."
    )


def sentence(first: str, second: str, gain: Score, test: McNemar) -> str:
    """Which of two models is right more often, with the interval and the test."""
    verdict = (
        f"**{first if gain.value > 0 else second} is right more often**"
        if gain.clear
        else f"No difference between {first} and {second} can be told"
    )
    p = "below 0.001" if test.p_value < 0.001 else f"{test.p_value:.2g}"
    text = (
        f"{verdict}: {first} less {second} is {with_interval(gain)} in top-1 accuracy. {test.only_first:,} samples are "
        f"right with {first} alone, {test.only_second:,} with {second} alone; McNemar's exact test of these: p {p}."
    )
    if test.p_value < SMALL_P and not gain.clear:
        text += (
            " The test takes samples for independent. They are not, where they lie close together: trust the interval."
        )
    return text


def _panels(field: Field) -> list[Panel]:
    return [Panel(field, "globe", "Where which one wins", smooth=False), Panel(field, "north", "North", smooth=False)]


def _read(contents: Sequence[tuple[str, bytes]]) -> dict[str, SampleResults]:
    found: dict[str, SampleResults] = {}
    for name, content in contents:
        title, number = name, 2
        while title in found:
            title, number = f"{name} ({number})", number + 1
        found[title] = samples.read_samples(content, title)
    return found


def _title(name: str) -> str:
    return shorten(name.removesuffix(".csv"))


def _ends(interval: tuple[float, float]) -> tuple[float | None, float | None]:
    low, high = interval
    return (low, high) if low == low else (None, None)
