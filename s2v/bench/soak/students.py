"""The random sessions of a soak test: each opens pages, races, and leaves, in order or not, again and again."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from websockets.exceptions import WebSocketException

from s2v.bench.soak import links
from s2v.bench.soak.page import Page
from s2v.bench.soak.tally import Event
from s2v.bench.visitor import new_cookie

LOOK_SECONDS = 120.0  # after which a page that does not come is given up
START_SECONDS = 60.0  # after which a Start that begins nothing, and says nothing, is given up
MAX_ACTS = 12  # in one race
ACTS = {"watch": 8, "pause": 2, "step": 2, "stop": 1, "again": 1, "reload": 2, "drop": 1, "leave": 1}
VISITS = {"race": 12, "follow": 3, "compare": 4, "hostile": 4}
GIANTS = 1  # beside these, races that are far too large for a shared server, which refuses them (#16)


class Student:
    """One session after another, drawn with ``seed``, of a person who tries everything until cancelled.

    ``races`` are those that somebody has seen live, to be followed by link; all students share it.
    """

    def __init__(self, address: str, seed: int, races: list[str], record: Callable[[Event], None]) -> None:
        self._address = address
        self._draw = random.Random(seed)
        self._races = races
        self._record = record
        self._own = ""  # the race that the next Start replaces
        self._cookie = ""

    async def study(self) -> None:
        """Visits without end."""
        visits = {
            "race": self._race,
            "follow": self._follow,
            "compare": self._compare,
            "hostile": self._hostile,
            "giant": self._giant,
        }
        while True:
            (kind,) = self._draw.choices([*VISITS, "giant"], [*VISITS.values(), GIANTS])
            self._own = ""
            try:
                self._cookie = await asyncio.to_thread(new_cookie, self._address)  # another browser
                await visits[kind]()
            except (OSError, WebSocketException, LookupError) as error:  # LookupError: the page has changed meanwhile
                if not isinstance(error, LookupError):
                    await asyncio.sleep(1)
            await asyncio.sleep(self._draw.uniform(0, 2))

    async def _race(self) -> None:
        query = links.race_link(self._draw)
        for _ in range(MAX_ACTS):  # reloads
            async with self._open("train", query) as page:
                if not page.race and page.offers("start"):
                    await self._start(page)
                act = await self._play(page) if page.race else "leave"
                query = page.query
            if act not in ("reload", "drop"):
                return
            await asyncio.sleep(self._draw.choice((0.0, 0.5, 3.0)))

    async def _play(self, page: Page) -> str:
        """Random acts on a race of the page's own, up to one that ends the visit, which is returned."""
        for _ in range(MAX_ACTS):
            (act,) = self._draw.choices(list(ACTS), list(ACTS.values()))
            if act == "watch":
                await page.until(lambda: not page.live, self._draw.uniform(1, 20))
            elif act == "pause" and page.offers("pause") and page.live:
                await page.press("pause")
                await page.until(page.idle, START_SECONDS)
                await asyncio.sleep(self._draw.uniform(0, 4))
                if page.live and page.offers("play"):
                    await page.press("play")
            elif act == "step" and page.offers("step") and page.live:
                await page.press("step")
            elif act == "stop" and page.offers("stop") and page.live:
                await page.stop()
            elif act == "again" and page.offers("start"):
                await self._start(page)
            elif act in ("reload", "drop", "leave"):
                return act
            await page.until(page.idle, START_SECONDS)
            if page.seen.state == "Paused" and page.offers("play") and self._draw.random() < 0.7:
                await page.press("play")
            if not page.is_connected or not page.race:
                return "leave"
        return "leave"

    async def _follow(self) -> None:
        if not self._races:
            return
        query = f"race={self._draw.choice(self._races[-8:])}"
        async with self._open("train", query) as page:
            await page.until(lambda: not page.live, self._draw.uniform(2, 20))
            if self._draw.random() < 0.3 and page.offers("start"):
                await self._start(page)
                await page.until(lambda: not page.live, self._draw.uniform(2, 20))

    async def _compare(self) -> None:
        page, query = links.comparison_link(self._draw)
        async with self._open(page, query):
            await asyncio.sleep(self._draw.uniform(0, 3))

    async def _hostile(self) -> None:
        page, query = links.hostile_link(self._draw)
        async with self._open(page, query):
            await asyncio.sleep(self._draw.uniform(0, 2))

    async def _giant(self) -> None:
        async with self._open("train", links.giant_link(self._draw)) as page:
            if page.offers("start") and await self._start(page):
                await page.until(lambda: not page.live, 20)

    async def _start(self, page: Page) -> str:
        race = await page.start(self._own, START_SECONDS)
        if race:
            self._own = race
            self._races.append(race)
        return race

    @asynccontextmanager
    async def _open(self, page: str, query: str) -> AsyncIterator[Page]:
        """An open page, left in order, or in one of four cases by a broken connection."""
        opened = Page(self._address, page, query, self._record, self._cookie)
        async with opened:
            try:
                await opened.until(opened.idle, LOOK_SECONDS if self._draw.random() < 0.9 else 0.3)
                yield opened
            finally:
                opened.leave()
                if self._draw.random() < 0.25:
                    with contextlib.suppress(OSError):
                        await opened.drop()
