"""The text of a lesson, read: Markdown with a few directives, each at the beginning of a line.

title: One place, many codes
minutes: 6
about: What is torn, and how it is mended.

# The dateline is one line
page: distortion
state: e1=grid & repair=as chosen
The text of the step, with {tear encoder=grid at=dateline}.
ask: Which of the two is whole?
- grid
* neither                         (the right answer)
do: Choose *odd* under Frequencies.
check: is repair odd
hint: It stands in the column beside the maps.
done: repair=odd
then: What came out, shown when the prediction is made and the thing is done.
claim: {tear encoder=grid at=dateline} > 0.5
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from s2v.lessons.checks import Check, parse_check
from s2v.lessons.words import NumberName, numbers_in, parse_number

PAGES = ("start", "similarity", "distortion", "your_data", "published", "train", "maps", "benchmark", "session")
HEAD = ("title", "minutes", "about")
DIRECTIVES = ("page", "state", "ask", "do", "check", "hint", "done", "then", "claim", "onward")
RELATIONS = (">", "<", "is")
SIGNS = {"ahead": 1, "tie": 0, "behind": -1}
MAX_ANSWERS, MAX_STEPS = 4, 12
MAX_BYTES = 100_000
SLOTS = tuple(f"e{i}" for i in range(1, 5))


class LessonError(ValueError):
    """The text of a lesson cannot be used; the message names the file and the line, and says what is allowed."""


@dataclass(frozen=True)
class Claim:
    """What a step says of its numbers: ``first`` > or < another, or of a difference that it is ahead, a tie, behind."""

    first: NumberName
    relation: str
    second: NumberName | float | str


@dataclass(frozen=True)
class Step:
    """A step of a lesson.

    ``state`` are the settings in the address of the ``page`` when the step begins; ``done`` those that change when what
    it asks for is done.  ``right`` is the number of the right answer to its question.
    """

    title: str
    page: str
    line: int
    state: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    question: str = ""
    answers: tuple[str, ...] = ()
    right: int = -1
    task: str = ""
    checks: tuple[Check, ...] = ()
    hint: str = ""
    done: Mapping[str, str] = field(default_factory=dict)
    outcome: str = ""
    claims: tuple[Claim, ...] = ()
    onward: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> dict[str, str]:
        """The settings in the address of the prepared page; slots of encoders that are not named are empty."""
        return _filled(self.state)

    @property
    def address_when_done(self) -> dict[str, str]:
        """The same, after what is asked was done; empty where no address does it."""
        return _filled({**self.state, **self.done}) if self.done else {}

    @property
    def waits_for_race(self) -> bool:
        """Whether it is done by a race, which goes on while nobody touches the page."""
        return any(check.name == "race" for check in self.checks)

    @property
    def numbers(self) -> tuple[NumberName, ...]:
        """All numbers of its texts and claims."""
        texts = (self.text, self.question, *self.answers, self.task, self.hint, self.outcome)
        named = [number for text in texts for number in numbers_in(text)]
        named += [part for claim in self.claims for part in (claim.first, claim.second) if isinstance(part, NumberName)]
        return tuple(named)


@dataclass(frozen=True)
class Lesson:
    """A lesson in one language."""

    name: str
    title: str
    minutes: int
    about: str
    steps: tuple[Step, ...]

    @property
    def numbers(self) -> tuple[NumberName, ...]:
        """All numbers that its texts name."""
        return tuple(number for step in self.steps for number in step.numbers)

    @property
    def structure(self) -> tuple[object, ...]:
        """What a translation must share: pages, states, numbers of answers, checks."""
        return tuple((s.page, dict(s.state), len(s.answers), s.right, s.checks, dict(s.done)) for s in self.steps)


def parse(text: str, name: str, file: str = "") -> Lesson:
    """Read the text of a lesson.

    Parameters
    ----------
    text : str
    name : str
        Of the lesson, as in its address.
    file : str, optional
        How errors call the file; ``name`` with the ending .md by default.

    Returns
    -------
    Lesson

    Raises
    ------
    LessonError
        With the file, the line, what stands there and what is allowed.

    Examples
    --------
    >>> lesson = parse("title: A\\nminutes: 5\\nabout: B\\n\\n# One\\npage: start\\nLook at the globes.", "short")
    >>> lesson.title, lesson.steps[0].title, lesson.steps[0].text
    ('A', 'One', 'Look at the globes.')
    """
    return _Parser(file or f"{name}.md").lesson(text, name)


class _Parser:
    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, line: int, message: str) -> LessonError:
        return LessonError(f"{self.file}, line {line}: {message}")

    def lesson(self, text: str, name: str) -> Lesson:
        if len(text) > MAX_BYTES:
            raise self.fail(1, f"{len(text):,} characters; a lesson has at most {MAX_BYTES:,}.")
        head: dict[str, str] = {}
        parts: list[tuple[int, str, list[tuple[int, str]]]] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("# "):
                parts.append((number, line[2:].strip(), []))
            elif parts:
                parts[-1][2].append((number, line))
            elif line.strip():
                key, colon, value = line.partition(":")
                if not colon or key not in HEAD:
                    raise self.fail(number, f"{_quoted(line)} before the first step; allowed is {_listed(HEAD)}.")
                head[key] = value.strip()
        for key in HEAD:
            if not head.get(key):
                raise self.fail(1, f"'{key}:' is missing; a lesson begins with {_listed(HEAD)}.")
        if not re.fullmatch("[1-9][0-9]?", head["minutes"]):
            raise self.fail(1, f"minutes: {_quoted(head['minutes'])} is not a whole number from 1 to 99.")
        if not 1 <= len(parts) <= MAX_STEPS:
            raise self.fail(1, f"{len(parts)} steps; a lesson has 1 to {MAX_STEPS}, each begins with '# Title'.")
        steps = tuple(self.step(*part) for part in parts)
        return Lesson(name, head["title"], int(head["minutes"]), head["about"], steps)

    def step(self, line: int, title: str, lines: list[tuple[int, str]]) -> Step:
        if not title:
            raise self.fail(line, "a step without a title; write '# Title'.")
        step, target = Step(title, "", line), "text"
        paragraphs: dict[str, list[str]] = {"text": [], "outcome": []}
        for number, raw in lines:
            found = re.match(r"([a-z_]+):(?:\s+(.*)|)$", raw)
            if found:
                key, value = found[1], (found[2] or "").strip()
                if key not in DIRECTIVES:
                    raise self.fail(number, f"'{key}:' is no directive; allowed are {_listed(DIRECTIVES)}.")
                if not value:
                    raise self.fail(number, f"'{key}:' without a value.")
                if key == "then":
                    target = "outcome"
                    paragraphs[target].append(value)
                else:
                    step = self.directive(step, number, key, value)
            elif re.match(r"[-*] ", raw) and step.question and target == "text":
                step = self.answer(step, number, raw)
            else:
                paragraphs[target].append(raw)
        texts = {name: "\n".join(part).strip() for name, part in paragraphs.items()}
        return self.checked(replace(step, text=texts["text"], outcome=texts["outcome"]))

    def directive(self, step: Step, line: int, key: str, value: str) -> Step:
        if key == "page":
            if value not in PAGES:
                raise self.fail(line, f"page: {_quoted(value)} is no page; allowed are {_listed(PAGES)}.")
            return replace(step, page=value)
        if key in ("state", "done"):
            changed: dict[str, Any] = {key: {**getattr(step, key), **self.settings(line, key, value)}}
            return replace(step, **changed)
        if key == "check":
            try:
                return replace(step, checks=(*step.checks, parse_check(value)))
            except ValueError as error:
                raise self.fail(line, f"check: {error}") from None
        if key == "claim":
            return replace(step, claims=(*step.claims, self.claim(line, value)))
        if key == "onward":
            page, bar, label = (part.strip() for part in value.partition("|"))
            if page not in PAGES or not bar or not label:
                raise self.fail(line, f"onward: {_quoted(value)}; write 'PAGE | words', PAGE one of {_listed(PAGES)}.")
            return replace(step, onward=(*step.onward, (page, label)))
        field_name = {"ask": "question", "do": "task", "hint": "hint"}[key]
        if getattr(step, field_name):
            raise self.fail(line, f"a second '{key}:'; a step has one.")
        given: dict[str, Any] = {field_name: value}
        return replace(step, **given)

    def settings(self, line: int, key: str, value: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in value.split(" & "):
            name, equals, given = part.strip().partition("=")
            if not equals or not re.fullmatch("[a-z][a-z0-9_]*", name) or not given:
                raise self.fail(line, f"{key}: {_quoted(part)} is no setting; write 'name=value & name=value'.")
            found[name] = given
        return found

    def answer(self, step: Step, line: int, raw: str) -> Step:
        if len(step.answers) == MAX_ANSWERS:
            raise self.fail(line, f"a question has at most {MAX_ANSWERS} answers.")
        if raw[0] == "*":
            if step.right >= 0:
                raise self.fail(line, "a second right answer; one line begins with '* ', the others with '- '.")
            step = replace(step, right=len(step.answers))
        return replace(step, answers=(*step.answers, raw[2:].strip()))

    def claim(self, line: int, value: str) -> Claim:
        found = re.fullmatch(r"(\{[^{}]*\})\s+(>|<|is)\s+(\S.*)", value)
        if not found:
            raise self.fail(line, f"claim: {_quoted(value)}; write '{{number}} > 2', with {_listed(RELATIONS)}.")
        try:
            first = parse_number(found[1][1:-1])
            second: NumberName | float | str
            if found[2] == "is":
                second = found[3]
                if second not in SIGNS:
                    raise ValueError(f"'is {second}'; allowed are {_listed(SIGNS)}.")
            else:
                second = parse_number(found[3][1:-1]) if found[3].startswith("{") else float(found[3])
        except ValueError as error:
            raise self.fail(line, f"claim: {error}") from None
        return Claim(first, found[2], second)

    def checked(self, step: Step) -> Step:
        line = step.line
        if not step.page:
            raise self.fail(line, f"step {_quoted(step.title)} has no 'page:'; allowed are {_listed(PAGES)}.")
        if step.question and (len(step.answers) < 2 or step.right < 0):
            raise self.fail(line, "a question needs 2 to 4 answers, '- ' before each, '* ' before the right one.")
        if bool(step.task) != bool(step.checks):
            raise self.fail(line, "'do:' and 'check:' belong together: what is to be done is checked.")
        if (step.question or step.task) and not step.outcome:
            raise self.fail(line, "a question, or something to do, without 'then:', which says what came out.")
        try:
            _ = step.numbers
        except ValueError as error:
            raise self.fail(line, f"step {_quoted(step.title)}: {error}") from None
        return step


def _filled(state: Mapping[str, str]) -> dict[str, str]:
    empty = dict.fromkeys(SLOTS, "none") if any(slot in state for slot in SLOTS) else {}
    return {**empty, **state}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
