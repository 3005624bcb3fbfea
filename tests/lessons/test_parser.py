"""Texts of lessons: what is read, and what is said of one that cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from s2v import assets, lessons
from s2v.lessons import LessonError, catalogue, parse
from s2v.lessons.words import Number, filled, parse_number

HEAD = "title: T\nminutes: 5\nabout: A\n"
STEP = "# One\npage: distortion\n"
ASKED = "ask: Which?\n- this\n* that\nthen: That.\n"


def test_a_step_is_read_whole() -> None:
    text = (
        f"{HEAD}\n{STEP}state: e2=sphereC+:scales=4 & repair=as chosen\nA *text*.\n\nMore of it.\n"
        "ask: How far?\n- not at all\n* {tear encoder=grid at=north} units\n"
        "do: Look.\ncheck: is repair odd or integer\nhint: There.\ndone: repair=odd\n"
        "then: So far: {tear at=north encoder=grid digits=1}.\n- a list\nclaim: {tear encoder=grid at=north} > 0.5\n"
        "onward: train | Train one\n"
    )
    lesson = parse(text, "t")
    (step,) = lesson.steps
    assert (lesson.title, lesson.minutes, lesson.about) == ("T", 5, "A")
    assert step.text == "A *text*.\n\nMore of it."
    assert step.address == {
        "e1": "none", "e2": "sphereC+:scales=4", "e3": "none", "e4": "none", "repair": "as chosen"
    }  # fmt: skip
    assert step.address_when_done == {**step.address, "repair": "odd"}
    assert (step.answers, step.right) == (("not at all", "{tear encoder=grid at=north} units"), 1)
    assert step.outcome.endswith("- a list")
    assert {number.key for number in step.numbers} == {"tear at=north encoder=grid"}
    assert not step.waits_for_race
    assert step.onward == (("train", "Train one"),)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "'title:' is missing"),
        ("tilte: T\n", 1, "'tilte: T' before the first step; allowed is title, minutes, about"),
        (HEAD.replace("5", "-1") + STEP, 1, "minutes: '-1' is not a whole number"),
        (HEAD, 1, "0 steps"),
        (HEAD + "# \npage: start", 4, "a step without a title"),
        (HEAD + "# One\ntext", 4, "has no 'page:'"),
        (HEAD + "# One\npage: admin", 5, "page: 'admin' is no page; allowed are start, similarity"),
        (HEAD + "# One\npage: ../../etc/passwd", 5, "is no page"),
        (HEAD + STEP + "ceck: is a b", 6, "'ceck:' is no directive; allowed are page, state, ask"),
        (HEAD + STEP + "state: e1", 6, "state: 'e1' is no setting"),
        (HEAD + STEP + "state: a=1 & __class__=x", 6, "is no setting"),
        (HEAD + STEP + "ask:", 6, "'ask:' without a value"),
        (HEAD + STEP + "ask: A?\nask: B?", 7, "a second 'ask:'"),
        (HEAD + STEP + "ask: A?\n* this\n* that\nthen: B", 8, "a second right answer"),
        (HEAD + STEP + "ask: A?\n- this\n- that\nthen: B", 4, "before the right one"),
        (HEAD + STEP + "ask: A?\n" + "- x\n" * 5, 11, "at most 4 answers"),
        (HEAD + STEP + "ask: A?\n- this\n* that", 4, "without 'then:'"),
        (HEAD + STEP + "do: It.\nthen: B", 4, "'do:' and 'check:' belong together"),
        (HEAD + STEP + "check: import os", 6, "'import' is no check; allowed are is, at_least"),
        (HEAD + STEP + "check: at_least lat much", 6, "write 'at_least SETTING NUMBER'"),
        (HEAD + STEP + "check: race weather=fine", 6, "write 'race setting=value ...' with data"),
        (HEAD + STEP + "claim: it is true", 6, "write '{number} > 2'"),
        (HEAD + STEP + "claim: {tear at=north} is fine", 6, "allowed are ahead, tie, behind"),
        (HEAD + STEP + "claim: {tear at=north} > many", 6, "claim: could not convert"),
        (HEAD + STEP + "onward: train", 6, "write 'PAGE | words'"),
        (HEAD + STEP + "A {number", 4, "a single brace"),
        (HEAD + STEP + "A {__import__('os')}", 4, "is no number"),
        (HEAD + STEP + "A {tear north}", 4, "'north' is not argument=value"),
        (HEAD + STEP + "A {tear at=north digits=99}", 4, "digits='99'; allowed is a whole number from 0 to 6"),
        (HEAD + STEP + "A {tear at=north show=off}", 4, "show='off'; allowed are all, value, size"),
        (HEAD + STEP * 13, 1, "13 steps"),
        ("x" * 200_000, 1, "a lesson has at most 100,000"),
        ("\x00\u202e", 1, "before the first step"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text: str, line: int, said: str) -> None:
    with pytest.raises(LessonError) as raised:
        parse(text, "bad", "lessons/en/bad.md")
    assert str(raised.value).startswith(f"lessons/en/bad.md, line {line}: ")
    assert said in str(raised.value)
    assert len(str(raised.value)) < 400


def test_numbers_are_written_as_their_intervals_allow() -> None:
    numbers = {
        "a": Number(5.7587),
        "b": Number(3e-15),
        "c": Number(0.2140, 0.1956, 0.2320, -0.0004, 0.27),
        "d": Number(6236.4),
        "e": Number(-0.095, -0.11, -0.09, -0.14, -0.06),
        "f": Number(3),
    }
    text = "{a} {a digits=0} {b} {c} {c show=value} {d} {e show=size digits=1} {f}"
    assert filled(text, numbers) == (
        "5.8 6 0.00 0.214 (90 %: 0.196 to 0.232; over seeds 0.000 to 0.270) 0.214 6,236 0.1 (90 %: −0.1 to −0.1; "
        "over seeds −0.1 to −0.1) 3"
    ).replace("0.1 (90 %: −0.1 to −0.1; over seeds −0.1 to −0.1)", "0.1")
    assert (numbers["c"].sign, numbers["e"].sign, numbers["a"].sign) == (0, -1, 0)
    with pytest.raises(KeyError):
        filled("{g}", numbers)
    assert parse_number("x b=1 a=2").key == parse_number("x a=2 b=1").key == "x a=2 b=1"


def test_a_translation_takes_the_place_of_the_english_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = HEAD + STEP + ASKED
    (tmp_path / "lessons" / "en").mkdir(parents=True)
    (tmp_path / "lessons" / "xx").mkdir()
    (tmp_path / "lessons" / "en" / "tears.md").write_text(english)
    (tmp_path / "lessons" / "en" / "poles.md").write_text(english)
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    load = catalogue.load.__wrapped__
    translation = tmp_path / "lessons" / "xx" / "tears.md"
    translation.write_text(english.replace("Which?", "Welche?"))
    assert load("tears", "xx").steps[0].question == "Welche?"
    assert load("tears", "en").steps[0].question == "Which?"
    assert load("poles", "xx").steps[0].question == "Which?"  # not translated
    assert load("tears", "../en").steps[0].question == "Which?"  # no language
    translation.write_text(english.replace("Which?", "Welche?").replace("page: distortion", "page: maps"))
    assert load("tears", "xx").steps[0].question == "Which?"  # another step
    translation.write_text("titel: T")
    assert load("tears", "xx").steps[0].question == "Which?"  # damaged


@pytest.mark.parametrize("name", lessons.NAMES)
def test_a_lesson_takes_minutes_predicts_and_ends_with_a_link(name: str) -> None:
    lesson = lessons.load(name)
    assert 5 <= lesson.minutes <= 10
    assert sum(bool(step.question) for step in lesson.steps) >= 2
    assert sum(bool(step.checks) for step in lesson.steps) >= 2
    last = lesson.steps[-1]
    assert last.onward
    assert last.numbers
    assert not last.question
    for step in lesson.steps:
        assert not step.question or step.claims or step.page == "train", "what is right follows from numbers"
        for check in step.checks:  # what is checked was not left to chance
            if check.name not in ("race", "encoder", "camera_north"):
                assert check.arguments[0] in step.state, (step.title, check)


@pytest.mark.parametrize("name", lessons.NAMES)
def test_measured_figures_are_not_typed(name: str) -> None:
    """Figures in a text are settings, places or hypotheses; results are numbers that the code gives."""
    for step in lessons.load(name).steps:
        plain = re.sub(r"\{[^}]*\}", "", f"{step.text} {step.outcome}")
        assert not re.search(r"\d\.\d", plain), (step.title, plain)


def test_every_text_is_in_the_list() -> None:
    folder = assets.ASSETS / "lessons" / "en"
    assert {path.stem for path in folder.glob("*.md")} == set(lessons.NAMES)
