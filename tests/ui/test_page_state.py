"""Settings: one description gives the widget, the link and the check."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v.data import CATALOGUE
from s2v.encoders import ENCODERS
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.ui.race.settings import learner

WAIT = 30  # seconds for one run of a script on a busy machine


def page() -> None:
    import streamlit as st

    from s2v.ui.contestants import contestants
    from s2v.ui.page_state import PageState
    from s2v.ui.race.settings import RACE, data_settings, race_settings

    settings = PageState("page")
    chosen = contestants(settings, RACE)
    recipe = race_settings(settings, data_settings(settings), chosen).recipes[-1]
    settings.write_address()
    settings.show_notes()
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


def address(app: AppTest) -> dict[str, str]:
    # AppTest hands a list for each name.
    return {name: value[-1] if isinstance(value, list) else value for name, value in dict(app.query_params).items()}


def test_without_an_address_the_default_run_is_offered() -> None:
    app = opened()
    assert recipe(app) == Recipe(encoder_params={"scales": 8, "min_radius": 1 / 32})  # sphereM, beside grid
    assert not app.warning


def test_the_address_holds_the_whole_recipe() -> None:
    given = recipe(opened())
    again = recipe(opened(**address(opened())))
    assert again == given
    changed = opened(data="relief", e2="plane_waves:frames=2,seed=5,min_radius=0.037", seed="7")
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
    assert recipe(app).encoder_params == dict(learner(encoder).params)
    assert not app.warning
    assert recipe(opened(**address(app))) == recipe(app)


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
    # The page goes on; with the next change the sentence has done its work.
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
