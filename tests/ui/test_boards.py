"""The board of a class: names, limits, who may do what, and what the class has found together."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from s2v import spreadsheets
from s2v.bench.report import Report
from s2v.engine import Race
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from s2v.ui.teaching import board_view, boards, capacity, class_board, class_scores, joining, names, sharing
from s2v.ui.teaching.boards import Board, BoardError, Boards, Scored, SharedRace
from s2v.ui.teaching.names import check_name, key_of
from tests.serving import ROOT

WAIT = 60  # seconds for one run of a script on a busy machine
OVERRIDING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def race(number: int, name: str = "Anna", seed: int | None = None, value: float = 0.5, **more: Any) -> SharedRace:
    scored = Scored("grid", value, value - 0.01, value + 0.01, ((number if seed is None else seed, value),))
    given = SharedRace(
        f"race{number}", name, number, "Geoid, 500 places", "same", "R2", (scored,), 1.0, "Finished", True
    )
    return replace(given, **more)


@pytest.mark.parametrize(
    "name", ["Zoë", "Anna-Lena", "O’Neil", "李雷", "محمد", "Akshita", "Nazia", "Willy", "Nigeria", "7b"]
)
def test_names_of_people_are_names(name: str) -> None:
    assert check_name(f"  {name} ") == unicodedata.normalize("NFKC", name)


EMPTY = ("", "   ", "-.-")
SIGNS = ("<b>x</b>", "=1+1", "@SUM(1)", "a\nb", "a\x00b", "a\u202eb", "a\u200bb", "😀", "[x](y)", "$x$", "`x`", "a|b")
RUDE = ("f.u.c.k", "Fuuuck", "sh1t", "n1gger", "ＦＵＣＫ")
LONG = ("x" * 25, "a" + "\u0301\u0323\u0330\u0316" * 2)


@pytest.mark.parametrize("name", [*EMPTY, *SIGNS, *RUDE, *LONG])
def test_what_is_no_name_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*[.]$"):
        check_name(name)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_refused_or_a_harmless_name(text: str) -> None:
    try:
        name = check_name(text)
    except ValueError:
        return
    assert 1 <= len(name) <= names.MAX_NAME
    assert check_name(name) == name
    assert not set(name) & set('<>&"`*_[]()#|$\\=@+\t\r\n' + OVERRIDING) - {"_"}
    assert not any(unicodedata.category(letter)[0] in "CSZ" for letter in name.replace(" ", ""))
    assert key_of(name)


def test_a_board_takes_each_name_once_however_it_is_written() -> None:
    board = Boards().make("teacher")
    assert board.join("a", "Zoë K") == 1
    assert board.join("b", "Anna") == 2
    assert board.join("a", "Zoe") == 1
    with pytest.raises(BoardError, match="already"):
        board.join("b", "ZOÉ")
    assert board.names() == ["Anna", "Zoe"]


def test_boards_have_codes_that_nobody_guesses_and_limits() -> None:
    mine = Boards()
    codes = {mine.make("teacher").code for _ in range(boards.MAX_BOARDS_OF_ONE)}
    assert len(codes) == boards.MAX_BOARDS_OF_ONE
    assert all(re.fullmatch("[A-Z]{8}", code) for code in codes)
    with pytest.raises(BoardError, match="close one first"):
        mine.make("teacher")
    for number in range(boards.MAX_BOARDS - boards.MAX_BOARDS_OF_ONE):
        mine.make(f"other {number}")
    with pytest.raises(BoardError, match="the most that it takes"):
        mine.make("one more")


def test_a_board_that_nobody_uses_expires() -> None:
    now = [0.0]
    mine = Boards(lambda: now[0])
    board = mine.make("teacher")
    now[0] = 3600 * boards.IDLE_HOURS - 1
    assert mine.find(f" {board.code.lower()} ") is board
    now[0] *= 2
    assert mine.find(board.code) is board
    now[0] += 3600 * boards.IDLE_HOURS + 1
    assert mine.find(board.code) is None
    assert mine.of("teacher") == []


@pytest.mark.parametrize("code", ["", "x" * 500, "<script>", "\u202eABCDEFG", "ABCDEFGH"])
def test_codes_that_are_none_find_nothing(code: str) -> None:
    assert Boards().find(code) is None


def test_only_who_made_a_board_closes_it() -> None:
    mine = Boards()
    board = mine.make("teacher")
    assert not mine.close(board.code, "student")
    assert mine.close(board.code, "teacher")
    assert mine.find(board.code) is None


def test_a_race_is_shown_only_under_the_name_of_who_has_joined() -> None:
    board = Boards().make("teacher")
    assert not board.show("a", race(1))
    board.join("a", "Anna")
    assert board.show("a", race(1))
    assert not board.show("b", race(2))
    board.leave("a")
    assert board.races() == []
    assert board.names() == []


def test_what_the_teacher_removes_does_not_come_back() -> None:
    board = Boards().make("teacher")
    board.join("a", "Anna")
    board.show("a", race(1))
    board.remove_race("race1")
    assert not board.show("a", race(1))
    board.show("a", race(2))
    board.remove_name("Anna")
    assert board.races() == []
    with pytest.raises(BoardError, match="removed"):
        board.join("a", "anna")
    assert board.join("a", "Ann") == 1


def test_a_board_keeps_the_newest_races() -> None:
    board = Boards().make("teacher")
    board.join("a", "Anna")
    for number in range(boards.MAX_RACES_OF_ONE + 5):
        board.show("a", race(number))
    assert len(board.races()) == boards.MAX_RACES_OF_ONE
    assert board.races()[0].race == f"race{boards.MAX_RACES_OF_ONE + 4}"
    for visitor in range(boards.MAX_RACES // boards.MAX_RACES_OF_ONE + 1):
        board.join(f"v{visitor}", f"Name {visitor}")
        for number in range(boards.MAX_RACES_OF_ONE):
            board.show(f"v{visitor}", race(1000 * visitor + number, f"Name {visitor}", race=f"{visitor} {number}"))
    assert len(board.races()) == boards.MAX_RACES


def test_a_board_takes_so_many_names() -> None:
    board = Boards().make("teacher")
    for number in range(boards.MAX_NAMES):
        board.join(f"{number}", f"Name {number}")
    with pytest.raises(BoardError, match="the most that it takes"):
        board.join("late", "Late")
    assert board.join("7", "New name") == 8


def test_news_are_asked_for_once_for_all_who_look() -> None:
    board = Boards().make("teacher")
    board.join("a", "Anna")
    board.show("a", race(1, is_final=False, done=0.1))
    board.show("a", race(2))
    asked: list[str] = []

    def news(old: SharedRace) -> SharedRace:
        asked.append(old.race)
        return replace(old, done=0.5)

    board.look(60, news)
    board.look(60, news)
    assert asked == ["race1"]
    assert {each.race: each.done for each in board.races()} == {"race1": 0.5, "race2": 1.0}


def test_places_are_given_only_where_intervals_tell() -> None:
    found = boards.places(
        [race(1, value=0.9), race(2, value=0.895), race(3, value=0.5), race(4, value=0.99, setting="another")]
    )
    assert found["race1", "grid"] == boards.Place(1, 2, 3)
    assert found["race2", "grid"] == boards.Place(1, 2, 3)
    assert found["race3", "grid"] == boards.Place(3, 3, 3)
    assert found["race4", "grid"] == boards.Place(1, 1, 1)
    nan = race(5, scored=(Scored("grid", 0.9, math.nan, math.nan, ()),))
    assert boards.places([nan, race(6, is_final=False)]) == {}


def test_the_same_seed_is_one_measurement_however_many_students_run_it() -> None:
    races = [race(1, seed=7, value=0.5), race(2, "Ben", seed=7, value=0.5), race(3, "Cem", seed=8, value=0.6)]
    assert class_scores.by_encoder(races, "same") == {"grid": {7: 0.5, 8: 0.6}}
    (mean,) = class_scores.means(class_scores.by_encoder(races, "same")).values()
    assert mean.mean == pytest.approx(0.55)
    assert math.isnan(mean.interval[0])  # of two seeds there is none


def test_what_the_class_finds_is_a_difference_over_shared_seeds_or_a_tie() -> None:
    clear = {"grid": {1: 0.50, 2: 0.52, 3: 0.51}, "sphereM": {1: 0.60, 2: 0.62, 3: 0.61, 4: 0.1}}
    (said,) = class_scores.findings(clear)
    assert said.startswith("sphereM was better than grid: difference +0.100")
    assert "over 3 seeds" in said
    noisy = {"grid": {1: 0.50, 2: 0.62, 3: 0.51}, "sphereM": {1: 0.60, 2: 0.52, 3: 0.61}}
    assert "are level" in class_scores.findings(noisy)[0]
    assert class_scores.findings({"grid": {1: 0.5}, "sphereM": {1: 0.9}}) == []


def test_the_csv_has_no_formulas_and_the_table_no_markup() -> None:
    shown = race(1, "-=Anna", data="<img src=x>", scored=(Scored("@xyz<b>", 0.5, math.nan, math.nan, ((1, 0.5),)),))
    text = spreadsheets.table(board_view.rows([shown])).decode()
    assert "'-=Anna" in text
    assert "'@xyz" in text
    drawn = board_view._row(shown, {})
    assert "<img" not in drawn
    assert "<b>" not in drawn
    assert "<bdi>-=Anna</bdi>" in drawn


def test_the_queue_is_said_in_words() -> None:
    assert "nobody waits" in capacity.sentence(capacity.Now(2, 2, 1, 1, 1, ()))


def test_measured_figures_come_from_the_file_alone(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "MEASURED", tmp_path / "live.json")
    assert capacity.measured() == ([], "")
    capacity.MEASURED.write_text("[1", encoding="utf-8")
    assert capacity.measured() == ([], "")
    Report("live", "a race", ("sessions", "finished"), ({"sessions": 60, "finished": 180},), ()).write(tmp_path)
    rows, about = capacity.measured()
    assert [(row["sessions"], row["finished"]) for row in rows] == [(60, 180)]
    assert about.startswith("a race; ")


@pytest.fixture
def two_visitors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who the sessions of the test are, the last one; and boards of their own."""
    who, mine = ["teacher"], Boards()
    monkeypatch.setattr(session_race, "visitor", lambda: who[-1])
    monkeypatch.setattr(class_board, "boards", lambda: mine)
    return who


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page(page).run()


def test_a_teacher_makes_a_board_and_a_student_joins_by_choice(two_visitors: list[str]) -> None:
    teacher = opened("pages/teach.py")
    teacher.button(key="board make").click().run()
    board = class_board.own()
    assert board is not None
    assert f"board={board.code}" in teacher.code[0].value
    assert "projector=1" in teacher.code[1].value

    two_visitors.append("student")
    student = opened("pages/train.py", board=board.code, fix="data", e1="xyz")
    assert not student.exception
    assert joining.PRIVATE in [caption.value for caption in student.caption]
    assert board.names() == []
    student.text_input(key="board name").set_value("<script>").run()
    student.button(key="board join").click().run()
    assert "letters, digits" in " ".join(error.value for error in student.error)
    student.text_input(key="board name").set_value("Zoë").run()
    student.button(key="board join").click().run()
    assert board.names() == ["Zoë"]
    assert student.session_state["train settings"].values["train.seed"] == 1
    board.show("student", race(1, "Zoë"))
    watching = opened("pages/teach.py", board=board.code)
    assert "Zoë" in " ".join(html.proto.body for html in watching.get("html"))
    assert not [button for button in watching.button if button.key in ("board close", "board drop name", "board make")]

    two_visitors.append("teacher")
    teacher.run()
    teacher.button(key="board drop name").click().run()
    assert board.names() == []
    teacher.checkbox(key="board sure").check().run()
    teacher.button(key="board close").click().run()
    assert class_board.own() is None

    two_visitors.append("student")
    student.run()
    assert not student.exception
    assert any("not there any more" in caption.value for caption in student.caption)


def test_a_student_cannot_do_what_the_teacher_can(two_visitors: list[str]) -> None:
    board = class_board.boards().make("teacher")
    board.join("other", "Anna")
    two_visitors.append("student")
    from s2v.ui.teaching import managing

    managing._drop_name(board, "Anna")
    managing._close(board)
    assert board.names() == ["Anna"]
    assert class_board.boards().find(board.code) is board


@pytest.mark.parametrize("code", ["<script>alert(1)</script>", "ABCDEFGH", "x" * 1000])
def test_a_board_that_is_not_there_is_said_on_both_pages(code: str, two_visitors: list[str]) -> None:
    app = opened("pages/teach.py", board=code)
    assert not app.exception
    assert any("not there any more" in warning.value for warning in app.warning)
    assert "script" not in " ".join(warning.value for warning in app.warning)


def test_a_shared_race_has_the_settings_that_decide_its_score() -> None:
    def setting(**changed: Any) -> str:
        made = Race([Recipe(**{"encoder": "grid", "points": 100, "steps": 10, **changed})], "me", 1, True, *_unused)
        return sharing.setting_of(made)

    assert setting() == setting(seed=3) == setting(encoder="xyz")
    assert setting() != setting(steps=11)
    assert setting() != setting(points=101)


_unused = (lambda run: None, lambda run, control: None, "browser")


def test_boards_are_safe_to_use_from_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    board: Board = Boards().make("teacher")

    def student(number: int) -> int:
        seat = board.join(f"v{number}", f"Name {number}")
        for each in range(5):
            board.show(f"v{number}", race(10 * number + each, f"Name {number}"))
            board.races()
        return seat

    with ThreadPoolExecutor(8) as pool:
        seats = list(pool.map(student, range(40)))
    assert sorted(seats) == list(range(1, 41))
    assert len(board.races()) == 200


@pytest.mark.parametrize(("column", "sessions"), [(3, 20), (4, 40), (5, 60)])
def test_the_figures_on_the_page_are_those_of_the_docs(column: int, sessions: int) -> None:
    text = (ROOT / "docs/serving.md").read_text(encoding="utf-8").partition("### A class of")[2]
    (row,) = (row for row in capacity.measured()[0] if row["sessions"] == sessions)
    lines = {
        line.split("|")[1].strip(): line.split("|")[column].strip() for line in text.splitlines() if line.count("|") > 4
    }
    assert lines["races finished, lost"] == f"{row['finished']}, {row['lost']}"
    assert lines["a press, p50, p95 (s)"] == f"{row['press p50 (s)']:.2f}, {row['press p95 (s)']:.2f}"
    assert lines["the race on the page, p50, p95 (s)"] == f"{row['shown p50 (s)']:.2f}, {row['shown p95 (s)']:.2f}"
    assert lines["age of a picture, p50, p95 (s)"] == f"{row['delay p50 (s)']:.2f}, {row['delay p95 (s)']:.2f}"
    assert lines["of the speed without pages"] == f"{row['ratio']:.2f}"
    assert lines["memory of the server: before, most, after (MB)"] == row["server (MB)"]
    assert lines["memory of its processes: the same (MB)"] == row["workers (MB)"]
