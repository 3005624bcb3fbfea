"""The file that a session has open: dropped, or one of the examples; and how its reader understands it.

The file stays in the memory of the session.  Nothing of it is written to disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import streamlit as st

from s2v import data
from s2v.data import DataSet
from s2v.data.readers import READERS
from s2v.data.readers.base import Options, Table
from s2v.data.readers.files import open_table
from s2v.ui import pictures
from s2v.ui.messages import plain

UPLOAD, EXAMPLE = "your data upload", "your data example"
_FORGOTTEN = "your data uploads forgotten"  # how many: a new key empties the uploader
EXAMPLE_PLACES = 3000


@dataclass(frozen=True)
class Example:
    """A file that the page can open by itself: a built-in data set as people have such data."""

    title: str
    file: str
    data: str
    target: str


EXAMPLES = (
    Example("Languages and their families", "languages.csv", "languages", "family"),
    Example("Populations of cities", "cities.csv", "cities:population", "log10_population"),
    Example("Relief at 3,000 places", "relief.csv", "relief", "metres"),
)


@dataclass(frozen=True)
class OpenFile:
    """The bytes of a file, its name, and the column that an example is about."""

    content: bytes = field(repr=False)
    name: str
    target: str | None = None

    @cached_property
    def digest(self) -> str:
        """Tells files apart; of a large one it takes a moment."""
        return hashlib.sha256(self.name.encode() + b"\0" + self.content).hexdigest()


def file_widgets() -> OpenFile | None:
    """Shows the uploader and the examples; returns the file that is open, or None before the first."""
    uploaded = st.file_uploader(  # of any type: for one that cannot be read, the reader says why
        f"Drop a file with places: {', '.join(reader.title for reader in READERS)}",
        key=_upload_key(),
        on_change=_drop_example,
        help="A column each for longitude and latitude, or points with a geometry. The file stays in the memory of "
        "this session and goes when you close the page.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Or look at an example:")
        for i, example in enumerate(EXAMPLES):
            st.button(example.title, key=f"example {i}", on_click=_open_example, args=(i,), type="tertiary")
    if uploaded is not None:
        key = uploaded.file_id
        return pictures.cached("your data file", key, lambda: OpenFile(uploaded.getvalue(), uploaded.name))
    chosen = st.session_state.get(EXAMPLE)
    return None if chosen is None else _example_file(chosen)


def forget() -> None:
    """Closes the file, and drops all that is known of it."""
    for slot in [slot for slot in st.session_state if str(slot).startswith("your data ")]:
        if isinstance(st.session_state[slot], tuple):  # of pictures.cached; the others are widgets
            del st.session_state[slot]
    st.session_state[EXAMPLE] = None
    st.session_state[_FORGOTTEN] = st.session_state.get(_FORGOTTEN, 0) + 1


def table_of(file: OpenFile, **options: str) -> Table:
    """The file with the names of its columns; ``ValueError`` as ``read_points``."""
    key = (file.digest, tuple(sorted(options.items())))
    return pictures.cached("your data table", key, lambda: open_table(_named(file), Options(**options)))


def read(file: OpenFile, **how: Any) -> DataSet:
    """The data set in the file, read as told; ``ValueError`` as ``read_points``."""
    key = (file.digest, tuple(sorted(how.items())))
    with st.spinner(f"Reading {plain(file.name)} …", show_time=True):
        return pictures.cached("your data set", key, lambda: data.read_points(_named(file), **how))


def _named(file: OpenFile) -> io.BytesIO:
    opened = io.BytesIO(file.content)
    opened.name = file.name
    return opened


def _upload_key() -> str:
    return f"{UPLOAD} {st.session_state.get(_FORGOTTEN, 0)}"


def _drop_example() -> None:
    st.session_state[EXAMPLE] = None


def _open_example(number: int) -> None:
    forget()
    st.session_state[EXAMPLE] = number


@lru_cache(maxsize=len(EXAMPLES))
def _example_file(number: int) -> OpenFile:
    example = EXAMPLES[number]
    dataset = data.load(example.data)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["longitude", "latitude", example.target])
    for (lon, lat), value in zip(
        dataset.lonlat[dataset.train[:EXAMPLE_PLACES]], dataset.target[dataset.train[:EXAMPLE_PLACES]], strict=True
    ):
        target = dataset.classes[int(value)] if dataset.classes else f"{value:.6g}"
        rows.writerow([f"{lon:.4f}", f"{lat:.4f}", target])
    return OpenFile(out.getvalue().encode(), example.file, example.target)
