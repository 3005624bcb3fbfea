"""The downloads of the Similarity page: values and trained models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from s2v import export
from s2v.comparison.sources import TrainedModel
from s2v.ui import trained_models
from s2v.ui.comparison.similarity import Maps
from s2v.ui.contestants import Contestant
from s2v.ui.linked_globes import Place
from s2v.ui.messages import plain


def show(found: Maps, chosen: Sequence[Contestant], place: Place) -> None:
    """Buttons to download the values of the maps and trained models."""
    with st.expander("Take it with you: values", icon=":material/download:"), st.container(horizontal=True):
        st.download_button(
            "Maps as NetCDF",
            lambda: maps_netcdf(found, place),
            "similarity.nc",
            "application/netcdf",
            on_click="ignore",
            key="similarity netcdf",
        )
        for model in (trained_models.find(c.source.name) for c in chosen if isinstance(c.source, TrainedModel)):
            st.download_button(
                plain(model.source.title), model.file, model.file_name, on_click="ignore", key=model.source.name
            )


def maps_netcdf(found: Maps, place: Place) -> bytes:
    """All maps, each a variable."""
    about = {"place": f"{place[0]:g}, {place[1]:g} (longitude, latitude)"}
    return export.to_netcdf([replace(field, about=about) for field in (*found.fields, *found.rounds)])
