"""The Teach page: links for a class, and projector mode."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from s2v import lessons
from s2v.ui import locks
from s2v.ui.teaching import builder, links
from tests.serving import ROOT

WAIT = 60  # seconds for one run of a script on a busy machine


def opened(page: str = "pages/teach.py", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page(page).run()


def link(app: AppTest) -> tuple[str, dict[str, str]]:
    assert not app.exception
    parts = urlsplit(app.code[0].value)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_the_link_holds_what_was_prepared_and_what_is_fixed_or_hidden() -> None:
    app = opened()
    assert link(app) == ("/train", {})
    app.multiselect(key="class link fix train").select("data").select("steps").run()
    app.multiselect(key="class link hide train").select("network").run()
    assert link(app) == ("/train", {"fix": "data,steps", "hide": "network"})
    assert "data" not in app.multiselect(key="class link hide train").options
    app.checkbox(key="class link projector").check().run()
    assert link(app)[1]["projector"] == "1"


def test_a_page_that_was_set_up_is_in_the_link_without_its_race() -> None:
    app = opened("pages/distortion.py", measure="area", e1="xyz")
    app.query_params.clear()
    app.switch_page("pages/teach.py").run()
    app.selectbox(key="class link page").select("distortion").run()
    path, query = link(app)
    assert path == "/distortion"
    assert query["measure"] == "area"
    assert query["e1"] == "xyz"
    assert "camera" not in query
    app.segmented_control(key="class link prepared").set_value(builder.AS_IT_STARTS).run()
    assert link(app) == ("/distortion", {})


def test_an_address_that_students_cannot_reach_is_said() -> None:
    app = opened()
    assert "students cannot open it" in app.warning[0].value
    app.text_input(key="class link server").set_value("http://labpc.school.edu:8501/lab").run()
    assert app.code[0].value == "http://labpc.school.edu:8501/lab/train"


@pytest.mark.parametrize(
    "given", ["", "javascript:alert(1)", "http://", "ftp://host/", "http://a b/", "http://me@host/", "http://h:99999/"]
)
def test_what_is_no_address_of_a_server_is_refused_in_a_sentence(given: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a server, such as"):
        links.check_server(given)


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_text_is_an_address_or_gets_a_sentence(text: str) -> None:
    try:
        address = links.check_server(text)
    except ValueError:
        pass
    else:
        assert address.startswith(("http://", "https://"))
        assert address.endswith("/")
        assert links.check_server(address) == address


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://localhost:8501/", True),
        ("http://127.0.0.2/", True),
        ("http://[::1]:8501/", True),
        ("http://labpc:8501/", False),
        ("https://lab.example/lab/", False),
        ("http://192.0.2.2:8501/", False),
    ],
)
def test_addresses_of_this_machine_alone_are_known(address: str, local: bool) -> None:
    assert links.is_local(address) is local


def test_the_qr_code_is_an_svg_and_a_link_that_is_too_long_is_refused() -> None:
    code = ElementTree.fromstring(links.qr_code("http://host/train?fix=data"))
    assert code.tag.endswith("svg")
    with pytest.raises(ValueError, match="cannot be read from a wall"):
        links.qr_code("http://host/" + "a" * links.MAX_LINK)


def test_groups_of_the_builder_are_known_and_its_longest_link_is_a_qr_code() -> None:
    for page, offer in builder.OFFERS.items():
        assert set(offer.groups) <= set(locks.GROUPS)
        longest = links.ClassLink(page, fix=offer.groups, also={"board": "A" * 8, "projector": "1"})
        assert links.qr_code(longest.address("http://labpc.school.edu:8501/lab/"))


def test_a_lesson_is_a_link_that_opens_it_at_its_beginning() -> None:
    app = opened()
    app.selectbox(key="class link page").set_value("lesson tears").run()
    first = lessons.load("tears").steps[0]
    assert link(app) == (f"/{first.page}", {**first.address, "lesson": "tears", "lesson_step": "1"})


def test_projector_mode_stays_on_all_pages_until_it_is_ended() -> None:
    app = opened()
    app.toggle(key="projector mode").set_value(True).run()
    assert app.query_params["projector"] in ("1", ["1"])
    app.switch_page("pages/session.py").run()
    app.button(key="projector end").click().run()
    assert not [button for button in app.button if button.key == "projector end"]


@pytest.mark.parametrize(
    ("kind", "page"), [("fix", "train"), ("hide", "train"), ("fix", "similarity"), ("hide", "distortion")]
)
def test_all_groups_of_a_page_can_be_fixed_or_hidden(kind: str, page: str) -> None:
    offer = builder.OFFERS[page]
    app = opened(offer.file, **{kind: ",".join(offer.groups)})
    assert not app.exception
    assert not app.error
    assert not app.warning
    labels = [widget.label for kinds in (app.selectbox, app.segmented_control, app.toggle) for widget in kinds]
    if kind == "fix":
        assert "set by your teacher" in " ".join(labels)
    else:
        assert not {"Maps", "Encoders to compare", "Data", "Rings every 1000 km", "Colours show"} & set(labels)


def place_page() -> None:
    import streamlit as st

    from s2v.ui import place_widget, visit
    from s2v.ui.page_state import PageState

    visit.read()
    state = PageState("page")
    st.session_state["place"] = place_widget.place_widget(state)
    st.session_state["globes"] = {"clicked": (50.0, 60.0)}  # as a click on a map reports it
    st.button("Click on a map", on_click=place_widget.follow_click, args=(state, "globes"))
    state.write_address()
    state.show_notes()


@pytest.mark.parametrize(("fix", "place"), [("", (50, 60)), ("place", (10, 80))])
def test_a_fixed_place_does_not_follow_a_click(fix: str, place: tuple[float, float]) -> None:
    app = AppTest.from_function(place_page, default_timeout=WAIT)
    for name, value in {"lon": "10", "lat": "80", "fix": fix}.items():
        if value:
            app.query_params[name] = value
    app.run()
    app.button[0].click().run()
    assert app.session_state["place"] == place
    assert [info.value for info in app.info] == (
        ["Longitude, Latitude are set by your teacher and stay as they are."] if fix else []
    )
    assert bool(app.text_input) is not bool(fix)  # the search
