"""Users read the messages of this project's errors; those of other libraries go to the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import s2v
from s2v import data, train
from s2v.assets import AssetError
from s2v.cli import main
from s2v.errors import MAX_MESSAGE, MAX_SHOWN, shown, user_message
from s2v.fields import Grid
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.models.recipe import Recipe
from s2v.ui.messages import plain


def error_of(call) -> Exception:
    try:
        call()
    except Exception as error:
        return error
    pytest.fail("no error")


def test_errors_of_this_project_have_user_messages() -> None:
    little = Recipe(data="vmf:U1,classes=1,concentration=100000", split="blocked")
    assert "Use split='random'." in str(user_message(error_of(lambda: next(train(little)))))
    single = Recipe(data="cities:presence", loss="an_slds", points=100)
    assert "takes another class as absent" in str(user_message(error_of(lambda: next(train(single)))))
    assert user_message(AssetError("a file")) == "a file"
    assert "no such data" in str(user_message(error_of(lambda: data.load("no such data"))))


def test_errors_of_other_libraries_have_none() -> None:
    assert user_message(error_of(lambda: json.loads("{"))) is None
    assert user_message(error_of(lambda: [][0])) is None
    assert user_message(ValueError("never raised")) is None
    assert user_message(error_of(lambda: data.load(3))) is None  # type: ignore[arg-type]


LONG = "x" * 10**6


@pytest.mark.parametrize(
    "arguments",
    [
        [LONG],
        ["train", "--steps", LONG],
        ["train", "--task", LONG],
        ["train", LONG, "--out", "out"],
        ["train", "--out", LONG],
        ["train", "--data", LONG, "--out", "out"],
        ["train", "--data", f"{LONG}.csv", "--out", "out"],
        ["train", "--set", LONG, "--out", "out"],
        ["train", "--encoder", LONG, "--out", "out"],
        ["train", f"--{LONG}"],
        ["map", LONG, "--out", "a.csv"],
        ["map", "a.safetensors", "--out", LONG],
        ["encoders", LONG],
        ["import", LONG, "--out", "a.safetensors"],
        ["bench", LONG],
    ],
    ids=lambda arguments: " ".join(text[:12] for text in arguments),
)
def test_the_command_line_prints_no_long_message(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("s2v: ")
    assert len(printed.rstrip("\n")) <= MAX_MESSAGE


@pytest.mark.parametrize(
    "call",
    [
        lambda: s2v.encoder(LONG),
        lambda: s2v.encoder("sphereM", **{LONG: 1}),
        lambda: s2v.encoder("sphereM", frequencies=LONG),
        lambda: s2v.kernels.similarity(s2v.encoder("xyz"), [0.0, 0.0], [1.0, 1.0], LONG),
        lambda: s2v.distortion.pole_tear(s2v.encoder("xyz"), LONG),
        lambda: s2v.Recipe(network=LONG),
        lambda: s2v.Recipe(steps=10**5000),
        lambda: s2v.Recipe(loss=LONG),
        lambda: s2v.Recipe(encoder_params=[LONG] * 100),  # type: ignore[arg-type]
        lambda: predicted(LocationModel(Recipe(), "presence", (LONG, "a")), Grid.equirectangular(90), "b"),
        lambda: Grid.polar(LONG),  # type: ignore[arg-type]
    ],
)
def test_the_library_raises_no_long_message(call: Callable[[], Any]) -> None:
    error = error_of(call)
    assert isinstance(error, ValueError)
    assert len(str(error)) <= MAX_MESSAGE


def test_what_pages_show_of_an_error_is_clipped() -> None:
    assert len(plain(LONG)) == MAX_MESSAGE
    assert plain("a [link](b)") == r"a \[link\]\(b\)"
    assert len(str(user_message(AssetError(LONG)))) == MAX_MESSAGE


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError


def test_any_value_is_shown_in_a_few_letters() -> None:
    nested: list[Any] = ["x"]
    for _ in range(60):
        nested = [nested, nested]
    endless: list[Any] = []
    endless.append(endless)
    for value in (nested, endless, LONG, LONG.encode(), 10**5000, {LONG: LONG}, (LONG,) * 100, range(3), object):
        assert len(shown(value)) <= MAX_SHOWN
    assert shown(10**5000) == "a whole number of 16,610 bits"
    assert shown(Broken()) == "a Broken"
    assert [shown(value) for value in ((1,), {"a": [1, None]}, "it's")] == ["(1,)", "{'a': [1, None]}", '"it\'s"']
