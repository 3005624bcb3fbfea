"""Texts in CSV files, which spreadsheets open."""

from __future__ import annotations

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # begin what a spreadsheet computes


def cell(text: str) -> str:
    """A text that spreadsheets do not take for a formula: an apostrophe in front marks it as text.

    Examples
    --------
    >>> cell("sea"), cell("=1+1")
    ('sea', "'=1+1")
    """
    return f"'{text}" if text.startswith(_FORMULAS) else text
