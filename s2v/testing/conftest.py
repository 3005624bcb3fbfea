"""A test that takes ``name`` runs for every encoder; one that takes ``params`` too, for all its variants."""

from __future__ import annotations

import pytest

from s2v.encoders import ENCODERS
from s2v.testing.cases import variants


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--encoder", action="append", metavar="NAME", help="test this encoder only; may be repeated")


def pytest_configure(config: pytest.Config) -> None:
    for name in config.getoption("--encoder", None) or ():
        if name not in ENCODERS:
            message = f"there is no encoder {name!r}; there are: {', '.join(ENCODERS)}."
            raise pytest.UsageError(" ".join([message, *ENCODERS.plugin_errors]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    names = metafunc.config.getoption("--encoder", None) or list(ENCODERS)
    if "params" in metafunc.fixturenames:
        cases = [(name, params) for name in names for params in variants(name)]
        ids = [f"{name}-{'-'.join(map(str, params.values()))}" for name, params in cases]
        metafunc.parametrize(("name", "params"), cases, ids=ids)
    elif "name" in metafunc.fixturenames:
        metafunc.parametrize("name", names)
