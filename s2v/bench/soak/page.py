"""A page of a soak test: a visitor that records what the page says of its race, and what must not be."""

from __future__ import annotations

import html
import re
import time
import urllib.parse
from collections.abc import Callable
from itertools import count
from typing import Any

from s2v.bench.soak.tally import ENDED, Event
from s2v.bench.visitor import Visitor

UNFORESEEN = re.compile(r"not foreseen|unexpected error|Traceback")
ABOUT_RACES = re.compile(r"\b(races?|runs?|training|trainings|trained|workers?|cluster|queue)\b", re.IGNORECASE)
QUEUE = "on this server in turns"  # in the caption of a race that waits for its turn

_numbers = count(1)


class Page(Visitor):
    """One open page of the lab.  ``record`` takes its events; ``race`` is the id of the race that it shows.

    A page that is opened by a link to a race must show it, or say why it does not.
    """

    def __init__(self, address: str, page: str, query: str, record: Callable[[Event], None], cookie: str = "") -> None:
        super().__init__(address, page, query, cookie)
        self.number = next(_numbers)
        self.name = page
        self.race = _race_in(query) if page == "train" else ""
        self.live = False
        self._record = record
        self._opened = time.time()
        self._looked = False
        self._starting = False  # Start was pressed, and no race has begun yet
        self._replaced = ""  # by the race that Start begins
        self._reasons: list[str] = []  # alerts since Start was pressed
        self._said = ""  # of the race, at last
        self._vanished: Event | None = None  # unless the next runs show the race
        # What the present run has drawn:
        self._progress = ""
        self._queue = ""
        self._alerts: list[str] = []
        self._whole = False  # what stands below the buttons of the race, and so all that shows it

    async def start(self, own: str, seconds: float) -> str:
        """Presses Start, and returns the id of the new race; empty where there is none.  ``own`` is replaced by it."""
        before, self._starting, self._replaced, self._reasons = self.race, True, own, []
        await self.press("start")
        # Not until the press is answered: a run that had begun just before seems to answer it.
        await self.until(lambda: self.race != before or (bool(self._reasons) and self.idle()), seconds)
        if self._starting:
            self._starting = False
            self._event("refused", told=bool(self._reasons), text=" ".join(self._reasons))
            return ""
        return self.race

    async def stop(self) -> None:
        """Presses Stop."""
        self._event("stop", race=self.race)
        await self.press("stop")

    def leave(self) -> None:
        """Records that nobody looks at the page any more; its connection ends soon."""
        if not self._looked:
            self._event("look", word="given up", text=self.name, seconds=time.time() - self._opened)
        elif not self.is_connected:
            self._event("raised", text="The server ended the connection.")
        if self._vanished:
            self._record(self._vanished)
        elif self.race:
            self._event("left", race=self.race)
        self._record = lambda event: None

    def on_element(self, kind: str, element: Any) -> None:
        if kind == "progress":
            self._progress = html.unescape(element.progress.text)
        elif kind == "button" and element.button.id.endswith("-climb"):
            self._whole = True
        elif kind == "alert":
            self._alerts.append(element.alert.body)
        elif kind == "markdown" and QUEUE in element.markdown.body:
            self._queue = element.markdown.body
        elif kind == "exception":
            self._event("raised", text=f"{element.exception.type}: {element.exception.message}")

    def on_begin(self) -> None:
        """What the run before has said counts, even where it was cut short; what it has drawn may not be all."""
        for text in self._alerts:
            if UNFORESEEN.search(text):
                self._event("raised", text=text)
        if self._starting:
            self._reasons += self._alerts
        self._progress, self._queue, self._alerts, self._whole = "", "", [], False

    def on_run(self, broken: bool) -> None:
        if broken:
            self._event("raised", text="The script of the page could not be run.")
        if not self._looked:
            self._looked = True
            self._event("look", text=self.name, seconds=time.time() - self._opened)
        if self.name == "train":
            self._take_race()
        self.on_begin()

    def _take_race(self) -> None:
        told = any(ABOUT_RACES.search(text) for text in self._alerts)
        if self._progress:
            race = _race_in(self.query)
            if race and race != self.race:
                if self._starting:
                    self._event("begun", race=race, text=self._replaced)
                    self._starting = False
                if self.race:
                    self._event("left", race=self.race)
                self.race = race
            said = " ".join(filter(None, (self._progress, self._queue, *self._alerts)))
            if self.race and said != self._said:
                word = self.seen.state
                self.live = word not in ("Finished", *ENDED)
                self._event("shown", race=self.race, word=word, text=said, told=told)
                self._said = said
            self._vanished = None
        elif self._whole and self.race and self._vanished:
            self._record(self._vanished)
            self.race, self.live, self._said, self._vanished = "", False, "", None
        elif self._whole and self.race:
            # A refresh that cuts short its part of a run of the whole page follows at once: it shows the race.
            text = " ".join(self._alerts)
            self._vanished = Event(time.time(), "vanished", self.number, self.race, told=told, text=text)

    def _event(self, kind: Any, **what: Any) -> None:
        self._record(Event(time.time(), kind, self.number, **what))


def _race_in(query: str) -> str:
    return urllib.parse.parse_qs(query).get("race", [""])[0]
