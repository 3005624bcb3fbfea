"""A class on the Train page, simulated: what visitors see and what counts as lost.  Nothing here asserts on a time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from s2v.bench import live
from s2v.bench.server import Server, running
from s2v.bench.visitor import Seen, Visitor
from s2v.cli import main
from s2v.models.recipe import Recipe

RECIPE = Recipe(points=1000, steps=30)
LONG = Recipe(points=1000, steps=100_000)


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """In another thread: playwright, once started, keeps an event loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.mark.long
def test_a_race_is_followed_and_a_broken_one_is_lost() -> None:
    with running() as server:
        (seen,) = _run(live.visit(server.url, 1, live.link(RECIPE)))
        (nowhere,) = _run(live.visit(server.url + "/nowhere", 1, live.link(RECIPE)))
        in_server, in_workers = server.memory()
        broken = _run(_until_the_server_is_gone(server))
    assert seen.finished, seen
    assert (seen.state, seen.step) == ("Finished", RECIPE.steps)
    assert all(len(seen.latencies[kind]) >= 1 for kind in ("open", "press", "refresh"))
    assert all(seconds > 0 for kind in seen.latencies.values() for seconds in kind)
    assert seen.delays
    assert all(seconds > 0 for seconds in seen.delays)
    assert 0 < seen.pressed < seen.shown < seen.last_step <= seen.ended
    assert live.speed([seen], RECIPE.steps) > 0
    assert in_server > 1
    assert in_workers > 1
    assert 0 < broken.step < LONG.steps
    for lost in (broken, nowhere):
        assert not lost.finished
        assert lost.errors


async def _until_the_server_is_gone(server: Server) -> Seen:
    async with Visitor(server.url, "train", live.link(LONG)) as visitor:
        assert await visitor.until(visitor.idle, 60), visitor.seen
        await visitor.press("start")
        await visitor.until(lambda: visitor.seen.step > 0, 60)
        server.process.kill()
        await visitor.until(lambda: bool(visitor.seen.ended), 60)
    return visitor.seen


def test_a_row_has_the_medians_of_rounds_and_counts_the_lost() -> None:
    latencies = {"open": [1.0], "press": [0.5], "refresh": [0.1, 0.3]}
    good = Seen("Finished", 10, [], latencies, [0.2], pressed=100.0, shown=100.5, last_step=102.0, ended=103.0)
    late = Seen("Finished", 10, [], latencies, [0.4], pressed=101.0, shown=102.0, last_step=104.0, ended=105.0)
    failed = Seen("Ended", 4, ["It diverged."], latencies, [], pressed=100.0)
    measured = live.Measured([[good, late], [good, failed]], [10.0, 10.0], [(50, 100), (55, 90), (60, 110)], (80, 200))
    row = live._row(measured, Recipe(steps=10))
    assert (row["sessions"], row["finished"], row["lost"]) == (2, 3, 1)
    # Two races of 10 steps in 4 seconds, and one in 2: both 5 steps a second.
    assert (row["steps/s"], row["without pages"], row["ratio"]) == (5, 10, 0.5)
    assert row["refresh p50 (s)"] == pytest.approx(0.2)
    assert row["shown p50 (s)"] == pytest.approx(0.5)
    assert row["delay p50 (s)"] == pytest.approx(0.2)
    assert (row["server (MB)"], row["workers (MB)"]) == ("50, 80, 60", "100, 200, 110")
    assert tuple(row) == live.COLUMNS


def test_unfinished_races_have_no_numbers() -> None:
    failed = Seen("Ended", 4, ["It diverged."])
    row = live._row(live.Measured([[failed]], [10.0], [(50, 100), (60, 110)]), RECIPE)
    assert (row["finished"], row["lost"], row["steps/s"], row["refresh p95 (s)"]) == (0, 1, 0, "-")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--sessions", "0"], "sessions=0"),
        (["--sessions", "1,many"], "many"),
        (["--sessions", "1000"], "sessions=1000"),
        (["--rounds", "0"], "rounds=0"),
        (["--steps", "0"], "steps"),
        (["--repeat", "3"], "--repeat"),
        (["--clock", "cpu"], "--clock wall"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "live", *arguments]) == 2
    printed = capsys.readouterr().err.strip().splitlines()
    assert words in printed[-1]
    assert printed[-1].startswith("s2v: ")


def test_options_of_one_suite_are_not_taken_by_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "step", "--sessions", "3"]) == 2
    assert "--sessions" in capsys.readouterr().err
