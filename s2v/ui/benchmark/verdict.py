"""The verdict on the paper, claim by claim, and what could not be reproduced."""

from __future__ import annotations

import streamlit as st

from s2v.benchmark.claims import claims
from s2v.benchmark.phase import is_mixture
from s2v.ui.benchmark import stored
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain

BADGES = {
    "supported": ("green", ":material/check:"),
    "contradicted": ("red", ":material/close:"),
    "not decidable here": ("gray", ":material/help:"),
}
MIXTURES = 20  # of the paper

NOT_REPRODUCED = """
- **The paper's own twenty data sets.** Its mixtures are not published. Those here follow what is known of them: 50
  classes, 100 places a class, centres all over the sphere or by latitude, concentrations up to a largest one.
- **Its settings.** Learning rates, radii, steps and the choice of the best run are not published for the mixtures. Here
  all contestants have the same network, steps and number of trials of their scale on validation places.
- **Its largest reduction of the error, 30.8 %.** Which data set and which baseline gave it is not known. Where even the
  best possible predictor would reduce the error by less, no encoder can.
- **Real images.** The lab has no image models. On the published files the poles say little: of iNat2018's validation
  samples 7 lie above 70° N, and of fMoW's none.
"""


def show(opened: Opened | None) -> None:
    """The claims against the suite ``vmf``, or a file with mixtures that is open."""
    st.subheader("The verdict on the paper", anchor=False)
    st.caption(
        "Mai et al. 2023, “Sphere2Vec”, ISPRS Journal of Photogrammetry and Remote Sensing 202, arXiv 2306.17624: "
        "abstract and highlights."
    )
    source = (
        opened
        if opened is not None and opened.is_file and all(map(is_mixture, opened.table.settings))
        else stored.suite("vmf")
    )
    if source is None:
        st.info(
            "No claim is judged here yet: that takes the twenty mixtures. Compute them, a file that is begun counts, "
            f"too: `{stored.command('vmf')}`.",
            icon=":material/hourglass_empty:",
        )
    else:
        with st.spinner("Judging the claims…"):
            phase = stored.suite("phase")
            found = claims(source.table, phase.table if phase else None)
        for claim in found:
            color, icon = BADGES[claim.verdict]
            with st.container(border=True):
                st.badge(claim.verdict, color=color, icon=icon)  # type: ignore[arg-type]
                st.markdown(f"**{plain(claim.text)}** {plain(claim.why)}")
        if not found:
            st.caption("These results lack the contestants that the claims are about.")
        count = len(source.table.settings)
        if count < MIXTURES:
            st.caption(f"Over {count} of the {MIXTURES} mixtures: the others are not computed yet.")
        if phase is None:
            st.caption(f"“Where samples are sparse” takes the suite `phase`: `{stored.command('phase')}`.")
    with st.expander("What could not be reproduced, and why", icon=":material/report:"):
        st.markdown(NOT_REPRODUCED)
