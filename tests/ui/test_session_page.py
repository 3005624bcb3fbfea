"""The page Session: what there is to save, and a file that is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from s2v import data, sphere
from s2v.data import OwnData, held
from s2v.engine import session_file
from s2v.engine.session_file import ModelFile, Session
from s2v.ui import session_race
from s2v.ui.session import saving
from tests.engine.test_race_store import race
from tests.models.hostile_inputs import MODELS

ROOT = Path(__file__).parents[2]
BIRDS = ROOT / "tests" / "models" / "cases" / "s2v_spheremixscale.pth.tar"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """What the session has, and takes in; no engine is made."""
    known: dict[str, list[Any]] = {"races": [], "data": []}

    def take_in(races: list[Any], found: list[Any]) -> None:
        known["races"] += races
        known["data"] += found

    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "current", lambda: None)
    monkeypatch.setattr(session_race, "earlier", lambda: known["races"][::-1])
    monkeypatch.setattr(session_race, "own_data", lambda: list(known["data"]))
    monkeypatch.setattr(session_race, "take_in", take_in)
    return known


def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return app.switch_page("pages/session.py").run()


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.success]
    return "\n".join(part.value for part in parts).replace("\\", "")


def own() -> OwnData:
    places = sphere.random_points(40)
    return held.hold(OwnData.of(data.own(places, places[:, 1], title="warmth")))


def test_an_empty_session_says_so(taken: dict[str, list[Any]]) -> None:
    app = opened()
    assert not app.exception
    assert "There is nothing to save yet" in text(app)


def test_races_on_own_data_are_saved_with_the_data_alone(taken: dict[str, list[Any]]) -> None:
    mine = own()
    taken["data"] = [mine]
    taken["races"] = [race(), race(session_file.race_file.Recipe(data=mine.name, points=20), 1, 1)]
    app = opened()
    assert not app.exception
    assert "1 on your own data are left out" in text(app)
    app.checkbox[0].check().run()
    assert "2 races" in text(app)
    assert "1 of your data sets" in text(app)


def test_a_saved_session_is_opened(taken: dict[str, list[Any]]) -> None:
    settings = {"train": {"data": "land_ocean"}, "nonsense": {"a": "b"}}
    content = session_file.dumps(Session([race()], [own()], settings))
    app = opened()
    app.file_uploader[0].set_value(("session.zip", content, "application/zip")).run()
    assert not app.exception
    assert "1 race and 1 data set" in text(app)
    links = [link.proto.label for link in app.get("page_link")]
    assert "Train as it was" in links
    assert not any("nonsense" in label for label in links)
    app.run()  # drawn again, it is not taken in twice
    assert (len(taken["races"]), len(taken["data"])) == (1, 1)


def test_another_file_gets_a_sentence_and_the_page_stays(taken: dict[str, list[Any]]) -> None:
    app = opened()
    app.file_uploader[0].set_value(("evil.zip", b"PK\x03\x04 nothing", "application/zip")).run()
    assert not app.exception
    assert "This is no session of the lab" in text(app)
    assert taken["races"] == []


def test_models_of_files_are_saved_on_request_and_opened_again(
    taken: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: dict[str, Any] = {}
    monkeypatch.setattr(saving.st, "download_button", lambda label, data, name, *_, **__: saved.update({name: data}))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/published.py").run()
    app.file_uploader[0].set_value([(BIRDS.name, BIRDS.read_bytes(), "application/octet-stream")]).run()
    address = dict(app.query_params)
    app.switch_page("pages/session.py").run()
    assert not app.exception
    assert "opened from files" not in text(app).partition("The file will hold")[2]
    app.checkbox[0].check().run()
    assert "1 model opened from files" in text(app)
    (content,) = (data() for name, data in saved.items() if name.endswith(".zip"))
    monkeypatch.undo()

    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "take_in", lambda races, data: None)
    again = opened()
    again.file_uploader[0].set_value(("session.zip", content, "application/zip")).run()
    assert not again.exception
    assert not again.error
    assert "and 1 model opened from files" in text(again)
    link = next(link for link in again.get("page_link") if link.proto.label == "Published models as it was")
    assert address["models"][0] in link.proto.query_string.replace("%3A", ":")
    again.switch_page("pages/published.py").run()
    assert "sphereM on birdsnap" in text(again)
    assert "github.com/gengchenmai/sphere2vec" in text(again)  # what was understood of the file at first


def test_models_that_are_damaged_get_a_sentence_and_the_rest_is_opened(taken: dict[str, list[Any]]) -> None:
    models = [ModelFile(content, f"{name}.safetensors", name) for name, content in MODELS.items()]
    whole = [model for model in models if can_be_saved(model)][:8]  # their headers are good, their weights are not
    content = session_file.dumps(Session([race()], models=whole))
    app = opened()
    app.file_uploader[0].set_value(("session.zip", content, "application/zip")).run()
    assert not app.exception
    assert len(app.error) == len(whole) > 3
    assert "0 models" not in text(app)
    assert len(taken["races"]) == 1


def can_be_saved(model: ModelFile) -> bool:
    try:
        session_file.loads(session_file.dumps(Session(models=[model])))
    except (ValueError, UnicodeError):
        return False
    return True
