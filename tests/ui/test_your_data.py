"""The page "Your data": a file is opened, understood, corrected, drawn, and raced on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from s2v.data import OwnData, held
from s2v.data.readers import aside
from s2v.ui import place_files, session_race
from s2v.ui.private_store import KeptFile
from s2v.ui.your_data import opening

ROOT = Path(__file__).parents[2]
BIRDS = "species;decimalLatitude;decimalLongitude;count\n" + "".join(
    f"{('gull', 'tern', 'auk')[i % 3]};{60 + i % 30};{(i * 37) % 360 - 180};{i % 7 * 1.5}\n" for i in range(90)
)

FILES: dict[str, KeptFile | None] = {}  # the one that the browser has open


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[OwnData]:
    """What the session has taken to the other pages; no engine is made."""
    data: list[OwnData] = []
    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "keep_data", lambda found: data.append(found) or found)
    monkeypatch.setattr(session_race, "own_data", lambda: list(data))
    monkeypatch.setattr(session_race, "forget_data", data.clear)
    monkeypatch.setattr(session_race, "current", lambda: None)
    monkeypatch.setattr(session_race, "keep_file", lambda file: FILES.update(open=file))
    monkeypatch.setattr(session_race, "kept_file", lambda: FILES.get("open"))
    monkeypatch.setattr(session_race, "is_known_again", lambda: True)
    FILES.clear()
    return data


def opened(content: str | bytes | None = None, name: str = "birds.csv") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/your_data.py").run()
    if content is not None:
        raw = content.encode() if isinstance(content, str) else content
        app.file_uploader[0].set_value((name, raw, "text/csv")).run()
    return app


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.warning]
    return "\n".join(part.value for part in parts).replace("\\", "")


def box(app: AppTest, label: str) -> Any:
    return next(box for box in app.selectbox if box.label == label)


def button(app: AppTest, label: str) -> Any:
    return next(button for button in app.button if label in button.label)


def test_an_empty_page_says_what_a_file_is_and_offers_examples(kept: list[OwnData]) -> None:
    app = opened()
    assert not app.exception
    assert "Each row is a place" in text(app)
    assert [example.title for example in opening.EXAMPLES] == [b.label for b in app.button if "example" in b.key]


@pytest.mark.parametrize("number", range(len(opening.EXAMPLES)))
def test_every_example_is_read_as_a_file_and_raced_on(kept: list[OwnData], number: int) -> None:
    app = opened()
    button(app, opening.EXAMPLES[number].title).click().run()
    assert not app.exception
    assert box(app, "What to learn").value == opening.EXAMPLES[number].target
    assert "3,000" in text(app)
    (race,) = (b for b in app.button if b.label.startswith("Race encoders on"))
    race.click().run()
    assert not app.exception
    assert app.title[0].value.startswith("The race")
    assert [found.name for found in kept] == [box(app, "Data").value]
    assert held.find(kept[0].name) is kept[0]
    assert [app.query_params[slot] for slot in ("e1", "e2")] == ["grid:min_radius=auto", "sphereM:min_radius=auto"]


def test_a_dropped_file_is_corrected_in_place(kept: list[OwnData]) -> None:
    app = opened(BIRDS)
    assert not app.exception
    assert (box(app, "Longitude").value, box(app, "Latitude").value) == ("decimalLongitude", "decimalLatitude")
    assert "Race encoders on your presences (90 places)" in [b.label for b in app.button]  # presences
    box(app, "What to learn").set_value("species").run()
    assert not app.exception
    assert "gull (30)" in "".join(part.proto.body for part in app.get("html"))
    box(app, "What to learn").set_value("count").run()
    box(app, "It is").set_value("regression").run()
    button(app, "Race encoders on count").click().run()
    assert [found.task for found in kept] == ["regression"]


def test_the_places_on_the_globe_leave_as_files(kept: list[OwnData]) -> None:
    app = opened(BIRDS)
    box(app, "What to learn").set_value("count").run()
    labels = [part.proto.label for part in app.get("download_button")]
    assert labels.count("GeoJSON") == 1
    assert labels.count("CSV") == 3  # with the numbers of the two charts
    found = opening.read(opening.OpenFile(BIRDS.encode(), "birds.csv"), target="species").data
    assert place_files.known(found, found.target) == {"class": ["gull", "tern", "auk"] * 30}


def test_a_file_that_cannot_be_read_gets_a_sentence_and_the_page_stays(kept: list[OwnData]) -> None:
    app = opened(b"%PDF-1.4 nothing", "birds.pdf")
    assert not app.exception
    assert "is a PDF" in text(app)
    app = opened("a,b\n1,2\n3,4\n")
    assert not app.exception
    assert "no column has a name known for its longitude" in text(app)
    assert box(app, "Longitude").value is None
    box(app, "Longitude").set_value("a").run()
    box(app, "Latitude").set_value("b").run()
    assert not app.exception
    assert "places are too few" in text(app)


def test_texts_of_a_file_stay_literal(kept: list[OwnData]) -> None:
    bad = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{bad if i % 2 else '**b**'},{i - 40},{i * 3 - 150}\n" for i in range(80))
    app = opened(f"kind,lat,lon\n{rows}", "<b>x</b>.csv")
    box(app, "What to learn").set_value("kind").run()
    assert not app.exception
    html = "".join(part.proto.body for part in app.get("html"))
    assert bad not in html
    assert "&lt;img src=x" in html


def test_data_of_another_session_are_not_offered_and_it_is_said(kept: list[OwnData]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["data"] = "own:classification,classes=3,id=0123456789abcdef"
    app.run()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert "the file stays in the session that opened it" in text(app)
    assert box(app, "Data").value == "land_ocean"


def test_what_was_opened_can_be_forgotten(kept: list[OwnData]) -> None:
    app = opened()
    button(app, "Populations").click().run()
    button(app, "Race encoders").click().run()
    app.switch_page("pages/your_data.py").run()
    button(app, "Forget this file").click().run()
    assert not app.exception
    assert kept == []
    assert "Each row is a place" in text(app)


def test_everything_of_the_reading_can_be_corrected(kept: list[OwnData]) -> None:
    rows = "".join(f"{i % 90},{i * 4 - 179},{'N' if i % 9 == 0 else 'rare' + str(i)},{i}m\n" for i in range(88))
    app = opened(f"y,x,kind,depth\n{rows}".encode("cp1251"), "places.csv")
    box(app, "What to learn").set_value("kind").run()
    assert "78 different texts" in text(app) or "classes" in text(app)
    rare = next(number for number in app.number_input if "fewer rows" in number.label)
    rare.set_value(3).run()
    box(app, "It is").set_value("classification").run()
    assert "other" in "".join(part.proto.body for part in app.get("html"))
    app.toggle[-1].set_value(True).run()
    assert not app.exception
    next(t for t in app.toggle if "Which columns" in t.label).set_value(True).run()
    (table,) = [frame.value for frame in app.dataframe if "What it holds" in frame.value]
    assert list(table["Column"]) == ["y", "x", "kind", "depth"]
    next(t for t in app.text_input if t.label == "Coordinate system").set_value("EPSG:99999999").run()
    assert not app.exception
    assert "EPSG:99999999" in text(app)


def test_a_large_file_is_read_in_a_process_of_its_own(kept: list[OwnData], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MAX_HERE", 100)
    monkeypatch.setattr(opening.Opened, "read", lambda *given: pytest.fail("it was read in the page's process"))
    app = opened(BIRDS)
    box(app, "What to learn").set_value("species").run()
    assert not app.exception
    assert not app.error
    assert "Read 90 of 90 rows" in text(app)
    assert "gull (30)" in "".join(part.proto.body for part in app.get("html"))
    app.toggle[-1].set_value(True).run()
    assert any("What it holds" in frame.value for frame in app.dataframe)
    button(app, "Race encoders on species").click().run()
    assert [(found.file, len(found.lonlat)) for found in kept] == [("birds.csv", 90)]


def test_reading_can_be_stopped_and_taken_up_again(kept: list[OwnData], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MAX_HERE", 100)
    ended = []

    def stop(reading: aside.Reading, seconds: float) -> bool:
        ended.append(reading)
        raise opening.StoppedError  # as a click does to the run of the page

    with monkeypatch.context() as context:
        context.setattr(aside.Reading, "wait", stop)
        app = opened(BIRDS)
        assert not app.exception
        assert "Reading was stopped." in text(app)
    assert ended
    button(app, "Read it after all").click().run()
    assert "Read 90 of 90 rows" in text(app)


def test_of_very_many_places_a_part_is_used_and_it_is_said(
    kept: list[OwnData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MAX_PLACES", 50)
    app = opened(BIRDS)
    box(app, "What to learn").set_value("species").run()
    assert "50 of the 90 places are used, chosen at random" in text(app)
    assert "gull (30)" in "".join(part.proto.body for part in app.get("html"))  # all are counted
    button(app, "Race encoders on species (50 places)")


def test_a_reloaded_page_opens_its_file_again_as_it_was_read(kept: list[OwnData]) -> None:
    app = opened(BIRDS)
    box(app, "What to learn").set_value("count").run()
    box(app, "It is").set_value("classification").run()
    box(app, "Decimal sign").set_value(".").run()
    again = opened()
    assert not again.exception
    assert "birds.csv is still open" in text(again)
    assert [box(again, label).value for label in ("What to learn", "It is", "Decimal sign")] == [
        "count",
        "classification",
        ".",
    ]
    assert "(a classification)" in text(again)
    box(again, "It is").set_value("regression").run()
    assert "(a regression)" in text(again)
    button(again, "Forget this file").click().run()
    assert "Each row is a place" in text(opened())


def test_a_file_that_is_taken_away_is_closed(kept: list[OwnData]) -> None:
    app = opened(BIRDS)
    assert FILES["open"] is not None
    app.file_uploader[0].set_value(None).run()
    assert FILES["open"] is None
    assert "Each row is a place" in text(app)


def test_where_a_browser_is_not_known_again_the_page_says_what_a_reload_does(
    kept: list[OwnData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_race, "is_known_again", lambda: False)
    assert "A reload of the page forgets it" in text(opened())
