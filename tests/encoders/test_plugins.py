"""Installed packages bring encoders through the entry point group ``s2v.encoders``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from s2v.encoders import EncoderSpec, plugins
from s2v.encoders.entries import SPECS

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "tests" / "plugin"


def install(folder: Path, name: str, entry_point: str, **modules: str) -> None:
    """What pip would leave in ``folder``: a package's modules and its metadata."""
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\nany = {entry_point}\n")


@pytest.fixture
def bumps(tmp_path: Path) -> Path:
    """A folder with the package of tests/plugin installed, and a broken one."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    shutil.copytree(SOURCE / "s2v_bumps", tmp_path / "s2v_bumps", ignore=shutil.ignore_patterns("__pycache__"))
    install(tmp_path, project["name"], project["entry-points"][plugins.GROUP]["bumps"])
    install(tmp_path, "s2v-broken", "s2v_broken:SPEC", s2v_broken="import no_such_library")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, EncoderSpec], list[str]]:
    """What is installed in a folder, imported afresh; nothing of it stays in this process."""
    monkeypatch.syspath_prepend(folder)
    try:
        return plugins.load([spec.name for spec in SPECS])
    finally:
        for name in [name for name in sys.modules if name.startswith("s2v_")]:
            del sys.modules[name]


BROKEN = (
    "Encoders of s2v-broken (s2v_broken:SPEC) are left out: ModuleNotFoundError: No module named 'no_such_library'\n"
)


def test_the_command_line_lists_it_and_names_the_broken_one(bumps: Path) -> None:
    done = run(bumps, "-m", "s2v", "encoders", "bumps")
    assert (done.returncode, done.stderr) == (0, BROKEN)
    assert "bumps: Round bumps." in done.stdout
    assert "concentration=50.0  (a number from 0.1 to 100000)" in done.stdout


def test_it_can_be_trained_and_loaded(bumps: Path) -> None:
    chosen = ["--encoder", "bumps", "--set", "bumps=9", "--data", "land_ocean"]
    done = run(bumps, "-m", "s2v", "train", *chosen, "--steps", "5", "--points", "200", "--out", "model")
    assert (done.returncode, done.stderr.count(BROKEN)) == (0, 1)
    done = run(bumps, "-c", "import s2v; print(s2v.load('model/model.safetensors').encoder)")
    assert done.stdout.startswith("Bumps('bumps', bumps=9")


QUESTION = """
from s2v.comparison.questions import FeaturesOf
from s2v.engine.comparison_worker import ComparisonWorker
from s2v.ui.contestants import parse

if __name__ == "__main__":
    with ComparisonWorker() as worker:
        print(worker.ask([FeaturesOf(parse("bumps:bumps=9"))]))
"""


def test_addresses_and_the_comparison_worker_know_it(bumps: Path) -> None:
    (bumps / "question.py").write_text(QUESTION)
    done = run(bumps, "question.py")
    assert (done.returncode, done.stdout) == (0, "[9]\n"), done.stderr


def test_the_contract_runs_on_it_alone(bumps: Path) -> None:
    done = run(bumps, "-m", "s2v.testing", "bumps", "-q", "-p", "no:cacheprovider", "-rA", "-k", "spec or derivatives")
    assert done.returncode == 0, done.stdout
    passed = [line for line in done.stdout.splitlines() if line.startswith("PASSED")]
    assert passed
    assert all("[bumps" in line for line in passed)


@pytest.mark.parametrize("first", ["s2v", "s2v_bumps", "s2v_bumps.encoder"])
def test_the_order_of_imports_does_not_matter(bumps: Path, first: str) -> None:
    done = run(bumps, "-c", f"import {first}; import s2v; print(s2v.ENCODERS['bumps'].build().dim)")
    assert (done.stdout, done.stderr) == ("64\n", BROKEN)


def test_listing_encoders_loads_no_torch(bumps: Path) -> None:
    done = run(bumps, "-c", "import s2v, sys; print('bumps' in s2v.ENCODERS, 'torch' in sys.modules)")
    assert done.stdout == "True False\n"


GOOD = "from s2v.encoders import EncoderSpec\ndef spec(name, **more):\n"
GOOD += "    return EncoderSpec(name, 'Title', 'Summary.', 'Reference', 'nowhere:Class', **more)\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("this is no Python", "SyntaxError: invalid syntax"),
        ("", "AttributeError: module 's2v_bad' has no attribute 'SPEC'"),
        ("SPEC = 3", "TypeError: 3 is not an EncoderSpec."),
        (f"{GOOD}SPEC = spec('xyz')", "ValueError: there is already an encoder 'xyz'."),
        (f"{GOOD}SPEC = [spec('one'), spec('one')]", "ValueError: there is already an encoder 'one'."),
        (f"{GOOD}SPEC = spec('a:b')", "ValueError: the name 'a:b' is not allowed"),
        (f"{GOOD}SPEC = spec('none')", "ValueError: the name 'none' is not allowed"),
        (f"{GOOD}SPEC = spec('one', example={{'sides': 3}})", "ValueError: encoder 'one' has no parameter 'sides'"),
    ],
)
def test_a_broken_package_is_a_sentence_and_the_others_are_there(
    bumps: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    install(bumps, "s2v-bad", "s2v_bad:SPEC", s2v_bad=text)
    found, errors = load(bumps, monkeypatch)
    assert found["bumps"].title == "Round bumps"
    assert errors[0].startswith(f"Encoders of s2v-bad (s2v_bad:SPEC) are left out: {reason}")
    assert "\n" not in errors[0]
    assert errors[1:] == [BROKEN.strip()]


def test_a_package_may_bring_several_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "s2v-two", "s2v_two:SPECS", s2v_two=f"{GOOD}SPECS = map(spec, ('one', 'two'))")
    found, errors = load(tmp_path, monkeypatch)
    assert (list(found), errors) == (["one", "two"], [])
    with pytest.raises(ValueError, match=r"^encoder 'one' cannot be built by nowhere:Class: ModuleNotFoundError: "):
        found["one"].build()
