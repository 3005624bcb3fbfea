"""Published checkpoints predict here as with the authors' code; other files are refused with one sentence.

The checkpoints are made here, with the keys of the released ones and random weights.  With the folder of the released
files and the authors' answers in S2V_CHECKPOINTS those are compared, too.
"""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import s2v
from s2v import sphere
from s2v.bench import published
from s2v.cli import main
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

needs_published = pytest.mark.skipif(not published.is_installed(), reason="torchspatial: make bench-tools")

# float32 as the authors' code computes: sums of some hundred products, in another order.  Sigmoids are no steeper.
CLOSE = {"rtol": 0, "atol": 3e-6}
CLASSES = 5
PLACES = np.concatenate(
    [sphere.random_points(200, 3), [[0.0, 90.0], [0, -90], [-180, 10], [180, 10], [179.9, -89.9], [0, 0]]]
).astype(np.float32)

PARAMS: dict[str, Any] = {  # those of a released file that an import reads, but smaller
    "spa_enc_type": "Sphere2Vec-sphereC",
    "frequency_num": 6,
    "max_radius": 1.0,
    "min_radius": 0.01,
    "freq_init": "geometric",
    "num_hidden_layer": 1,
    "hidden_dim": 16,
    "num_filts": 16,
    "dropout": 0.5,
    "spa_f_act": "leakyrelu",
    "use_layn": True,
    "skip_connection": True,
    "loc_encode": "encode_cos_sin",
    "use_date_feats": False,
    "map_range": [-162, -59, 20, 56],
    "rbf_kernel_size": 1.0,
    "num_classes": CLASSES,
}


def written(path: Path, weights: dict[str, torch.Tensor], **params: Any) -> Path:
    """A checkpoint as TorchSpatial's trainer writes it."""
    content = {"epoch": 3, "state_dict": weights, "optimizer": {"state": {}}, "params": {**PARAMS, **params}}
    torch.save(content, path)
    return path


def drawn(*shape: int, spread: float = 0.5) -> torch.Tensor:
    return spread * torch.randn(*shape)


def feed_forward_weights(inputs: int, hidden: int = 16, hidden_layers: int = 1) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    widths = [inputs, *[hidden] * hidden_layers, 16]
    weights = {"class_emb.weight": drawn(CLASSES, 16), "user_emb.weight": drawn(1, 16)}
    for number in range(hidden_layers + 1):
        layer = f"spa_enc.ffn.layers.{number}"
        weights[f"{layer}.linear.weight"] = drawn(widths[number + 1], widths[number])
        weights[f"{layer}.linear.bias"] = drawn(widths[number + 1])
        if number < hidden_layers:
            weights[f"{layer}.layernorm.weight"] = 1 + drawn(hidden)
            weights[f"{layer}.layernorm.bias"] = drawn(hidden)
    return weights


def feed_forward(features: np.ndarray, weights: dict[str, torch.Tensor], hidden_layers: int = 1) -> np.ndarray:
    """Probabilities by the published network, written down once more: numpy, float64."""
    w = {name: tensor.numpy().astype(float) for name, tensor in weights.items()}
    x = features
    for number in range(hidden_layers + 1):
        layer = f"spa_enc.ffn.layers.{number}"
        y = x @ w[f"{layer}.linear.weight"].T + w[f"{layer}.linear.bias"]
        y = np.where(y > 0, y, 0.2 * y)
        if number < hidden_layers:
            y = y + x if x.shape == y.shape else y
            y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-5)
            y = y * w[f"{layer}.layernorm.weight"] + w[f"{layer}.layernorm.bias"]
        x = y
    return 1 / (1 + np.exp(-x @ w["class_emb.weight"].T))


def scaled(frequencies: np.ndarray) -> tuple[np.ndarray, ...]:
    """Longitude and latitude in radians (n, 1), and both times each frequency (n, S)."""
    lon, lat = np.radians(PLACES.astype(float)).T[:, :, None]
    return lon, lat, lon * frequencies, lat * frequencies


def side_by_side(*terms: np.ndarray) -> np.ndarray:
    """Terms (n, S) as features, scale by scale."""
    return np.stack(terms, -1).reshape(len(PLACES), -1)


GEOMETRIC = 1 / (0.01 * 100 ** (np.arange(6) / 5))


def sphere_c() -> np.ndarray:
    _, _, lon, lat = scaled(GEOMETRIC)
    return side_by_side(np.sin(lat), np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon))


def sphere_m_plus(frequencies: np.ndarray) -> np.ndarray:
    lon, lat, lon_s, lat_s = scaled(frequencies)
    mixed = (np.cos(lat_s) * np.cos(lon), np.cos(lat) * np.cos(lon_s))
    mixed += (np.cos(lat_s) * np.sin(lon), np.cos(lat) * np.sin(lon_s))
    return side_by_side(np.sin(lat_s), np.cos(lat_s), np.sin(lon_s), np.cos(lon_s), *mixed)


def grid() -> np.ndarray:
    each = [np.stack((np.sin(p[:, None] * GEOMETRIC), np.cos(p[:, None] * GEOMETRIC)), -1) for p in PLACES.T]
    return np.stack(each, 1).reshape(len(PLACES), -1)


def xyz() -> np.ndarray:
    lon, lat, *_ = scaled(np.ones(1))
    return np.concatenate((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), 1)


def nerf() -> np.ndarray:
    phases = (xyz()[:, :, None] * np.pi * 2.0 ** np.arange(16)).reshape(len(PLACES), -1)
    return np.concatenate((np.sin(phases), np.cos(phases)), 1)


def wrap() -> np.ndarray:
    turns = PLACES.astype(float) / (180, 90) * np.pi
    return np.concatenate((np.sin(turns), np.cos(turns)), 1)


KINDS: dict[str, tuple[Callable[[], np.ndarray], dict[str, Any]]] = {
    "Sphere2Vec-sphereC": (sphere_c, {}),
    "Space2Vec-grid": (grid, {}),
    "xyz": (xyz, {}),
    "NeRF": (nerf, {"frequency_num": 64}),
    "wrap_ffn": (wrap, {}),
    "Sphere2Vec-sphereM+": (lambda: sphere_m_plus(np.ones(6)), {}),
}
remarks_ignored = pytest.mark.filterwarnings("ignore:.* imported as it computes")


@remarks_ignored
@pytest.mark.parametrize("kind", KINDS)
def test_an_imported_model_answers_as_the_formulas_say(kind: str, tmp_path: Path) -> None:
    features, params = KINDS[kind][0](), KINDS[kind][1]
    weights = feed_forward_weights(features.shape[1])
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights, spa_enc_type=kind, **params))
    np.testing.assert_allclose(model.predict_proba(PLACES), feed_forward(features, weights), **CLOSE)


@remarks_ignored
def test_scales_that_are_all_one_keep_their_short_cut(tmp_path: Path) -> None:
    # The published sphereM+ at its defaults has 64 equal scales and as many features, 512, as hidden units: skipped.
    weights = feed_forward_weights(8 * 6, hidden=48)
    weights["spa_enc.ffn.layers.1.linear.weight"] = drawn(48, 48)
    weights["spa_enc.ffn.layers.1.linear.bias"] = drawn(48)
    weights["class_emb.weight"] = drawn(CLASSES, 48)
    given = {"spa_enc_type": "Sphere2Vec-sphereM+", "hidden_dim": 48, "num_filts": 48}
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights, **given))
    expected = feed_forward(sphere_m_plus(np.ones(6)), weights)
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)


@remarks_ignored
@pytest.mark.parametrize("kind", ["Sphere2Vec-sphereM+", "Sphere2Vec-dfs"])
def test_frequencies_of_a_published_sphere_m_plus_go_from_one_down(kind: str, tmp_path: Path) -> None:
    weights = feed_forward_weights(8 * 6 if kind.endswith("M+") else 4 * 36 + 4 * 6)
    for largest in (1.0, 8.0):
        path = written(tmp_path / "a.pth.tar", weights, spa_enc_type=kind, max_radius=largest)
        frequencies = s2v.import_torchspatial(path).encoder.frequencies
        np.testing.assert_allclose(frequencies, largest ** (-np.arange(6) / 5), rtol=1e-15)


@pytest.mark.parametrize("hidden_layers", [0, 1, 3])
def test_any_depth(hidden_layers: int, tmp_path: Path) -> None:
    weights = feed_forward_weights(3, hidden_layers=hidden_layers)
    path = written(tmp_path / "a.pth.tar", weights, spa_enc_type="xyz", num_hidden_layer=hidden_layers)
    model = s2v.import_torchspatial(path)
    assert model.recipe.layers == hidden_layers + 1
    np.testing.assert_allclose(model.predict_proba(PLACES), feed_forward(xyz(), weights, hidden_layers), **CLOSE)


def test_directions_are_those_of_the_file_and_its_extent(tmp_path: Path) -> None:
    weights = feed_forward_weights(7)
    weights["spa_enc.position_encoder.dirvec"], weights["spa_enc.position_encoder.shift"] = drawn(2, 7), drawn(7)
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights, spa_enc_type="rff", frequency_num=7))
    west, east, south, north = PARAMS["map_range"]
    scaled_places = 2 * (PLACES.astype(float) - (west, south)) / (east - west, north - south) - 1
    directions = weights["spa_enc.position_encoder.dirvec"].numpy()
    features = math.sqrt(2 / 7) * np.cos(scaled_places @ directions + weights["spa_enc.position_encoder.shift"].numpy())
    np.testing.assert_allclose(model.predict_proba(PLACES), feed_forward(features, weights), **CLOSE)


def test_a_tile_of_the_published_code_is_one_cell_and_says_so(tmp_path: Path) -> None:
    weights = feed_forward_weights(16)
    vector = weights["spa_enc.position_encoder.embedding.weight"] = drawn(1, 16)
    with pytest.warns(UserWarning, match="answers the same at every place"):
        model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights, spa_enc_type="tile_ffn"))
    expected = feed_forward(vector.numpy().astype(float), weights)
    np.testing.assert_allclose(model.predict_proba(PLACES), np.repeat(expected, len(PLACES), 0), **CLOSE)


def test_ignored_radii_are_a_warning(tmp_path: Path) -> None:
    for kind in ("Sphere2Vec-sphereM+", "Sphere2Vec-dfs"):
        weights = feed_forward_weights(48 if kind.endswith("M+") else 168)
        with pytest.warns(UserWarning, match=f"{kind.replace('+', '.')}: TorchSpatial ignores its min_radius"):
            s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights, spa_enc_type=kind))


RUNNABLE = (*KINDS, "Space2Vec-theory", "Sphere2Vec-sphereC+", "Sphere2Vec-sphereM", "Sphere2Vec-dfs", "wrap", "rff")


@remarks_ignored
@needs_published
@pytest.mark.parametrize("kind", [*RUNNABLE, "tile_ffn"])
@pytest.mark.parametrize("activation", ["relu", "leakyrelu", "gelu"])
def test_an_imported_model_answers_as_the_authors_code(kind: str, activation: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    np.random.seed(1)  # the authors' code draws from it
    params = {**PARAMS, "spa_enc_type": kind, "spa_f_act": activation}
    utils = published.load("utils")
    given = {"num_rbf_anchor_pts": 3, "spa_enc_use_postmat": True, "rbf_anchor_pt_ids": None, **params}
    given |= {"dataset": "fmow", "regress_dataset": ()}
    inputs = 4 if kind == "wrap" else 2
    theirs = utils.get_loc_model(None, given, kind, inputs, CLASSES, params["num_filts"], 1, "cpu").eval()
    with torch.no_grad():
        theirs.class_emb.weight.mul_(5)  # their start is timid: all probabilities would be near 1/2
        feats = utils.generate_model_input_feats(kind, PLACES, np.zeros(len(PLACES)), given, "cpu")
        expected = theirs(feats).numpy()
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", theirs.state_dict(), **params))
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)
    assert np.ptp(expected) > 0.1


@pytest.mark.skipif("S2V_CHECKPOINTS" not in os.environ, reason="S2V_CHECKPOINTS names no folder of released files")
def test_released_models_answer_as_their_authors_say() -> None:
    folder = Path(os.environ["S2V_CHECKPOINTS"])
    with np.load(folder / "expected.npz") as expected:
        for name in set(expected.files) - {"lonlat"}:
            model = s2v.import_torchspatial(folder / f"{name}.pth.tar")
            difference = np.abs(model.predict_proba(expected["lonlat"]) - expected[name]).max()
            print(f"{name}: {difference:.1e}")
            assert difference < 3e-6, name


# What an import is.


def test_an_imported_model_is_saved_loaded_and_embedded_like_any_other(tmp_path: Path) -> None:
    weights = feed_forward_weights(18)
    names = ("town", "port", "road", "farm", "zoo")
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", weights), classes=names)
    assert (model.task, model.classes) == ("presence", names)
    assert not model.training
    s2v.save(model, tmp_path / "a.safetensors")
    loaded = s2v.load(tmp_path / "a.safetensors")
    assert (loaded.recipe, loaded.classes) == (model.recipe, model.classes)
    np.testing.assert_array_equal(loaded.predict_proba(PLACES), model.predict_proba(PLACES))


def test_its_recipe_says_what_it_is(tmp_path: Path) -> None:
    model = s2v.import_torchspatial(written(tmp_path / "a.pth.tar", feed_forward_weights(18)))
    r = model.recipe
    assert (r.data, r.encoder, r.network) == ("own:presence", "sphereC", "ffn")
    assert (r.hidden, r.layers, r.dropout, r.activation) == (16, 2, 0.5, "leakyrelu")
    assert dict(r.encoder_params) == {"scales": 6, "min_radius": 0.01, "max_radius": 1.0, "frequencies": "geometric"}
    assert model.classes == ("class 0", "class 1", "class 2", "class 3", "class 4")


def test_names_of_classes_must_be_as_many(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth.tar", feed_forward_weights(18))
    for classes in (("one", "two"), "abcde"):
        with pytest.raises(ValueError, match="it has 5 classes"):
            s2v.import_torchspatial(path, classes=classes)


# What is refused.


class Trap:
    """Would leave a trace if a file were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_code_in_a_file_is_refused_and_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "a.pth.tar", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Trap(trace)))
    with pytest.raises(ValueError, match=r"a\.pth\.tar cannot be imported: it is not a whole file of torch\.save"):
        s2v.import_torchspatial(path)
    for content in ({"state_dict": Trap(trace)}, {"params": PARAMS, "state_dict": {"class_emb.weight": Trap(trace)}}):
        torch.save(content, path)
        with pytest.raises(ValueError, match=r"it holds \S+, and only tensors and plain"):
            s2v.import_torchspatial(path)
    assert not trace.exists()


def test_numbers_of_numpy_in_params_are_read_and_its_arrays_passed_over(tmp_path: Path) -> None:
    numbers = {"min_radius": np.float64(0.01), "frequency_num": np.int64(6), "use_layn": np.bool_(True)}
    others = {"num_classes": np.arange(3), "rbf_anchor_pt_ids": [np.int64(3)], "dataset": np.str_("fmow")}
    path = written(tmp_path / "a.pth.tar", feed_forward_weights(18), **numbers, **others)
    assert s2v.import_torchspatial(path).recipe.encoder_params["scales"] == 6
    for name in ("frequency_num", "min_radius"):
        with pytest.raises(ValueError, match=r"<numpy array> is not a|its params ask"):
            s2v.import_torchspatial(written(path, feed_forward_weights(18), **{name: np.arange(3)}))
    weights = {**feed_forward_weights(18), "class_emb.weight": np.zeros((5, 16))}
    with pytest.raises(ValueError, match=r"'class_emb\.weight' are numpy array, not a plain tensor"):
        s2v.import_torchspatial(written(path, weights))  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_cut_off_is_refused(kept: float, zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.pth.tar"
    content = {"state_dict": feed_forward_weights(18), "params": PARAMS}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert len(s2v.import_torchspatial(path).classes) == CLASSES
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ValueError, match="it is not a whole file"):
        s2v.import_torchspatial(path)


@pytest.mark.parametrize("content", [b"hello", b"PK\x03\x04", b"\0" * 300, b'{"params": 1}'])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Give a checkpoint that the training of TorchSpatial, sphere2vec, SINR"):
        s2v.import_torchspatial(path)


def test_a_model_of_this_lab_is_not_one_of_theirs(tmp_path: Path) -> None:
    s2v.save(LocationModel(Recipe(hidden=4), "regression"), tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="it is a safetensors file"):
        s2v.import_torchspatial(tmp_path / "a.safetensors")
    with pytest.raises(FileNotFoundError, match="There is no checkpoint"):
        s2v.import_torchspatial(tmp_path / "b.pth.tar")


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": {}}, {"params": {}}, {"params": 3, "state_dict": {}}])
def test_what_has_no_params_and_weights_is_refused(content: Any, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "a")
    with pytest.raises(ValueError, match="it has no 'params' with a 'state_dict' beside them"):
        s2v.import_torchspatial(tmp_path / "a")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"spa_enc_type": "rbf"}, "its encoder is rbf, whose 18 anchors are places of its training data"),
        ({"spa_enc_type": "spherical_harmonics"}, "its first layer takes 18 features; L degrees of"),
        ({"spa_enc_type": "aodha"}, "its encoder is 'aodha'; those that can be imported are: Space2Vec-grid, "),
        ({"freq_init": "nerf"}, "encoders of this lab at many scales have no others"),
        ({"spa_enc_type": ["xyz"]}, "its encoder is"),
        ({"freq_init": "random"}, "random ones are not in the file"),
        ({"min_radius": 2.0}, "min_radius=2 must be below max_radius=1"),
        ({"max_radius": 360}, r"max_radius=360 is outside its range; allowed is .* radians\.\)$"),
        ({"frequency_num": 7}, r"'spa_enc.ffn.layers.0.linear.weight' have the shape \(16, 21\), .*\(16, 18\)"),
        ({"frequency_num": "many"}, "scales='many' is not a whole number"),
        ({"num_hidden_layer": 2}, r"'spa_enc.ffn.layers.1.linear.weight'.*|'spa_enc.ffn.layers.1.layernorm.weight'"),
        ({"num_hidden_layer": 1.5}, "num_hidden_layer=1.5, which is not a whole number"),
        ({"hidden_dim": 12}, "its embedding is 16 wide after hidden layers of 12; in this lab it can be up to 12 wide"),
        ({"hidden_dim": 32, "num_filts": 12}, r"'spa_enc.ffn.layers.1.linear.weight' are for an embedding 12 wide"),
        ({"hidden_dim": 32}, r"'spa_enc.ffn.layers.0.linear.weight' have the shape \(32, 18\)"),
        ({"num_filts": -1}, "its embedding is -1 wide"),
        ({"hidden_dim": 8192, "num_filts": 256}, "hidden=8192 is outside its range"),
        ({"use_layn": False}, "its use_layn is False"),
        ({"num_hidden_layer": 2, "skip_connection": False}, "its skip_connection is False"),
        ({"spa_f_act": "swish"}, "activation='swish' is not one of relu"),
        ({"spa_enc_type": "Sphere2Vec-dfs", "max_radius": 0.5}, "its max_radius is 0.5"),
        ({"spa_enc_type": "wrap", "use_date_feats": "T"}, "its use_date_feats 'T'"),
        ({"spa_enc_type": "wrap", "use_date_feats": True}, "Say for which time of year it is to be imported"),
        ({"spa_enc_type": "wrap", "loc_encode": "encode_3D"}, "its loc_encode is 'encode_3D'"),
        ({"spa_enc_type": "wrap"}, "no matrix 'feats.0.weight'"),
        ({"spa_enc_type": "rff"}, "no matrix 'spa_enc.position_encoder.dirvec'"),
        ({"spa_enc_type": "tile_ffn"}, "no matrix 'spa_enc.position_encoder.embedding.weight'"),
    ],
)
def test_params_that_do_not_fit_are_refused(params: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth.tar", feed_forward_weights(18), **params)
    with pytest.raises(ValueError, match=message) as error:
        s2v.import_torchspatial(path)
    assert str(path) in str(error.value)


def test_params_that_are_missing_are_named(tmp_path: Path) -> None:
    content = {"state_dict": feed_forward_weights(18), "params": {"spa_enc_type": "Sphere2Vec-sphereC"}}
    torch.save(content, tmp_path / "a")
    with pytest.raises(ValueError, match="its params have no 'min_radius'"):
        s2v.import_torchspatial(tmp_path / "a")


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        ("class_emb.weight", torch.full((5, 16), math.nan), "'class_emb.weight' are not finite"),
        ("class_emb.weight", torch.full((5, 16), math.inf), "'class_emb.weight' are not finite"),
        ("class_emb.weight", torch.zeros(5, 8), r"shape \(5, 16\), but they have the shape \(5, 8\)"),
        ("class_emb.weight", torch.zeros(5), "no matrix 'class_emb.weight'"),
        ("class_emb.weight", torch.zeros(5, 16, dtype=torch.int64), "are int64, not a plain tensor"),
        ("class_emb.weight", torch.zeros(5, 16).to_sparse(), "are sparse_tensor, not a plain tensor"),
        ("class_emb.weight", "none", "are a str, not a plain tensor"),
        ("cnn_ffn.0.weight", torch.zeros(3, 3), "'cnn_ffn.0.weight', which belong to no network on places alone"),
    ],
)
def test_weights_that_do_not_fit_are_refused(name: str, tensor: Any, message: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth.tar", {**feed_forward_weights(18), name: tensor})
    with pytest.raises(ValueError, match=message):
        s2v.import_torchspatial(path)


@pytest.mark.parametrize("extent", [None, [1, 2], [-59, -162, 20, 56], [0, 180, 5, math.nan], ["a", "b", "c", "d"]])
def test_a_bad_extent_is_refused(extent: Any, tmp_path: Path) -> None:
    weights = feed_forward_weights(7)
    weights["spa_enc.position_encoder.dirvec"], weights["spa_enc.position_encoder.shift"] = drawn(2, 7), drawn(7)
    with pytest.raises(ValueError, match="its map_range is"):
        s2v.import_torchspatial(written(tmp_path / "a", weights, spa_enc_type="rff", map_range=extent))


# The command.


def test_the_command_says_what_it_found_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = written(tmp_path / "a.pth.tar", feed_forward_weights(18)), tmp_path / "a.safetensors"
    assert main(["import", str(path), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "source: github.com/seai-lab/TorchSpatial, spa_enc_type Sphere2Vec-sphereC",
        "encoder: sphereC scales=6 min_radius=0.01 max_radius=1.0 frequencies=geometric",
        "network: ffn hidden=16 layers=2 dropout=0.5 activation=leakyrelu",
        "classes: 5, each with its own probability (presence); names are not in the file",
        "data: not said",
    ]
    assert printed.err == f"Written: {out}\n"
    expected = s2v.import_torchspatial(path).predict_proba(PLACES)
    np.testing.assert_array_equal(s2v.load(out).predict_proba(PLACES), expected)
    assert main(["import", str(path), "--out", str(out)]) == 0
    assert capsys.readouterr().err == f"Replaced: {out}\n"


def test_the_command_takes_names_of_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, names = written(tmp_path / "a.pth.tar", feed_forward_weights(18)), tmp_path / "names.txt"
    asked = ["import", str(path), "--out", str(tmp_path / "a.safetensors"), "--classes", str(names)]
    names.write_text("airport\nport\n\ndam\nzoo\nwind farm\n", encoding="utf-8")
    assert main(asked) == 0
    assert s2v.load(tmp_path / "a.safetensors").classes == ("airport", "port", "dam", "zoo", "wind farm")
    names.write_text("airport\n", encoding="utf-8")
    assert main(asked) == 2
    assert "5 classes" in capsys.readouterr().err


def test_the_command_notes_models_that_compute_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.pth.tar", feed_forward_weights(48), spa_enc_type="Sphere2Vec-sphereM+")
    assert main(["import", str(path), "--out", str(tmp_path / "a.safetensors")]) == 0
    assert "note: " in capsys.readouterr().err


def test_the_command_refuses_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.pth.tar", feed_forward_weights(18), spa_enc_type="rbf")
    before = path.read_bytes()
    for arguments in ([str(path), "--out", str(path)], [str(path), "--out", str(tmp_path / "b")], [str(path)]):
        assert main(["import", *arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("s2v: ")
        assert printed.err.count("\n") == 1
    assert path.read_bytes() == before
    assert not (tmp_path / "b").exists()
