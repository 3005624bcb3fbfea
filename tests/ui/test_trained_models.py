"""Trained models of the session among the encoders of the Similarity and Distortion pages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from s2v import sphere
from s2v.engine import Frame
from s2v.engine.race_store import StoredModel
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from tests.ui.test_comparison_pages import ROOT, WAIT, address, no_engine, opened, table, words

__all__ = ["no_engine"]


def finished(number: int = 1, weights: bytes | None = None, **settings: Any) -> Any:
    """A run that has finished, with an untrained model: its weights are drawn, and that is enough to be compared."""
    recipe = Recipe(hidden=32, **settings)
    torch.manual_seed(number)
    file = dumps(LocationModel(recipe, "regression")) if weights is None else weights
    return SimpleNamespace(
        id=f"{number:08x}00", recipe=recipe, latest=Frame(10, 10, 1.0, 0.1, {}, fine=True, weights=file)
    )


def remembering(*ended: Any, linked: str = "") -> AppTest:
    """An app whose session has seen these runs end."""

    def script(ended, linked):  # type: ignore[no-untyped-def]  # its annotations would have to be imported inside
        import streamlit as st

        from s2v.ui import contestants, trained_models

        for run in ended:
            trained_models.remember(run)
        st.text(", ".join(model.source.title for model in trained_models.models()))
        if linked:
            contestants.show_model_link(trained_models.find(linked))

    return AppTest.from_function(script, args=(ended, linked), default_timeout=WAIT)


def opened_with(page: str, ended: list[Any], **link: str) -> AppTest:
    seen = remembering(*ended).run()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    app.session_state["trained models"] = seen.session_state["trained models"]
    app.run()
    for name, value in link.items():
        app.query_params[name] = value
    app = app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def test_a_session_keeps_its_last_models_with_titles_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s2v.ui.trained_models.MAX_MODELS", 4)
    ended = [finished(i) for i in range(1, 4)] + [finished(4, data="relief", encoder="plane_waves")]
    app = remembering(*ended, ended[0]).run()
    assert app.text[0].value == (
        "sphereM on Geoid height (trained), sphereM on Geoid height (trained, 2), "
        "sphereM on Geoid height (trained, 3), Spherical plane waves on Relief (bedrock) (trained)"
    )
    app = remembering(*ended, finished(5)).run()
    assert app.text[0].value.startswith("sphereM on Geoid height (trained, 2), ")
    assert app.text[0].value.endswith("sphereM on Geoid height (trained, 4)")
    assert len(app.session_state["trained models"]) == 4


def test_runs_without_a_model_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, empty, huge = finished(1), finished(2, weights=b""), finished(3)
    stopped.latest = None
    monkeypatch.setattr("s2v.ui.trained_models.MAX_BYTES", len(huge.latest.weights) - 1)
    app = remembering(stopped, empty, huge).run()
    assert not app.exception
    assert app.text[0].value == ""


@pytest.mark.parametrize("network", ["ffn", "linear"])
def test_a_trained_model_is_compared_on_the_similarity_page(network: str) -> None:
    app = opened_with("similarity", [finished(network=network)], e1="xyz", e2="run:00000001")
    assert not app.warning
    assert not app.error
    assert table(app)["encoder"].tolist() == ["xyz", "sphereM on Geoid height (trained)"]
    assert table(app)["features"].tolist() == [3, 32 if network == "ffn" else 80]
    assert address(app)["e2"] == "run:00000001"
    assert "s2v.Embedding(s2v.load('geoid-sphereM-" in app.code[0].value


def test_a_trained_model_is_compared_on_the_distortion_page() -> None:
    app = opened_with("distortion", [finished()], e1="sphereM", e2="run:00000001", repair="odd")
    assert not app.warning
    assert not app.error
    assert "sphereM on Geoid height (trained): " in words(app)


def test_a_trained_model_is_chosen_from_the_list() -> None:
    app = opened_with("similarity", [finished()])
    choice = app.selectbox(key="similarity.e1 name")
    assert choice.options[-1] == "sphereM on Geoid height (trained)"
    choice.select("run:00000001").run()
    assert address(app)["e1"] == "run:00000001"
    assert table(app)["encoder"].tolist() == ["sphereM on Geoid height (trained)", "sphereM"]
    app.selectbox(key="similarity.e1 name").select("xyz").run()
    assert table(app)["encoder"].tolist() == ["xyz", "sphereM"]


def test_a_link_of_another_session_gets_a_sentence_and_the_page_works() -> None:
    app = opened("similarity", e1="run:0123abcd")
    assert len(app.warning) == 1
    assert "nor this server keeps any more" in words(app)
    assert table(app)["encoder"].tolist() == ["grid", "sphereM"]


def test_a_link_finds_the_model_of_another_session_while_the_server_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(encoder="xyz")
    asked = []

    def stored(name: str) -> StoredModel | None:
        asked.append(name)
        return StoredModel(run.recipe, 812, run.latest.weights) if name == "00000001" else None

    monkeypatch.setattr(session_race, "stored_model", stored)
    app = opened("similarity", e1="run:00000001", e2="xyz")
    assert not app.warning
    assert table(app)["encoder"].tolist() == ["xyz on Geoid height (trained)", "xyz"]
    assert "for 812 steps" in words(app)
    assert asked == ["00000001"]  # from then on the session has it


def test_a_model_dropped_while_it_is_chosen_leaves_its_place() -> None:
    app = opened_with("similarity", [finished()], e1="run:00000001", e2="xyz")
    app.session_state["trained models"] = {}
    app.run()
    assert not app.exception
    assert "Its place is left empty" in words(app)
    assert table(app)["encoder"].tolist() == ["xyz"]


def test_without_models_the_choice_says_how_to_get_one() -> None:
    assert "A network that you train is offered here, too" in words(opened("similarity"))
    assert "A network that you train is offered here" not in words(opened_with("similarity", [finished()]))


def test_the_kernel_of_a_trained_xyz_network_without_hidden_layers_is_the_cosine() -> None:
    app = opened_with("similarity", [finished(encoder="xyz", network="linear")], e1="run:00000001", e2="none")
    sixty = 2 * sphere.EARTH_RADIUS_KM * 3.14159265 / 3
    assert table(app)["east_west"][0] == pytest.approx(sixty, rel=1e-4)


def test_a_finished_run_links_to_its_model_beside_its_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    links: list[dict[str, str]] = []
    monkeypatch.setattr(st, "page_link", lambda page, **options: links.append(options.get("query_params", {})))
    ended = finished(encoder="xyz")
    assert not remembering(ended, linked="run:00000001").run().exception
    links = [link for link in links if link]  # those of the navigation have none
    assert links == [{"e1": "xyz", "e2": "run:00000001", "e3": "none", "e4": "none"}]
    app = opened_with("similarity", [ended], **links[0])
    assert not app.warning
    assert table(app)["encoder"].tolist() == ["xyz", "xyz on Geoid height (trained)"]


def test_a_race_that_ends_on_another_page_is_offered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    race = SimpleNamespace(firsts=(finished(1), finished(2, encoder="xyz")))
    monkeypatch.setattr(session_race, "current", lambda: race)
    app = remembering().run()
    assert not app.exception
    assert app.text[0].value == "sphereM on Geoid height (trained), xyz on Geoid height (trained)"
