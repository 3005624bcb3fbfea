"""``bench scales``: "auto" against each encoder's default, kept and taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from s2v.bench import scales

SMALL: dict[str, Any] = {
    "points": 60,
    "steps": 2,
    "names": ("grid", "spherical_harmonics"),
    "dataset": "relief,vmf:U1",
    "rungs": ("random",),
}


def test_a_row_for_each_case_and_none_is_trained_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = tmp_path / "scores.jsonl"
    report = scales.run(**SMALL, repeat=3, keep=keep)
    assert [row["data, split, places"] for row in report.rows] == [
        "relief, random, 60",
        "vmf:U1, random, 60",
        "mean, random, 60",
    ]
    assert " ±" in str(report.rows[0]["grid"])
    assert "grid: better in " in report.markdown()
    trained = keep.read_text().splitlines()
    assert len(trained) == len(set(trained)) <= 2 * 2 * 2 * 3  # fewer where auto is the default
    monkeypatch.setattr(scales, "_trained", lambda recipe, dataset: pytest.fail("trained again"))
    assert scales.run(**SMALL, repeat=3, keep=keep).rows == report.rows


def test_what_there_was_no_time_for_is_not_in_the_table(tmp_path: Path) -> None:
    report = scales.run(**SMALL, minutes=0, keep=tmp_path / "scores.jsonl")
    assert report.rows == ()
    assert "4 of 4 pairs of trainings left out" in report.about


def test_gains_and_losses_are_counted() -> None:
    case = scales.Case(0, 500, "random", "relief", "grid")
    pairs = {
        case: scales.Pair(0.5, 0.6),
        case._replace(seed=1): scales.Pair(0.5, 0.5),
        case._replace(data="geoid"): scales.Pair(0.9, 0.88),
        case._replace(data="cities"): scales.Pair(0.9, 0.895),
    }
    assert scales._sentence("grid", pairs) == (
        "grid: better in 1 of 3 rows; worse by more than 0.01 in 1: geoid, random, 500 (-0.020)."
    )
    thrice = {c._replace(seed=n): scales.Pair(0.5, 0.6) for n in range(3) for c in (case, case._replace(points=2000))}
    thrice[case] = scales.Pair(0.5, 0.1)
    assert "better in 1 of 2 rows; 1 of 2 with an interval are ties, it holds 0;" in scales._sentence("grid", thrice)


def test_an_encoder_without_a_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="xyz: without a scale"):
        scales.run(names=("grid", "xyz"))
