"""The answers computed ahead agree with the code, and serve the first pages without the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2v import assets
from s2v.comparison import answer_files, answering
from s2v.comparison.questions import CharacterOf, FeaturesOf, ImageOf, LobeOf, OverviewOf, Question
from s2v.comparison.results import Ellipse
from s2v.encoders import ENCODERS, EncoderConfig
from s2v.ui import answers
from s2v.ui.comparison import ahead, all_encoders
from s2v.ui.contestants import COMPARISON_MENU
from tests.damage import DAMAGES, damage_copy
from tests.ui.test_comparison_pages import no_engine, opened, table, words

__all__ = ["no_engine"]


def agree(kept: Any, new: Any) -> None:
    """What is kept is what is computed, to the precision that is kept."""
    if is_dataclass(new):
        assert type(kept) is type(new)
        free = {"outline"} if isinstance(new, Ellipse) and new.major < 1.001 * new.minor else set()
        for field in fields(new):
            if field.name in free:  # a circle may begin anywhere
                continue
            agree(getattr(kept, field.name), getattr(new, field.name))
    elif isinstance(new, (list, tuple)):
        assert type(kept) is type(new)
        assert len(kept) == len(new)
        for a, b in zip(kept, new, strict=True):
            agree(a, b)
    elif isinstance(new, str):
        assert kept == new
    else:
        # Half a step of the precision; and 1e-4 of the largest value for other processors, whose sums differ in the
        # last digits: a small half axis is the root of a difference.
        size = np.nanmax(np.abs(new)) if np.size(new) and np.isfinite(new).any() else 0
        np.testing.assert_allclose(kept, new, rtol=answer_files.PRECISION, atol=max(1e-6, 1e-4 * size))


@pytest.mark.parametrize("name", ENCODERS)
def test_the_files_agree_with_the_code(name: str) -> None:
    # If this fails after a change of an encoder or of a measure: python -m s2v.ui.comparison.ahead --names NAME
    kept = {question: answer for question, answer in ahead.load().items() if question.source.name == name}
    if not kept:
        pytest.skip("no file: the answers are computed when a page asks")
    new = ahead.compute([name])
    # What a file does not have yet is computed when a page asks.
    assert list(kept) == [question for question in new if question in kept]
    for question, answer in ((question, new[question]) for question in kept):
        if isinstance(question, ImageOf):  # the signs of components, and their order where they tie, are free
            agree(kept[question].explained, answer.explained)
        else:
            agree(kept[question], answer)


class Recording:
    """Answers questions in this process, and keeps them."""

    def __init__(self) -> None:
        self.asked: list[Question[Any]] = []

    def ask(self, questions: Sequence[Question[Any]], models: Any) -> Any:
        self.asked += questions
        return [answering.answer(question) for question in questions]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Recording:
    """The worker of a server that has only the answers in the files."""
    worker = Recording()
    cache = answers.AnswerCache(worker)
    cache.keep(ahead.load())
    monkeypatch.setattr(answers, "_cache", lambda: cache)
    return worker


WITHOUT_FILES = {question.source.name for question in ahead.questions() if question not in ahead.load()}


@pytest.mark.parametrize("page", ["similarity", "distortion"])
def test_the_first_page_computes_nothing_that_is_in_a_file(page: str, worker: Recording) -> None:
    app = opened(page)
    assert {question.source.name for question in worker.asked} <= WITHOUT_FILES
    assert not WITHOUT_FILES & {source.name for source in next(iter(COMPARISON_MENU.line_ups.values()))}
    assert not app.error
    assert len(app.dataframe)
    assert "torn" in words(app) or "patch of likeness" in words(app)


def test_an_encoder_without_files_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        damage_copy("answers", "grid.json", "missing", tmp_path, patch)
        left = ahead.load()
    assert left
    assert not any(question.source.name == "grid" for question in left)
    worker = Recording()
    cache = answers.AnswerCache(worker)
    cache.keep(left)
    monkeypatch.setattr(answers, "_cache", lambda: cache)
    app = opened("distortion")
    assert not app.error
    assert table(app)["encoder"].tolist().count("grid") == 1
    assert all_encoders.questions()["grid"] in worker.asked
    assert {question.source.name for question in worker.asked} == {"grid", *WITHOUT_FILES}


@pytest.mark.parametrize(("file", "damage"), [(f, d) for f in ("grid.json", "grid.npz") for d in DAMAGES][1:])
def test_damaged_files_are_named_and_their_answers_computed(
    file: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ahead.load()
    damage_copy("answers", file, damage, tmp_path, monkeypatch)
    with pytest.raises(assets.AssetError, match=file):
        answer_files.load("grid")
    assert set(ahead.load()) == {question for question in whole if question.source.name != "grid"}


def test_saved_answers_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    folder = tmp_path / answer_files.FOLDER
    assert answer_files.load("grid") == {}
    answer_files.save({"a": (1, [2.5, np.arange(3.0)])}, folder, "grid")
    given = answer_files.load("grid")["a"]
    assert given[0] == 1
    assert given[1][0] == 2.5
    np.testing.assert_array_equal(given[1][1], np.arange(3.0))
    answer_files.save({"a": 1}, folder, "grid")
    assert answer_files.load("grid") == {"a": 1}
    assert not (folder / "grid.npz").exists()


@pytest.mark.parametrize("content", ['{"a": 1}', '{"arrays": 0, "answers": {"a": {"Lobe": {"width": 3}}}}', "[]"])
def test_a_file_of_another_version_is_named(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    (tmp_path / answer_files.FOLDER).mkdir()
    (tmp_path / answer_files.FOLDER / "grid.json").write_text(content, encoding="utf-8")
    with pytest.raises(assets.AssetError, match=r"grid\.json is damaged"):
        answer_files.load("grid")


# --- the cache --------------------------------------------------------------------------------------------------

XYZ = EncoderConfig.of("xyz")


class Counting:
    """Answers every question with its number."""

    def __init__(self) -> None:
        self.asked: list[Question[Any]] = []

    def ask(self, questions: Sequence[Question[Any]], models: Any) -> Any:
        self.asked += questions
        return [len(self.asked) - len(questions) + i for i in range(len(questions))]


def test_what_was_asked_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Counting()
    cache = answers.AnswerCache(worker)
    monkeypatch.setattr(answers, "_cache", lambda: cache)
    first, second = FeaturesOf(XYZ), CharacterOf(XYZ)
    assert not answers.knows(first)
    assert answers.ask(first) == 0
    assert answers.knows(first)
    assert answers.ask_all([first, first], [second]) == ([0, 0], [1])
    assert worker.asked == [first, second]


def test_the_cache_drops_what_was_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWERS", 2)
    cache = answers.AnswerCache(Counting())
    a, b, c = (LobeOf(XYZ, (0.0, latitude)) for latitude in (0.0, 1.0, 2.0))
    cache.ask([a, b])
    cache.ask([a])
    cache.ask([c])
    assert (cache.knows([a]), cache.knows([b]), cache.knows([c])) == (True, False, True)


def test_a_question_that_cannot_be_answered_does_not_stop_the_preparation() -> None:
    class Picky(Counting):
        def ask(self, questions: Sequence[Question[Any]], models: Any) -> Any:
            if isinstance(questions[0], OverviewOf):
                raise ValueError("no")
            return super().ask(questions, models)

    cache = answers.AnswerCache(Picky())
    cache.prepare([FeaturesOf(XYZ), OverviewOf(XYZ), CharacterOf(XYZ)])
    assert cache.knows([FeaturesOf(XYZ), CharacterOf(XYZ)])
