"""The soak test counts what must not be: on recorded events, on pages drawn here, and on a server for half a minute."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import urllib.parse
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from s2v.bench import SUITES, soak
from s2v.bench.report import Report
from s2v.bench.soak import hostile_files, links
from s2v.bench.soak.kills import left_behind, marked
from s2v.bench.soak.page import Page
from s2v.bench.soak.tally import Event, Tally, tally
from s2v.cli import main

TRAINING = {"word": "Training", "text": "Training: step 1"}
BEGUN = Event(1, "begun", 1, "a")


def _tally(*events: Event, end: float = 10) -> Tally:
    return tally(events, 0, end, silence=90)


def _shown(at: float, word: str, text: str = "", page: int = 1, **more: Any) -> Event:
    return Event(at, "shown", page, "a", word, text or word, **more)


def test_a_race_is_counted_by_how_it_ended() -> None:
    live = _shown(2, "Training")
    finished = _tally(BEGUN, live, _shown(5, "Finished"))
    assert (finished.begun, finished.finished, finished.lost) == (1, 1, 0)
    interrupted = _tally(BEGUN, live, _shown(5, "Ended", told=True))
    assert (interrupted.reason, interrupted.lost) == (1, 0)
    stopped = _tally(BEGUN, live, Event(4, "stop", 1, "a"), _shown(5, "Stopped"))
    assert (stopped.reason, stopped.lost) == (1, 0)
    replaced = _tally(BEGUN, live, Event(4, "begun", 1, "b", text="a"), Event(5, "left", 1, "a"))
    assert (replaced.begun, replaced.reason, replaced.left) == (2, 1, 1)
    left = _tally(BEGUN, live, Event(4, "left", 1, "a"), end=1000)
    assert (left.left, left.lost) == (1, 0)


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ([_shown(5, "Ended")], "without a reason"),
        ([_shown(5, "Stopped")], "without a reason"),  # nobody pressed Stop
        ([Event(5, "vanished", 1, "a")], "disappeared"),
        ([_shown(200, "Finished")], "no sign of life"),
    ],
)
def test_an_end_without_a_sentence_is_lost(events: list[Event], word: str) -> None:
    counted = _tally(BEGUN, _shown(2, "Training"), *events, end=201)
    assert (counted.lost, counted.finished + counted.reason) == (1, 0)
    assert word in counted.sentences[0]


def test_only_what_is_watched_and_not_paused_can_be_silent() -> None:
    waiting = _tally(BEGUN, _shown(2, "Waiting"), end=100)
    assert waiting.lost == 1
    assert waiting.longest_silence == 98
    paused = _tally(BEGUN, _shown(2, "Paused"), end=100)
    assert paused.lost == 0
    nobody = _tally(BEGUN, _shown(2, "Training"), Event(3, "left", 1, "a"), _shown(95, "Training", page=2), end=100)
    assert nobody.lost == 0
    steps = [_shown(at, "Training", f"step {at}") for at in range(2, 1000, 80)]
    assert _tally(BEGUN, *steps, end=1000).lost == 0


def test_a_follower_who_is_told_leaves_the_race_to_its_owner() -> None:
    following = _shown(3, "Training", page=2), Event(4, "vanished", 2, "a", told=True)
    counted = _tally(BEGUN, _shown(2, "Training"), *following, _shown(6, "Finished"))
    assert (counted.finished, counted.reason, counted.lost) == (1, 0, 0)


def test_starts_and_looks_are_counted() -> None:
    counted = _tally(
        Event(1, "refused", 1, told=True),
        Event(2, "refused", 1),
        Event(3, "look", 1, seconds=0.5),
        Event(4, "look", 2, word="given up", seconds=3),
        Event(4, "look", 2, word="given up", seconds=120),
        Event(5, "raised", 2, text="ValueError"),
    )
    assert (counted.refused, counted.refused_in_silence, counted.raised) == (1, 1, 1)
    assert (counted.looks, counted.given_up) == ([0.5, 120], 2)
    assert len(counted.sentences) == 3


def _drawn(*elements: Element, query: str = "", page: Page | None = None) -> tuple[Page, list[Event]]:
    """A page on which a run has drawn these elements, and what it recorded in all."""
    if page is None:
        events: list[Event] = []
        page = Page("http://127.0.0.1:1", "train", query, events.append)
        page.events = events  # type: ignore[attr-defined]
    if query:
        page._query = query
    for element in elements:
        page._take_element(element, "", 0.0)
    page._finish(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY), 0.0)
    return page, page.events  # type: ignore[attr-defined]


def _progress(text: str) -> Element:
    element = Element()
    element.progress.text = text
    return element


def _button(key: str) -> Element:
    element = Element()
    element.button.id = f"$$ID-123-{key}"
    return element


def _alert(text: str) -> Element:
    element = Element()
    element.alert.body = text
    element.alert.format = element.alert.WARNING
    return element


def test_a_page_records_the_race_that_it_shows() -> None:
    page, events = _drawn(_button("climb"), query="steps=5")
    assert [e.kind for e in events] == ["look"]
    _drawn(_button("climb"), _progress("**Training**: step 3 of 9"), query="race=a", page=page)
    _drawn(_progress("**Training**: step 3 of 9"), page=page)  # nothing new
    _drawn(_progress("**Ended**: step 4 of 9"), _alert("The worker process ended."), page=page)
    assert [(e.kind, e.race, e.word, e.told) for e in events[1:]] == [
        ("shown", "a", "Training", False),
        ("shown", "a", "Ended", True),
    ]
    assert not page.live
    page.leave()
    assert events[-1].kind == "left"


def test_a_race_that_ended_before_its_first_picture_has_ended() -> None:
    _, events = _drawn(_progress("Ended"), _alert("The worker process ended."), query="race=a")
    assert [(e.kind, e.word) for e in events[1:]] == [("shown", "Ended")]


def test_a_run_that_is_cut_short_does_not_lose_its_race() -> None:
    page, events = _drawn(_button("climb"), _progress("**Training**: step 3 of 9"), query="race=a")
    page._take_element(_button("climb"), "", 0.0)
    page._begin(ForwardMsg())  # another run, of a part of the page
    _drawn(page=page)
    _drawn(_button("climb"), page=page)  # its part of the page is drawn anew at once
    _drawn(_progress("**Training**: step 4 of 9"), page=page)
    assert [e.kind for e in events] == ["look", "shown", "shown"]


def test_buttons_that_are_drawn_alone_say_nothing_of_the_race() -> None:
    page, events = _drawn(_button("climb"), _progress("**Training**: step 3 of 9"), query="race=a")
    for _ in range(2):
        _drawn(_button("start"), page=page)
    assert page.race == "a"
    assert "vanished" not in [event.kind for event in events]


@pytest.mark.parametrize("told", [True, False])
def test_a_link_to_a_race_is_kept_or_explained(told: bool) -> None:
    alerts = [_alert("The race of this link has ended.")] if told else [_alert("steps=x is not a number.")]
    page, events = _drawn(_button("climb"), *alerts, query="race=a")
    page.leave()
    assert [(e.kind, e.told) for e in events] == [("look", False), ("vanished", told)]


def test_an_unforeseen_error_is_one_that_raised() -> None:
    exception = Element()
    exception.exception.type, exception.exception.message = "KeyError", "'x'"
    _, events = _drawn(exception, _alert("The maps cannot be shown: something went wrong that was not foreseen."))
    assert [e.text.split(":")[0] for e in events if e.kind == "raised"] == ["KeyError", "The maps cannot be shown"]


def test_links_follow_their_seed_and_differ() -> None:
    first = [links.race_link(random.Random(seed)) for seed in range(50)]
    assert first == [links.race_link(random.Random(seed)) for seed in range(50)]
    assert all(a != b for a, b in pairwise(first))
    for query in first:
        assert {"e1", "e4", "steps", "points", "seed", "data"} <= set(urllib.parse.parse_qs(query, True))


@pytest.mark.parametrize(
    ("code", "answer", "word"),
    [
        (2, "python -m s2v: the file is empty.", ""),
        (0, "", ""),
        (1, "Traceback (most recent call last):\nKeyError: 'x'", "KeyError"),
        (-9, "", "exit code -9"),
        (2, "", "without a sentence"),
        (2, "x" * 3000, "3,000 characters"),
    ],
)
def test_an_answer_to_a_hostile_file_is_judged(code: int, answer: str, word: str) -> None:
    judged = hostile_files.judge("a file", code, answer)
    assert word in judged
    assert bool(judged) == bool(word)


def test_hostile_files_are_small(tmp_path: Path) -> None:
    assert all(len(case.content(tmp_path)) < 2 << 20 for case in hostile_files.FILES.values())


def test_marked_processes_are_found_and_ended() -> None:
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(100)"]
    with subprocess.Popen(command, env={"S2V_SOAK": "a mark"}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert [p.pid for p in marked("a mark")] == [process.pid]
        assert "time.sleep" in left_behind("a mark", 0)[0]
        process.wait()
    assert left_behind("a mark", 0) == []


def _measured(**changed: Any) -> soak.Measured:
    usual: dict[str, Any] = {
        "races": Tally(begun=4, finished=3, reason=1, looks=[1.0, 2.0]),
        "kills": Counter(worker=2),
        "files": 3,
        "mishandled": [],
        "memory": {"before": (100.0, 900.0), "peak": (150.0, 1000.0)},
        "processes": [],
        "temporary": [],
    }
    return soak.Measured(**{**usual, **changed})


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({}, []),
        ({"races": Tally(lost=1)}, ["races lost in silence"]),
        ({"races": Tally(refused_in_silence=1)}, ["races lost in silence"]),
        ({"races": Tally(raised=2)}, ["pages that raised"]),
        ({"mishandled": ["a file"]}, ["hostile files mishandled"]),
        ({"processes": ["dask"], "temporary": ["a", "b"]}, ["processes left behind", "temporary files left"]),
    ],
)
def test_what_must_not_be_is_named(changed: dict[str, Any], failed: list[str]) -> None:
    rows = soak.rows_of(_measured(**changed))
    assert list(soak.failed(rows)) == failed
    assert {row["figure"]: row["value"] for row in rows}["processes killed"] == "worker 2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--minutes", "0"], "minutes=0"),
        (["--minutes", "nan"], "minutes=nan"),
        (["--sessions", "1,2"], "sessions=1,2"),
        (["--sessions", "0"], "sessions=0"),
        (["--clock", "cpu"], "--clock wall"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "soak", *arguments]) == 2
    assert words in capsys.readouterr().err.strip().splitlines()[-1]


def test_the_exit_code_says_that_something_broke(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "soak" in SUITES
    report = Report("soak", "a run", ("figure",), ({"figure": "x"},), (), failed=("pages that raised",))
    monkeypatch.setattr(soak, "run", lambda clock, on_progress: report)
    with pytest.raises(SystemExit) as ended:
        main(["bench", "soak"])
    assert ended.value.code == 1
    assert "pages that raised" in capsys.readouterr().err


# A process that is started in the background may have been told to ignore Ctrl-C.
SHORT = """
import signal
from s2v.bench import soak
signal.signal(signal.SIGINT, signal.default_int_handler)
soak.kills.VICTIMS = {"worker": 1}
soak.hostile_files.FILES = {"a model": soak.hostile_files.FILES["an empty model"]}
report = soak.run(minutes=0.5, sessions=(2,), on_progress=lambda line: print(line, flush=True), rest=1)
print(report.markdown(), flush=True)
"""


@pytest.mark.long
def test_a_server_survives_a_killed_worker_and_ctrl_c_ends_the_test_in_order() -> None:
    with subprocess.Popen([sys.executable, "-c", SHORT], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "killed a worker" in line:
                process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    figures = {part[1].strip(): part[2].strip() for line in lines if len(part := line.split("|")) == 5}
    said = "".join(lines)
    assert "stopped; the figures so far follow" in said
    assert "worker 1" in figures["processes killed"], said
    assert int(figures["races begun"]) > 0, said
    for figure in ("races lost in silence", "pages that raised", "hostile files mishandled"):
        assert figures[figure] == "0", said
    assert (figures["processes left behind"], figures["temporary files left"]) == ("0", "0"), said
