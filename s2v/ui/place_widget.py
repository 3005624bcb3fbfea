"""The place that a page asks about: by name, by coordinates or by a click; and the camera that looks at it."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from s2v import sphere
from s2v.parameters import Parameter, Value
from s2v.ui.linked_globes import Camera, Place
from s2v.ui.page_state import PageState

PLACES: dict[str, Place] = {
    "Longyearbyen": (15.6, 78.2),
    "North Pole": (0.0, 90.0),
    "South Pole": (0.0, -90.0),
    "Suva, by the dateline": (178.44, -18.14),
    "Dateline in the Arctic": (180.0, 70.0),
    "Quito, on the equator": (-78.47, -0.18),
}
TILT = 10.0  # degrees from the pole that a camera keeps, so that both the place and the pole are in sight

_LONGITUDE = Parameter(
    "lon", float, 15.6, "Longitude", "East is positive; 180 and -180 are the dateline.", -180.0, 180.0, unit="degrees"
)
_LATITUDE = Parameter(
    "lat", float, 78.2, "Latitude", "North is positive; 90 is the North Pole.", -90.0, 90.0, unit="degrees"
)


class _CameraParameter(Parameter):
    """Where the maps look from, as text: longitude,latitude,zoom."""

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
    longitude, latitude, zoom = camera
    return f"{float(sphere.wrap_longitude(longitude)):.1f},{latitude:.1f},{zoom:.3g}"


def camera_of(settings: PageState) -> Camera:
    """The camera in force."""
    longitude, latitude, zoom = (float(part) for part in str(settings["camera"]).split(","))
    return longitude, latitude, zoom


def follow_camera(settings: PageState, key: str) -> None:
    """Callback of linked globes: the address keeps the camera."""
    if rested := _news(key, "camera"):
        settings.put("camera", camera_text((float(rested[0]), float(rested[1]), float(rested[2]))))


def follow_click(settings: PageState, key: str) -> None:
    """Callback of linked globes: the place is where the reader clicked."""
    if clicked := _news(key, "clicked"):
        settings.put("lon", round(float(clicked[0]), 2))
        settings.put("lat", round(float(clicked[1]), 2))


def place_widget(settings: PageState) -> Place:
    """Shows the choice of a place where it is called."""
    settings.add(_LONGITUDE, _LATITUDE)
    place = float(settings["lon"]), float(settings["lat"])
    key = f"{settings.page} place"
    st.session_state[key] = next((name for name, known in PLACES.items() if known == place), None)

    def choose() -> None:
        if chosen := PLACES.get(st.session_state[key]):
            settings.put("lon", chosen[0])
            settings.put("lat", chosen[1])
            _, _, zoom = camera_of(settings)
            settings.put("camera", camera_text((chosen[0], _tilted(chosen[1]), zoom)))

    st.pills("Place (or click on any map)", list(PLACES), key=key, on_change=choose)
    with st.popover("Coordinates", icon=":material/pin_drop:"):
        settings.widget("lon")
        settings.widget("lat")
    return place


def words(place: Place) -> str:
    """A place as people write it: 78.2° N, 15.6° E; its name if it has one."""
    longitude, latitude = place
    name = next((name for name, known in PLACES.items() if known == place), "")
    north = f"{abs(latitude):.4g}° {'N' if latitude >= 0 else 'S'}"
    if abs(latitude) == 90:
        return "the North Pole" if latitude > 0 else "the South Pole"
    east = f"{abs(longitude):.4g}° {'E' if longitude >= 0 else 'W'}"
    return f"{name.split(',')[0]} ({north}, {east})" if name and "Dateline" not in name else f"{north}, {east}"


def _tilted(latitude: float) -> float:
    return math.copysign(min(abs(latitude), 90 - 2 * TILT), latitude)


def _news(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return None if state is None else state.get(name)
