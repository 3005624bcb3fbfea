"""Which browser a session belongs to, told by a secret that the browser keeps and that no link holds.

Before a browser opens its web socket, Streamlit gives it a cookie with a random token against forged requests.  All
tabs of the browser have it, it survives a reload, and other browsers cannot know it.
"""

from __future__ import annotations

import hashlib

import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

COOKIE = "_streamlit_xsrf"
MIN_BYTES = 16  # of a token: what Streamlit draws; less could be guessed


def secret() -> str:
    """What all sessions of the visitor's browser share and no other browser knows; empty where cookies are off."""
    return secret_of(st.context.cookies.get(COOKIE, ""))


def secret_of(cookie: str) -> str:
    """The secret in a cookie; empty for one that holds no token.

    The cookie's text changes, since it hides the token under a mask; the token stays.

    Parameters
    ----------
    cookie : str
        As the browser has sent it.
    """
    token, _ = decode_xsrf_token_string(cookie)
    return hashlib.sha256(token).hexdigest() if token and len(token) >= MIN_BYTES else ""
