"""Which errors are sentences for people."""

from __future__ import annotations

import traceback


def sentence(error: BaseException) -> str | None:
    """What an error says, where it was raised by this project itself, to be read; None for any other.

    That is an error of a class of this project, or a ``ValueError`` or ``TypeError`` that one of its functions raised.
    """
    if type(error).__module__.startswith("s2v."):
        return str(error)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = bool(frames) and str(frames[-1].f_globals.get("__name__", "")).startswith("s2v.")
    return str(error) if ours and isinstance(error, ValueError | TypeError) else None
