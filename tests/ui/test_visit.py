"""What a lesson or a teacher's link says holds on every page, and stands in every address."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v.ui import visit
from tests.ui.finding import address, keyed

WAIT = 30  # seconds for one run of a script on a busy machine


def page() -> None:
    import streamlit as st

    from s2v.parameters import Parameter
    from s2v.ui import visit
    from s2v.ui.page_state import PageState

    visit.read()
    state = PageState("page")
    state.add(Parameter("rings", bool, True, "Rings", "Circles."))
    state.widget("rings")
    if st.button("Next"):
        visit.put("lesson_step", "2")
    if st.button("End"):
        visit.put("lesson", "")
    if st.button("Cut short"):
        st.stop()
    state.write_address()
    state.show_notes()
    st.session_state["found"] = visit.get("lesson"), state["rings"]


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_a_visit_stays_in_the_address_beside_the_settings_of_the_page() -> None:
    app = opened(lesson="tears", rings="false")
    assert app.session_state["found"] == ("tears", False)
    assert address(app) == {"rings": "false", "lesson": "tears"}
    assert not app.warning
    app.button[0].click().run()
    assert address(app) == {"rings": "false", "lesson": "tears", "lesson_step": "2"}
    app.button[1].click().run()
    assert address(app) == {"rings": "false", "lesson_step": "2"}


def test_a_page_that_is_opened_without_an_address_keeps_the_visit() -> None:
    app = opened(lesson="tears", rings="false")
    for name in address(app):  # as a click on the row of pages does
        del app.query_params[name]
    app.run()
    assert app.session_state["found"] == ("tears", False)
    assert address(app)["lesson"] == "tears"


def test_changing_a_visit_does_not_reopen_a_link() -> None:
    app = opened(rings="false", lesson="tears")
    keyed(app.toggle, "page.rings").set_value(True).run()
    app.button[0].click().run()
    assert app.session_state["found"] == ("tears", True)


def test_a_report_that_comes_after_a_link_with_the_address_before_it_changes_nothing() -> None:
    app = opened(lesson="tears", lesson_step="2", rings="true")
    before = address(app)
    app.query_params["lesson_step"], app.query_params["rings"] = "3", "false"
    app.button[2].click().run()  # the link, whose run another one cuts short
    for name, value in before.items():
        app.query_params[name] = value
    app.button[2].set_value(False).run()
    assert address(app) == {"lesson": "tears", "lesson_step": "3", "rings": "false"}
    app.query_params["lesson_step"] = "2"  # the way back is a link
    app.run()
    assert address(app)["lesson_step"] == "2"


def test_a_long_value_is_cut() -> None:
    app = opened(lesson="x" * 5000)
    assert len(app.session_state["found"][0]) == visit.MAX_LENGTH


@pytest.mark.parametrize("late", [True, False])
def test_the_second_of_two_quick_changes_leaves_the_first(late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not late:
        monkeypatch.setattr(visit, "LATE_SECONDS", 0.0)
    app = opened(lesson="tears")
    first = address(app)
    keyed(app.toggle, "page.rings").set_value(False).run()
    second = address(app)
    app.button[0].set_value(True)  # the browser does not have the new address yet
    for come in (first, second):  # and now has that one, while a newer one is on its way
        for name, value in come.items():
            app.query_params[name] = value
        app.query_params.pop("lesson_step", None)
        app.run()
        assert app.session_state["found"] == ("tears", not late and come == first)
        assert address(app)["lesson_step"] == "2"


def test_a_link_that_comes_after_others_is_read_even_if_its_address_was_just_replaced() -> None:
    app = opened(lesson="tears", lesson_step="1")
    for step in ("2", "1", "2", "1"):  # the reader leafs through a lesson
        for name in address(app):
            del app.query_params[name]
        app.query_params["lesson"], app.query_params["lesson_step"] = "tears", step
        app.run()
        assert address(app)["lesson_step"] == step
