"""Where the files that ship with the project lie, and the one error for a file that is missing or damaged."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"


class AssetError(Exception):
    """A file that ships with the project is missing or damaged; the message names it and says what to do."""


def asset_path(*parts: str) -> Path:
    """The path of a file in ``assets/``, for example ``asset_path("coastlines", "coastline_110m.json")``.

    Raises ``AssetError`` if there is no such file.
    """
    path = ASSETS.joinpath(*parts)
    if not path.is_file():
        raise AssetError(f"The file {_name(path)} is missing. {RESTORE}")
    return path


def damaged(path: Path, reason: str) -> AssetError:
    """The error to raise for a file that is there but cannot be used; ``reason`` completes "... is damaged: "."""
    return AssetError(f"The file {_name(path)} is damaged: {reason}. {RESTORE}")


RESTORE = "Restore it with `git checkout -- assets`, or clone the project again."


def _name(path: Path) -> str:
    return str(path.relative_to(ASSETS.parent)) if path.is_relative_to(ASSETS.parent) else str(path)
