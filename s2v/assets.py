"""Where the files that ship with the project lie, and the one error for a file that is missing or damaged."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (_PACKAGE / "_app").is_dir()  # from a wheel, which puts app.py, pages, assets and .streamlit there

APP = _PACKAGE / "_app" if IS_INSTALLED else _PACKAGE.parent  # the folder of app.py
ASSETS = APP / "assets"


class AssetError(Exception):
    """A file that ships with the project is missing or damaged; the message names it and says what to do."""


def asset_path(*parts: str) -> Path:
    """The path of a file in ``assets/``.

    Parameters
    ----------
    parts : str
        Names of folders in ``assets/``, then the name of the file.

    Raises
    ------
    AssetError
        If there is no such file.

    Examples
    --------
    >>> asset_path("coastlines", "coastline_110m.json").is_file()
    True
    """
    path = ASSETS.joinpath(*parts)
    if not path.is_file():
        raise AssetError(f"The file {_name(path)} is missing. {RESTORE}")
    return path


def damaged(path: Path, reason: str) -> AssetError:
    """The error to raise for a file that exists but cannot be used; ``reason`` completes "... is damaged: "."""
    return AssetError(f"The file {_name(path)} is damaged: {reason}. {RESTORE}")


RESTORE = (
    "Install it again: pip install --force-reinstall --no-deps, then the name of the wheel."
    if IS_INSTALLED
    else "Restore it with `git checkout -- assets`, or clone the project again."
)


def _name(path: Path) -> str:
    return str(path.relative_to(ASSETS.parent)) if path.is_relative_to(ASSETS.parent) else str(path)
