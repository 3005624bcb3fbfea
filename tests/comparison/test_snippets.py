"""The code that the comparison pages offer to copy runs, and gives their numbers."""

from __future__ import annotations

import json
import shlex
from typing import Any

import numpy as np
import pytest

from s2v import cli
from s2v.comparison.answering import answer
from s2v.comparison.questions import CharacterOf, CodeVariogramOf, DataVariogramOf, LobeOf, OverviewOf, SimilarityMapOf
from s2v.comparison.snippets import (
    Compared,
    compare_command,
    distortion_code,
    similarity_code,
    variogram_code,
    variogram_command,
)
from s2v.comparison.sources import DataSource
from s2v.encoders import EncoderConfig

PLACE = (-170.0, -89.0)
CHOSEN = [
    Compared(EncoderConfig.of("grid", scales=4), "grid, 'quoted'"),
    Compared(EncoderConfig.of("sphereM", scales=4, min_radius=0.2, frequencies="odd"), "sphereM"),
    Compared(EncoderConfig.of("xyz"), "xyz"),
]


def run(code: str) -> list[tuple[Any, ...]]:
    printed: list[tuple[Any, ...]] = []
    exec(code, {"print": lambda *values: printed.append(values)})
    return printed


def test_the_maps_of_similarity_are_computed_again() -> None:
    for each, (title, shape, low, high) in zip(CHOSEN, run(similarity_code(CHOSEN, PLACE, 6.0)), strict=True):
        known = answer(SimilarityMapOf(each.source, PLACE, 6.0)).values
        assert (title, shape) == (each.title, known.shape)
        assert (low, high) == pytest.approx((known.min(), known.max()), abs=1e-4)


def test_the_numbers_of_distortion_are_computed_again() -> None:
    printed = run(distortion_code(CHOSEN))
    size = len(printed) // len(CHOSEN)
    for i, each in enumerate(CHOSEN):
        title, *rows = printed[i * size : (i + 1) * size]
        assert title == (each.title,)
        found = [row[1] for row in rows]
        known = answer(CharacterOf(each.source))
        overview = answer(OverviewOf(each.source))
        tears = (known.dateline_tear, known.north_tear, known.south_tear)
        assert found[:3] == pytest.approx(tears, rel=1e-3, abs=1e-6)
        assert found[3] == pytest.approx(known.fidelity, abs=5e-3)
        assert found[5:] == pytest.approx(overview.anisotropy, rel=1e-2)


def test_the_command_prints_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(compare_command(CHOSEN, PLACE))
    assert cli.main([*words[3:], "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["place"] == list(PLACE)
    for each in CHOSEN:
        row = written["encoders"][each.source.text]  # type: ignore[union-attr]
        known, lobe = answer(CharacterOf(each.source)), answer(LobeOf(each.source, PLACE))
        for name in ("features", "fidelity", "dateline_tear", "north_tear", "poles_alike"):
            assert row[name] == pytest.approx(getattr(known, name))
        for name in ("east_west", "north_south", "half_width"):
            value = getattr(lobe, name)
            assert row[name] == (pytest.approx(value) if np.isfinite(value) else None)
    assert cli.main([*words[3:]]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 1 + len(CHOSEN)
    assert len({len(line) for line in table}) == 1


def test_the_variograms_are_computed_again(capsys: pytest.CaptureFixture[str]) -> None:
    of_data = answer(DataVariogramOf(DataSource("geoid", "Geoid", 300)))
    printed = run(variogram_code(CHOSEN, "geoid", 300))
    assert printed[0][1] == pytest.approx(of_data.half_sill)
    words = shlex.split(variogram_command(CHOSEN, "geoid", 300))
    assert cli.main([*words[3:], "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["data"]["half_sill"] == pytest.approx(of_data.half_sill)
    for each, row in zip(CHOSEN, written["encoders"].values(), strict=True):
        known = answer(CodeVariogramOf(each.source))
        assert (each.title, pytest.approx(known.half_sill), "km") in printed
        assert row["half_sill"] == pytest.approx(known.half_sill)
        at_60 = known.half_east_west[known.latitude == 60][0]
        assert row["east_west_60"] == (pytest.approx(at_60) if np.isfinite(at_60) else None)
    # The scales that fit are the last lines: xyz has none.
    fitting = [EncoderConfig.of(each.source.name, **found[0]) for each, found in zip(CHOSEN, printed[-2:])]  # noqa: B905
    assert [config.text for config in fitting] == [row["suggested"] for row in written["encoders"].values()][:2]
    assert written["encoders"]["xyz"]["suggested"] is None
    assert cli.main(words[3:]) == 0
    assert "half-sill distance of the data" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "is unknown; there are"),
        (["grid:scales"], "write it as name=value"),
        (["grid:scales=0"], "outside its range"),
        (["grid", "--place=10,95"], "is no place; allowed are"),
        (["grid", "--place=nowhere"], "is no place; allowed are"),
        (["grid"] * 41, "at most 40"),
    ],
)
def test_bad_input_gets_a_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["grid", "sphereM:frequencies=odd,scales=4", "wrap", "rbf:bandwidth=0.5"])
def test_the_text_of_an_encoder_is_read_back(text: str) -> None:
    config = EncoderConfig.parse(text)
    assert EncoderConfig.parse(config.text) == config
