"""A copy of the project's assets with a file that is missing or damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from s2v import assets

DAMAGES = ("missing", "cut", "nonsense")


def damage_copy(folder: str, name: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the project finds its ``folder`` of assets in ``tmp_path``, where the file ``name`` has suffered."""
    copy = tmp_path / "assets" / folder
    shutil.copytree(assets.ASSETS / folder, copy)
    monkeypatch.setattr(assets, "ASSETS", copy.parent)
    file = copy / name
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        file.write_bytes(b"\x00nonsense")
