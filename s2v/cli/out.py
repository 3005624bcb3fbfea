"""Checks shared by the commands that write: what cannot be written is noticed before the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from s2v import files


def check_file(out: Path) -> None:
    """``ValueError`` where the folder of a file to be written is missing; ``OSError`` where it cannot be written."""
    check_folder(out)
    if out.exists() and not out.is_file() and not out.is_dir():
        return  # a pipe or a device
    target = out.resolve()
    files.check_writable(target.parent, [target.name])


def check_folder(out: Path) -> None:
    """``ValueError`` where the folder of a file to be written is missing."""
    if not out.parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}; make it first.")


def make_folder(out: Path, names: Sequence[str]) -> None:
    """Make a folder for files of these names; ``ValueError`` where there is a file, ``OSError`` for no permission."""
    existing = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise ValueError(f"--out {out}: {existing} is a file; name a folder.")
    out.mkdir(parents=True, exist_ok=True)
    files.check_writable(out, names)
