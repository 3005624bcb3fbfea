"""Results of single samples, as TorchSpatial writes them."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import sphere
from s2v.evaluation import samples
from s2v.evaluation.samples import COLUMNS, SampleResults

HEADER = ",".join(COLUMNS)


def results(hits: np.ndarray, lonlat: np.ndarray | None = None) -> SampleResults:  # type: ignore[type-arg]
    places = sphere.random_points(len(hits)) if lonlat is None else lonlat
    return SampleResults(places, hits * 1.0, hits * 1.0, hits, hits)


def test_a_file_is_read_in_any_order_of_columns_and_bad_rows_are_counted() -> None:
    text = (
        "id,hit@3,hit@1,lat,lon,reciprocal_rank,true_class_prob\n"
        "1,1,0,78.2,15.6,0.5,0.3\n2,True,True,-90,180,1,0.9\n\n3,1,1,91,0,1,1\n4,1,1,nan,0,1,1\n5,1\n6,1,1,0,0,1,1.5\n"
    )
    found = samples.read_samples(text.encode("utf-8-sig"), "a.csv")
    assert found.lonlat.tolist() == [[15.6, 78.2], [180, -90]]
    assert found.hit1.tolist() == [False, True]
    assert found.left_out == 4


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", HEADER.encode(), f"{HEADER}\n{'x,' * 9}\n".encode(), b'"' + b"x" * 200_000],
)
def test_other_files_get_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^a\.csv"):
        samples.read_samples(content, "a.csv")


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MAX_BYTES", 10)
    with pytest.raises(ValueError, match="too large"):
        samples.read_samples(b"x" * 11, "a.csv")
    monkeypatch.undo()
    monkeypatch.setattr(samples, "MAX_ROWS", 1)
    with pytest.raises(ValueError, match="more than 1 rows"):
        samples.read_samples(f"{HEADER}\n{'0,0,1,1,1,1' + chr(10)}{'0,0,1,1,1,1'}".encode(), "a.csv")


def test_mcnemar_is_the_sign_test_of_what_one_alone_gets_right() -> None:
    # 10 against 2 of 12: 2 (1 + 12 + 66) / 2^12
    first = np.array([True] * 10 + [False] * 2 + [True] * 50)
    second = np.array([False] * 10 + [True] * 2 + [True] * 50)
    assert samples.mcnemar(first, second).p_value == pytest.approx(2 * 79 / 4096)
    assert samples.mcnemar(first, first).p_value == 1
    with pytest.raises(ValueError, match="shapes"):
        samples.mcnemar([True], [True, False])


def test_only_the_same_samples_are_compared() -> None:
    a, b = results(np.ones(5, dtype=bool)), results(np.ones(6, dtype=bool))
    samples.check_paired({"a": a, "a2": a})
    with pytest.raises(ValueError, match="5 samples, b 6"):
        samples.check_paired({"a": a, "b": b})
    with pytest.raises(ValueError, match="lie at other places"):
        samples.check_paired({"a": a, "b": results(a.hit1, a.lonlat[::-1])})


def test_intervals_take_neighbours_for_one() -> None:
    """400 copies of 50 places say no more than the 50 places."""
    rng = np.random.default_rng(0)
    places, hits = sphere.random_points(200, 1), rng.random(200) < 0.6
    once = samples.judge_samples({"m": results(hits, places)}).score("m").interval
    often = samples.judge_samples({"m": results(np.repeat(hits, 20), np.repeat(places, 20, axis=0))})
    low, high = often.score("m").interval
    assert high - low > 0.8 * (once[1] - once[0])


def test_groups_by_density_hold_every_sample_once() -> None:
    rng = np.random.default_rng(0)
    dense = np.stack([rng.uniform(0, 3, 300), rng.uniform(0, 3, 300)], -1)
    places = np.concatenate([sphere.random_points(300), dense])
    hits = np.arange(600) >= 300  # right where there are many
    groups = samples.by_density({"m": results(hits, places)})
    assert sum(scores["m"].count for _, scores in groups) == 600
    assert groups[0][1]["m"].value < 0.1
    assert groups[-1][1]["m"].value > 0.9


def test_the_map_shows_who_wins_where_there_are_samples() -> None:
    places = sphere.random_points(4000)
    north = places[:, 1] > 0
    field = samples.difference_field(results(north, places), results(~north, places), cells=100, degrees=5)
    latitude = field.grid.lonlat[..., 1]
    assert (field.values[latitude > 30] == 1).all()
    assert (field.values[latitude < -30] == -1).all()
    few = samples.difference_field(results(north[:3], places[:3]), results(north[:3], places[:3]), degrees=5)
    assert np.isnan(few.values).all()
