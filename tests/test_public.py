"""The names that notebooks and outside checks call."""

import subprocess
import sys

import pytest

import s2v


@pytest.mark.parametrize("name", s2v.__all__)
def test_public_names_are_there_and_listed(name: str) -> None:
    assert getattr(s2v, name) is not None
    assert name in dir(s2v)


def test_an_unknown_name_is_an_attribute_error_that_lists_the_names() -> None:
    with pytest.raises(AttributeError, match=r"sphereM.*encoder"):
        s2v.sphereM  # noqa: B018 - the access is the test


def test_importing_the_package_is_light() -> None:
    code = "import sys, s2v; dir(s2v); raise SystemExit(bool({'torch', 'numpy', 'streamlit'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
