"""The places on a globe as files: CSV, GeoJSON, SVG and PNG, by a click each."""

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
from s2v.figures import globe
from s2v.figures.printed_places import printed_places

Table = tuple[NDArray[Any], Mapping[str, Sequence[object]]]  # places (n, 2), and columns with what is known of each
FORMATS = {"CSV": ("csv", "text/csv", places_csv), "GeoJSON": ("geojson", "application/geo+json", places_geojson)}

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


def show(
    table: Callable[[], Table],
    groups: Sequence[globe.Points],
    *,
    key: str,
    file_name: str,
    title: str,
    names: Sequence[str] = (),
    caption: str = "",
) -> None:
    """Buttons for files of all places of a ``table``, and for pictures of the ``groups`` that the globe shows.

    Each is made when it is clicked.  ``file_name`` is without its ending; a picture has a ``title``, a legend of
    the ``names`` of the groups, and a ``caption``.
    """

    def make(write: Callable[..., bytes]) -> bytes:
        return write(*table())

    def draw(format: str) -> bytes:
        return printed_places(groups, format, names=names, title=title, caption=caption)

    files = [(label, ending, mime, partial(make, write)) for label, (ending, mime, write) in FORMATS.items()]
    files += [(ending.upper(), ending, mime, partial(draw, ending)) for ending, mime in PICTURES.items()]
    with st.container(horizontal=True, horizontal_alignment="right"):
        for label, ending, mime, content in files:
            st.download_button(
                label,
                content,
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
