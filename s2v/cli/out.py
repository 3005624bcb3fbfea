"""What commands that write a file have in common."""

from __future__ import annotations

from pathlib import Path


def check_folder(out: Path) -> None:
    """``ValueError`` where the folder of a file to be written is missing: before the work, not after it."""
    if not out.parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}; make it first.")
