"""The downloads of the Similarity page: values and trained models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v import export
from s2v.comparison.sources import TrainedModel
from s2v.sphere import EARTH_RADIUS_KM
from s2v.ui import trained_models
from s2v.ui.comparison.common import csv_button
from s2v.ui.comparison.similarity import Maps, Numbers
from s2v.ui.contestants import Contestant
from s2v.ui.linked_globes import Place
from s2v.ui.messages import plain


def show(found: Maps, measured: Sequence[Numbers], chosen: Sequence[Contestant], place: Place) -> None:
    """Buttons to download the values of the maps and of the chart."""
    with st.expander("Take it with you: values", icon=":material/download:"), st.container(horizontal=True):
        st.download_button(
            "Maps as NetCDF",
            lambda: maps_netcdf(found, place),
            "similarity.nc",
            "application/netcdf",
            on_click="ignore",
            key="similarity netcdf",
        )
        csv_button("Curves as CSV", lambda: curves(measured), "similarity")
        for model in (trained_models.find(c.source.name) for c in chosen if isinstance(c.source, TrainedModel)):
            st.download_button(
                plain(model.source.title), model.file, model.file_name, on_click="ignore", key=model.source.name
            )


def curves(found: Sequence[Numbers]) -> pd.DataFrame:
    """The chart's values: distance, and mean, lowest and highest similarity of each encoder."""
    columns: dict[str, Any] = {"distance_km": np.deg2rad(found[0].profile.distance) * EARTH_RADIUS_KM}
    for n in found:
        for part in ("mean", "low", "high"):
            columns[f"{n.contestant.title}: {part}"] = getattr(n.profile, part)
    return pd.DataFrame(columns)


def maps_netcdf(found: Maps, place: Place) -> bytes:
    """All maps, each a variable."""
    about = {"place": f"{place[0]:g}, {place[1]:g} (longitude, latitude)"}
    return export.to_netcdf([replace(field, about=about) for field in (*found.fields, *found.rounds)])
