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
import zipfile
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

ROOT = Path(__file__).parents[2]
FOUND = Path(__file__).parent / "hostile"
MAX_SECONDS = 300  # for all files together, on a busy machine

needs_limits = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are those of Linux")


def safetensors(tensors: dict[str, Any], metadata: Any, numbers: bytes = b"") -> bytes:
    header = json.dumps({"__metadata__": metadata, **tensors}).encode()
    return len(header).to_bytes(8, "little") + header + numbers


def model_file(change: Any = None, dtype: str | None = None, **metadata: Any) -> bytes:
    """A small model, with other metadata, tensors changed, or all of another dtype by its header."""
    torch.manual_seed(0)
    content = checkpoints.dumps(LocationModel(Recipe(encoder="xyz", hidden=4), "presence", ("a", "b")))
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    described = header.pop("__metadata__") | metadata
    for name in header:
        header[name]["dtype"] = dtype or header[name]["dtype"]
    if change:
        change(header)
    return safetensors(header, described, content[8 + length :])


def recipe(**settings: Any) -> str:
    return json.dumps({"encoder": "xyz", "hidden": 4, **settings})


def set_shape(shape: Any) -> Any:
    return lambda header: header["network.head.weight"].update(shape=shape)


MODELS: dict[str, bytes] = {
    "length_lies": (2**63).to_bytes(8, "little") + b"{}",
    "length_too_long": (1000).to_bytes(8, "little") + b"{}" * 20,
    "header_deep": (90_000).to_bytes(8, "little") + b"[" * 90_000,
    "header_huge_number": (9000).to_bytes(8, "little") + b"1" * 9000,
    "header_is_a_list": (2).to_bytes(8, "little") + b"[]",
    "metadata_is_a_list": safetensors({}, [1, 2]),
    "metadata_of_numbers": safetensors({}, {"format": 3}),
    "format_of_a_megabyte": safetensors({}, {"format": "x" * 10**6}),
    "task_of_a_megabyte": model_file(task="x" * 10**6),
    "encoder_of_a_megabyte": model_file(recipe=recipe(encoder="x" * 10**6)),
    "value_of_a_megabyte": model_file(recipe=recipe(steps="1" * 10**6)),
    "setting_of_a_megabyte": model_file(recipe=recipe(**{"x" * 10**6: 1})),
    "params_are_nested": model_file(recipe='{"encoder_params": {"a": ' + "[" * 900 + "]" * 900 + "}}"),
    "recipe_deep": model_file(recipe="[" * 90_000),
    "recipe_huge_number": model_file(recipe='{"steps": ' + "1" * 9000 + "}"),
    "classes_huge_number": model_file(classes="1" * 9000),
    "classes_twice": model_file(classes='["a", "a"]'),
    "classes_surrogate": model_file(classes='["a", "\\ud800"]'),
    "wide": model_file(recipe=recipe(hidden=2048, layers=8)),
    "shape_negative": model_file(set_shape([2, -4])),
    "shape_of_texts": model_file(set_shape(["2", "4"])),
    "shape_of_booleans": model_file(set_shape([True, False])),
    "shape_empty": model_file(set_shape([0, 4])),
    "shape_long": model_file(set_shape([1] * 50_000)),
    "tensor_name_of_a_megabyte": model_file(lambda header: header.update({"x" * 10**6: header["mean"]})),
    "tensor_is_a_list": model_file(lambda header: header.update(mean=[1])),
    **{
        f"dtype_{dtype}": model_file(dtype=dtype) for dtype in ("I32", "BOOL", "U8", "C64", "F8_E5M2", "x" * 10**6)[:-1]
    },
}


def checkpoint(legacy: bool = False, weights: Any = None, **params: Any) -> bytes:
    """A file of torch.save, as small as can be, with these weights and params."""
    content = {"params": {"spa_enc_type": "xyz", **params}, "state_dict": weights or OrderedDict(a=torch.zeros(2, 2))}
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=not legacy)
    return file.getvalue()


def repacked(changes: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A checkpoint whose parts of these names are replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(checkpoint())) as old, zipfile.ZipFile(file, "w", compression) as new:
        for entry in old.infolist():
            name = entry.filename.partition("/")[2]
            new.writestr(entry.filename, changes.get(name, old.read(entry.filename)))
    return file.getvalue()


def shared(depth: int) -> Any:
    """A list whose ``repr`` doubles with each level."""
    value: Any = ["x"]
    for _ in range(depth):
        value = [value, value]
    return value


def nested_key(depth: int) -> bytes:
    """A pickle of a dictionary whose key is a tuple with a hash that takes 2^depth steps."""
    return b"\x80\x02}N" + b"\x85" + b"2\x86" * depth + b"Ns."


def legacy_of_terabytes() -> bytes:
    """A file before torch 1.6 whose storage says that it has 2^40 numbers."""
    whole = checkpoint(legacy=True)
    numbers = (4).to_bytes(8, "little")
    assert whole.count(numbers) == 1
    return whole.replace(numbers, (2**40).to_bytes(8, "little"))


def weights(tensor: torch.Tensor) -> bytes:
    return checkpoint(weights={"class_emb.weight": tensor})


CHECKPOINTS: dict[str, bytes] = {
    "bomb": repacked({"data/0": bytes(50_000_000)}, zipfile.ZIP_DEFLATED),
    "pickle_of_10_MB": repacked({"data.pkl": b"\x80\x02" + b"]" * 10_000_000 + b"."}),
    "memo_of_gigabytes": repacked({"data.pkl": b"\x80\x02]r\xff\xff\xff\x7f."}),
    "bytes_of_terabytes": repacked({"data.pkl": b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b"."}),
    "hash_for_ever": repacked({"data.pkl": nested_key(80)}),
    "call_of_bytearray": repacked({"data.pkl": b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."}),
    "call_of_counter": repacked({"data.pkl": b"\x80\x02ccollections\nCounter\n)R."}),
    "name_of_a_megabyte": repacked({"data.pkl": b"\x80\x02c" + b"x" * 10**6 + b"\ny\n."}),
    "deep": repacked({"data.pkl": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."}),
    "legacy_of_terabytes": legacy_of_terabytes(),
    "strides_of_zero": weights(torch.zeros(1).expand(40_000, 40_000)),
    "strides_of_zero_legacy": checkpoint(True, {"class_emb.weight": torch.zeros(1).expand(40_000, 40_000)}),
    "many_of_one": checkpoint(weights=dict.fromkeys(map(str, range(3000)), torch.zeros(1).expand(20_000, 20))),
    "empty_and_huge": weights(torch.zeros(1).as_strided((0, 2**40, 2**20), (0, 0, 0))),
    "integers": weights(torch.zeros(2, 2, dtype=torch.int32)),
    "complex": weights(torch.zeros(2, 2, dtype=torch.complex64)),
    "booleans": weights(torch.zeros(2, 2, dtype=torch.bool)),
    "float8": weights(torch.zeros(2, 2).to(torch.float8_e4m3fn)),
    "sparse": weights(torch.zeros(2, 2).to_sparse()),
    "weight_of_a_long_name": checkpoint(weights={"x" * 10**6: 3}),
    **{
        f"shared_{name}": checkpoint(spa_enc_type=kind, **{name: shared(60)})
        for name, kind in (
            ("num_hidden_layer", "xyz"),
            ("freq_init", "Sphere2Vec-sphereC"),
            ("max_radius", "Sphere2Vec-dfs"),
            ("loc_encode", "wrap"),
        )
    },
    "shared_kind": checkpoint(spa_enc_type=shared(60)),
    "long_kind": checkpoint(spa_enc_type="x" * 10**6),
}

RECIPES: dict[str, bytes] = {
    "not_utf8": b'{"data": "\xff"}',
    "huge_number": b'{"steps": ' + b"1" * 9000 + b"}",
    "infinite": b'{"steps": 1e999}',
    "not_a_number": b'{"learning_rate": NaN}',
    "megabytes": b" " * 2_000_000 + b"{}",
    "params_nested": b'{"encoder_params": ' + b"[" * 900 + b"]" * 900 + b"}",
    "long_value": b'{"loss": "' + b"x" * 900_000 + b'"}',
    "long_data": b'{"data": "' + b"x" * 900_000 + b'"}',
    "long_data_setting": b'{"data": "checkerboard,' + b"x" * 900_000 + b'"}',
    "long_setting": b'{"' + b"x" * 900_000 + b'": 1}',
    "long_param": b'{"encoder_params": {"' + b"x" * 900_000 + b'": 1}}',
    "long_list": b'{"encoder": [' + b"1," * 400_000 + b"1]}",
}


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
