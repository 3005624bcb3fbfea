"""The server draws parts of pages again when there is news for them, and only then."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from s2v.bench import live
from s2v.bench.server import running
from s2v.bench.visitor import Visitor
from s2v.models.recipe import Recipe
from s2v.ui import redraw
from s2v.ui.redraw import MAX_DRAWING, _Part, _Redraws


class Watcher(Visitor):
    """A session of the page ``redrawn_app.py``."""

    def __init__(self, address: str) -> None:
        super().__init__(address, "", "kept=yes")
        self.texts: list[str] = []

    def on_element(self, kind: str, element: Any) -> None:
        if kind == "progress":
            self.texts.append(element.progress.text)


async def _press_in_one_page_and_look_at_another(address: str) -> list[str]:
    async with Watcher(address) as watcher, Watcher(address) as other:
        for visitor in (watcher, other):
            assert await visitor.until(lambda v=visitor: v.idle() and v.offers("news"), 60), visitor.seen
        await other.press("news")
        assert await watcher.until(lambda: len(watcher.texts) > 1 and watcher.idle(), 60), watcher.seen
        assert not await watcher.until(lambda: len(watcher.texts) > 2, 0.5)
        assert not watcher.seen.latencies["press"]
        assert not watcher.seen.errors
        return watcher.texts


def test_a_page_is_drawn_again_for_news_with_its_address_and_its_widgets():
    with running(Path(__file__).parent / "redrawn_app.py") as server, ThreadPoolExecutor(1) as pool:
        before, after = pool.submit(asyncio.run, _press_in_one_page_and_look_at_another(server.url)).result()
    assert before.startswith("news 0,")
    assert after.startswith("news 1,")
    assert before.endswith(", yes, two")
    assert after.endswith(", yes, two")


class Presser(Visitor):
    """A visitor of the Train page who notes, run by run, whether the race was drawn."""

    def __init__(self, address: str) -> None:
        super().__init__(address, "train", live.link(Recipe(points=500, steps=40)))
        self.drawn: list[bool] = []

    def on_begin(self) -> None:
        self.drawn.append(False)

    def on_element(self, kind: str, element: Any) -> None:
        if kind == "progress":
            self.drawn[-1] = True


async def _press_start(address: str) -> Presser:
    async with Presser(address) as visitor:
        assert await visitor.until(lambda: visitor.idle() and visitor.offers("start"), 60), visitor.seen
        visitor.drawn.clear()
        await visitor.press("start")
        assert await visitor.until(lambda: visitor.seen.finished and visitor.idle(), 60), visitor.seen
    return visitor


def test_the_buttons_answer_a_press_before_the_race_is_drawn():
    with running() as server, ThreadPoolExecutor(1) as pool:
        visitor = pool.submit(asyncio.run, _press_start(server.url)).result()
    assert visitor.drawn[:2] == [False, True]
    assert visitor.seen.pressed < visitor.seen.shown <= visitor.seen.ended


class Class:
    """Sessions without a server: which are idle, which are drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.busy: set[str] = set()
        self.gone: set[str] = set()
        self.drawn: list[str] = []
        self.news = 0
        self.redraws = _Redraws()
        monkeypatch.setattr(redraw, "get_instance", lambda: self)
        monkeypatch.setattr(redraw, "_is_idle", lambda session: session not in self.busy)
        monkeypatch.setattr(redraw, "_draw", self._draw)

    def get_app_session(self, session: str) -> object:
        return None if session in self.gone else object()

    def watch(self, session: str, fragment: str = "part", due: float = 0.0) -> None:
        part = _Part(session, fragment, lambda: self.news, self.news, due)
        self.redraws._parts[session, fragment] = part

    def _draw(self, part: _Part) -> None:
        self.drawn.append(part.session)
        self.busy.add(part.session)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Class:
    return Class(monkeypatch)


def test_without_news_nothing_is_drawn(pages: Class):
    pages.watch("a")
    pages.redraws._draw_news()
    assert not pages.drawn


def test_a_part_is_drawn_once_for_news_and_not_before_it_is_due(pages: Class):
    pages.watch("a")
    pages.watch("b", due=float("inf"))
    pages.news = 1
    for _ in range(3):
        pages.redraws._draw_news()
        pages.busy.clear()
    assert pages.drawn == ["a"]


def test_all_parts_of_a_page_are_drawn_together(pages: Class):
    pages.watch("a", "maps")
    pages.watch("b", "maps")
    pages.watch("a", "curves")
    pages.news = 1
    pages.redraws._draw_news()
    assert pages.drawn == ["a", "a", "b"]


def test_a_page_that_is_busy_is_drawn_later(pages: Class):
    pages.watch("a")
    pages.busy, pages.news = {"a"}, 1
    pages.redraws._draw_news()
    assert not pages.drawn
    pages.busy.clear()
    pages.redraws._draw_news()
    assert pages.drawn == ["a"]


def test_few_pages_are_drawn_at_a_time_and_the_oldest_news_first(pages: Class):
    class_of = [f"page {i}" for i in range(3 * MAX_DRAWING)]
    for session in reversed(class_of[MAX_DRAWING:]):
        pages.watch(session)
    pages.news = 1
    pages.busy = set(class_of)  # with buttons that were pressed
    pages.redraws._draw_news()  # here their news is seen
    assert not pages.drawn
    for session in class_of[:MAX_DRAWING]:
        pages.news = 0
        pages.watch(session)
    pages.news = 1
    pages.busy.clear()
    for drawn in range(MAX_DRAWING, 3 * MAX_DRAWING + 1, MAX_DRAWING):
        pages.redraws._draw_news()
        assert len(pages.drawn) == drawn
        pages.redraws._draw_news()
        assert len(pages.drawn) == drawn, "those are not done yet"
        pages.busy.clear()
    assert set(pages.drawn[-MAX_DRAWING:]) == set(class_of[:MAX_DRAWING])


@pytest.mark.parametrize("news", [0, 1])
def test_a_page_that_has_gone_is_forgotten(pages: Class, news: int):
    pages.watch("a")
    pages.gone, pages.news = {"a"}, news
    pages.redraws._draw_news()
    assert not pages.redraws._parts
    assert not pages.redraws._since
    assert not pages.drawn


def test_a_part_that_waits_no_more_is_not_drawn(pages: Class):
    pages.watch("a", "maps")
    pages.watch("a", "curves")
    pages.news = 1
    pages.redraws.forget("a", "maps")
    pages.redraws._draw_news()
    assert pages.drawn == ["a"]
