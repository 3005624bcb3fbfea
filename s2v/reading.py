"""Files that are read whole: regular ones only, up to a size.  A pipe or a device would hang, or never end."""

from __future__ import annotations

import os
import stat

from s2v.errors import clipped, shown

MAX_TEXT = 1_000_000  # bytes of a recipe or a file of class names
MAX_MODEL_MB = 512  # of a model or a checkpoint; S2V_MAX_MODEL_MB in the environment changes it
ALLOW_MORE = " Set S2V_MAX_MODEL_MB in the environment to allow more."


def read_bytes(path: str | os.PathLike[str], what: str, max_bytes: int, advice: str = "") -> bytes:
    """The content of a regular file.

    Parameters
    ----------
    path : str or path
    what : str
        What the file is, for messages, such as "model file".
    max_bytes : int
    advice : str
        Ends the message of a file that is too large.

    Returns
    -------
    bytes

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where it is not a regular file, or larger than ``max_bytes``.
    OSError
        Where it cannot be read.

    Examples
    --------
    >>> read_bytes("missing.json", "recipe", MAX_TEXT)
    Traceback (most recent call last):
    FileNotFoundError: There is no recipe missing.json.
    """
    missing = FileNotFoundError(clipped(f"There is no {what} {os.fspath(path)}."))
    try:
        # Without O_NONBLOCK, opening a pipe waits for its writer.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a path with a zero byte
        raise missing from None
    except OSError as error:
        raise type(error)(clipped(f"The {what} {os.fspath(path)} cannot be read: {error.strerror}.")) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise ValueError(clipped(f"{os.fspath(path)} is no file, but a folder, pipe or device. Give a {what}."))
    with os.fdopen(number, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _too_large(os.fspath(path), what, max_bytes, advice)
    return content


def read_text(path: str | os.PathLike[str], what: str) -> str:
    """The text of a regular file in UTF-8, of at most ``MAX_TEXT`` bytes; errors as in ``read_bytes``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open(f"{folder}/names.txt", "w") as file:
    ...         _ = file.write("sea")
    ...     read_text(f"{folder}/names.txt", "file of class names")
    'sea'
    """
    try:
        return read_bytes(path, what, MAX_TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            clipped(f"The {what} {os.fspath(path)} is not text in UTF-8: see byte {error.start:,}. Save it as UTF-8.")
        ) from None


def read_model(path: str | os.PathLike[str], what: str) -> bytes:
    """The content of a model or a checkpoint of at most ``S2V_MAX_MODEL_MB``; errors as in ``read_bytes``.

    Examples
    --------
    >>> read_model("missing.safetensors", "model file")
    Traceback (most recent call last):
    FileNotFoundError: There is no model file missing.safetensors.
    """
    return read_bytes(path, what, max_model_bytes(), ALLOW_MORE)


def max_model_bytes() -> int:
    """How large a model or a checkpoint may be; ``ValueError`` for another ``S2V_MAX_MODEL_MB`` than a whole number.

    Examples
    --------
    >>> max_model_bytes()
    512000000
    """
    text = os.environ.get("S2V_MAX_MODEL_MB", str(MAX_MODEL_MB))
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 6 or int(text) < 1:
        raise ValueError(f"S2V_MAX_MODEL_MB={shown(text)} is not a whole number from 1 to 999999.")
    return int(text) * 10**6


def check_model_size(name: str, size: int, what: str) -> None:
    """``ValueError``, as ``read_model`` raises it, where a file of ``size`` bytes is too large.

    Examples
    --------
    >>> check_model_size("model.pth.tar", 1000, "checkpoint")
    """
    if size > max_model_bytes():
        raise _too_large(name, what, max_model_bytes(), ALLOW_MORE)


def _too_large(name: str, what: str, max_bytes: int, advice: str) -> ValueError:
    return ValueError(clipped(f"The {what} {name} is too large; allowed are {max_bytes / 1e6:g} MB.{advice}"))
