"""What a soak test counts, from what its pages recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["look", "begun", "refused", "shown", "stop", "vanished", "left", "raised", "killed"]
Outcome = Literal["open", "finished", "reason", "left", "lost"]

ENDED = ("Stopped", "Ended")  # words of races that did not finish


@dataclass(frozen=True)
class Event:
    """What a page did or showed, at a time in seconds.

    ``look``: its script was done, ``seconds`` after the page ``text`` was asked for; ``word`` is "given up" where the
    visitor did not wait so long.
    ``begun``: Start began this race, in place of the race ``text``, if any.  ``refused``: Start began none, and
    ``told`` says whether the page said why.  ``shown``: the page shows the race; ``word`` is its state ("Training"),
    ``text`` everything that it says of the race, and ``told`` whether there is a sentence on its end.  ``stop``: Stop
    was pressed.  ``vanished``: the page shows the race no more, ``told`` as before.  ``left``: the page was closed.
    ``raised``: an exception, or a sentence that nobody foresaw it, in ``text``.  ``killed``: a process, by the test.
    """

    at: float
    kind: Kind
    page: int
    race: str = ""
    word: str = ""
    text: str = ""
    told: bool = False
    seconds: float = 0.0


@dataclass
class Tally:
    """The counts: races by how they ended, and what must not be.

    A race is ``lost`` in silence if a page that showed it neither changed a word of it for longer than the limit, nor
    was paused; or if it ended or disappeared without a sentence.  ``looks`` are seconds, ``given_up`` those of visitors
    who left first: they count as looks where they were longer than the limit.  ``sentences`` say what was lost, raised,
    or longer than the limit, and when.
    """

    begun: int = 0
    finished: int = 0
    reason: int = 0
    left: int = 0
    lost: int = 0
    refused: int = 0
    refused_in_silence: int = 0
    raised: int = 0
    longest_silence: float = 0.0
    looks: list[float] = field(default_factory=list)
    given_up: int = 0
    sentences: list[str] = field(default_factory=list)


@dataclass
class _Race:
    id: str
    sign: float  # when it last gave a sign of life
    outcome: Outcome = "open"
    why: str = ""
    word: str = ""
    text: str = ""
    stopped: bool = False
    watchers: set[int] = field(default_factory=set)

    def end(self, outcome: Outcome, why: str = "") -> None:
        if self.outcome == "open" or outcome == "lost":
            self.outcome, self.why = outcome, self.why or why


def tally(events: Iterable[Event], begin: float, end: float, silence: float) -> Tally:
    """Counts events between ``begin`` and ``end``; a race that gives no sign for ``silence`` seconds is lost."""
    result = Tally()
    races: dict[str, _Race] = {}
    for event in sorted(events, key=lambda event: event.at):
        when = f"{event.at - begin:.0f} s, page {event.page}"
        if event.kind == "look":
            result.given_up += event.word == "given up"
            if event.word != "given up" or event.seconds > silence:
                result.looks.append(event.seconds)
            if event.seconds > silence:
                result.sentences.append(f"{when}: a look at {event.text or 'the start'} took {event.seconds:.0f} s.")
        elif event.kind == "raised":
            result.raised += 1
            result.sentences.append(f"{when}: {event.text}")
        elif event.kind == "refused":
            result.refused += event.told
            result.refused_in_silence += not event.told
            if not event.told:
                result.sentences.append(f"{when}: Start began no race, and the page did not say why.")
        elif event.kind != "killed":
            if event.race not in races:
                races[event.race] = _Race(event.race, event.at)
            race = races[event.race]
            _listen(race, event.at, silence, result, when)
            _take(race, event, races, when)
    for race in races.values():
        _listen(race, end, silence, result, f"{end - begin:.0f} s, at the end")
        race.end("left")
        result.begun += 1
        setattr(result, race.outcome, getattr(result, race.outcome) + 1)
        if race.outcome == "lost":
            result.sentences.append(f"{race.why} Race {race.id}, last seen as: {race.text or 'nothing'}")
    return result


def _listen(race: _Race, at: float, silence: float, result: Tally, when: str) -> None:
    """Measures how long a live race that somebody watches has been silent."""
    if race.outcome != "open" or not race.watchers or race.word == "Paused":
        return
    gap = at - race.sign
    result.longest_silence = max(result.longest_silence, gap)
    if gap > silence:
        race.end("lost", f"{when}: no sign of life for {gap:.0f} s.")


def _take(race: _Race, event: Event, races: dict[str, _Race], when: str) -> None:
    if event.kind == "begun":
        race.sign = event.at
        if event.text in races:
            races[event.text].end("reason")  # replaced by its own session's next race
    elif event.kind == "stop":
        race.stopped = True
    elif event.kind == "shown":
        if not race.watchers or event.text != race.text or race.word == "Paused":
            race.sign = event.at
        race.watchers.add(event.page)
        race.word, race.text = event.word, event.text
        if event.word == "Finished":
            race.end("finished")
        elif event.word in ENDED and (event.told or (event.word == "Stopped" and race.stopped)):
            race.end("reason")
        elif event.word in ENDED and race.outcome == "open":
            race.end("lost", f"{when}: {event.word}, without a reason.")
    elif event.kind in ("vanished", "left"):
        race.watchers.discard(event.page)
        if event.kind == "vanished" and not event.told:
            race.end("lost", f"{when}: it disappeared without a sentence.")
        elif event.kind == "vanished" and not race.watchers:
            race.end("reason")
