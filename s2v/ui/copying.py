"""Copy as Python and as command: what a page shows, as code that computes it again."""

from __future__ import annotations

import streamlit as st


def show(python: str, command: str, key: str, remark: str = "") -> None:
    """Shows the Python and the shell command of what is on the page, each with a button that copies it."""
    with st.expander("Copy as Python, or as command", icon=":material/code:", key=f"{key} copying"):
        if remark:
            st.caption(remark)
        as_python, as_command = st.tabs(["Python", "Command"])
        with as_python:
            st.code(python, language="python")
        with as_command:
            st.code(command, language="bash", wrap_lines=True)
