"""Files made to hang, to fill memory or to raise anything, by name: models, checkpoints and recipes."""

from __future__ import annotations

import io
import json
import zipfile
from collections import OrderedDict
from typing import Any

import torch

from s2v.models import checkpoints
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe


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
    "encoder_of_a_megabyte": model_file(recipe=recipe(encoder="x" * 900_000)),
    "value_of_a_megabyte": model_file(recipe=recipe(steps="1" * 900_000)),
    "setting_of_a_megabyte": model_file(recipe=recipe(**{"x" * 900_000: 1})),
    "params_are_nested": model_file(recipe='{"encoder_params": {"scales": ' + "[" * 900 + "]" * 900 + "}}"),
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
    return b"\x80\x02}" + nested_tuple(depth) + b"Ns."


def nested_tuple(depth: int) -> bytes:
    """Opcodes for a tuple with a hash that takes 2^depth steps."""
    return b"N" + b"\x85" + b"2\x86" * depth


def copies(function: bytes, value: bytes, arguments: bytes = b"\x85") -> bytes:
    """A pickle that calls a function with the same large value 100,000 times, and keeps what it gives."""
    return b"\x80\x02" + function + b"q\x000" + value + arguments + b"q\x010(" + b"h\0h\x01R" * 10**5 + b"l."


def numpy_number(code: bytes, length: int) -> bytes:
    """A pickle of a number of numpy, of this type and as many bytes."""
    dtype = b"cnumpy\ndtype\nU" + bytes([len(code)]) + code + b"\x85R"
    text = b"X" + length.to_bytes(4, "little") + b"x" * length
    content = b"c_codecs\nencode\n" + text + b"U\x06latin1\x86R"
    return b"\x80\x02cnumpy.core.multiarray\nscalar\n" + dtype + content + b"\x86R."


ARRAY_OF_NUMPY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR"


def many_parts() -> bytes:
    """A zip file that lists 100,000 parts; each would take 12 times its bytes in memory."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as new:
        for number in range(100_000):
            new.writestr(f"a/{number}", b"")
    return file.getvalue()


def legacy_of_terabytes() -> bytes:
    """A file before torch 1.6 whose storage says that it has 2^40 numbers."""
    whole = checkpoint(legacy=True)
    numbers = (4).to_bytes(8, "little")
    assert whole.count(numbers) == 1
    return whole.replace(numbers, (2**40).to_bytes(8, "little"))


def layer(name: str, *shape: int) -> dict[str, torch.Tensor]:
    return {name: torch.zeros(shape), "class_emb.weight": torch.zeros(2, 2)}


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
    "key_of_a_storage": repacked({"data.pkl": b"\x80\x02(U\x07storage" + nested_tuple(80) + b"U\x010U\x03cpuK\x01tQ."}),
    "copies_of_a_list": repacked({"data.pkl": copies(b"ctorch\nSize\n", b"(" + b"N" * 10**6 + b"l")}),
    "copies_of_bytes": repacked(
        {"data.pkl": copies(b"c_codecs\nencode\n", b"X\x40\x42\x0f\0" + b"x" * 10**6, b"U\x06latin1\x86")}
    ),
    "key_of_a_million_digits": repacked({"data.pkl": b"\x80\x02}\x8b\x40\x42\x0f\0" + b"1" * 10**6 + b"Ns."}),
    "many_parts": many_parts(),
    "deep": repacked({"data.pkl": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."}),
    "legacy_of_terabytes": legacy_of_terabytes(),
    "strides_of_zero": weights(torch.zeros(1).expand(40_000, 40_000)),
    "strides_of_zero_legacy": checkpoint(True, {"class_emb.weight": torch.zeros(1).expand(40_000, 40_000)}),
    "many_of_one": checkpoint(weights=dict.fromkeys(map(str, range(3000)), torch.zeros(1).expand(20_000, 20))),
    "no_numbers_of_many_classes": weights(torch.zeros(1).as_strided((2**40, 0), (0, 0))),
    "integers": weights(torch.zeros(2, 2, dtype=torch.int32)),
    "complex": weights(torch.zeros(2, 2, dtype=torch.complex64)),
    "booleans": weights(torch.zeros(2, 2, dtype=torch.bool)),
    "float8": weights(torch.zeros(2, 2).to(torch.float8_e4m3fn)),
    "quantized": checkpoint(legacy=True).replace(b"FloatStorage", b"QInt8Storage"),
    "sparse": weights(torch.zeros(2, 2).to_sparse()),
    "weight_of_a_long_name": checkpoint(weights={"x" * 10**6: 3}),
    **{
        f"shared_{name}": checkpoint(spa_enc_type=kind, **{name: shared(60)})
        for name, kind in (
            ("num_hidden_layer", "xyz"),
            ("max_radius", "Sphere2Vec-dfs"),
        )
    },
    "shared_freq_init": checkpoint(spa_enc_type="Sphere2Vec-sphereC", min_radius=0.1, freq_init=shared(60)),
    "shared_loc_encode": checkpoint(spa_enc_type="wrap", use_date_feats=False, loc_encode=shared(60)),
    "shared_kind": checkpoint(spa_enc_type=shared(60)),
    "long_kind": checkpoint(spa_enc_type="x" * 10**6),
    "hexagons_of_many_scales": checkpoint(
        weights=layer("spa_enc.post_linear.weight", 1, 600_000), spa_enc_type="hexagridcell", max_radius=9.0
    ),
    "diagonal_of_many_scales": checkpoint(
        weights=layer("spa_enc.post_mat", 100_000, 6, 1), spa_enc_type="theorydiag", spa_enc_use_postmat=False
    ),
    "diagonal_of_great_width": checkpoint(
        weights=layer("spa_enc.post_mat", 1, 6, 100_000), spa_enc_type="theorydiag", spa_enc_use_postmat=False
    ),
    "harmonics_of_many_degrees": checkpoint(
        weights=layer("spa_enc.ffn.layers.0.linear.weight", 1, 1000**2), spa_enc_type="spherical_harmonics"
    ),
    "narrow_embedding_of_many_classes": checkpoint(
        weights={
            "class_emb.weight": torch.zeros(900_000, 1),
            "spa_enc.ffn.layers.0.linear.weight": torch.zeros(256, 3),
            "spa_enc.ffn.layers.1.linear.weight": torch.zeros(1, 256),
            "spa_enc.ffn.layers.1.linear.bias": torch.zeros(1),
        },
        **{
            "num_hidden_layer": 1,
            "hidden_dim": 256,
            "num_filts": 1,
            "use_layn": True,
            "dropout": 0,
            "spa_f_act": "relu",
        },
    ),
    "shared_taxa": checkpoint(input_enc="sin_cos", model="LinNet", class_to_taxa=shared(60)),
    "taxa_of_many_digits": checkpoint(
        weights=layer("x", 2), input_enc="sin_cos", model="LinNet", class_to_taxa=[10**9000, 1]
    ),
    "shared_input_enc": checkpoint(input_enc=shared(60)),
    "shared_dataset": checkpoint(dataset=shared(60), regress_dataset=[1, "a"]),
    "number_of_numpy_is_long": repacked({"data.pkl": numpy_number(b"i8", 10**6)}),
    "number_of_numpy_is_cut": repacked({"data.pkl": numpy_number(b"i8", 3)}),
    "number_of_numpy_is_an_object": repacked({"data.pkl": numpy_number(b"O8", 8)}),
    "dtypes_of_numpy": repacked({"data.pkl": copies(b"cnumpy\ndtype\n", b"(" + b"N" * 10**6 + b"l")}),
    "code_in_an_array_of_numpy": repacked({"data.pkl": b"\x80\x02" + ARRAY_OF_NUMPY + b"(cos\nsystem\ntb."}),
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

# A part of the message, where another check could have refused it first.
REASONS = {
    "encoder_of_a_megabyte": "encoder='xxx",
    "value_of_a_megabyte": "steps='111",
    "setting_of_a_megabyte": "has no setting 'xxx",
    "params_are_nested": "scales=[[[",
    "recipe_huge_number": "without huge numbers",
    "tensor_name_of_a_megabyte": "none named 'xxx",
    "classes_twice": "given twice",
    "classes_surrogate": "is damaged text",
    "class_html": "is damaged text",
    "shape_empty": "has the shape (0, 4)",
    "dtype_F8_E5M2": "are 'F8_E5M2'; allowed are F16",
    "f8w": "are 'F8_E4M3'; allowed are F16",
    "bomb": "its parts are compressed",
    "strides_of_zero": "its weights are 1.6e+09 numbers",
    "strides_of_zero_legacy": "its weights are 1.6e+09 numbers",
    "many_of_one": "its weights are 1.2e+09 numbers",
    "no_numbers_of_many_classes": "are empty: their shape is (1099511627776, 0)",
    "integers": "are int32",
    "complex": "are complex64",
    "booleans": "are bool",
    "float8": "are float8_e4m3fn, not a plain tensor of float64, float32, float16 or bfloat16",
    "quantized": "of the kind 'QInt8Storage'",
    "sparse": "are sparse_tensor",
    "shared_num_hidden_layer": "num_hidden_layer=<list>",
    "shared_freq_init": "its freq_init is <list>",
    "shared_max_radius": "its max_radius is <list>",
    "shared_loc_encode": "its loc_encode is <list>",
    "shared_kind": "its encoder is <list>",
    "hexagons_of_many_scales": "takes 600000 features; it must be six for each of at most 128 scales",
    "diagonal_of_many_scales": "its post_mat has the shape (100000, 6, 1)",
    "diagonal_of_great_width": "its post_mat has the shape (1, 6, 100000)",
    "harmonics_of_many_degrees": "takes 1000000 features",
    "narrow_embedding_of_many_classes": "would be 230,400,000 numbers",
    "shared_input_enc": "its input_enc is <list>",
    "taxa_of_many_digits": "'class_emb.weight' have the shape (2, 4)",
    "number_of_numpy_is_long": "it has no 'params'",
    "number_of_numpy_is_an_object": "it has no 'params'",
    "code_in_an_array_of_numpy": "it holds os.system",
    "long_list": "encoder=[1, 1",
}
