"""The settings of a page: one description gives the widget, the link and the check."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v.data import CATALOGUE
from s2v.encoders import ENCODERS
from s2v.models import presets
from s2v.models.presets import PRESETS
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.ui.race import settings
from s2v.ui.race.settings import race_encoder
from tests.ui.finding import address, keyed

WAIT = 30  # seconds for one run of a script on a busy machine


def page() -> None:
    import streamlit as st

    from s2v.ui import contestants
    from s2v.ui.page_state import PageState
    from s2v.ui.race.methods import method_widget
    from s2v.ui.race.settings import RACE_MENU, data_widgets, line_up, plan_widgets, task_of

    state = PageState("page")
    task = task_of(state)
    chosen = contestants.choose(state, RACE_MENU)
    method_widget(state, chosen)
    plan = plan_widgets(state, data_widgets(state), chosen, line_up(state, chosen, task))
    recipe = [recipe for recipe in plan.recipes if not recipe.predictor][-1]
    state.write_address()
    state.show_notes()
    st.session_state["recipe"] = recipe


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def recipe(app: AppTest) -> Recipe:
    assert not app.exception
    result: Recipe = app.session_state["recipe"]
    return result


def test_without_an_address_the_default_run_is_offered() -> None:
    app = opened()
    start = {"data": settings.FIRST_DATA, "points": settings.FIRST_POINTS}
    assert recipe(app) == Recipe(encoder_params={"scales": 8, "min_radius": 1 / 32}, **start)  # sphereM, beside grid
    assert not app.warning


def test_the_address_holds_the_whole_recipe() -> None:
    given = recipe(opened())
    again = recipe(opened(**address(opened())))
    assert again == given
    changed = opened(data="relief", e2="plane_waves:frames=2,seed=5,min_radius=0.037", seed="7", trials="0")
    assert recipe(changed) == Recipe(
        data="relief",
        encoder="plane_waves",
        encoder_params={"scales": 8, "min_radius": 0.037, "frames": 2, "seed": 5},
        seed=7,
    )
    assert recipe(opened(**address(changed))) == recipe(changed)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_encoder_can_be_set_and_linked(encoder: str) -> None:
    app = opened(e2=encoder)
    assert recipe(app).encoder == encoder
    assert recipe(app).encoder_params == dict(race_encoder(encoder).params)
    assert not app.warning
    assert recipe(opened(**address(app))) == recipe(app)


@pytest.mark.parametrize("name", PRESETS)
def test_a_published_method_sets_encoder_network_and_training(name: str) -> None:
    app = opened(data="geoid", steps="300", activation="gelu", seed="7")
    assert app.selectbox(key="page method").value == "own choice"
    app.selectbox(key="page method").select(name).run()
    assert recipe(app) == presets.recipe(name, steps=300, seed=7)
    assert address(app)["e2"] == "none"
    assert PRESETS[name].source in shown(app)
    linked = opened(**address(app))
    assert recipe(linked) == recipe(app)
    assert linked.selectbox(key="page method").value == name
    assert not linked.warning


def test_a_published_method_can_be_changed_afterwards() -> None:
    app = opened()
    app.selectbox(key="page method").select("SH+SIREN").run()
    assert keyed(app.select_slider, "page.learning_rate").value == 1.4e-4
    app.button(key="page add").click().run()
    assert app.selectbox(key="page method").value == "SH+SIREN"  # raced against another encoder
    keyed(app.selectbox, "page.network").select("ffn").run()
    assert app.selectbox(key="page method").value == "own choice"
    assert PRESETS["SH+SIREN"].source not in shown(app)
    keyed(app.slider, "page.e1 spherical_harmonics degree").set_value(7).run()
    assert address(app)["e1"] == "spherical_harmonics:degree=7"


def shown(app: AppTest) -> str:
    """The captions, without the backslashes of Markdown."""
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


def test_a_widget_changes_the_recipe_and_the_address() -> None:
    app = opened()
    app.selectbox(key="page.e2 name").select("grid").run()
    app.slider(key="page.e2 grid scales").set_value(12).run()
    assert recipe(app).encoder == "grid"
    assert recipe(app).encoder_params["scales"] == 12
    assert address(app)["e2"] == "grid:scales=12"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("e2", "sphereQ", "sphereM"),
        ("data", "moon", "geoid"),
        ("steps", "-3", "from 1 to 100000"),
        ("steps", "1e99", "from 1 to 100000"),
        ("steps", "2.5", "whole number"),
        ("seed", "abc", "whole number"),
        ("learning_rate", "nan", "finite"),
        ("learning_rate", "inf", "finite"),
        ("e2", "sphereM:scales=1000", "from 1 to 128"),
        ("e2", "sphereM:min_radius=0", "from 1e-07"),
        ("e2", "sphereM:frequencies=even", "geometric, integer, odd"),
        ("pace", "slow", "lockstep, free"),
        ("network", "", "ffn"),
        ("steps", "9" * 10_000, "from 1 to 100000"),
    ],
)
def test_a_value_that_is_not_allowed_gets_a_sentence_and_the_default(name: str, value: str, allowed: str) -> None:
    app = opened(**{name: value})
    assert recipe(app) == recipe(opened())
    assert len(app.warning) == 1
    sentence = app.warning[0].value.replace("\\", "")
    assert name in sentence
    assert value[:40] in sentence
    assert allowed in sentence
    assert "is used" in sentence
    assert len(sentence) < 500
    # The page works, and the next change removes the sentence.
    app.number_input(key="page.seed").set_value(3).run()
    assert recipe(app).seed == 3
    assert not app.warning


def test_a_setting_that_does_not_exist_is_named() -> None:
    app = opened(colour="red", e2="xyz", scales="4")
    sentences = " ".join(warning.value.replace("\\", "") for warning in app.warning)
    assert recipe(app).encoder == "xyz"
    assert "colour='red'" in sentences
    assert "scales='4'" in sentences


def test_what_an_address_says_is_shown_as_it_is() -> None:
    app = opened(e2="![x](https://example.org/x.png)")
    assert "\\!\\[x\\]\\(https" in app.warning[0].value  # no picture is fetched for it


def test_names_in_the_address_are_unambiguous() -> None:
    names = {parameter.name for parameter in PARAMETERS}
    for entry in CATALOGUE.values():
        assert not names & {parameter.name for parameter in entry.parameters}
