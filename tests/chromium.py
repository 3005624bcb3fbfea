"""Where the browser of the browser tests is: $CHROMIUM, else an installed one, else playwright's own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """Path of a Chromium that can be run; ``FileNotFoundError`` says where it was looked for."""
    wanted = os.environ.get("CHROMIUM")
    if wanted:
        if found := shutil.which(wanted):
            return found
        raise FileNotFoundError(f"CHROMIUM={wanted} is not a program that can be run.")
    for name in NAMES:
        found = shutil.which(name)
        if found and not _is_a_pointer_to_a_snap(found):
            return found
    own = _of_playwright()
    if own.exists():
        return str(own)
    raise FileNotFoundError(
        f"No Chromium: none of {', '.join(NAMES)} is installed, and playwright has none of its own."
    )


def _is_a_pointer_to_a_snap(path: str) -> bool:
    """Ubuntu's chromium-browser is a script that asks for a snap; where snaps do not run it is no browser."""
    head = Path(path).read_bytes()[:4096]
    return head.startswith(b"#!") and b"snap install" in head


def _of_playwright() -> Path:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


if __name__ == "__main__":
    try:
        print(find())
    except FileNotFoundError as error:
        sys.exit(str(error))
