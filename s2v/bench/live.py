"""The suite ``live``: a class on the Train page at the same time, over real web sockets.

Visitors (``s2v.bench.visitor``) open the page of a separate server by a link, press Start, follow the race to its end
and leave.  For comparison the same recipe is trained in plain processes without pages.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
import urllib.parse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from websockets.exceptions import WebSocketException

from s2v.bench import learning
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.bench.server import Server, running
from s2v.bench.visitor import Seen, Visitor
from s2v.engine.cluster import default_workers
from s2v.models.recipe import Recipe

ENCODER = "sphereM"
MAX_SESSIONS, MAX_ROUNDS = 60, 10
TIMEOUT = 300.0  # seconds for the races of one round
GRACE = 25.0  # seconds until the server has released the sessions of closed pages

COLUMNS = (
    "sessions",
    "finished",
    "lost",
    "steps/s",
    "without pages",
    "ratio",
    "press p50 (s)",
    "press p95 (s)",
    "shown p50 (s)",
    "shown p95 (s)",
    "refresh p50 (s)",
    "refresh p95 (s)",
    "delay p50 (s)",
    "delay p95 (s)",
    "server (MB)",
    "workers (MB)",
)
NOTES = (
    "Steps per second: all steps of a round over the seconds from the first press of Start to the last step of the "
    "last race, start and live maps included.  Without pages: the same recipe by s2v.train in single-threaded "
    "processes, as many as there are workers or sessions, before each round.  The ratio is the median over the rounds.",
    "A press: from that of Start to the end of the script run that answers it, with the buttons of a race.  Shown: "
    "from the same press until the race is on the page, with its status and its maps.  A refresh: a new drawing of a "
    "part of the page, or of all of it at the end of the race, from its beginning, or from the request where a page "
    "has asked for it, to its end.",
    "Delay: the age of a picture of the training when it arrives at the visitor, from the moment when the worker "
    "begins to make it; each picture counts once.",
    "Memory is the unique set size of the processes: before the first round, at the peak, and after the last round. "
    "Workers are all processes that the server has started.  Before: one race in each worker is over and its sessions "
    f"have ended; after: {GRACE:g} s after the last page was closed.",
    "Lost: sessions whose race did not finish, or that saw an error.  Visitors draw nothing and fetch no files; they "
    "run on the same machine.",
)


def run(
    points: int = Recipe.points,
    rounds: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    sessions: Sequence[int] = (1, 5, 20),
    steps: int = Recipe.steps,
) -> Report:
    """Rounds of races with each of these numbers of ``sessions``, each number on a new server."""
    if clock is not WALL:
        raise ValueError("Several processes work at once: only --clock wall can time them.")
    if not 1 <= rounds <= MAX_ROUNDS:
        raise ValueError(f"rounds={rounds} is not between 1 and {MAX_ROUNDS}.")
    for count in sessions:
        if not 1 <= count <= MAX_SESSIONS:
            raise ValueError(f"sessions={count} is not between 1 and {MAX_SESSIONS}.")
    params = learning.recipe(ENCODER).encoder_params  # the page's defaults
    recipe = Recipe(encoder=ENCODER, encoder_params=params, points=points, steps=steps)
    workers = default_workers()
    rows = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_prepare) as pool:
        for count in sessions:
            with running() as server:
                rows.append(_row(_rounds(server, count, rounds, recipe, pool, on_progress), recipe))
    about = f"{ENCODER} on {recipe.data}, {points:,} points, {steps:,} steps, {rounds} rounds, {workers} workers"
    return Report("live", about, COLUMNS, tuple(rows), NOTES)


@dataclass
class Measured:
    """Rounds with one number of sessions: what each visitor saw, round by round, and the speeds of training.

    ``plain`` are steps per second without pages, one for each round.  Pairs are MB of the server and of its workers:
    ``memory`` before the first round and after each, ``peak`` in all of them.
    """

    rounds: list[list[Seen]] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    peak: tuple[float, float] = (0.0, 0.0)


def _rounds(
    server: Server,
    sessions: int,
    rounds: int,
    recipe: Recipe,
    pool: ProcessPoolExecutor,
    on_progress: Callable[[str], None],
) -> Measured:
    workers = default_workers()
    on_progress(f"{sessions} sessions: a first race, which loads everything")
    asyncio.run(visit(server.url, workers, link(recipe, steps=20)))
    time.sleep(GRACE)
    server.settle()
    measured = Measured(memory=[server.memory()])
    for number in range(rounds):
        measured.plain.append(sum(pool.map(plain_speed, [recipe] * min(sessions, workers))))
        seen, peak = asyncio.run(_watched(server, sessions, link(recipe)))
        time.sleep(GRACE)
        server.settle()
        measured.rounds.append(seen)
        measured.memory.append(server.memory())
        measured.peak = max(measured.peak[0], peak[0]), max(measured.peak[1], peak[1])
        for sentence in {error for s in seen for error in s.errors}:
            on_progress(f"  {sentence}")
        server_mb, workers_mb = measured.memory[-1]
        on_progress(
            f"  round {number + 1}: {sum(s.finished for s in seen)} of {sessions} finished, "
            f"{speed(seen, recipe.steps):,.0f} steps/s, without pages {measured.plain[-1]:,.0f}; afterwards "
            f"{server_mb:.0f} MB in the server, {workers_mb:.0f} MB in its processes"
        )
    return measured


async def _watched(server: Server, sessions: int, query: str) -> tuple[list[Seen], tuple[float, float]]:
    """The visits of a round, and the peak of memory meanwhile."""
    visits = asyncio.create_task(visit(server.url, sessions, query))
    peak = (0.0, 0.0)
    while not visits.done():
        now = await asyncio.to_thread(server.memory)
        peak = max(peak[0], now[0]), max(peak[1], now[1])
        await asyncio.wait([visits], timeout=2)
    return await visits, peak


async def visit(address: str, sessions: int, query: str, timeout: float = TIMEOUT) -> list[Seen]:
    """What visitors see who all open the page, press Start at the same time, and stay to the end of their races."""
    together = asyncio.Barrier(sessions)
    return await asyncio.gather(*(_visit(address, query, timeout, together) for _ in range(sessions)))


async def _visit(address: str, query: str, timeout: float, together: asyncio.Barrier) -> Seen:
    visitor = Visitor(address, "train", query)
    try:
        async with visitor:
            await visitor.until(visitor.idle, timeout)
            await together.wait()
            await visitor.press("start")
            if not await visitor.until(lambda: bool(visitor.seen.ended), timeout) and not visitor.seen.errors:
                visitor.seen.errors.append(f"The race had not ended after {timeout:g} s.")
            await visitor.until(visitor.idle, timeout)
    except asyncio.BrokenBarrierError:
        visitor.seen.errors.append("Another session could not begin.")
    except (OSError, LookupError, WebSocketException) as error:
        visitor.seen.errors.append(str(error))
        await together.abort()
    return visitor.seen


def link(recipe: Recipe, **changed: int) -> str:
    """The query of a link to the Train page with this recipe."""
    settings = {
        "data": recipe.data,
        "e1": recipe.encoder,
        "e2": "none",
        "reference": "none",
        "trials": recipe.trials,
        "points": recipe.points,
        "steps": recipe.steps,
        **changed,
    }
    return urllib.parse.urlencode(settings)


def speed(seen: Sequence[Seen], steps: int) -> float:
    """Steps per second of all races of a round together; 0 where none came to its last step."""
    done = [s for s in seen if s.last_step]
    if not done:
        return 0.0
    return steps * len(done) / (max(s.last_step for s in done) - min(s.pressed for s in done))


def plain_speed(recipe: Recipe) -> float:
    """Steps per second of a recipe, trained in this process without pages."""
    from s2v.models.training import train

    start = time.perf_counter()
    for _ in train(recipe):
        pass
    return recipe.steps / (time.perf_counter() - start)


def _prepare() -> None:
    """Start-up costs of a process."""
    import torch

    torch.set_num_threads(1)
    plain_speed(Recipe(points=500, steps=2))


def _row(measured: Measured, recipe: Recipe) -> dict[str, Cell]:
    seen = [s for round_ in measured.rounds for s in round_]
    speeds = [speed(round_, recipe.steps) for round_ in measured.rounds]
    row: dict[str, Cell] = {
        "sessions": len(measured.rounds[0]),
        "finished": sum(s.finished for s in seen),
        "lost": sum(not s.finished for s in seen),
        "steps/s": statistics.median(speeds),
        "without pages": statistics.median(measured.plain),
        "ratio": statistics.median(live / plain for live, plain in zip(speeds, measured.plain, strict=True)),
    }
    kinds = {
        "press": [t for s in seen for t in s.latencies["press"]],
        "shown": [s.shown - s.pressed for s in seen if s.shown],
        "refresh": [t for s in seen for t in s.latencies["refresh"]],
        "delay": [t for s in seen for t in s.delays],
    }
    for kind, seconds in kinds.items():
        for percent in (50, 95):
            row[f"{kind} p{percent} (s)"] = float(np.percentile(seconds, percent)) if seconds else "-"
    before, after = measured.memory[0], measured.memory[-1]
    for i, part in enumerate(("server", "workers")):
        row[f"{part} (MB)"] = f"{before[i]:.0f}, {measured.peak[i]:.0f}, {after[i]:.0f}"
    return row
