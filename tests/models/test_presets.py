"""Presets are valid recipes of the published methods, and reading them needs no torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from s2v.encoders import registry
from s2v.models import presets
from s2v.models.choices import NETWORKS
from s2v.models.presets import PRESETS
from s2v.models.recipe import PARAMETERS, Recipe

PUBLISHED = {  # what the papers and TorchSpatial compare, and the encoder of each
    "tile": "tile",
    "wrap": "wrap",
    "wrap+ffn": "wrap",
    "rbf": "rbf",
    "rff": "rff",
    "Space2Vec-grid": "grid",
    "Space2Vec-theory": "theory",
    "xyz": "xyz",
    "NeRF": "nerf",
    "Sphere2Vec-sphereC": "sphereC",
    "Sphere2Vec-sphereC+": "sphereC+",
    "Sphere2Vec-sphereM": "sphereM",
    "Sphere2Vec-sphereM+": "sphereM+",
    "Sphere2Vec-dfs": "dfs",
    "SH+SIREN": "spherical_harmonics",
    "Herglotz-NET": "herglotz",
    "GeoCLIP-style": "geoclip_rff",
    "TTE-style": "voronoi",
    "HNeR-S-style": "icosphere",
}


def test_all_published_methods_are_there_with_their_encoders() -> None:
    assert {name: preset.encoder for name, preset in PRESETS.items()} == PUBLISHED


@pytest.mark.parametrize("name", PRESETS)
def test_settings_are_those_of_the_encoder_and_of_a_recipe(name: str) -> None:
    preset = PRESETS[name]
    assert preset.name == name
    assert preset.title
    assert preset.source
    assert preset.network in NETWORKS
    in_force = registry.spec(preset.encoder).check(preset.encoder_params)
    assert {key: in_force[key] for key in preset.encoder_params} == dict(preset.encoder_params)
    fields = {p.name: p for p in PARAMETERS}
    for key, value in preset.hyperparameters.items():
        assert fields[key].check(value) == value
        assert key not in ("data", "points", "steps", "seed", "encoder", "network")  # not for a method to say


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_recipe(name: str) -> None:
    recipe = presets.recipe(name)
    preset = PRESETS[name]
    assert (recipe.encoder, recipe.network) == (preset.encoder, preset.network)
    for key, value in preset.hyperparameters.items():
        assert getattr(recipe, key) == value
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_builds_and_answers(name: str) -> None:
    torch = pytest.importorskip("torch")
    from s2v.models.networks import network

    recipe = presets.recipe(name)
    encoder = registry.encoder(recipe.encoder, **recipe.encoder_params)
    settings = {key: getattr(recipe, key) for key in NETWORKS[recipe.network].parameters}
    model = network(recipe.network, encoder.dim, 7, **settings).eval()
    places = torch.tensor([[0.0, 0.0], [-180.0, 45.0], [12.5, -90.0]])
    outputs = model(encoder(places))
    assert outputs.shape == (3, 7)
    assert outputs.isfinite().all()


def test_changes_override_the_preset() -> None:
    recipe = presets.recipe("Sphere2Vec-sphereC", hidden=64, seed=3, encoder_params={"scales": 8})
    assert (recipe.hidden, recipe.seed, recipe.layers) == (64, 3, 2)
    assert recipe.encoder_params["scales"] == 8
    assert PRESETS["Sphere2Vec-sphereC"].hyperparameters["hidden"] == 512  # the preset itself is as it was


def test_a_preset_with_its_released_model_has_its_shape() -> None:
    """Widths of the weights that the authors released for fMoW (sphereC, wrap_ffn, xyz) and YFCC (theory)."""
    torch = pytest.importorskip("torch")
    from s2v.models.networks import network

    shapes = {
        "Sphere2Vec-sphereC": (192, 512, 256),
        "wrap+ffn": (4, 512, 256),
        "xyz": (3, 512, 256),
        "Space2Vec-theory": (384, 256, 256),
    }
    for name, widths in shapes.items():
        recipe = presets.recipe(name)
        dim = registry.encoder(recipe.encoder, **recipe.encoder_params).dim
        model = network(recipe.network, dim, 2, hidden=recipe.hidden, layers=recipe.layers)
        linears = [m for m in model.body.modules() if isinstance(m, torch.nn.Linear)]
        assert (linears[0].in_features, *(m.out_features for m in linears)) == widths, name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="preset='sphereC' is unknown; there are: tile, wrap, "):
        presets.recipe("sphereC")


def test_reading_presets_needs_no_torch() -> None:
    code = "import sys, s2v.models.presets as p; p.recipe('xyz'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
