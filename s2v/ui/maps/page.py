"""What the Maps page shows: a sentence on where maps come from, the map, and its files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from s2v.errors import user_message
from s2v.fields import Field
from s2v.figures.quantities import coloured
from s2v.ui import pictures
from s2v.ui.maps import code, fields, printing, settings
from s2v.ui.maps.settings import Choice, Look
from s2v.ui.maps.sources import Source
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState

TALL, TALL_PIXELS = ("north", "south", "orthographic", "extent"), 760  # a page wide, the files would be out of sight


def show_intro(models: Sequence[Source]) -> None:
    """Says what the page is for, and how a model comes to be on it."""
    if models:
        st.markdown("Choose a model and what to show of it; then take the map as a picture, or its values as data.")
        return
    st.markdown(
        "There is no finished model in this session yet. **Train one**, on built-in data or your own, and it is here "
        "as soon as its race has ended. Until then: what there is to learn, the data themselves, as a map to print."
    )
    with st.container(horizontal=True):
        st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
        st.page_link("pages/your_data.py", label="Open your own data", icon=":material/upload_file:")


def look_of(state: PageState, choice: Choice) -> Look | None:
    """The widgets of how a map is drawn; None where what is typed there cannot be drawn, which is said."""
    dataset = choice.source.dataset
    of_classes = bool(dataset.classes) and choice.quantity in ("prediction", "truth", "error")
    units = "km" if choice.quantity == "distance" else "" if dataset.classes else dataset.units
    try:
        return settings.look_widgets(state, of_classes, units)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/tune:")
        return None


def show_map(choice: Choice, look: Look | None) -> None:
    """The map and its files: of coarse cells at once, and of finer ones as soon as they are computed."""
    if look is None:
        return
    bar = st.empty()  # above the map, which stays until it is replaced
    try:
        degrees = look.degrees
        if degrees < fields.FRAME_DEGREES and not fields.is_ready(*_wanted(choice), degrees):
            png = _png(_field(choice, fields.FRAME_DEGREES, bar), choice, look, fields.FRAME_DEGREES)
            picture = st.empty()
            _show(picture, png, look)
            found = _field(choice, degrees, bar)
            _show(picture, _png(found, choice, look, degrees), look)
        else:
            found = _field(choice, degrees, bar)
            png = _png(found, choice, look, degrees)
            _show(st.empty(), png, look)
    except ValueError as error:
        bar.empty()
        st.error(plain(user_message(error) or str(error)), icon=":material/tune:")
        return
    drawn = _coloured(found, look)
    printing.show_files(drawn, choice, look)
    code.show(drawn, choice, look)


def _wanted(choice: Choice) -> tuple[Source, str, int, Source | None]:
    return choice.source, choice.quantity, choice.number, choice.rival


def _field(choice: Choice, degrees: float, bar: DeltaGenerator) -> Field:
    def show(share: float) -> None:
        if share < 1:
            bar.progress(share, f"Computing the cells of {degrees:g}°: {100 * share:.0f} %")

    def make() -> Field:
        return fields.field(*_wanted(choice), degrees, show)

    found = pictures.cached(f"maps field {degrees:g}", printing.key_of(choice, degrees), make)
    bar.empty()
    return found


def _coloured(found: Field, look: Look) -> Field:
    return coloured(found, look.colormap, look.low, look.high, look.centre)


def _png(found: Field, choice: Choice, look: Look, degrees: float) -> bytes:
    return printing.preview(_coloured(found, look), choice, look, printing.key_of(choice, degrees))


def _show(place: DeltaGenerator, png: bytes, look: Look) -> None:
    with place.container(width=TALL_PIXELS if look.projection in TALL else "stretch"):
        pictures.show_png(png, f"Map: {settings.PROJECTIONS[look.projection]}")
