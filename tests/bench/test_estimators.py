"""``bench estimators``: every candidate is fitted as the estimators fit it, and compared with the first."""

import pytest

import s2v
from s2v.bench import estimators
from s2v.models.estimators import ENCODER


def test_a_table_has_a_row_for_each_case_and_the_gain_over_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "DATA", ("geoid", "land_cover"))
    lines: list[str] = []
    report = estimators.run(repeat=3, steps=2, sizes=(60,), on_progress=lines.append)
    assert [row["data, split, places"] for row in report.rows] == [
        "geoid, random, 60",
        "geoid, blocks:500, 60",
        "land_cover, random, 60",
        "land_cover, blocks:500, 60",
        "mean of 60, less sphereM, 0.01",
    ]
    assert report.rows[-1]["sphereM, 0.01"] == "0.000 ±0.000"
    assert len(lines) == 12
    assert " ±" in report.markdown()


def test_all_candidates_but_the_published_one_are_whole() -> None:
    whole = {}
    for title, (name, params) in estimators.CANDIDATES.items():
        spec = s2v.ENCODERS[name]
        whole[title] = spec.continuous_at_dateline(params) and spec.continuous_at_poles(params)
    assert [title for title, is_whole in whole.items() if not is_whole] == ["sphereM, 0.01", "sphereM"]
    assert estimators.CANDIDATES[ENCODER] == (ENCODER, {})  # the default
