"""A browser is known again by its cookie, and only by a whole one."""

from __future__ import annotations

import pytest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from s2v.ui.browsers import secret_of

TOKEN = bytes(range(16))


def test_the_secret_stays_while_the_cookie_changes():
    first, second = (generate_xsrf_token_string(TOKEN, time) for time in (1, 2))
    assert first != second
    assert secret_of(first) == secret_of(second) != ""
    assert TOKEN.hex() not in secret_of(first)


def test_browsers_differ():
    assert secret_of(generate_xsrf_token_string()) != secret_of(generate_xsrf_token_string())


@pytest.mark.parametrize("cookie", ["", "x", "2|", "2|aa|bb|1", "2|aabbccdd||1", "2|é|é|1", "aabb", "9" * 15])
def test_what_holds_no_token_is_no_secret(cookie: str):
    assert secret_of(cookie) == ""
