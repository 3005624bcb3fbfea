"""What others have published, with its caveats, and how its order compares with ours."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import streamlit as st

from s2v import assets
from s2v.benchmark.report import interval, signed
from s2v.benchmark.table import LEVEL, Table
from s2v.ui.benchmark import stored
from s2v.ui.messages import plain

MIN_COMMON = 5  # encoders in two tables: with fewer, an order says nothing
OURS = {"classification": "vmf", "location": "vmf", "regression": "fields"}  # suites of the same task

CAVEATS = """
- **sphereM+ and dfs, marked “one scale”.** In TorchSpatial's code both get only frequencies of 1 whatever their
  smallest radius is: their rows are not the multi-scale encoders of these names. The accuracies of the place alone
  agree.
- **tile, marked “one cell for the whole globe”.** The size of its cells never reaches the encoder.
- **Siren(SH).** Spherical harmonics up to degree 7 with an ordinary network, not one of sines.
- **Image and place together.** Most of these scores come from the image: differences of the place alone are many times
  larger.
- **One training each.** There are no intervals over seeds in these tables, and on iNat2018 7 validation samples lie
  above 70° N.
- **Background places.** Their code draws them from a quarter of the globe: north of the equator, 0° to 180° E.
"""

FOLDS = (
    "Its other folds are made of cells of longitude and latitude. A cell of 10 degrees is 193 km wide at 80° N and 39 "
    "km at 88° N, so that near the poles held-out places lie closer to the training places than at the equator; and it "
    "ends at the dateline, as at every tenth meridian, so that two places on either side are never held out as one "
    "cell. Blocks here have the same area everywhere, and may reach across the dateline. So scores on the two cannot "
    "be compared; and CoordBench's tables of single data sets are not here."
)


def show() -> None:
    """The published tables, marked, and beside them how their order compares with ours."""
    st.subheader("What others have published", anchor=False)
    found = _published()
    tables: Mapping[str, Any] = found["tables"]
    name = st.selectbox("Table", list(tables), format_func=lambda key: str(tables[key]["title"]), key="published table")
    table = tables[name]
    marked = any(row["mark"] for row in table["rows"])
    st.dataframe(
        [
            {
                "Model": row["model"],
                **({"Mark": row["mark"]} if marked else {}),
                **dict(zip(table["columns"], row["values"], strict=True)),
            }
            for row in table["rows"]
        ],
        hide_index=True,
        placeholder="–",
        column_config={
            "Mark": st.column_config.Column(
                help="Where the code is not what the name says: see the caveats below.", width="medium"
            ),
            **{column: st.column_config.NumberColumn(format="%.2f") for column in table["columns"]},
        },
        height=35 * (1 + len(table["rows"])) + 3,
    )
    st.caption(plain(found["source"]))
    st.markdown(compared_in_words(table, name))
    with st.expander("How far these numbers can be trusted", icon=":material/report:"):
        st.markdown(CAVEATS)
        st.markdown("**Released files of single samples that give other scores than the print:**")
        st.dataframe(
            [{**row, "difference": round(row["file"] - row["printed"], 2)} for row in found["disagree"]],
            hide_index=True,
        )
    other = found["coordbench"]
    st.markdown(
        f"**CoordBench** (arXiv 2609.25454, {other['sets']} data sets, random folds): inverse distance without "
        f"learning has the best mean R², {other['inverse_distance']:.3f} against {other['best_encoder']:.3f} of the "
        f"best encoder. {FOLDS}"
    )


def compared_in_words(table: Mapping[str, Any], name: str) -> str:
    """How the published order of the encoders compares with that of our suite of the same task."""
    suite = OURS[name]
    ours = stored.suite(suite)
    if ours is None:
        return (
            f"Whether the order of the encoders is the same here cannot be said yet: that takes the suite `{suite}`, "
            f"which is not computed (`{stored.command(suite)}`)."
        )
    theirs, mine = means_of(table), ours.of_task("regression" if name == "regression" else "classification")
    common = [name for name in theirs if math.isfinite(overall(mine, name))]
    if len(common) < MIN_COMMON:
        return f"Encoders in both tables: {len(common)}, too few to compare their order."
    rho, low, high = rank_correlation([theirs[n] for n in common], [overall(mine, n) for n in common])
    told = "the orders agree" if low > 0 else "the orders are opposite" if high < 0 else "neither order tells the other"
    return (
        f"Against our suite `{suite}`, over {len(common)} encoders without the marked rows: the rank correlation of "
        f"the mean scores is {signed(rho, 2)} (90 % interval {interval(low, high, 2)}): {told}. The data differ: "
        "theirs are species, pictures or surveys of land, ours are simulated or known everywhere on the sphere."
    )


def means_of(table: Mapping[str, Any]) -> dict[str, float]:
    """The mean of each row that is what its name says and has a score on every data set, by our name of the encoder."""
    columns = [i for i, column in enumerate(table["columns"]) if column != "average"]
    return {
        row["encoder"]: sum(row["values"][i] for i in columns) / len(columns)
        for row in table["rows"]
        if row["encoder"] and not row["mark"] and all(row["values"][i] is not None for i in columns)
    }


def overall(table: Table, name: str) -> float:
    """Our mean score of an encoder, if it has one on every setting; else NaN."""
    return table.mean(name) if all(table.cells(name, setting) for setting in table.settings) else math.nan


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float]:
    """Spearman's rank correlation with its 90 % interval (Fieller, Hartley and Pearson 1957, Biometrika 44).

    Examples
    --------
    >>> rho, low, high = rank_correlation([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 6, 5])
    >>> round(rho, 2), low < rho < high
    (0.94, True)
    """
    from scipy.stats import spearmanr  # here, because it is slow to import

    rho = float(spearmanr(first, second).statistic)
    if not math.isfinite(rho):
        return math.nan, math.nan, math.nan
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(1.06 / (len(first) - 3))
    centre = math.atanh(max(-0.999999, min(0.999999, rho)))
    return rho, math.tanh(centre - half), math.tanh(centre + half)


@lru_cache(maxsize=1)
def _published() -> dict[str, Any]:
    path = assets.asset_path(stored.FOLDER, "published.json")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise assets.damaged(path, str(error)) from None
    return found
