"""Messages for users: which errors have one, and how they repeat what was given."""

from __future__ import annotations

import traceback
from itertools import islice

MAX_MESSAGE = 2000  # letters
MAX_SHOWN = 200  # letters of a value
_MAX_ITEMS, _MAX_DEPTH = 8, 3  # of lists in a value


def user_message(error: BaseException) -> str | None:
    """The message of an error that this project raised itself, since those are written for users; None for any other.

    That is an error of a class of this project, or a ``ValueError`` or ``TypeError`` that one of its functions raised.

    Examples
    --------
    >>> import s2v
    >>> from s2v.errors import user_message
    >>> try:
    ...     s2v.encoder("sphereM", scales=0)
    ... except ValueError as error:
    ...     print(user_message(error) == str(error))
    True
    >>> print(user_message(KeyError("a bug")))
    None
    """
    if type(error).__module__.startswith("s2v."):
        return clipped(error)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = bool(frames) and str(frames[-1].f_globals.get("__name__", "")).startswith("s2v.")
    return clipped(error) if ours and isinstance(error, ValueError | TypeError) else None


def clipped(message: object) -> str:
    """A message of at most ``MAX_MESSAGE`` letters: the middle of a longer one is left out.

    Examples
    --------
    >>> clipped("Short."), len(clipped("long " * 1000))
    ('Short.', 2000)
    """
    text = str(message)
    end = MAX_MESSAGE // 4
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - end - 1]}…{text[-end:]}"


def shown(value: object) -> str:
    """The ``repr`` of a value as a message repeats it: at most ``MAX_SHOWN`` letters, whatever the value holds.

    Nested values are never written out whole: a few lists that hold each other many times would take gigabytes.

    Examples
    --------
    >>> shown("sphereX"), shown([1, "a"]), len(shown("x" * 10**6))
    ("'sphereX'", "[1, 'a']", 200)
    """
    text = _repr(value, _MAX_DEPTH)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _repr(value: object, depth: int) -> str:
    if isinstance(value, str | bytes):
        return repr(value[: MAX_SHOWN + 1])
    if isinstance(value, int) and value.bit_length() > 4 * MAX_SHOWN:
        return f"a whole number of {value.bit_length():,} bits"
    if isinstance(value, list | tuple | dict):
        if depth == 0:
            return "…"
        parts = [_repr(part, depth - 1) for part in islice(value, _MAX_ITEMS)]
        if isinstance(value, dict):
            parts = [f"{key}: {_repr(value[name], depth - 1)}" for key, name in zip(parts, value, strict=False)]
        parts += ["…"] * (len(value) > _MAX_ITEMS)
        first, last = "[]" if isinstance(value, list) else "()" if isinstance(value, tuple) else "{}"
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"{first}{', '.join(parts)}{comma}{last}"
    try:
        return repr(value)
    except Exception:  # an object's repr may raise anything
        return f"a {type(value).__name__}"
