"""What Python sends to the linked globes, what it sends only once, and what it rejects."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures.veil import Veil
from s2v.ui.linked_globes import Difference, Panel, Wipe, linked_globes

GRID = Grid.equirectangular(10)


def field(**changes: Any) -> Field:
    values = np.cos(sphere.great_circle(GRID.lonlat, np.array([20.0, 80.0])))
    return Field(values, GRID, "Cosine", **{"limits": (-1.0, 1.0), **changes})


def sent(script: Callable[..., None], *arguments: Any) -> dict[str, Any]:
    """The message of a page that shows linked globes."""
    app = AppTest.from_function(script, args=arguments).run(timeout=60)
    assert not app.exception, app.exception
    proto = app.get("bidi_component")[0].proto
    return dict(json.loads(proto.json))


def page(panels: list, options: dict) -> None:  # type: ignore[type-arg]  # AppTest runs its source alone
    import streamlit as st

    from s2v.ui.linked_globes import linked_globes

    result = linked_globes(panels, key="globes", **options)
    st.session_state.result = result


def test_changes_of_colours_limits_camera_or_probe_send_no_values() -> None:
    before = sent(page, [Panel(field())], {})
    for panel, options in [
        (Panel(field(colormap="magma")), {}),
        (Panel(field(limits=(0.0, 0.5))), {}),
        (Panel(field(), kind="north", smooth=False), {"camera": (10, 80, 2)}),
        (Panel(field()), {"probe": (0, 90), "rings": (500,), "test_card": True}),
    ]:
        assert sent(page, [panel], options)["values"] == before["values"]
    other = field().with_values(field().values * 0.5)
    assert sent(page, [Panel(other)], {})["values"] != before["values"]


def test_the_message_is_small_and_names_all_its_files() -> None:
    message = sent(page, [Panel(field()), Panel(field(), "south")], {"points": [(0, 90), (180, -90)]})
    assert len(json.dumps(message)) < 6000
    addresses = {message["coastlines"], message["points"]}
    addresses |= {values["address"] for values in message["values"].values()}
    assert addresses == set(message["addresses"])
    assert len(message["values"]) == 1  # both panels read the same values
    assert len(message["scales"]) == 1  # and share one colour bar


def test_a_panel_has_dots_of_its_own_which_travel_within_a_live_message() -> None:
    """A live file may be gone before a slow browser asks for it; all are named, or the browser would forget them."""
    stays = Panel(field(), points=[(0, 90)])
    message = sent(page, [Panel(field()), stays, Panel(field(), points=[(0, 90), (180, -90)], live=True)], {})
    none, file, within = (panel["points"] for panel in message["panels"])
    assert none is None
    assert "/media/" in file
    assert within.startswith("data:")
    assert {file, within} < set(message["addresses"])


def test_only_live_values_travel_within_the_message() -> None:
    stays = field().with_values(field().values / 2)
    message = sent(page, [Panel(stays), Panel(field(), live=True)], {})
    still, values = message["values"].values()
    assert still["address"] in message["addresses"]
    head, _, content = values["address"].partition(",")
    assert head == "data:application/octet-stream;base64"
    codes = np.frombuffer(base64.b64decode(content), np.uint16).reshape(GRID.shape)
    # half a step of 65,535 between the smallest and the largest value, and float32
    np.testing.assert_allclose(values["offset"] + values["step"] * codes, field().values, rtol=0, atol=2e-5)
    assert values["address"] not in message["addresses"]


def test_modules_are_files_named_by_their_content() -> None:
    for _ in range(2):  # a second server in the same process
        proto = AppTest.from_function(page, args=([Panel(field())], {})).run(timeout=60).get("bidi_component")[0].proto
        assert re.fullmatch(r"s2v\.linked_globes-[0-9a-f]{12}", proto.component_name)
        assert proto.js_source_path == "main.js"
        assert not proto.js_content


def test_panels_share_equal_scales() -> None:
    panels = [Panel(field()), Panel(field(units="m")), Difference(field(), Panel(field(), "north")), Panel(field())]
    message = sent(page, panels, {})
    assert [panel["scaleNumber"] for panel in message["panels"]] == [0, 1, 2, 0]


def test_a_difference_has_symmetric_limits_and_the_map_of_the_first() -> None:
    smaller = field().with_values(field().values * 0.25, title="Quarter")
    message = sent(page, [Difference(Panel(field(), "south", edge=60), smaller)], {})
    low, high = message["scales"][0]["limits"]
    assert low == -high
    assert high == pytest.approx(0.75 * abs(field().values).max())
    panel = message["panels"][0]
    assert (panel["kind"], panel["edge"], panel["title"]) == ("south", 60, "Cosine − Quarter")


def test_a_saved_picture_gets_a_safe_name_and_its_caption() -> None:
    message = sent(page, [Panel(field())], {"file_name": "a/b c:sphereC+-78.2N", "caption": ("one", "two")})
    assert message["fileName"] == "a-b-c-sphereC+-78.2N"
    assert message["caption"] == ["one", "two"]


def test_a_walk_sends_all_frames_as_one_file() -> None:
    places = [(20.0, latitude) for latitude in (0.0, 45.0, 90.0)]
    frames = [field().with_values(np.cos(sphere.great_circle(GRID.lonlat, np.array(place)))) for place in places]
    message = sent(page, [Panel(frames[0], frames=frames)], {"walk": places, "frame": 2})
    (values,) = message["values"].values()
    assert values["frames"] == 3
    assert message["walk"] == [list(place) for place in places]
    assert message["frame"] == 2


def test_without_reports_the_result_is_the_request() -> None:
    app = AppTest.from_function(page, args=([Panel(field())], {"camera": (200, -90, 3)})).run(timeout=60)
    result = app.session_state.result
    assert result.clicked is None
    assert result.camera == (200.0, -90.0, 3.0)
    assert result.frame == 0


@pytest.mark.parametrize(
    ("panels", "options", "words"),
    [
        ([], {}, "0 panels; linked globes show 1 to 8"),
        ([Panel(field())] * 9, {}, "9 panels"),
        ([Panel(field(), "mercator")], {}, "kind='mercator' is not one of globe, north, south, world"),  # type: ignore[arg-type]
        ([Panel(field(), "north", edge=95)], {}, "edge=95"),
        ([Panel(field())], {"camera": (0, 91, 1)}, "latitude 91"),
        ([Panel(field())], {"camera": (0, 0, 0)}, "zoom above 0"),
        ([Panel(field())], {"probe": (np.nan, 0)}, "not finite"),
        ([Panel(field())], {"rings": (30000,)}, "A ring at 30000 km"),
        ([Panel(field(), frames=[field()])], {}, "no walk"),
        ([Panel(field(), frames=[field()])], {"walk": [(0, 0), (0, 1)]}, "one frame a place"),
        ([Wipe(field(), field(limits=(0.0, 1.0)))], {}, "one colour scale"),
        ([Difference(field(), field(classes=("a", "b")))], {}, "classes cannot be subtracted"),
    ],
)
def test_errors_say_what_cannot_be_drawn(panels: list[Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        linked_globes(panels, key="refused", **options)


def test_a_veil_is_sent_once_and_its_distance_is_not_in_the_file() -> None:
    places = [(0.0, 90.0), (180.0, -20.0)]
    messages = [sent(page, [Panel(field())], {"veil": Veil.of(places, km)}) for km in (500, 1500)]
    assert messages[0]["values"] == messages[1]["values"]  # another distance sends no values
    for message, km in zip(messages, (500, 1500), strict=True):
        veil = message["veil"]
        assert (veil["begins"], veil["km"]) == (km / 2, km)
        assert f"{km:,} km" in veil["meaning"]
        assert message["values"][veil["distance"]]["address"] in message["addresses"]
    assert len(messages[0]["values"]) == 2
    assert sent(page, [Panel(field())], {})["veil"] is None
