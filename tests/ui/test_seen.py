"""What the maps say to screen readers follows from their values, at the poles and along the dateline, too."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import sphere
from s2v.engine import Frame
from s2v.fields import Field, Grid
from s2v.ui import seen
from s2v.ui.linked_globes import Kind
from s2v.ui.race import maps
from tests.ui.test_pages import HandmadeRace, button, control, opened, started

__all__ = ["started"]

GRID = Grid.equirectangular(2)
LATITUDE = GRID.lonlat[..., 1]


def peak(longitude: float, latitude: float) -> Field:
    """A field that is largest at a place, 10, and smallest at its antipode, 0."""
    angle = sphere.great_circle(GRID.lonlat, [longitude, latitude])
    return Field(10 - 10 * angle / np.pi, GRID, "A peak")


@pytest.mark.parametrize(
    ("place", "largest"),
    [
        ((45.0, 31.0), "largest 10.0 at 31° N, 45° E."),
        ((179.0, -45.0), "largest 10.0 at 45° S, 179° E."),
        ((-179.0, 11.0), "largest 10.0 at 11° N, 179° W."),
        ((0.0, 90.0), "largest 9.9 all along 89° N."),  # a pole is no cell: its whole parallel is equally near
        ((77.0, -90.0), "largest 9.9 all along 89° S."),
    ],
)
def test_the_largest_value_is_where_it_lies(place: tuple[float, float], largest: str) -> None:
    assert seen.of_values(peak(*place)).endswith(largest)


def test_a_polar_map_speaks_of_its_cap_alone() -> None:
    stretch = Field(1 / np.cos(np.deg2rad(LATITUDE)), GRID, "Stretch of a flat map")
    assert seen.of_values(stretch) == (
        "Mean 1.0 at 1° N, 5.2 at 79° N, 5.2 at 79° S; "
        "smallest 1.0 all along 1° N and 1° S, largest 57.3 all along 89° N and 89° S."
    )
    kinds: dict[Kind, str] = {"north": "N", "south": "S"}
    for kind, side in kinds.items():
        assert seen.of_values(stretch, kind) == (
            f"Mean 1.6 at 51° {side}, 5.2 at 79° {side}; "
            f"smallest 1.6 all along 51° {side}, largest 57.3 all along 89° {side}."
        )


def test_what_is_missing_or_infinite_is_left_out() -> None:
    values = np.where(LATITUDE > 60, np.nan, LATITUDE)
    values[-1] = np.inf
    assert seen.of_values(Field(values, GRID, "Latitude")) == (
        "Mean 1.0 at 1° N, 59.0 at 59° N, −79.0 at 79° S; smallest −87.0 all along 87° S, largest 59.0 all along 59° N."
    )
    nothing = Field(np.full(GRID.shape, np.nan), GRID, "Nothing")
    assert seen.of_values(nothing) == seen.of_error(nothing) == "No value anywhere."
    assert seen.of_classes(Field(nothing.values, GRID, "Nothing", classes=("a", "b"))) == "No value anywhere."


def test_one_value_is_said_once() -> None:
    assert seen.of_values(Field(np.full(GRID.shape, 0.25), GRID, "A quarter")) == "0.25 everywhere."
    assert seen.of_values(Field(np.zeros(GRID.shape), GRID, "Nought")) == "0 everywhere."


def test_an_error_counts_by_area() -> None:
    """A cap above 60 degrees is 7 % of the sphere, though a sixth of the rows; all of it counts above 70 degrees."""
    wrong = Field((LATITUDE > 60) * 1.0, GRID, "Error", classes=("right", "wrong"))
    assert seen.of_error(wrong) == "Right on 93 %, above 70° N 0 %, below 70° S 100 % of the area."
    far = Field(np.where(LATITUDE > 60, -200.0, 3.0), GRID, "Error", "m")
    assert seen.of_error(far) == "Mean absolute error 16.2 m, above 70° N 200 m, below 70° S 3.0 m."


def test_the_commonest_class_is_that_of_the_largest_area() -> None:
    """The caps above 40 degrees have 56 % of the rows and 36 % of the area; where nothing is known, no class counts."""
    caps = Field((abs(LATITUDE) > 40) * 1.0, GRID, "Caps", classes=("belt", "caps"))
    assert seen.of_classes(caps) == "belt on 64 % of the area."
    north = caps.with_values(np.where(LATITUDE > 0, caps.values, np.nan))
    assert seen.of_classes(north) == seen.of_classes(caps)


def told(app: AppTest) -> list[str]:
    """What screen readers say of each linked globe on a page."""
    messages = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    (globes,) = [message for message in messages if "panels" in message]
    return [panel["seen"] for panel in globes["panels"]]


def test_maps_of_a_race_say_score_step_and_where_they_are_right(started: list[HandmadeRace]) -> None:
    app = opened("train", data="land_ocean", e1="grid", e2="sphereM", reference="none")
    assert all("% of the area." in part for part in told(app))  # the truth, before the race
    button(app, "start").click().run()
    (race,) = started
    race.add(1, steps=1000, accuracy=0.75)
    race.firsts[0].latest = wrong_above(70, race.firsts[0].latest)
    app.run()
    truth, grid, sphere_m = told(app)
    assert truth.startswith("Ocean on 7")
    assert grid == "Accuracy 0.750 at step 1. Right on 97 %, above 70° N 0 %, below 70° S 100 % of the area."
    assert sphere_m == "Accuracy 0.750 at step 1. Right on 100 %, above 70° N 100 %, below 70° S 100 % of the area."
    race.add(1000, steps=1000, fine=True, accuracy=0.5, test_accuracy=0.875)
    race.end("finished")
    app.run()
    assert told(app)[1].startswith("Accuracy 0.875 at step 1,000. Right on 100 %")


def test_the_maps_of_one_network_name_it_and_its_error(started: list[HandmadeRace]) -> None:
    app = opened("train", data="geoid", e1="sphereM", e2="none", reference="none")
    button(app, "start").click().run()
    (race,) = started
    race.add(90, r2=0.5)  # a prediction of 0.9 times the truth
    app.run()
    fine = maps.truth("geoid", Grid.equirectangular(1))  # the truth is drawn on a finer grid than a live prediction
    tenth = scaled(maps.truth("geoid", GRID), 0.1)
    truth, prediction, error = told(app)
    assert truth == seen.of_values(fine)
    assert prediction == error == f"sphereM: R² 0.500 at step 90. {seen.of_error(tenth)}"
    control(app, "train.view").set_value("north")
    app.run()
    assert told(app)[0] == seen.of_values(fine, "north")


def wrong_above(latitude: float, frame: Frame) -> Frame:
    """A frame of land or ocean whose map of the world has the other class above a latitude."""
    world = frame.maps["world"]
    turned = np.where(frame.grids["world"].lonlat[..., 1] > latitude, 1 - world, world)
    return dataclasses.replace(frame, maps={**frame.maps, "world": turned})


def scaled(field: Field, factor: float) -> Field:
    return field.with_values(factor * field.values)
