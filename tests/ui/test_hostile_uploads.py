"""Hostile and damaged files through the uploaders: each gets a sentence or is read, and the page stays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from s2v.bench.soak.hostile_files import CANARY, FILES
from s2v.engine import race_file, session_file
from s2v.engine.session_file import Session
from s2v.ui import session_race
from s2v.ui.published import opening
from tests.engine.test_race_store import race

ROOT = Path(__file__).parents[2]
MAX_SENTENCE = 2000
CSV = b"lon,lat,kind\n" + b"".join(b"%d.5,%d,%s\n" % (i, i, (b"a", b"b")[i % 2]) for i in range(-40, 40))
GEOJSON = (
    b'{"type":"FeatureCollection","features":['
    + b",".join(
        b'{"type":"Feature","properties":{"v":%d},"geometry":{"type":"Point","coordinates":[%d,%d]}}' % (i, i, i)
        for i in range(40)
    )
    + b"]}"
)
NAMES = [
    "../../etc/passwd.csv",
    "<script>alert(1)</script>.csv",
    "a" * 300 + ".csv",
    "\u202ecsv.exe",
    "%00.csv",
    " ",
    "x.zip",
]


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"lon": np.arange(40.0), "lat": np.arange(40.0), "v": list("ab" * 20)}), file)
    return file.getvalue()


def damaged(content: bytes, kind: str, count: int) -> dict[str, bytes]:
    """The content cut short, and with some bytes changed, in ``count`` ways each."""
    rng = np.random.default_rng(len(content))
    found = {}
    for i in range(count):
        found[f"{i} cut.{kind}"] = content[: int(rng.integers(1, len(content)))]
        changed = bytearray(content)
        for at in rng.integers(0, len(content), 1 + len(content) // 100):
            changed[at] = int(rng.integers(256))
        found[f"{i} changed.{kind}"] = bytes(changed)
    return found


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "own_data", lambda: [])
    monkeypatch.setattr(session_race, "current", lambda: None)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    return app.switch_page("pages/your_data.py").run()


def drop(app: AppTest, name: str, content: bytes, title: str = "Your data") -> list[str]:
    """What the page says is wrong with a file, after all of it has been checked."""
    return checked(app, name, (name, content, "application/octet-stream"), title)


def checked(app: AppTest, name: str, dropped: Any, title: str) -> list[str]:
    app.file_uploader[0].set_value(dropped).run()
    assert not app.exception, name
    assert app.title[0].value.startswith(title), name
    texts: list[Any] = [*app.error, *app.markdown, *app.caption, *app.warning]
    assert not any("Traceback" in text.value or "not foreseen" in text.value for text in texts), name
    errors = [error.value for error in app.error]
    assert all(0 < len(error) < MAX_SENTENCE for error in errors), name
    return errors


def test_hostile_files_get_a_sentence(app: AppTest, tmp_path: Path) -> None:
    for name, file in FILES.items():
        drop(app, f"{name}{file.suffix}", file.content(tmp_path))
    assert not (tmp_path / CANARY).exists()


def test_hostile_names_stay_literal(app: AppTest) -> None:
    for name in NAMES:
        drop(app, name, CSV)
        drop(app, name, b"\x00\x01\x02" * 50)
        html = "".join(part.proto.body for part in app.get("html"))
        assert "<script>" not in html


def test_files_of_the_lab_that_are_no_data_get_a_sentence(app: AppTest) -> None:
    for name, content in {
        "race.safetensors": race_file.dumps(race()),
        "session.zip": session_file.dumps(Session()),
    }.items():
        assert len(drop(app, name, content)) == 1, name


@pytest.mark.parametrize("kind", ["csv", "geojson", "parquet"])
def test_damaged_files_get_a_sentence_or_are_read(app: AppTest, kind: str) -> None:
    content = {"csv": CSV, "geojson": GEOJSON, "parquet": parquet()}[kind]
    said = [drop(app, name, part) for name, part in damaged(content, kind, 4 if kind == "parquet" else 8).items()]
    assert any(said)


def test_hostile_files_are_no_session(app: AppTest, tmp_path: Path) -> None:
    app.switch_page("pages/session.py").run()
    whole = session_file.dumps(Session([race()], [], {"train": {"data": "geoid"}}))
    given = {f"{name}{file.suffix}": file.content(tmp_path) for name, file in FILES.items()} | damaged(whole, "zip", 12)
    for name, content in given.items():
        said = drop(app, name, content, "Session")
        assert len(said) <= 1
        assert said or b"stopped" in content, name  # a change that the zip archive does not hold is none
    for name, content in {
        "race.safetensors": race_file.dumps(race()),
        "birds.csv": CSV,
        **dict.fromkeys(NAMES, b"PK"),
    }.items():
        assert len(drop(app, name, content, "Session")) == 1
    assert not (tmp_path / CANARY).exists()


def test_hostile_files_are_no_models(app: AppTest, tmp_path: Path) -> None:
    app.switch_page("pages/published.py").run()
    given = [(f"{name}{file.suffix}", file.content(tmp_path)) for name, file in FILES.items()]
    given += [(name, b"\x00\x01\x02" * 50) for name in NAMES]
    given += [("race.safetensors", race_file.dumps(race())), ("session.zip", session_file.dumps(Session([race()])))]
    for start in range(0, len(given), opening.MAX_FILES):
        some = given[start : start + opening.MAX_FILES]
        files = [(name, content, "application/octet-stream") for name, content in some]
        assert checked(app, f"{[name for name, _ in some]}", files, "What has a published model learned")
    assert not (tmp_path / CANARY).exists()
