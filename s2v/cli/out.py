"""A check shared by the commands that write a file."""

from __future__ import annotations

from pathlib import Path


def check_folder(out: Path) -> None:
    """``ValueError`` where the folder of a file to be written is missing; called before the work."""
    if not out.parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}; make it first.")
