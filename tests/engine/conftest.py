"""One real cluster for all tests of the engine: two worker processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from s2v.engine import Engine
from s2v.models.recipe import Recipe

PATIENCE = 120  # seconds: far more than anything takes, so that a busy machine does not fail a test

SHORT = Recipe(steps=40, points=500, batch=64, hidden=16)
ENDLESS = Recipe(steps=100000, points=500, batch=64, hidden=16)  # minutes at least: tests end it


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(workers=2) as engine:
        engine.warm()
        assert engine.wait_ready(PATIENCE)
        yield engine


@pytest.fixture
def owner(engine: Engine) -> Iterator[str]:
    name = uuid.uuid4().hex
    yield name
    engine.release(name)


@pytest.fixture
def other(engine: Engine) -> Iterator[str]:
    name = uuid.uuid4().hex
    yield name
    engine.release(name)
