"""The suite ``soak``: a real server under random sessions, while its processes are killed and hostile input arrives.

    python -m s2v bench soak --minutes 30 --sessions 6 --seed 0

It draws from ``seed`` what the sessions, the kills and the hostile files are, though not when the machine gets to them.
All is on this machine: the server listens on 127.0.0.1, in a folder for temporary files of its own.  Ctrl-C ends it in
order, with the figures so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]

from s2v import files
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.bench.server import Server, running
from s2v.bench.soak import hostile_files, kills
from s2v.bench.soak.page import Page
from s2v.bench.soak.students import START_SECONDS, Student
from s2v.bench.soak.tally import Event, Tally, tally
from s2v.engine.cluster import default_workers

MAX_MINUTES, MAX_SESSIONS = 24 * 60.0, 60
SILENCE = 90.0  # seconds without a sign of life, after which a race is lost: a new cluster takes up to a minute
REST = 27.0  # seconds until the server has released the sessions of closed pages
QUIET = 30.0  # seconds without a kill before the end, or a third of the time where that is less
KILL_SECONDS = 20.0  # between two kills, on average
FILE_SECONDS = 20.0  # between two hostile files
END_SECONDS = 15.0  # for all processes to end after the server

COLUMNS = ("figure", "value", "allowed")
NOTES = (
    f"Lost in silence: races whose page showed no sign of life for {SILENCE:g} s, was not paused and gave no reason; "
    "that ended or disappeared without a sentence; and presses of Start that neither began a race nor said why.",
    "Raised: exceptions on a page, sentences that something was not foreseen, and connections that the server ended.",
    "Left: nobody looked at the race any more when it would have ended; the server stops it.",
    "A look: from the request for a page to the end of its script.",
    "Memory is the unique set size of the server, and of all processes that it has started: before, after a first race "
    f"is over; at the peak; and {REST:g} s after the last page was closed.",
    "Processes and temporary files are those that remain after the server has ended.",
)


def run(
    minutes: float = 30.0,
    sessions: Sequence[int] = (6,),
    seed: int = 0,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    rest: float = REST,
) -> Report:
    """Random sessions on a server of their own for so many minutes; the report says what must not have been."""
    if clock is not WALL:
        raise ValueError("Several processes work at once: only --clock wall can time them.")
    if not 0 < minutes <= MAX_MINUTES:
        raise ValueError(f"minutes={minutes:g} is outside its range; allowed is up to {MAX_MINUTES:g}.")
    if len(sessions) != 1 or not 1 <= sessions[0] <= MAX_SESSIONS:
        raise ValueError(f"sessions={','.join(map(str, sessions))} is not one number from 1 to {MAX_SESSIONS}.")
    with tempfile.TemporaryDirectory(prefix="s2v-soak-") as folder:
        soak = _Soak(Path(folder), minutes * 60, sessions[0], seed, rest, on_progress)
        return soak.report(soak.measure())


@dataclass
class Measured:
    """What was counted and measured; ``memory`` are MB of the server and of its processes."""

    races: Tally
    kills: Counter[str]
    files: int
    mishandled: list[str]
    memory: dict[str, tuple[float, float]]
    processes: list[str]
    temporary: list[str]


@dataclass
class _Soak:
    folder: Path
    seconds: float
    sessions: int
    seed: int
    rest: float
    on_progress: Callable[[str], None]
    events: list[Event] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    files: int = 0
    mishandled: list[str] = field(default_factory=list)
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)

    def measure(self) -> Measured:
        """Runs the server, and everything that happens to it."""
        mark, temporary, log = uuid.uuid4().hex, self.folder / "tmp", self.folder / "server.log"
        temporary.mkdir()
        self._environment = {kills.MARK: mark, "TMPDIR": str(temporary)}
        begin = end = time.time()
        with (
            contextlib.suppress(KeyboardInterrupt),
            running(log_file=log, environment=self._environment, own_group=True) as server,
        ):
            asyncio.run(self._first_race(server))
            self._settle(server, "before")
            begin = time.time()
            self.events.clear()
            asyncio.run(self._all(server))
            end = time.time()
            self._settle(server, "after")
        processes = kills.left_behind(mark, END_SECONDS)
        files = [str(path.relative_to(temporary)) for path in temporary.rglob("*") if not path.is_dir()]
        counted = tally(self.events, begin, max(end, begin), SILENCE)
        measured = Measured(counted, self.killed, self.files, self.mishandled, self.memory, processes, files)
        self._explain(measured, log)
        return measured

    def report(self, measured: Measured) -> Report:
        """The table of what was measured."""
        rows = rows_of(measured)
        about = f"{self.seconds / 60:.3g} minutes, {self.sessions} sessions at a time, seed {self.seed}, "
        about += f"{default_workers()} workers"
        return Report("soak", about, COLUMNS, rows, NOTES, failed=failed(rows))

    async def _first_race(self, server: Server) -> None:
        """Loads everything, so that memory before can be compared with memory after."""
        self.on_progress("a first race, which loads everything")
        async with Page(server.url, "train", "e1=sphereM&e2=none&points=1000&steps=200", self.events.append) as page:
            await page.until(page.idle, START_SECONDS)
            if page.offers("start"):
                await page.start("", START_SECONDS)
                await page.until(lambda: not page.live, START_SECONDS)

    def _settle(self, server: Server, when: str) -> None:
        """Memory after a rest.  Ctrl-C ends the rest."""
        with contextlib.suppress(KeyboardInterrupt, psutil.NoSuchProcess):
            time.sleep(self.rest)
            server.settle(self.rest)
        with contextlib.suppress(psutil.NoSuchProcess):
            self.memory[when] = server.memory()

    async def _all(self, server: Server) -> None:
        """All that goes on at once, until the time is over or Ctrl-C is pressed."""
        draw, races = random.Random(self.seed), list[str]()
        students = [Student(server.url, draw.getrandbits(32), races, self.events.append) for _ in range(self.sessions)]
        works = [asyncio.create_task(student.study()) for student in students]
        works += [
            asyncio.create_task(self._kill(server, random.Random(draw.random()))),
            asyncio.create_task(self._give_files(random.Random(draw.random()))),
            asyncio.create_task(self._watch(server)),
        ]
        try:
            done, _ = await asyncio.wait(works, timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED)
            for work in done:
                work.result()  # none of them ends by itself but with an error
        except asyncio.CancelledError:
            self.on_progress("stopped; the figures so far follow")
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _kill(self, server: Server, draw: random.Random) -> None:
        fleet, end = kills.Fleet(server.process.pid, default_workers()), time.monotonic() + self.seconds
        while True:
            pause = min(draw.expovariate(1 / KILL_SECONDS) + 2, self.seconds / 3)
            (role,) = draw.choices(list(kills.VICTIMS), list(kills.VICTIMS.values()))
            for _ in range(round(pause)):
                await asyncio.sleep(1)
                found = await asyncio.to_thread(fleet.look)
            if time.monotonic() > end - min(QUIET, self.seconds / 3):
                await asyncio.Event().wait()
            if processes := found[role]:
                draw.choice(processes).kill()
                self.killed[role] += 1
                self.events.append(Event(time.time(), "killed", 0, text=role))
                self.on_progress(f"{self._now(end)}: killed a {role}")

    async def _give_files(self, draw: random.Random) -> None:
        folder = self.folder / "files"
        folder.mkdir()
        while True:
            names = list(hostile_files.FILES)
            draw.shuffle(names)
            for name in names:
                await asyncio.sleep(draw.uniform(0, 2 * FILE_SECONDS))
                if wrong := await hostile_files.give(name, folder, self._environment):
                    self.mishandled.append(wrong)
                    self.on_progress(wrong)
                self.files += 1

    async def _watch(self, server: Server) -> None:
        """Memory at its peak; returns only where the server has ended."""
        peak = (0.0, 0.0)
        while server.process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                now = await asyncio.to_thread(server.memory)
                peak = self.memory["peak"] = max(peak[0], now[0]), max(peak[1], now[1])
            await asyncio.sleep(2)
        text = f"The server has ended, with exit code {server.process.returncode}."
        self.events.append(Event(time.time(), "raised", 0, text=text))

    def _now(self, end: float) -> str:
        return f"{self.seconds - (end - time.monotonic()):.0f} s"

    def _explain(self, measured: Measured, log: Path) -> None:
        """Says what was wrong, and keeps the server's log and the events where something was."""
        sentences = [*measured.races.sentences, *(f"left: {what}" for what in measured.processes + measured.temporary)]
        for sentence in sentences:
            self.on_progress(sentence)
        if sentences and log.exists():
            kept = Path(tempfile.mkdtemp(prefix="s2v-soak-kept-"))
            events = "".join(json.dumps(asdict(event)) + "\n" for event in self.events)
            files.write_files(kept, {log.name: log.read_bytes(), "events.jsonl": events.encode()})
            self.on_progress(f"The server's log and all events are kept in {kept}.")


def rows_of(measured: Measured) -> tuple[dict[str, Cell], ...]:
    """The rows of the table; those whose ``allowed`` is 0 must be 0."""
    races, looks = measured.races, measured.races.looks
    killed = ", ".join(f"{role} {measured.kills[role]}" for role in kills.VICTIMS if measured.kills[role])
    figures: list[tuple[str, Cell, Cell]] = [
        ("races begun", races.begun, "-"),
        ("races finished", races.finished, "-"),
        ("races ended with a reason", races.reason, "-"),
        ("races left by all", races.left, "-"),
        ("races lost in silence", races.lost + races.refused_in_silence, 0),
        ("longest silence of a race (s)", round(races.longest_silence, 1), SILENCE),
        ("starts refused with a reason", races.refused, "-"),
        ("looks at pages", len(looks), "-"),
        ("pages that raised", races.raised, 0),
        ("wait of a look, p95 (s)", round(float(np.percentile(looks, 95)), 1) if looks else "-", "-"),
        ("wait of a look, longest (s)", round(max(looks), 1) if looks else "-", "-"),
        ("looks given up by the visitor", races.given_up, "-"),
        ("processes killed", killed or 0, "-"),
        ("hostile files given", measured.files, "-"),
        ("hostile files mishandled", len(measured.mishandled), 0),
    ]
    for i, part in enumerate(("server", "its processes")):
        values = (f"{measured.memory[w][i]:.0f}" if w in measured.memory else "-" for w in ("before", "peak", "after"))
        figures.append((f"memory of {part}: before, peak, after (MB)", ", ".join(values), "-"))
    figures += [
        ("processes left behind", len(measured.processes), 0),
        ("temporary files left", len(measured.temporary), 0),
    ]
    return tuple({"figure": figure, "value": value, "allowed": allowed} for figure, value, allowed in figures)


def failed(rows: Sequence[dict[str, Cell]]) -> tuple[str, ...]:
    """The figures that must be 0 and are not."""
    return tuple(str(row["figure"]) for row in rows if row["allowed"] == 0 and row["value"] != 0)
