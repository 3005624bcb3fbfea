"""The place that a page is about, chosen by name, by coordinates or by a click, and the camera of its maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from s2v import sphere
from s2v.data.place_names import NamedPlace
from s2v.parameters import Parameter, Value
from s2v.ui import locks, place_search
from s2v.ui.linked_globes import Camera, Place
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState
from s2v.ui.place_search import SearchResult

PLACES: dict[str, Place] = {
    "Longyearbyen": (15.6, 78.2),
    "North Pole": (0.0, 90.0),
    "South Pole": (0.0, -90.0),
    "Suva, by the dateline": (178.44, -18.14),
    "Dateline in the Arctic": (180.0, 70.0),
    "Quito, on the equator": (-78.47, -0.18),
}
MAX_CAMERA_LATITUDE = 70.0  # degrees: a camera above a place near a pole shows both

_LONGITUDE = Parameter(
    "lon", float, 15.6, "Longitude", "East is positive; 180 and -180 are the dateline.", -180.0, 180.0, unit="degrees"
)
_LATITUDE = Parameter(
    "lat", float, 78.2, "Latitude", "North is positive; 90 is the North Pole.", -90.0, 90.0, unit="degrees"
)


class _CameraParameter(Parameter):
    """The camera of the maps as text: longitude,latitude,zoom."""

    def check(self, value: Value) -> Value:
        try:
            longitude, latitude, zoom = (float(part) for part in str(value).split(","))
            if not (abs(latitude) <= 90 and abs(longitude) <= 360 and 0.1 <= zoom <= 1000):
                raise ValueError
        except ValueError:
            raise ValueError(
                f"{self.name}={value!r} is not longitude,latitude,zoom, such as 15.6,68,1 (a zoom of 0.1 to 1000)."
            ) from None
        return camera_text((longitude, latitude, zoom))


def camera_parameter(default: Camera) -> Parameter:
    """The camera as a setting of a page."""
    return _CameraParameter("camera", str, camera_text(default), "Camera", "Where the maps look from.")


def camera_text(camera: Camera) -> str:
    """A camera as the address has it."""
    longitude, latitude, zoom = camera
    return f"{float(sphere.wrap_longitude(longitude)):.1f},{latitude:.1f},{zoom:.3g}"


def camera_of(state: PageState) -> Camera:
    """The current camera."""
    longitude, latitude, zoom = (float(part) for part in str(state["camera"]).split(","))
    return longitude, latitude, zoom


def fit_camera(state: PageState, world: bool) -> Camera:
    """The camera, after the kind of maps was chosen and before the address is written.

    World maps start whole, both poles in sight, unless a link says otherwise; other maps find their camera again.
    """
    key = f"{state.page} camera beside the world"
    kept: str | None = st.session_state.get(key)
    if world and kept is None:
        st.session_state[key] = str(state["camera"])
        if not state.is_linked(["camera"]):
            state.put("camera", camera_text((camera_of(state)[0], 0.0, 1.0)))
    elif not world and kept is not None:
        state.put("camera", kept)
        del st.session_state[key]
    return camera_of(state)


def follow_camera(state: PageState, key: str) -> None:
    """Callback of linked globes: the reader has moved the camera."""
    if moved := _component_value(key, "camera"):
        state.put("camera", camera_text((float(moved[0]), float(moved[1]), float(moved[2]))))


def follow_click(state: PageState, key: str) -> None:
    """Callback of linked globes: the reader has clicked on a place."""
    if clicked := _component_value(key, "clicked"):
        state.put("lon", round(float(clicked[0]), 2))
        state.put("lat", round(float(clicked[1]), 2))


def place_widget(state: PageState) -> Place:
    """Shows the choice of a place, and returns the place."""
    state.add(_LONGITUDE, _LATITUDE)
    place = float(state["lon"]), float(state["lat"])
    if locks.is_hidden("lon", "lat"):
        return place
    fixed = locks.is_fixed("lon", "lat")
    key = f"{state.page} place"
    st.session_state[key] = next((name for name, known in PLACES.items() if known == place), None)

    def choose() -> None:
        if chosen := PLACES.get(st.session_state[key]):
            _go(state, chosen)

    title = locks.label(words(place)) if fixed else "Place (or click on any map)"
    st.pills(title, list(PLACES), key=key, on_change=choose, disabled=fixed)
    if not fixed:
        _search_widget(state, place)
    return place


def _go(state: PageState, place: Place) -> None:
    """Changes the place, and turns the maps to it."""
    state.put("lon", place[0])
    state.put("lat", place[1])
    if (state["lon"], state["lat"]) != place:
        return  # a teacher's link has fixed it
    latitude = min(max(place[1], -MAX_CAMERA_LATITUDE), MAX_CAMERA_LATITUDE)
    state.put("camera", camera_text((place[0], latitude, camera_of(state)[2])))


@dataclass(frozen=True)
class _Search:
    """A search of this session.  It is shown until the place is changed by other means."""

    text: str
    result: SearchResult
    options: dict[str, NamedPlace]  # by the labels that they have in the choice
    chosen: str | None  # of the options
    place: Place  # that the page was about after it


def _search_widget(state: PageState, place: Place) -> None:
    key = f"{state.page} search"
    text_key, choice_key = f"{key} text", f"{key} choice"
    search: _Search | None = st.session_state.get(key)
    if search and search.place != place:
        search = st.session_state[key] = None

    def look() -> None:
        text = str(st.session_state[text_key]).strip()[: place_search.MAX_TEXT]
        if not text:
            st.session_state[key] = None
            return
        result = place_search.search(text, PLACES)
        options = {_label(option): option for option in result.options}
        done = _Search(text, result, options, None, place)
        st.session_state[key] = go(done, next(iter(options))) if result.is_certain else done

    def choose() -> None:
        if search and (chosen := st.session_state[choice_key]):
            st.session_state[key] = go(search, chosen)

    def go(search: _Search, chosen: str) -> _Search:
        target = search.options[chosen].lonlat
        _go(state, target)
        return replace(search, chosen=chosen, place=target)

    # Setting a text that is there already would undo what is being typed: this page may run again by itself.
    text = search.text if search else ""
    if st.session_state.get(text_key) != text:
        st.session_state[text_key] = text
    st.text_input(
        "Go to: a place's name or coordinates",
        key=text_key,
        placeholder=f"Tromsø, or {place_search.EXAMPLE}",
        help=place_search.HELP,
        on_change=look,
    )
    if search and search.result.error:
        st.error(plain(search.result.error), icon=":material/wrong_location:")
    elif search and (len(search.options) > 1 or not search.result.is_certain):
        st.session_state[choice_key] = search.chosen
        people = [f"{option.people:,} people" if option.people else "" for option in search.options.values()]
        st.radio(
            plain(search.result.remark),
            list(search.options),
            key=choice_key,
            format_func=plain,
            captions=people,
            on_change=choose,
        )
    elif search and search.result.options[0].country:  # its name there may be another one
        st.caption(plain(*search.options))


def _label(option: NamedPlace) -> str:
    name = f"{option.name}, {option.country}" if option.country else option.name
    return f"{name} ({_degrees(option.lonlat)})"


def words(place: Place) -> str:
    """A place in words: 78.2° N, 15.6° E, after its name if it has one."""
    name = next((name for name, known in PLACES.items() if known == place), "")
    if abs(place[1]) == 90:
        return "the North Pole" if place[1] > 0 else "the South Pole"
    return f"{name.split(',')[0]} ({_degrees(place)})" if name and "Dateline" not in name else _degrees(place)


def _degrees(place: Place) -> str:
    longitude, latitude = place
    north = f"{abs(latitude):.4g}° {'N' if latitude >= 0 else 'S'}"
    return f"{north}, {abs(longitude):.4g}° {'E' if longitude >= 0 else 'W'}"


def _component_value(key: str, name: str) -> Any:
    values = st.session_state.get(key)
    return None if values is None else values.get(name)
