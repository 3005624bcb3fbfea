"""Which errors have messages for users."""

from __future__ import annotations

import traceback


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
        return str(error)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = bool(frames) and str(frames[-1].f_globals.get("__name__", "")).startswith("s2v.")
    return str(error) if ours and isinstance(error, ValueError | TypeError) else None
