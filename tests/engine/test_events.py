"""Events arrive as they were sent, and controls in the right order."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from s2v.engine import tasks
from s2v.engine.control import RunControl
from s2v.engine.events import Ended, QueuePositions, Started, StepsDone, decode, encode
from s2v.engine.frames import Frame
from s2v.engine.turns import QueuePosition

EVENTS = [
    Started("tcp://127.0.0.1:1"),
    StepsDone(7),
    QueuePositions({"a run": QueuePosition(3, 1.5)}),
    Frame(1, 2, 0.5, 0.25, {"r2": 0.5}),
    Ended("failed", "a sentence", "a traceback"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_arrives_as_it_was_sent(event):
    arrived = decode(encode(event))
    assert type(arrived) is type(event)
    assert arrived == event


def test_events_are_read_without_torch():
    code = (
        "import sys; from s2v.engine.events import decode\n"
        f"for data in {[encode(event) for event in EVENTS]!r}: decode(data)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_control_that_arrives_late_is_ignored():
    newest = RunControl(20, revision=2)
    tasks._controls["run"] = RunControl(10)
    try:
        asyncio.run(tasks.set_control("run", newest))
        asyncio.run(tasks.set_control("run", RunControl(0, revision=1)))
        assert tasks._controls["run"] == newest
    finally:
        del tasks._controls["run"]


def test_a_control_of_a_run_that_has_ended_is_not_kept():
    asyncio.run(tasks.set_control("ended", RunControl(10, revision=1)))
    assert "ended" not in tasks._controls
