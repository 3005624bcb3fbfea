"""The measured speeds of learning: slow encoders have a remark, unmeasured ones the command that measures them."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from s2v import encoders
from s2v.assets import AssetError
from s2v.models import learning_times


def test_measured_encoders_exist_and_their_remarks_follow_from_the_numbers() -> None:
    speeds = learning_times.speeds()
    assert "sphereM" in speeds
    assert set(speeds) <= set(encoders.ENCODERS)
    for name, speed in speeds.items():
        assert 0 < speed.end <= speed.best <= 100
        assert bool(speed.remark) == (not (speed.best >= 95 and speed.seconds <= 5 and speed.end >= 95))
        assert learning_times.speed(name) == speed
        assert learning_times.remark(name) == speed.remark


def test_an_encoder_that_was_not_measured_says_how() -> None:
    assert learning_times.speed("new") is None
    assert learning_times.remark("new") == (
        "Not measured: `python -m s2v bench learning --names new --out assets/learning`"
    )


def test_remarks_name_the_reason() -> None:
    good = learning_times.Speed("xyz", 3, 800.0, 1.0, 3.0, 99.0, 98.0, 101.0)
    assert good.remark == ""
    assert replace(good, best=90.0, steps=math.nan, seconds=math.nan).remark.startswith("It reaches at most 90 %")
    assert "takes 9 seconds" in replace(good, seconds=9.2).remark
    assert "then falls back to 79 % of it: with 1,536 features" in replace(good, end=79.0, features=1536).remark


@pytest.mark.parametrize("content", ["", "[]", json.dumps({"rows": [{"encoder": "xyz"}]})])
def test_a_damaged_file_is_an_asset_error(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "learning.json"
    path.write_text(content)
    monkeypatch.setattr(learning_times, "asset_path", lambda *parts: path)
    with pytest.raises(AssetError, match=r"learning\.json is damaged"):
        learning_times.speeds.__wrapped__()
