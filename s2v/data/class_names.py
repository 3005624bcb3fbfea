"""Names of classes: what data sets and models may call them."""

from __future__ import annotations

from collections.abc import Sequence

from s2v.errors import shown


def check_class_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names; ``ValueError`` for one that is given twice, or is not text that UTF-8 can hold.

    Examples
    --------
    >>> check_class_names(["sea", "land"])
    ('sea', 'land')
    >>> check_class_names(["sea", "sea"])
    Traceback (most recent call last):
    ValueError: The class name 'sea' is given twice; names must differ.
    """
    seen = set()
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"The class name {shown(name)} is not a text.")
        if is_damaged(name):
            raise ValueError(f"The class name {shown(name)} is damaged text: no file can hold it. Write it again.")
        if name in seen:
            raise ValueError(f"The class name {shown(name)} is given twice; names must differ.")
        seen.add(name)
    return tuple(names)


def is_damaged(text: str) -> bool:
    """Whether a text holds halves of UTF-16 pairs (lone surrogates), which no file can hold.

    Examples
    --------
    >>> is_damaged("sea"), is_damaged("\\ud800")
    (False, True)
    """
    return any("\ud800" <= letter <= "\udfff" for letter in text)
