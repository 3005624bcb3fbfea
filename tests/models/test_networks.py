"""The networks are the published ones, and so are their first weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from s2v.models import networks, recipe
from s2v.models.choices import ACTIVATIONS, NETWORKS
from s2v.models.dropout import Dropout
from s2v.models.networks import ResidualBlock, feed_forward, network

pytestmark = pytest.mark.usefixtures("one_thread")

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "nn_forward.json").read_text())["cases"]

# Published cases that are not networks of ours.
OUT_OF_SCOPE = {
    "sirennet_locenc_degreeinput": "scales degrees inside the network, and by a formula that takes longitude to "
    "[-2 pi, 0]; here an encoder comes first, so this is the plain sirennet on other numbers",
    "fcnet_geo_prior_one_class": "one column of the full output, computed alone; the same weights are tested whole",
    "mlp_satclip_2layers": "a bug: its hidden layers are one and the same layer",
    "layernorm_custom_sphere2vec": "defined there, used nowhere",
}

FFN = {
    "ffn_relu_1hidden": {},
    "ffn_leakyrelu_1hidden": {"activation": "leakyrelu"},
    "ffn_sigmoid_1hidden": {"activation": "sigmoid"},
    "ffn_tanh_1hidden": {"activation": "tanh"},
    "ffn_gelu_1hidden": {"activation": "gelu"},
    "ffn_relu_0hidden": {"hidden_layers": 0},
    "ffn_relu_3hidden_skip": {"inputs": 8, "hidden_layers": 3},
    "ffn_relu_3hidden_noskip_noln": {"inputs": 8, "hidden_layers": 3, "skip": False, "norm": False},
}

FULL = {  # case -> (network, settings, the golden output)
    "sirennet_locenc_2layers": ("siren", {"layers": 2}, "raw"),
    "sirennet_satclip_eval": ("siren", {"layers": 2, "dropout": 0.5}, "raw"),
    "sirennet_1layer": ("siren", {"layers": 1}, "raw"),
    "fcnet_locenc_logits": ("residual", {"layers": 4, "dropout": 0.5}, "raw"),
    "fcnet_geo_prior_probabilities": ("residual", {"layers": 4, "dropout": 0.5}, "sigmoid"),
    "fcnet_sphere2vec_probabilities": ("residual", {"layers": 4, "dropout": 0.5}, "sigmoid"),
    "fcnet_geo_prior_feats": ("residual", {"layers": 4, "dropout": 0.5}, "body"),
    "residualfcnet_sinr_depth4": ("residual", {"layers": 4, "dropout": 0.5}, "sigmoid"),
    "residualfcnet_sinr_depth2_feats": ("residual", {"layers": 2, "dropout": 0.5}, "body"),
    "linnet_sinr": ("linear", {"bias": False}, "sigmoid"),
}

# Sums of at most 8 products of numbers near 1, a few layers deep; SIREN multiplies rounding by 30.
EXACT = {"rtol": 0, "atol": 1e-12}


@pytest.fixture(scope="module")
def golden() -> dict[str, torch.Tensor]:
    with np.load(GOLDEN / "nn_forward.npz") as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def published_weights(golden: dict[str, torch.Tensor], case: str, renamed: dict[str, str]) -> dict[str, torch.Tensor]:
    """The weights of a case under our names; those of users, which we do not have, left out."""
    weights = {}
    for key, value in golden.items():
        if key.startswith(f"{case}__p__") and "user_emb" not in key:
            name = key.removeprefix(f"{case}__p__")
            for old, new in renamed.items():
                name = new + name.removeprefix(old) if name.startswith(old) else name
            weights[name] = value
    return weights


def test_every_published_case_is_reproduced_or_explained() -> None:
    assert set(CASES) == set(OUT_OF_SCOPE) | set(FFN) | set(FULL) | {"reslayer"}


@pytest.mark.parametrize("case", FULL)
def test_networks_equal_the_published_ones(case: str, golden: dict[str, torch.Tensor]) -> None:
    name, given, ending = FULL[case]
    x, y = golden[f"{case}__x"], golden[f"{case}__y"]
    model = network(name, x.shape[1], 5, **settings(name, hidden=8), **given).double().eval()
    renamed = {"class_emb.": "head.", "last_layer.": "head.", "feats.": "body.", "layers.": "body."}
    model.load_state_dict(published_weights(golden, case, renamed))
    result = model.body(x) if ending == "body" else model(x)
    torch.testing.assert_close(result.sigmoid() if ending == "sigmoid" else result, y, **EXACT)


@pytest.mark.parametrize("case", FFN)
def test_feed_forward_equals_the_published_one(case: str, golden: dict[str, torch.Tensor]) -> None:
    model = feed_forward(**{"inputs": 6, "outputs": 5, "hidden": 8, **FFN[case]}).double().eval()
    model.load_state_dict(published_weights(golden, case, {"layers.": ""}))
    torch.testing.assert_close(model(golden[f"{case}__x"]), golden[f"{case}__y"], **EXACT)


def test_residual_block_equals_the_published_one(golden: dict[str, torch.Tensor]) -> None:
    block = ResidualBlock(8).double().eval()
    block.load_state_dict(published_weights(golden, "reslayer", {}))
    torch.testing.assert_close(block(golden["reslayer__x"]), golden["reslayer__y"], **EXACT)


def test_ffn_is_the_published_shape_at_published_settings() -> None:
    model = network("ffn", 192, 62, hidden=512, layers=2, dropout=0.5)
    shapes = {name: tuple(weights.shape) for name, weights in model.named_parameters()}
    assert shapes == {  # those of the authors' sphereC model of fMoW
        "body.0.linear.weight": (512, 192),
        "body.0.linear.bias": (512,),
        "body.0.layernorm.weight": (512,),
        "body.0.layernorm.bias": (512,),
        "body.1.linear.weight": (256, 512),
        "body.1.linear.bias": (256,),
        "head.weight": (62, 256),
    }


@pytest.mark.parametrize(
    ("given", "width"), [({"hidden": 64}, 64), ({"hidden": 1024}, 256), ({"hidden": 64, "embedding": 7}, 7)]
)
def test_the_embedding_of_ffn_is_at_most_256_wide_by_default(given: dict[str, int], width: int) -> None:
    assert network("ffn", 3, 2, **given).head.in_features == width


def test_names_are_the_choices() -> None:
    assert tuple(networks._BUILDERS) == tuple(NETWORKS)
    assert tuple(networks.ACTIVATION_LAYERS) == ACTIVATIONS


def test_a_builder_takes_the_settings_that_its_choice_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "linear", lambda inputs, outputs, hidden: None)
    with pytest.raises(ImportError, match=r"linear takes \('hidden',\); choices.py says \(\)"):
        networks._builders()


def settings(name: str, **given: Any) -> dict[str, Any]:
    """The settings that a network takes."""
    return {key: value for key, value in given.items() if key in NETWORKS[name].parameters}


@pytest.mark.parametrize("name", NETWORKS)
def test_any_recipe_size_builds(name: str) -> None:
    limits = {p.name: p for p in recipe.PARAMETERS}
    for end in ("low", "high"):
        given = {key: getattr(limits[key], end) for key in ("hidden", "layers", "dropout")}
        given["hidden"] = min(given["hidden"], 32)  # the widest would only be slow
        assert network(name, 3, 4, **settings(name, **given))(torch.zeros(5, 3)).shape == (5, 4)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shape", [(), (0,), (4,), (2, 3)])
def test_any_leading_shape_and_both_dtypes(name: str, shape: tuple[int, ...]) -> None:
    for dtype in (torch.float32, torch.float64):
        model = network(name, 3, 2, **settings(name, hidden=8, dropout=0.5)).to(dtype)
        result = model(torch.zeros(*shape, 3, dtype=dtype))
        assert result.shape == (*shape, 2)
        assert result.dtype == dtype


@pytest.mark.parametrize("name", NETWORKS)
def test_a_seed_repeats_weights_and_masks(name: str) -> None:
    def run(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        model = network(name, 3, 2, **settings(name, hidden=16, dropout=0.5))
        return model(torch.ones(40, 3))

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_with_respect_to_the_features_are_right(name: str) -> None:
    torch.manual_seed(0)
    # relu has kinks, which finite differences may meet
    model = network(name, 3, 2, **settings(name, hidden=8, activation="tanh")).double()
    features = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(model, features)


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_raw(name: str) -> None:
    torch.manual_seed(0)
    outputs = network(name, 10, 50, **settings(name, hidden=32))(torch.randn(200, 10) * 10)
    assert outputs.min() < 0  # no probability
    assert outputs.max() > 0
    assert (outputs.sum(-1) - 1).abs().max() > 0.5  # no softmax


def test_sirens_start_as_published() -> None:
    torch.manual_seed(0)
    model = network("siren", 20, 64, hidden=256, layers=3, w0=2.0)
    bounds = {"body.0.": 1 / 20, "body.1.": math.sqrt(6 / 256) / 2, "head.": math.sqrt(6 / 256) / 2}
    for start, bound in bounds.items():
        weights, biases = (p for name, p in model.named_parameters() if name.startswith(start))
        for values, fullness in ((weights, 0.99), (biases, 0.8)):  # the largest of n uniform numbers is near n/(n+1)
            assert fullness * bound < values.abs().max() <= bound
    hidden = model.body[1](model.body[0](torch.randn(2000, 20)))
    assert 0.5 < hidden.std() < 0.9  # sines of wide arguments: sqrt(1/2); layers do not fade or explode


def test_residual_sines_are_their_formula() -> None:
    torch.manual_seed(0)
    model = network("residual_sine", 4, 2, hidden=8, layers=3, dropout=0.0).double()
    features = torch.randn(50, 4, dtype=torch.float64)
    w0, b0, w1, b1, w2, b2, head, bias = model.parameters()
    h = torch.sin(30 * (features @ w0.T + b0))
    h = h + torch.sin(h @ w1.T + b1)
    h = h + torch.sin(h @ w2.T + b2)
    torch.testing.assert_close(model(features), h @ head.T + bias, **EXACT)


def test_with_one_layer_residual_sines_are_a_siren() -> None:
    built = []
    for name in ("siren", "residual_sine"):
        torch.manual_seed(3)
        built.append(network(name, 4, 2, hidden=8, layers=1, dropout=0.0)(torch.ones(1, 4)))
    assert torch.equal(*built)


def test_short_cuts_keep_what_deep_layers_see_alive() -> None:
    """Gradients at the first layer of a deep network are as large as in a shallow one."""
    sizes = []
    for layers in (2, 8):
        torch.manual_seed(0)
        model = network("residual_sine", 20, 1, hidden=128, layers=layers, dropout=0.0)
        model(torch.randn(500, 20)).square().mean().backward()
        sizes.append(float(next(model.parameters()).grad.norm()))
    assert sizes[1] > sizes[0]


def test_ffn_starts_as_published() -> None:
    torch.manual_seed(0)
    weights = network("ffn", 100, 2, hidden=50).body[0].linear.weight
    bound = math.sqrt(6 / (100 + 50))  # Xavier uniform
    assert 0.99 * bound < weights.abs().max() <= bound


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_learns_what_it_can_represent(name: str) -> None:
    torch.manual_seed(0)
    features = torch.randn(256, 3)
    target = features @ torch.tensor([[0.5], [-0.3], [0.2]])
    model = network(name, 3, 1, **settings(name, hidden=64))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        optimiser.zero_grad()
        loss = ((model(features) - target) ** 2).mean()
        loss.backward()
        optimiser.step()
    assert loss < 0.02 * target.var()  # 98 % of the variance of these 256 points


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("mlp", {}, f"network='mlp' is unknown; there are: {', '.join(NETWORKS)}."),
        ("ffn", {"inputs": 0}, "inputs=0 is outside its range; allowed is a whole number of at least 1."),
        ("ffn", {"outputs": 1.5}, "outputs=1.5 is not a whole number of at least 1."),
        ("siren", {"hidden": 0}, "hidden=0 is outside"),
        ("residual", {"layers": 0}, "layers=0 is outside"),
        ("ffn", {"dropout": 1.0}, "dropout=1.0 is outside its range; allowed is a number from 0 to 0.9."),
        ("ffn", {"dropout": math.nan}, "dropout=nan is not finite"),
        ("ffn", {"activation": "selu"}, f"activation='selu' is not one of {', '.join(ACTIVATIONS)}."),
        ("siren", {"w0": 0.0}, "w0=0.0 is outside"),
        ("siren", {"activation": "relu"}, "network 'siren' has no parameter 'activation'; its parameters are: inputs,"),
    ],
)
def test_bad_settings_are_named(name: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")):
        network(name, **{"inputs": 3, "outputs": 2, **given})


def test_networks_use_our_dropout() -> None:
    for name in ("ffn", "residual", "siren", "residual_sine"):
        model = network(name, 3, 2, hidden=8, dropout=0.5)
        assert any(isinstance(module, Dropout) and module.p == 0.5 for module in model.modules())
        assert not any(isinstance(module, nn.Dropout) for module in model.modules())
