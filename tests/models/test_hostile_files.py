"""Files made to hang, to fill memory or to raise anything: one short sentence each, with little memory.

Those in ``hostile/`` were found by attacks.  The others are made here, one for each kind.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch

import s2v
from s2v.cli import main
from s2v.encoders.spec import EncoderSpec
from s2v.errors import MAX_MESSAGE
from s2v.models import checkpoints
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from tests.models.hostile_inputs import CHECKPOINTS, MODELS, REASONS, RECIPES, checkpoint, repacked

ROOT = Path(__file__).parents[2]
FOUND = Path(__file__).parent / "hostile"
MAX_SECONDS = 300  # for all files together, on a busy machine

needs_limits = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are those of Linux")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the library and the command line answer to each file, in a process that may take little memory."""
    folder = tmp_path_factory.mktemp("hostile")
    for path in FOUND.iterdir():
        if path.name != "max.json":  # a valid recipe
            shutil.copy(path, folder)
    for made, suffix in ((MODELS, "safetensors"), (CHECKPOINTS, "pt"), (RECIPES, "json")):
        for name, content in made.items():
            (folder / f"{name}.{suffix}").write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("limited.py")), str(folder)],
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


FILES = [path.name for path in sorted(FOUND.iterdir()) if path.name != "max.json"]
FILES += [f"{name}.safetensors" for name in MODELS] + [f"{name}.pt" for name in CHECKPOINTS]
FILES += [f"{name}.json" for name in RECIPES]


@needs_limits
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_one_short_sentence(name: str, answered: dict[str, Any]) -> None:
    (kind, message), (status, printed) = answered[name]["library"], answered[name]["command"]
    assert kind == "ValueError", message[:500]
    assert REASONS.get(Path(name).stem, "") in message  # no earlier check refused it
    assert status == 2
    assert printed.startswith("s2v: ")
    assert printed.count("\n") == 1
    for text in (message, printed.rstrip("\n")):
        assert len(text) <= MAX_MESSAGE
        assert "Traceback" not in text
        assert "Memory" not in text  # noticed before, not when there was none left


def test_the_largest_recipe_is_one() -> None:
    assert Recipe.from_json((FOUND / "max.json").read_text()).points == 200_000


@pytest.mark.parametrize("command", ["recipe", "classes", "model", "checkpoint"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_pipes_devices_and_folders_are_refused_at_once(
    command: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}
    os.mkfifo(paths["pipe"])
    path, good, out = str(paths[kind]), tmp_path / "a.pt", str(tmp_path / "out")
    good.write_bytes(checkpoint())
    arguments = {
        "recipe": ["train", path, "--out", out],
        "classes": ["import", str(good), "--out", f"{out}.safetensors", "--classes", path],
        "model": ["map", path, "--out", f"{out}.csv"],
        "checkpoint": ["import", path, "--out", f"{out}.safetensors"],
    }[command]
    assert main(arguments) == 2
    assert "is no file, but a folder, pipe or device" in capsys.readouterr().err


def test_the_size_of_models_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, read in (("a.safetensors", s2v.load), ("a.pt", s2v.import_torchspatial)):
        (tmp_path / name).write_bytes(bytes(1_000_001))
        monkeypatch.setenv("S2V_MAX_MODEL_MB", "1")
        with pytest.raises(ValueError, match=r"too large; allowed are 1 MB\. Set S2V_MAX_MODEL_MB"):
            read(tmp_path / name)
        monkeypatch.setenv("S2V_MAX_MODEL_MB", "2")
        with pytest.raises(ValueError, match="is not a whole"):
            read(tmp_path / name)
        monkeypatch.setenv("S2V_MAX_MODEL_MB", "much")
        with pytest.raises(ValueError, match="S2V_MAX_MODEL_MB='much' is not a whole number"):
            read(tmp_path / name)


def test_names_in_a_class_file_must_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="class name 'a' is given twice"):
        LocationModel(Recipe(), "presence", ("a", "b", "a"))
    with pytest.raises(ValueError, match=r"class name '\\ud800' is damaged text"):
        LocationModel(Recipe(), "presence", ("a", "\ud800"))


def test_doubles_that_are_infinite_as_floats_are_refused(tmp_path: Path) -> None:
    model = LocationModel(Recipe(encoder="xyz", hidden=4), "regression")
    model.mean = torch.tensor(1e300, dtype=torch.float64)
    with pytest.raises(ValueError, match="'mean' are not finite"):
        checkpoints.loads(checkpoints.dumps(model))


def test_an_encoder_that_needs_its_numbers_to_be_built_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of an installed package may."""
    build = EncoderSpec.build

    def needs_numbers(spec: EncoderSpec, **params: Any) -> Any:
        if torch.get_default_device().type == "meta":
            raise ValueError("no numbers")
        return build(spec, **params)

    monkeypatch.setattr(EncoderSpec, "build", needs_numbers)
    saved = LocationModel(Recipe(encoder="tile", encoder_params={"cell": 30.0}, hidden=4), "regression")
    content = checkpoints.dumps(saved)
    assert checkpoints.loads(content).recipe == saved.recipe
    with pytest.raises(ValueError, match=r"its encoder has 1,061,683,200 numbers, the file"):
        checkpoints.loads((FOUND / "tile_max.safetensors").read_bytes())


def test_tensors_that_share_or_skip_numbers_are_read_as_they_are(tmp_path: Path) -> None:
    """The reader is compared with torch's."""
    from s2v.models import torch_save

    numbers = torch.arange(24.0)
    tensors = {
        "transposed": numbers.view(4, 6).T,
        "part": numbers[5:9],
        "every second": numbers[1::2].view(3, 4),
        "doubles": numbers.double(),
        "halves": numbers.half().view(2, 12),
        "single": torch.tensor(3.0),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(numbers[:3]),
        "whole numbers": torch.arange(5),
    }
    for zipped in (True, False):
        file = io.BytesIO()
        torch.save(tensors, file, _use_new_zipfile_serialization=zipped)
        saved = torch_save.opened(file.getvalue())
        for name, tensor in tensors.items():
            read = saved.tensor(saved.content[name])
            assert read.dtype == tensor.dtype
            assert torch.equal(read, tensor)


def test_a_pickle_cannot_change_what_it_may_call() -> None:
    from s2v.models import torch_save

    for code in (
        b"\x80\x02ccollections\nOrderedDict\n}U\x04evilK\x01sb.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nN}U\x0c__defaults__N\x85s\x86b.",
    ):
        with pytest.raises(ValueError, match="it is not a whole file"):
            torch_save.opened(repacked({"data.pkl": code}))
    assert pickle.loads(b"\x80\x02ccollections\nOrderedDict\n)R.") == OrderedDict()
