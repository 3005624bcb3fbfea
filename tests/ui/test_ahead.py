"""The answers that come with the project agree with the code, and serve the first pages without any process."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2v import assets
from s2v.comparison import Ellipse, answer_files
from s2v.ui import answers as desk
from s2v.ui.comparison import ahead
from tests.damage import DAMAGES, damage_copy
from tests.ui.test_comparison_pages import no_engine, opened, words

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


def test_the_answers_agree_with_the_code() -> None:
    # If this fails after a change of an encoder or of a measure: python -m s2v.ui.comparison.ahead
    kept, new = ahead.load(), ahead.compute()
    assert list(kept) == list(new)
    for question, answer in new.items():
        if question[0] == "principal_image":  # the signs of components, and their order where they tie, are free
            answer, given = answer.explained, kept[question].explained
            agree(given, answer)
        else:
            agree(kept[question], answer)


@pytest.mark.parametrize("page", ["similarity", "distortion"])
def test_the_first_page_asks_nothing_that_must_be_computed(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(desk._Office):
        def __init__(self) -> None:
            monkeypatch.setattr("threading.Timer.start", lambda timer: None)
            super().__init__()

        def _ask(self, questions: Any, models: Any) -> Any:
            raise AssertionError(f"This had to be computed: {questions}")

    office = Closed()
    monkeypatch.setattr(desk, "_office", lambda: office)
    app = opened(page)
    assert not app.error
    assert len(app.dataframe)
    assert "torn" in words(app) or "patch of likeness" in words(app)


@pytest.mark.parametrize("name", [answer_files.CARD, answer_files.ARRAYS])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_answers_are_named_and_computed_instead(
    name: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage_copy("answers", name, damage, tmp_path, monkeypatch)
    with pytest.raises(assets.AssetError, match=name):
        ahead.load()
    monkeypatch.setattr("threading.Timer.start", lambda timer: None)
    assert not desk._Office().knows(tuple(ahead.questions()[:1]))


def test_a_card_of_another_version_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    answer_files.save({"a": (1, [2.5, np.arange(3.0)])}, tmp_path / "answers")
    given = answer_files.load("answers")["a"]
    assert given[0] == 1
    assert given[1][0] == 2.5
    np.testing.assert_array_equal(given[1][1], np.arange(3.0))
    (tmp_path / "answers" / answer_files.CARD).write_text('{"a": {"Lobe": {"width": 3}}}', encoding="utf-8")
    with pytest.raises(assets.AssetError, match="this version"):
        answer_files.load("answers")
