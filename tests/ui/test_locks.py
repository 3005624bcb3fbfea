"""What a teacher's link fixes stays as it is, and what it hides is not shown."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v.ui import locks, visit
from tests.ui.finding import keyed
from tests.ui.test_page_state import WAIT, page, recipe

LINK = {"data": "relief", "steps": "300", "e1": "grid", "e2": "xyz", "trials": "0"}


def visited() -> None:
    from s2v.ui import visit
    from tests.ui.test_page_state import page

    visit.read()
    page()


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(visited, default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def labels(app: AppTest) -> str:
    kinds = (app.selectbox, app.slider, app.number_input, app.toggle, app.select_slider, app.segmented_control)
    return " ".join(widget.label for kind in kinds for widget in kind)


def test_without_a_teacher_nothing_is_fixed() -> None:
    app = opened(**LINK)
    assert "set by your teacher" not in labels(app)
    assert not keyed(app.selectbox, "page.data").disabled
    assert page is not visited


def test_a_fixed_setting_is_shown_and_disabled() -> None:
    app = opened(**LINK, fix="data,steps")
    assert keyed(app.selectbox, "page.data").disabled
    assert keyed(app.selectbox, "page.data").label == locks.label("Data")
    assert not keyed(app.select_slider, "page.learning_rate").disabled
    assert (recipe(app).data, recipe(app).steps) == ("relief", 300)
    assert not app.warning


def test_a_preset_leaves_what_is_fixed_and_says_so() -> None:
    app = opened(**LINK, fix="steps,network")
    app.selectbox(key="page method").select("SH+SIREN").run()
    found = recipe(app)
    assert found.encoder == "spherical_harmonics"
    assert found.network == "ffn"  # not siren
    said = " ".join(info.value for info in app.info)
    assert "Network" in said
    assert "set by your teacher" in said
    keyed(app.select_slider, "page.learning_rate").set_value(0.01).run()
    assert "set by your teacher" not in " ".join(info.value for info in app.info)


def test_fixed_encoders_cannot_be_chosen_added_or_removed() -> None:
    app = opened(**LINK, fix="encoders")
    assert app.selectbox(key="page line-up").disabled
    assert app.selectbox(key="page method").disabled
    assert [button.label for button in app.button if button.label in ("Add", "Remove")] == []
    assert recipe(app).encoder == "xyz"


def test_a_hidden_setting_has_no_widget_and_keeps_its_value() -> None:
    app = opened(**LINK, hide="data,network,steps,encoders")
    assert recipe(app).data == "relief"
    assert recipe(app).encoder == "xyz"
    assert not {"Data", "Network", "Steps", "Encoders to compare", "Held-out places", "Encoder"} & {
        widget.label for kind in (app.selectbox, app.slider, app.number_input) for widget in kind
    }
    assert not app.warning


def test_a_link_between_pages_does_not_change_what_is_fixed() -> None:
    app = opened(**LINK, fix="data")
    for name in list(app.query_params):
        del app.query_params[name]
    app.query_params["data"] = "geoid"
    app.query_params["steps"] = "500"
    app.run()
    assert (recipe(app).data, recipe(app).steps) == ("relief", 500)
    assert "Data" in " ".join(info.value for info in app.info)


def test_another_link_of_the_teacher_changes_it() -> None:
    app = opened(**LINK, fix="data")
    app.query_params["data"] = "geoid"
    app.run()
    assert recipe(app).data == "geoid"


def test_data_that_are_fixed_and_gone_do_not_stop_the_page() -> None:
    app = opened(data="own-0000", fix="data")
    assert recipe(app).data == "land_ocean"
    assert app.warning


@pytest.mark.parametrize("kind", ["fix", "hide"])
def test_unknown_names_are_said_once(kind: str) -> None:
    names = ("nonsense", "<script>alert(1)</script>", "__class__", "\u202edata", "a" * 500)
    app = opened(**LINK, **{kind: ",".join(("steps", *names))})
    assert recipe(app).steps == 300
    assert [kind in warning.value for warning in app.warning] == [True] * (len(names) + 1)  # and that it is long
    assert sum(len(warning.value) for warning in app.warning) < 2500
    keyed(app.select_slider, "page.learning_rate").set_value(0.01).run()
    assert not app.warning


def test_very_many_names_are_cut() -> None:
    app = opened(**LINK, fix=",".join(["steps"] * (locks.MAX_NAMES + 1)))
    assert f"more than {locks.MAX_NAMES} names" in app.warning[0].value
    assert keyed(app.selectbox, "page.data").disabled is False


def test_groups_are_of_settings_that_there_are() -> None:
    app = opened()
    settings = set(app.session_state["page settings"].address)
    assert {"encoders", "data", "steps", "network", "learning", "seed", "trials", "pace"} <= set(locks.GROUPS)
    for group in ("encoders", "steps", "network", "seed", "trials", "pace"):
        assert set(locks.members(group)) <= settings, group
    assert {"data", "points", "split"} <= set(locks.members("data"))
    assert len(",".join(locks.GROUPS)) < visit.MAX_LENGTH
