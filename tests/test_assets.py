"""Files that ship with the project are found, and a missing one is named."""

import pytest

from s2v import assets
from s2v.assets import AssetError, asset_path


def test_a_file_of_the_project_is_found():
    assert asset_path("coastlines", "CREDITS.md").read_text(encoding="utf-8").startswith("# Coastlines")


def test_a_missing_file_is_named_with_what_to_do():
    with pytest.raises(AssetError, match=r"assets/coastlines/nothing\.json is missing\. Restore it"):
        asset_path("coastlines", "nothing.json")


def test_a_damaged_file_is_named_with_what_is_wrong():
    error = assets.damaged(asset_path("coastlines", "CREDITS.md"), "it is a text")
    assert str(error).startswith("The file assets/coastlines/CREDITS.md is damaged: it is a text. Restore it")
