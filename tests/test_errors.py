"""Users read the messages of this project's errors; those of other libraries go to the log."""

from __future__ import annotations

import json

import pytest

from s2v import data, train
from s2v.assets import AssetError
from s2v.errors import user_message
from s2v.models.recipe import Recipe


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
