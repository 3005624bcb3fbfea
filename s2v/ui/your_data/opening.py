"""The file that a session has open: dropped, or one of the examples; and how its reader understands it.

The file stays in the memory of the session.  Nothing of it is written to disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import streamlit as st

from s2v import data
from s2v.data.readers import READERS, aside
from s2v.data.readers.base import Options
from s2v.data.readers.files import open_table
from s2v.data.readers.opened import Head, Opened
from s2v.data.readers.survey import Column, survey
from s2v.ui import pictures, session_race
from s2v.ui.messages import plain
from s2v.ui.private_store import KeptFile

UPLOAD, EXAMPLE = "your data upload", "your data example"
_FORGOTTEN = "your data uploads forgotten"  # how many: a new key empties the uploader
_STOPPED = "your data: reading that was stopped"
EXAMPLE_PLACES = 3000
POLL_SECONDS = 0.3


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
    """The bytes of a file, its name, and how it is read at first: arguments of ``read_points``."""

    content: bytes = field(repr=False)
    name: str
    how: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Tells files apart; of a large one it takes a moment."""
        return hashlib.sha256(self.name.encode() + b"\0" + self.content).hexdigest()

    @cached_property
    def lines(self) -> int:
        """About how many rows the file has, if it is text."""
        return self.content.count(b"\n")


def file_widgets() -> OpenFile | None:
    """Shows the uploader and the examples; returns the file that is open, or None before the first."""
    uploaded = st.file_uploader(  # of any type: for one that cannot be read, the reader says why
        f"Drop a file with places: {', '.join(reader.title for reader in READERS)}",
        key=_upload_key(),
        on_change=_close,
        help="A column each for longitude and latitude, or points with a geometry. The file stays in the memory of "
        "this session and goes when you close the page; a reload keeps it.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Or look at an example:")
        for i, example in enumerate(EXAMPLES):
            st.button(example.title, key=f"example {i}", on_click=_open_example, args=(i,), type="tertiary")
    if uploaded is not None:
        key = uploaded.file_id
        return pictures.cached("your data file", key, lambda: OpenFile(uploaded.getvalue(), uploaded.name))
    chosen = st.session_state.get(EXAMPLE)
    if chosen is not None:
        return _example_file(chosen)
    kept = session_race.kept_file()  # of this page before it was reloaded
    if kept is None:
        return None
    st.caption(f"{plain(kept.name)} is still open, as before the page was reloaded.")
    return pictures.cached("your data file", id(kept.content), lambda: OpenFile(kept.content, kept.name, kept.how))


def keep(file: OpenFile, how: Mapping[str, Any]) -> None:
    """Keeps the file and how it is read for a reload of the page."""
    session_race.keep_file(KeptFile(file.name, file.content, how))


def forget() -> None:
    """Closes the file, and drops all that is known of it."""
    for slot in [slot for slot in st.session_state if str(slot).startswith("your data ")]:
        if isinstance(st.session_state[slot], tuple):  # of pictures.cached; the others are widgets
            del st.session_state[slot]
    _close()
    st.session_state[_FORGOTTEN] = st.session_state.get(_FORGOTTEN, 0) + 1


class StoppedError(Exception):
    """The reader does not want to wait for this file any more."""


def head_of(file: OpenFile, **options: str) -> Head:
    """The columns of the file; ``ValueError`` as ``read_points``."""
    key = (file.digest, tuple(sorted(options.items())))
    return pictures.cached("your data table", key, lambda: _head_of(file, options))


def columns_of(file: OpenFile, **options: str) -> Sequence[Column]:
    """Which columns of the file could be learned."""
    key = (file.digest, tuple(sorted(options.items())))
    return pictures.cached("your data columns", key, lambda: _columns_of(file, options))


def read(file: OpenFile, **how: Any) -> Opened:
    """What is in the file, read as told; ``ValueError`` as ``read_points``."""
    key = (file.digest, tuple(sorted(how.items())))
    return pictures.cached("your data set", key, lambda: _read(file, how))


def _head_of(file: OpenFile, options: Mapping[str, str]) -> Head:
    if aside.is_slow_to_open(file.content):
        return aside.head_of(_aside(file, aside.head_request(options)))
    return Head.of(open_table(_named(file), Options(**options)))


def _columns_of(file: OpenFile, options: Mapping[str, str]) -> Sequence[Column]:
    if aside.is_slow_to_open(file.content):
        return aside.survey_of(_aside(file, aside.survey_request(options)))
    with st.spinner("Looking at the columns …"):
        return survey(open_table(_named(file), Options(**options)))


def _read(file: OpenFile, how: Mapping[str, Any]) -> Opened:
    if aside.is_large(file.content):
        return aside.opened_of(_aside(file, aside.read_request(how)))
    with st.spinner(f"Reading {plain(file.name)} …", show_time=True):
        return Opened.read(_named(file), file.name, how)


def _aside(file: OpenFile, request: Mapping[str, Any]) -> bytes:
    """The answer of another process to a request; what interrupts this run of the page, such as another file, ends it,
    too."""
    key = f"{file.digest[:8]} {request}"
    if st.session_state.get(_STOPPED) == key:
        raise StoppedError
    reading = aside.Reading(file.content, file.name, request)
    place = st.empty()
    try:
        with place.container(border=True):
            bar = st.progress(0.0, "Reading …")
            st.button(
                "Stop",
                key=f"your data stop {request['wanted']}",
                icon=":material/stop:",
                on_click=st.session_state.__setitem__,
                args=(_STOPPED, key),
            )
            while not reading.wait(POLL_SECONDS):
                bar.progress(*_progress(file, reading))
        return reading.answer()
    finally:
        reading.end()
        place.empty()


def _progress(file: OpenFile, reading: aside.Reading) -> tuple[float, str]:
    """How far a file has been read: by its lines, if it is text, and in words."""
    name = plain(file.name)
    if reading.waits:
        return 0.0, f"Reading {name}: it waits for other large files to be read."
    if not reading.rows:
        return 0.0, f"Reading {name} …"
    rows = f"{reading.rows:,}" if reading.rows < 1_000_000 else f"{reading.rows / 1e6:.1f} million"
    if reading.rows < file.lines:
        return reading.rows / file.lines, f"Reading {name}: {rows} rows"
    return 1.0, f"Reading {name}: {rows} rows are read; now their targets, and how far they are apart."


def go_on() -> None:
    """Reads a file after all whose reading was stopped."""
    st.session_state.pop(_STOPPED, None)


def _named(file: OpenFile) -> io.BytesIO:
    opened = io.BytesIO(file.content)
    opened.name = file.name
    return opened


def _upload_key() -> str:
    return f"{UPLOAD} {st.session_state.get(_FORGOTTEN, 0)}"


def _close() -> None:
    """The reader has dropped another file, or taken this one away."""
    st.session_state[EXAMPLE] = None
    session_race.keep_file(None)


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
    return OpenFile(out.getvalue().encode(), example.file, {"target": example.target})
