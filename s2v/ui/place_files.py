"""The places on a globe as files: CSV and GeoJSON, by a click each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from s2v import cf
from s2v.data.dataset import DataSet
from s2v.data.held import OwnData
from s2v.export.places import places_csv, places_geojson

Table = tuple[NDArray[Any], Mapping[str, Sequence[object]]]  # places (n, 2), and columns with what is known of each
FORMATS = {"CSV": ("csv", "text/csv", places_csv), "GeoJSON": ("geojson", "application/geo+json", places_geojson)}


def show(table: Callable[[], Table], *, key: str, file_name: str) -> None:
    """Buttons for the files of the places of a ``table``, which is made when one is clicked.

    ``file_name`` is without its ending.
    """

    def make(write: Callable[..., bytes]) -> bytes:
        return write(*table())

    with st.container(horizontal=True, horizontal_alignment="right"):
        for label, (ending, mime, write) in FORMATS.items():
            st.download_button(
                label,
                partial(make, write),
                f"{file_name}.{ending}",
                mime,
                key=f"{key} {label}",
                type="tertiary",
                on_click="ignore",
            )


def known(dataset: DataSet | OwnData, target: NDArray[Any]) -> dict[str, Sequence[object]]:
    """What is known of some places, as a column: a class by its name, or a value."""
    if dataset.classes:
        return {"class": [dataset.classes[number] for number in target.tolist()]}
    return {cf.variable_name(dataset.title): target.tolist()}
