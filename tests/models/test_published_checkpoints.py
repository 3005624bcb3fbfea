"""Checkpoints of sphere2vec, SINR and geo_prior, and regressions of TorchSpatial.

The published formulas are written down once more here, in numpy.  ``cases/`` has two files that the authors' own code
wrote, with random weights, and the answers of that code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import s2v
from s2v.bench import published
from s2v.cli import main
from s2v.models.torchspatial import read_checkpoint
from s2v.models.torchspatial_encoders import ENCODERS
from tests.models.test_torchspatial import (
    CLASSES,
    CLOSE,
    GEOMETRIC,
    PARAMS,
    PLACES,
    drawn,
    feed_forward,
    feed_forward_weights,
    grid,
    nerf,
    remarks_ignored,
    scaled,
    side_by_side,
    sphere_c,
    sphere_m_plus,
    wrap,
    xyz,
)

CASES = Path(__file__).parent / "cases"
RADIANS = np.pi / 180
LON, LAT = PLACES.astype(float).T[:, :, None]  # degrees, (n, 1)

OLDER = {**PARAMS, "rbf_kernal_size": 1.0, "num_rbf_anchor_pts": 7, "spa_enc_use_postmat": True}
OLDER["map_range"] = [-180, 180, -90, 90]
del OLDER["rbf_kernel_size"]

SINR = {
    "input_enc": "sin_cos",
    "model": "ResidualFCNet",
    "num_filts": 16,
    "depth": 4,
    "input_dim": 4,
    "num_classes": CLASSES,
    "class_to_taxa": [3, 17, 4821, 5000, 47219],
    "species_set": "snt_birds",
}
GEO_PRIOR = {
    "dataset": "inat_2018",
    "meta_type": "",
    "num_filts": 16,
    "num_feats": 4,
    "num_classes": CLASSES,
    "use_date_feats": False,
    "loc_encode": "encode_cos_sin",
    "date_encode": "encode_cos_sin",
    "map_range": (-180, 180, -90, 90),
}


def saved(path: Path, weights: dict[str, Any], params: dict[str, Any]) -> Path:
    torch.save({"state_dict": weights, "params": params}, path)
    return path


def older(path: Path, weights: dict[str, Any], kind: str, **params: Any) -> Path:
    return saved(path, weights, {**OLDER, "spa_enc_type": kind, **params})


def residual_weights(inputs: int, blocks: int = 4, width: int = 16) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    weights = {"feats.0.weight": drawn(width, inputs), "feats.0.bias": drawn(width)}
    for number in range(2, 2 + blocks):
        for layer in ("w1", "w2"):
            weights[f"feats.{number}.{layer}.weight"] = drawn(width, width, spread=0.2)
            weights[f"feats.{number}.{layer}.bias"] = drawn(width)
    return {**weights, "class_emb.weight": drawn(CLASSES, width), "user_emb.weight": drawn(9, width)}


def residual(features: np.ndarray, weights: dict[str, torch.Tensor]) -> np.ndarray:
    """Probabilities by the published FCNet: numpy, float64."""
    w = {name: tensor.numpy().astype(float) for name, tensor in weights.items()}
    x = np.maximum(features @ w["feats.0.weight"].T + w["feats.0.bias"], 0)
    for number in range(2, 2 + sum(name.endswith("w1.weight") for name in w)):
        y = np.maximum(x @ w[f"feats.{number}.w1.weight"].T + w[f"feats.{number}.w1.bias"], 0)
        x = x + np.maximum(y @ w[f"feats.{number}.w2.weight"].T + w[f"feats.{number}.w2.bias"], 0)
    return 1 / (1 + np.exp(-x @ w["class_emb.weight"].T))


# sphere2vec: the paper's own repository, under its older names.


def test_the_authors_own_file_answers_as_their_code(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, places = CASES / "s2v_spheremixscale.pth.tar", np.load(CASES / "locs.npy")
    expected = np.load(CASES / "s2v_spheremixscale.npy")
    model = s2v.import_torchspatial(path)
    np.testing.assert_allclose(model.predict_proba(places), expected, **CLOSE)
    assert np.ptp(expected) > 0.1
    assert main(["import", str(path), "--out", str(tmp_path / "a.safetensors")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "source: github.com/gengchenmai/sphere2vec, spa_enc_type spheremixscale",
        "encoder: sphereM scales=16 min_radius=0.001 max_radius=1.0 frequencies=geometric",
        "network: ffn hidden=64 layers=2 dropout=0.5 activation=relu",
        "classes: 7, each with its own probability (presence); names are not in the file",
        "data: birdsnap",
    ]


def theory(degrees: float = 1.0) -> np.ndarray:
    directions = np.array([[1, 0], [-0.5, np.sqrt(0.75)], [-0.5, -np.sqrt(0.75)]])
    along = (np.concatenate((LON, LAT), 1) * degrees) @ directions.T
    phases = [along[:, j, None] * GEOMETRIC for j in range(3)]
    return side_by_side(*(wave(phase) for phase in phases for wave in (np.sin, np.cos)))


def sphere_c_plus() -> np.ndarray:
    _, _, lon, lat = scaled(GEOMETRIC)
    mixed = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon)
    return side_by_side(np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon), *mixed)


def sphere_m() -> np.ndarray:
    lon, lat, lon_s, lat_s = scaled(GEOMETRIC)
    mixed = (np.cos(lat_s) * np.cos(lon), np.cos(lat) * np.cos(lon_s))
    mixed += (np.cos(lat_s) * np.sin(lon), np.cos(lat) * np.sin(lon_s))
    return side_by_side(np.sin(lat_s), *mixed)


def double_fourier() -> np.ndarray:
    _, _, lon, lat = scaled(GEOMETRIC)
    lons, lats = (np.concatenate((np.sin(x), np.cos(x)), 1) for x in (lon, lat))
    products = (lons[:, :, None] * lats[:, None, :]).reshape(len(PLACES), -1)
    return np.concatenate((products, side_by_side(np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon))), 1)


OLDER_NAMES = {
    "gridcell": (grid, "grid"),
    "gridcellnorm": (grid, "grid"),  # its radians are computed and not used
    "theory": (theory, "theory"),
    "theorynorm": (lambda: theory(RADIANS), "theory"),
    "sphere": (sphere_c, "sphereC"),
    "spheregrid": (sphere_c_plus, "sphereC+"),
    "spheremixscale": (sphere_m, "sphereM"),
    "spheregridmixscale": (lambda: sphere_m_plus(GEOMETRIC), "sphereM+"),  # TorchSpatial's ignores min_radius
    "dft": (double_fourier, "dfs"),
    "xyz": (xyz, "xyz"),
    "nerf": (nerf, "nerf"),
    "naive": (lambda: np.concatenate((LON / 180, LAT / 90), 1), "direct"),
    "geo_net_fft": (wrap, "wrap"),
}


@pytest.mark.parametrize("name", OLDER_NAMES)
def test_an_encoder_under_its_older_name_answers_as_its_formula(name: str, tmp_path: Path) -> None:
    features, encoder = OLDER_NAMES[name][0](), OLDER_NAMES[name][1]
    weights = feed_forward_weights(features.shape[1])
    found = read_checkpoint(older(tmp_path / "a", weights, name))
    assert (found.model.recipe.encoder, found.remarks) == (encoder, ())
    assert found.source == f"github.com/gengchenmai/sphere2vec, spa_enc_type {name}"
    np.testing.assert_allclose(found.model.predict_proba(PLACES), feed_forward(features, weights), **CLOSE)


def test_every_older_name_is_tried_here() -> None:
    others = {"hexagridcell", "theorydiag", "geo_net", "rff", "rbf"}
    assert {*OLDER_NAMES, *others} == set(ENCODERS["sphere2vec"])


def test_names_that_both_projects_use_are_told_apart_by_a_spelling(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", feed_forward_weights(24), {**PARAMS, "spa_enc_type": "gridcellnorm"})
    assert read_checkpoint(path).source == "github.com/seai-lab/TorchSpatial, spa_enc_type gridcellnorm"
    assert "sphere2vec" in read_checkpoint(older(path, feed_forward_weights(24), "gridcellnorm")).source


def test_places_scaled_by_an_extent_are_those_of_the_world(tmp_path: Path) -> None:
    weights, (west, east, south, north) = feed_forward_weights(2), PARAMS["map_range"]
    path = older(tmp_path / "a", weights, "naive", map_range=[west, east, south, north])
    features = np.concatenate((2 * (LON - west) / (east - west) - 1, 2 * (LAT - south) / (north - south) - 1), 1)
    np.testing.assert_allclose(
        s2v.import_torchspatial(path).predict_proba(PLACES), feed_forward(features, weights), **CLOSE
    )


def layer(features: np.ndarray, first: np.ndarray, bias: np.ndarray | float, classes: torch.Tensor) -> np.ndarray:
    y = features @ first.T + bias
    return 1 / (1 + np.exp(-np.where(y > 0, y, 0.2 * y) @ classes.numpy().astype(float).T))


@remarks_ignored
@pytest.mark.parametrize("largest", [1.0, 90.0])
def test_hexagons_are_a_grid(largest: float, tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {"class_emb.weight": drawn(CLASSES, 12), "user_emb.weight": drawn(1, 12)}
    weights |= {"spa_enc.post_linear.weight": drawn(12, 36), "spa_enc.post_linear.bias": drawn(12)}
    path = older(tmp_path / "a", weights, "hexagridcell", num_filts=12, max_radius=largest, freq_init="random")
    frequencies = largest ** (-np.arange(6) / 5)
    sines = [
        np.sin(x * frequencies[:, None] + np.arange(3) * 2 * np.pi / 3)
        for x in PLACES.astype(float).T[:, :, None, None]
    ]
    features = np.stack(sines, 1).reshape(len(PLACES), -1)
    first, bias = (weights[f"spa_enc.post_linear.{name}"].numpy().astype(float) for name in ("weight", "bias"))
    expected = layer(features, first, bias, weights["class_emb.weight"])
    np.testing.assert_allclose(s2v.import_torchspatial(path).predict_proba(PLACES), expected, **CLOSE)


@pytest.mark.parametrize("after", [True, False])
def test_a_matrix_for_each_scale_is_one_of_all(after: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {"class_emb.weight": drawn(CLASSES, 12), "spa_enc.post_mat": drawn(6, 6, 2)}
    weights["spa_enc.spa_postmat"] = weights["spa_enc.post_mat"]
    if after:
        weights |= {"spa_enc.post_linear.weight": drawn(12, 12), "spa_enc.post_linear.bias": drawn(12)}
    path = older(tmp_path / "a", weights, "theorydiag", num_filts=12, spa_enc_use_postmat=after, use_layn=False)
    parts = theory().reshape(len(PLACES), 6, 6)
    joined = np.einsum("nfs,fsd->nfd", parts, weights["spa_enc.post_mat"].numpy().astype(float)).reshape(
        len(PLACES), 12
    )
    first, bias = np.eye(12), np.zeros(12)
    if after:
        first, bias = (weights[f"spa_enc.post_linear.{name}"].numpy().astype(float) for name in ("weight", "bias"))
    expected = layer(joined, first, bias, weights["class_emb.weight"])
    # The product of two matrices is rounded to float32 once more.
    np.testing.assert_allclose(s2v.import_torchspatial(path).predict_proba(PLACES), expected, rtol=0, atol=1e-5)


def test_directions_of_the_older_rff_have_a_shorter_name(tmp_path: Path) -> None:
    weights = feed_forward_weights(7)
    weights["spa_enc.dirvec"], weights["spa_enc.shift"] = drawn(2, 7), drawn(7)
    found = read_checkpoint(older(tmp_path / "a", weights, "rff", rbf_kernal_size=3.0))
    assert found.model.recipe.encoder_params["bandwidth"] == 3
    assert "gengchenmai/sphere2vec" in found.source
    phases = np.concatenate((LON / 180, LAT / 90), 1) @ weights["spa_enc.dirvec"].numpy()
    features = np.sqrt(2 / 7) * np.cos(phases + weights["spa_enc.shift"].numpy())
    np.testing.assert_allclose(found.model.predict_proba(PLACES), feed_forward(features, weights), **CLOSE)


def test_an_rbf_needs_the_places_of_its_anchors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights, anchors = feed_forward_weights(7), PLACES[:7].astype(float)
    ids = list(np.random.default_rng(0).choice(1000, 7, replace=False))  # numbers of numpy, as sphere2vec writes them
    path = older(tmp_path / "a", weights, "rbf", rbf_anchor_pt_ids=ids, rbf_kernal_size=30.0)
    with pytest.raises(ValueError, match=r"the file has only their row numbers there .* Give these places"):
        s2v.import_torchspatial(path)
    with pytest.raises(ValueError, match="takes 7 anchors; there are 3 places"):
        s2v.import_torchspatial(path, anchors=anchors[:3])
    squares = ((PLACES[:, None].astype(float) - anchors) ** 2).sum(-1)
    expected = feed_forward(np.exp(-squares / (2 * 30**2)), weights)
    model = s2v.import_torchspatial(path, anchors=anchors)
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)
    np.savetxt(tmp_path / "a.csv", anchors, "%.9g", ",", header="lon,lat", comments="")
    asked = ["import", str(path), "--out", str(tmp_path / "a.safetensors")]
    assert main([*asked, "--anchors", str(tmp_path / "a.csv")]) == 0
    again = s2v.load(tmp_path / "a.safetensors")
    np.testing.assert_allclose(again.predict_proba(PLACES), expected, **CLOSE)
    assert "encoder: rbf anchors=7 bandwidth=30.0" in capsys.readouterr().out
    with pytest.raises(ValueError, match="it has no anchors, which only an rbf has"):
        s2v.import_torchspatial(older(tmp_path / "a", feed_forward_weights(3), "xyz"), anchors=anchors)


@pytest.mark.parametrize("kind", ["sphere", "geo_net"])
def test_of_a_model_of_places_and_images_the_places_are_imported(kind: str, tmp_path: Path) -> None:
    own = feed_forward_weights(18) if kind == "sphere" else residual_weights(4)
    weights = {**own, **{f"loc_enc.{name}": tensor for name, tensor in own.items()}, "img_dec.weight": drawn(16, 20)}
    path = older(tmp_path / "a", weights, kind, unsuper_loss="contsoftmax")
    with pytest.warns(UserWarning, match="it was trained on images first"):
        model = s2v.import_torchspatial(path)
    expected = feed_forward(sphere_c(), own) if kind == "sphere" else residual(wrap(), own)
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)


@remarks_ignored
def test_harmonics_of_torchspatial_are_those_of_the_antipode_with_pi(tmp_path: Path) -> None:
    weights = feed_forward_weights(9)
    path = saved(tmp_path / "a", weights, {**PARAMS, "spa_enc_type": "spherical_harmonics"})
    turn, down = LON * RADIANS + np.pi, LAT * RADIANS + np.pi / 2
    c, s = np.cos(down), np.sin(down)
    one, two, wide = 0.48860251190292, 1.09254843059208, 0.18209140509868  # spherical_harmonics_ylm_numpy.py
    columns = (
        np.full_like(c, 0.886226925452758),
        *(one * s * np.sin(turn), 1.53499006191973 * c, one * s * np.cos(turn)),
        *(3 * wide * s**2 * np.sin(2 * turn), two * s * c * np.sin(turn)),
        2.97249547320451 * c**2 - 0.990831824401503,
        *(two * s * c * np.cos(turn), 3 * wide * s**2 * np.cos(2 * turn)),
    )
    expected = feed_forward(np.concatenate(columns, 1), weights)
    found = read_checkpoint(path)
    assert found.model.recipe.encoder_params == {"degree": 3}
    assert "m = 0 are pi times too large" in found.remarks[0]
    np.testing.assert_allclose(found.model.predict_proba(PLACES), expected, **CLOSE)
    with pytest.raises(ValueError, match="its first layer is as wide as its 16 features"):
        s2v.import_torchspatial(
            saved(path, feed_forward_weights(16), {**PARAMS, "spa_enc_type": "spherical_harmonics"})
        )


RUN_BY_THEIR_CODE = ("gridcellnorm", "hexagridcell", "theorydiag", "naive", "rbf")  # classes that TorchSpatial kept


@remarks_ignored
@pytest.mark.skipif(not published.is_installed(), reason="torchspatial: make bench-tools")
@pytest.mark.parametrize("kind", RUN_BY_THEIR_CODE)
def test_older_encoders_answer_as_the_authors_code(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    np.random.seed(1)  # the authors' code draws from it
    utils = published.load("utils")
    params = {
        **OLDER,
        "spa_enc_type": kind,
        "rbf_kernal_size": 20.0,
        "max_radius": 30.0,
        "num_filts": 12,
        "hidden_dim": 12,
    }
    given = {**params, "rbf_kernel_size": 20.0, "rbf_anchor_pt_ids": list(range(7)), "frequency_num": 6}
    encoder = utils.get_spa_encoder(
        PLACES.astype(float),
        given,
        kind,
        12,
        params["map_range"],
        frequency_num=6,
        max_radius=30.0,
        min_radius=0.01,
        f_act="leakyrelu",
        num_rbf_anchor_pts=7,
        rbf_kernel_size=20.0,
        device="cpu",
    )
    theirs = published.load("models").LocationEncoder(encoder, 2, CLASSES, 12, 1).eval()
    with torch.no_grad():
        theirs.class_emb.weight.mul_(5)
        expected = theirs(torch.from_numpy(PLACES.copy())).numpy()
    path = saved(tmp_path / "a", theirs.state_dict(), params)
    anchors = {"anchors": PLACES[:7]} if kind == "rbf" else {}
    np.testing.assert_allclose(
        s2v.import_torchspatial(path, **anchors).predict_proba(PLACES), expected, rtol=0, atol=1e-5
    )
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize("hidden_layers", [1, 2])
@pytest.mark.parametrize("activation", ["leakyrelu", "sigmoid"])
def test_an_embedding_narrower_than_ours_is_followed_by_zeros(
    activation: str, hidden_layers: int, tmp_path: Path
) -> None:
    weights = feed_forward_weights(18, hidden=40, hidden_layers=hidden_layers)  # 40 -> 16
    params = {"hidden_dim": 40, "num_hidden_layer": hidden_layers, "spa_f_act": activation}
    path = older(tmp_path / "a", weights, "sphere", **params)
    model, embedding = s2v.import_torchspatial(path), s2v.import_embedding(path)
    if activation == "leakyrelu":
        expected = feed_forward(sphere_c(), weights, hidden_layers)
        np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)
    embedded = embedding(torch.from_numpy(PLACES))
    assert embedded.shape == (len(PLACES), embedding.dim) == (len(PLACES), 16)
    by_hand = torch.sigmoid(embedded @ weights["class_emb.weight"].T)
    np.testing.assert_allclose(model.predict_proba(PLACES), by_hand.numpy(), **CLOSE)


def test_equal_radii_and_parallel_training_are_imported(tmp_path: Path) -> None:
    weights = feed_forward_weights(18)
    path = older(tmp_path / "a", {f"module.{name}": w for name, w in weights.items()}, "sphere", min_radius=1.0)
    plain = np.tile(np.stack((xyz()[:, 2], xyz()[:, 0], xyz()[:, 1]), 1), 6)
    expected = feed_forward(plain, weights)
    np.testing.assert_allclose(s2v.import_torchspatial(path).predict_proba(PLACES), expected, **CLOSE)


def test_octaves_of_noise_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"it has 64 octaves; allowed are 32\. The higher ones show the rounding"):
        s2v.import_torchspatial(older(tmp_path / "a", feed_forward_weights(384), "nerf", frequency_num=64))


# FCNet: geo_net of sphere2vec, geo_prior and SINR.


def test_a_residual_network_on_wrap_is_imported_from_all_three(tmp_path: Path) -> None:
    weights = residual_weights(4)
    expected = residual(wrap(), weights)
    geo_net = {**OLDER, "spa_enc_type": "geo_net", "dataset": "nabirds", "meta_type": "ebird_meta"}
    for params, source, data in (
        (geo_net, "github.com/gengchenmai/sphere2vec, spa_enc_type geo_net", "nabirds, ebird_meta"),
        (GEO_PRIOR, "github.com/macaodha/geo_prior, loc_encode encode_cos_sin", "inat_2018"),
        (SINR, "github.com/elijahcole/sinr, input_enc sin_cos", "snt_birds"),
    ):
        found = read_checkpoint(saved(tmp_path / "a", weights, params))
        assert (found.source, found.data) == (source, data)
        recipe = found.model.recipe
        assert (recipe.encoder, recipe.network, recipe.hidden, recipe.layers) == ("wrap", "residual", 16, 4)
        np.testing.assert_allclose(found.model.predict_proba(PLACES), expected, **CLOSE)


@pytest.mark.parametrize("blocks", [1, 6])
def test_sinr_may_be_of_any_depth(blocks: int, tmp_path: Path) -> None:
    weights = residual_weights(4, blocks)
    model = s2v.import_torchspatial(saved(tmp_path / "a", weights, {**SINR, "depth": blocks}))
    assert model.recipe.layers == blocks
    np.testing.assert_allclose(model.predict_proba(PLACES), residual(wrap(), weights), **CLOSE)


def test_the_classes_of_sinr_are_its_taxa(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", residual_weights(4), SINR)
    found = read_checkpoint(path)
    assert found.model.classes == ("3", "17", "4821", "5000", "47219")
    assert "names are iNaturalist taxa (class_to_taxa)" in found.understood[3]
    assert s2v.import_torchspatial(path, classes=list("abcde")).classes == tuple("abcde")
    for taxa in ([1, 2, 3], [1, 1, 2, 3, 4], None, list(range(100_000))):
        path = saved(tmp_path / "a", residual_weights(4), {**SINR, "class_to_taxa": taxa})
        assert s2v.import_torchspatial(path).classes[0] == "class 0"


def test_sinrs_linear_network_is_one_without_a_constant(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {"class_emb.weight": drawn(CLASSES, 4)}
    model = s2v.import_torchspatial(saved(tmp_path / "a", weights, {**SINR, "model": "LinNet"}))
    expected = 1 / (1 + np.exp(-wrap() @ weights["class_emb.weight"].numpy().astype(float).T))
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)


@pytest.mark.parametrize("time", [0.0, 0.3, 1])
@pytest.mark.parametrize("encoded", ["encode_cos_sin", "encode_none"])
def test_a_model_of_places_and_dates_is_imported_for_a_date(time: float, encoded: str, tmp_path: Path) -> None:
    turn = 2 * time - 1
    date = (np.sin(np.pi * turn), np.cos(np.pi * turn)) if encoded == "encode_cos_sin" else (turn,)
    features = np.concatenate((wrap(), np.tile(date, (len(PLACES), 1))), 1)
    weights = residual_weights(features.shape[1])
    path = saved(tmp_path / "a", weights, {**GEO_PRIOR, "use_date_feats": True, "date_encode": encoded})
    model = s2v.import_torchspatial(path, time_of_year=time)
    np.testing.assert_allclose(model.predict_proba(PLACES), residual(features, weights), **CLOSE)
    asked = ["import", str(path), "--out", str(tmp_path / "a.safetensors"), "--time-of-year", str(time)]
    assert main(asked) == 0
    np.testing.assert_array_equal(
        s2v.load(tmp_path / "a.safetensors").predict_proba(PLACES), model.predict_proba(PLACES)
    )


def test_a_time_of_year_must_be_one_that_is_asked_for(tmp_path: Path) -> None:
    dated = saved(tmp_path / "a", residual_weights(6), {**GEO_PRIOR, "use_date_feats": True})
    with pytest.raises(ValueError, match=r"place and a date\. Say for which time of year"):
        s2v.import_torchspatial(dated)
    for wrong in (1.5, float("nan"), "june"):
        with pytest.raises(ValueError, match=r"time_of_year=.* is not a number from 0 \(1 January\)"):
            s2v.import_torchspatial(dated, time_of_year=wrong)  # type: ignore[arg-type]
    for params in (GEO_PRIOR, SINR, {**OLDER, "spa_enc_type": "xyz"}):
        with pytest.raises(ValueError, match="it takes no date: leave time_of_year out"):
            s2v.import_torchspatial(saved(tmp_path / "a", residual_weights(4), params), time_of_year=0.5)


def test_coordinates_themselves_are_direct(tmp_path: Path) -> None:
    weights = residual_weights(2)
    model = s2v.import_torchspatial(saved(tmp_path / "a", weights, {**GEO_PRIOR, "loc_encode": "encode_none"}))
    assert model.recipe.encoder == "direct"
    expected = residual(np.concatenate((LON / 180, LAT / 90), 1), weights)
    np.testing.assert_allclose(model.predict_proba(PLACES), expected, **CLOSE)


@pytest.mark.parametrize(
    ("params", "weights", "message"),
    [
        ({**SINR, "input_enc": "sin_cos_env"}, residual_weights(24), "environmental rasters .* are not in the file"),
        ({**SINR, "input_enc": "env"}, residual_weights(20), "environmental rasters .* are not in the file"),
        ({**SINR, "model": "HyperNet"}, residual_weights(4), "its model is 'HyperNet'; those of SINR are"),
        (SINR, residual_weights(24), r"'feats.0.weight' have the shape \(16, 4\), but they have the shape \(16, 24\)"),
        (SINR, residual_weights(4, 9), "layers=9 is outside its range"),
        ({**SINR, "model": "LinNet"}, residual_weights(4), r"'class_emb.weight' have the shape \(5, 4\)"),
        ({**GEO_PRIOR, "loc_encode": "encode_3D"}, residual_weights(3), "unit vector at twice the latitude"),
        ({**GEO_PRIOR, "use_date_feats": True}, residual_weights(6), "Say for which time of year"),
        ({"embedding_dim": 4}, {"fc_loc.weight": drawn(3, 2)}, "it is the TangNet .* features of an image"),
        ({"lr": 0.1}, residual_weights(4), "its params name no encoder: they have no spa_enc_type, input_enc or"),
    ],
)
def test_what_takes_more_than_a_place_is_refused_for_its_true_reason(
    params: dict[str, Any], weights: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        s2v.import_torchspatial(saved(tmp_path / "a", weights, params))


@pytest.mark.parametrize(
    "content", [{"state_dict": {}, "hyper_parameters": {"legendre_polys": 10}}, residual_weights(4)]
)
def test_a_file_without_params_is_told_what_it_has(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save(content, tmp_path / "a")
    with pytest.raises(
        ValueError, match=f"beside them; it has {re.escape(repr(next(iter(content))))}, .* alone are not enough"
    ):
        s2v.import_torchspatial(tmp_path / "a")


# Regressions of TorchSpatial.


def test_a_regression_is_told_as_such_and_has_no_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "ts_regression.pth.tar"
    with pytest.raises(
        ValueError, match=r"of a regression \(dataset 'mosaiks_population'\): its 64 outputs are no classes"
    ):
        s2v.import_torchspatial(path)
    assert main(["import", str(path), "--out", str(tmp_path / "a.safetensors")]) == 2
    printed = capsys.readouterr()
    assert "s2v.import_embedding imports that embedding" in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "params",
    [{"dataset": "sustainbench_women_bmi"}, {"dataset": "own", "regress_dataset": ["own"]}, {"task": "regression"}],
)
def test_a_regression_is_known_by_its_params(params: dict[str, Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "a", feed_forward_weights(18), {**PARAMS, **params})
    with pytest.raises(ValueError, match="of a regression"):
        s2v.import_torchspatial(path)
    saved(path, feed_forward_weights(18), {**PARAMS, "dataset": "fmow", "regress_dataset": ["own"]})
    assert len(s2v.import_torchspatial(path).classes) == CLASSES


def test_the_embedding_of_a_regression_is_what_the_file_makes_of_a_place(tmp_path: Path) -> None:
    weights = feed_forward_weights(18)
    path = saved(tmp_path / "a", weights, {**PARAMS, "dataset": "mosaiks_elevation"})
    embedding = s2v.import_embedding(path)
    places = torch.from_numpy(PLACES.astype(float))
    np.testing.assert_allclose(embedding(places).numpy(), feed_forward(sphere_c(), weights), **CLOSE)
    assert embedding.dim == CLASSES
    similarity = s2v.kernels.similarity(embedding, (0.0, 0.0), PLACES[:3])
    assert similarity.shape == (3,)
    assert s2v.import_embedding(CASES / "ts_regression.pth.tar").dim == 64


def test_the_embedding_of_a_classification_is_that_of_its_model(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", residual_weights(4), SINR)
    places = torch.from_numpy(PLACES)
    expected = s2v.Embedding(s2v.import_torchspatial(path))(places)
    torch.testing.assert_close(s2v.import_embedding(path)(places), expected)
