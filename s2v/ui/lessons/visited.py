"""The lesson of this visit: which one, which step, and the answers so far, as the address has them (``s2v.ui.visit``).

lesson=tears&lesson_step=2&lesson_answers=1b,2a
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from s2v import lessons
from s2v.lessons import Lesson, Step
from s2v.ui import visit

LETTERS = string.ascii_lowercase


def lesson() -> Lesson | None:
    """The lesson that is open; None where there is none, or none of that name."""
    name = visit.get("lesson")
    return lessons.load(name, language()) if name in lessons.NAMES else None


def language() -> str:
    """The language of the visit, English by default."""
    return visit.get("lang") or "en"


def number(of: Lesson) -> int:
    """The number of the step, from 1."""
    given = visit.get("lesson_step")
    return min(max(int(given), 1), len(of.steps)) if given.isdecimal() and len(given) < 4 else 1


def answers(of: Lesson) -> dict[int, int]:
    """The answers that were locked, by the number of their step; what cannot be one is left out."""
    found = {}
    for part in visit.get("lesson_answers").split(","):
        read = re.fullmatch(r"([1-9][0-9]?)([a-z])", part)
        if read and int(read[1]) <= len(of.steps):
            answer = LETTERS.index(read[2])
            if answer < len(of.steps[int(read[1]) - 1].answers):
                found[int(read[1])] = answer
    return found


def lock(of: Lesson, answer: int) -> None:
    """Keeps an answer to the question of this step; the first one counts."""
    kept = {number(of): answer} | answers(of)
    visit.put("lesson_answers", ",".join(f"{step}{LETTERS[each]}" for step, each in sorted(kept.items())))


def end() -> None:
    """Ends the lesson."""
    for name in ("lesson", "lesson_step", "lesson_answers"):
        visit.put(name, "")
    visit.write()


def path(step: Step) -> str:
    """The file of the page of a step."""
    return f"pages/{step.page}.py"


def address(of: Lesson, step: int, settings: Mapping[str, str] | None = None, fresh: bool = False) -> dict[str, str]:
    """The address of a step: the prepared state of its page, or other ``settings``, and the visit.

    A ``fresh`` one has no answers yet.
    """
    own = of.steps[step - 1].address if settings is None else dict(settings)
    others = {name: value for name, value in visit.address().items() if name != "lesson_answers" or not fresh}
    return {**own, **others, "lesson": of.name, "lesson_step": str(step), **({"lesson_answers": "-"} if fresh else {})}
