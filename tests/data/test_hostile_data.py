"""Data made to fill memory, to hang or to print without end: one short sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s2v import data
from s2v.cli import main
from s2v.data.readers import text as text_reader
from s2v.errors import MAX_MESSAGE
from tests.data.test_readers import PERU, feature, geojson, read

LIMITED = """
import io, resource, sys
from s2v import data
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 900_000_000,) * 2)
line = {line}
file = io.BytesIO({head} + line * (100_000_000 // len(line)) + b"\\n")
del line
try:
    data.read_points(file)
except ValueError as error:
    print(str(error))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are those of Linux")
@pytest.mark.parametrize(
    ("head", "line", "message"),
    [
        (b"lon lat\n1 2\n", b"1 ", "The file: row 3 has more than 1,000,000 characters, the most that are read."),
        (b"lon,lat\n1,2\n", b"1,", "The file: row 3 has more than 1,000,000 characters, the most that are read."),
        (b"lon,lat\n1,2\n", b'"1\n",', "The file: row 3 has more than 1,000,000 characters, the most that are read."),
        (b"lon,lat\n1,2\n", b'"', "The file: row 3 has more than 1,000,000 characters, the most that are read."),
    ],
)
def test_a_row_without_end_is_refused_with_its_number(head: bytes, line: bytes, message: str) -> None:
    program = LIMITED.format(head=head, line=line)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert message in done.stdout, done.stderr[-1000:]


def test_a_row_of_many_characters_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "MAX_ROW", 20)
    rows = "".join(f"{i},{i},sea\n" for i in range(10))
    assert len(read(f"lon,lat,soil\n{rows}").lonlat) == 10
    with pytest.raises(ValueError, match="row 12 has more than 20 characters"):
        read(f"lon,lat,soil\n{rows}1,2,{'x' * 20}\n")


def test_geojson_of_very_many_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 3,000,000 objects and lists"):
        read(b"[" + b"{}," * 3_000_000 + b"{}]")


@pytest.mark.parametrize("kind", ["pipe.csv", "pipe.parquet", "folder.geojson"])
def test_pipes_and_folders_are_no_data(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / kind
    path.mkdir() if kind.startswith("folder") else os.mkfifo(path)
    with pytest.raises(ValueError, match="is no file, but a folder, pipe or device"):
        data.read_points(path)
    assert main(["train", "--data", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "is no file, but a folder, pipe or device" in capsys.readouterr().err


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev"])
def test_devices_are_no_data(device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", device, "--out", str(tmp_path / "out")]) == 2
    assert f"'{device}' is no file, but a folder, pipe or device" in capsys.readouterr().err


def test_halves_of_surrogate_pairs_are_refused() -> None:
    places = [[float(i), 0.0] for i in range(10)]
    with pytest.raises(ValueError, match=r"class name 'a\\ud800' is damaged text"):
        data.own(places, ["a\ud800", "b"] * 5)
    with pytest.raises(ValueError, match=r"class name '\\ud800' is damaged text"):
        data.own(places, [0, 1] * 5, task="classification", classes=["\ud800", "b"])
    with pytest.raises(ValueError, match=r"title '\\ud800' is damaged text"):
        data.own(places, title="\ud800")
    features = [feature([i, 0], soil="clay" if i % 2 else "sand") for i in range(10)]
    d = read(geojson(*features, feature([11, 0], soil="\ud800")), target="soil")
    assert d.problems == (r"feature 11: 'soil' '\ud800' is damaged text; allowed are letters and signs.",)
    with pytest.raises(ValueError, match=r"column '\\ud800' is damaged text"):
        read(geojson(feature([1, 2], **{"\ud800": 3})), target="\ud800")


def test_equal_class_names_are_refused() -> None:
    with pytest.raises(ValueError, match="class name 'a' is given twice"):
        data.own([[0.0, 0.0], [1.0, 1.0]], [0, 1], classes=["a", "a"])


LONG = "x" * 10**6


@pytest.mark.parametrize(
    "call",
    [
        lambda: read(PERU, LONG),
        lambda: read(PERU, target=LONG),
        lambda: read(PERU, encoding=LONG),
        lambda: read(PERU, task=LONG),
        lambda: read(PERU, split=LONG),
        lambda: read(f"lon,lat,soil\n1,2,{LONG[:100_000]}\n" * 2, target="soil"),
        lambda: read(f"lon,lat,soil\n{LONG[:100_000]},2,3\n" * 2),
        lambda: read(geojson(feature([LONG, 1]))),
        lambda: read(geojson(feature([1, 1], LONG))),
        lambda: read(geojson(feature([1, 1]), crs={"properties": {"name": LONG}})),
        lambda: data.read_points(LONG),
        lambda: data.read_points(f"{LONG[:3000]}/{LONG}"),
        lambda: data.own([[0, 0]], [LONG], "regression"),
        lambda: data.own([[0, 0]], [LONG], LONG),
        lambda: data.own([[0, 0]], [LONG], split=LONG),
        lambda: data.load(LONG),
        lambda: data.load(f"checkerboard,{LONG}=1"),
    ],
)
def test_no_message_of_data_is_long(call: Callable[[], Any]) -> None:
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        call()
    assert len(str(error.value)) <= MAX_MESSAGE
