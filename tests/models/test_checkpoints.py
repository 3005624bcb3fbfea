"""Saved models come back bit for bit; other files are refused with one sentence and never unpickled."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

import s2v
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

PLACES = np.array([[0.0, 90.0], [-180, 0], [180, 0], [15.6, 78.2], [77, -90]])
CLASSES = ("sea", "land", "ice")


def model(task="regression", classes=(), **settings) -> LocationModel:
    torch.manual_seed(0)
    made = LocationModel(Recipe(hidden=16, **settings), task, classes)
    if task == "regression":
        made.mean.fill_(-30.9)
        made.scale.fill_(29.4)
    return made


def rewrite(path: Path, metadata=None, tensors=None) -> None:
    """The file at ``path`` again, with other metadata or tensors."""
    with safe_open(str(path), "pt") as file:
        old = file.metadata()
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    save_file({**weights, **(tensors or {})}, str(path), {**old, **(metadata or {})})


@pytest.mark.parametrize("encoder", list(s2v.ENCODERS))
def test_round_trip_of_every_encoder(encoder: str, tmp_path: Path) -> None:
    saved = model(encoder=encoder)
    s2v.save(saved, tmp_path / "model.safetensors")
    loaded = s2v.load(tmp_path / "model.safetensors")
    assert loaded.recipe == saved.recipe
    assert (loaded.task, loaded.classes) == ("regression", ())
    np.testing.assert_array_equal(loaded.predict(PLACES), saved.predict(PLACES))


@pytest.mark.parametrize("network", ["linear", "ffn", "residual", "siren", "residual_sine"])
def test_round_trip_of_every_network_with_classes(network: str, tmp_path: Path) -> None:
    saved = model("classification", CLASSES, data="land_cover", network=network)
    s2v.save(saved, tmp_path / "model.safetensors")
    loaded = s2v.load(str(tmp_path / "model.safetensors"))
    assert (loaded.task, loaded.classes) == ("classification", CLASSES)
    np.testing.assert_array_equal(loaded.predict(PLACES), saved.predict(PLACES))


def test_presences_come_back(tmp_path: Path) -> None:
    saved = model("presence", CLASSES, data="languages:presence", loss="an_full", background="published")
    s2v.save(saved, tmp_path / "model.safetensors")
    loaded = s2v.load(tmp_path / "model.safetensors")
    assert (loaded.task, loaded.recipe) == ("presence", saved.recipe)
    np.testing.assert_array_equal(loaded.predict(PLACES), saved.predict(PLACES))


def test_files_of_older_recipes_still_load(
    tmp_path: Path,
) -> None:
    saved = model("classification", CLASSES, data="land_cover")
    s2v.save(saved, tmp_path / "model.safetensors")
    recipe = json.loads(saved.recipe.to_json())
    for name in ("loss", "background", "split", "activation", "precision"):
        del recipe[name]
    rewrite(tmp_path / "model.safetensors", {"recipe": json.dumps(recipe)})
    assert s2v.load(tmp_path / "model.safetensors").recipe == saved.recipe


def test_learned_and_random_parts_of_encoders_come_back(tmp_path: Path) -> None:
    for encoder, part in (("tile", "vectors"), ("rbf", "centers")):
        saved = model(encoder=encoder)
        with torch.no_grad():
            getattr(saved.encoder, part).add_(0.5)
        s2v.save(saved, tmp_path / "model.safetensors")
        loaded = s2v.load(tmp_path / "model.safetensors")
        assert torch.equal(getattr(loaded.encoder, part), getattr(saved.encoder, part))


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    s2v.save(model(), tmp_path / "model.safetensors")
    with safe_open(str(tmp_path / "model.safetensors"), "pt") as file:
        metadata = file.metadata()
    assert metadata["format"] == "s2v-model-1"
    assert json.loads(metadata["recipe"])["encoder"] == "sphereM"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.safetensors"):
        s2v.load(tmp_path / "nothing.safetensors")


class Trap:
    """Would leave a trace if a file were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    for name, write in (("plain", pickle.dumps), ("torch", None)):
        path, trace = tmp_path / name, tmp_path / f"{name}.trace"
        if write:
            path.write_bytes(write(Trap(trace)))
        else:
            torch.save({"state_dict": Trap(trace)}, path)
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            s2v.load(path)
        assert not trace.exists()


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(kept: float, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    s2v.save(model(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ValueError, match=r"model\.safetensors cannot be loaded"):
        s2v.load(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"format": "another"}, "'another'"),
        ({"recipe": "{"}, "not JSON"),
        ({"recipe": json.dumps({"encoder": "sphereX"})}, "sphereX"),
        ({"recipe": json.dumps({"hidden": 10**9})}, "hidden"),
        (
            {"recipe": json.dumps({"hidden": 32})},
            r"not those of its recipe: .* has the shape \(16,\), not \(32,\)",
        ),
        ({"recipe": json.dumps({"encoder": "xyz", "hidden": 16})}, r"not those of its recipe: .* not \(16, 3\)"),
        ({"recipe": json.dumps({"encoder_params": 3})}, "description is wrong"),
        ({"recipe": json.dumps({"encoder_params": {"scales": [1]}})}, "description is wrong"),
        ({"task": "ranking"}, "ranking"),
        ({"task": "classification"}, "names of its classes"),
        ({"classes": '"sea"'}, "list of names"),
        ({"classes": "[1, 2]"}, "list of names"),
        ({"classes": "["}, "description is wrong"),
    ],
)
def test_a_wrong_description_is_refused(metadata: dict, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    s2v.save(model(), path)
    rewrite(path, metadata)
    with pytest.raises(ValueError, match=message) as error:
        s2v.load(path)
    assert str(path) in str(error.value)


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, str(path))
    with pytest.raises(ValueError, match="not a model of this lab"):
        s2v.load(path)
    save_file({"weight": torch.zeros(3)}, str(path), {"format": "s2v-model-1"})
    with pytest.raises(ValueError, match="no 'recipe'"):
        s2v.load(path)


def test_extra_and_infinite_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    s2v.save(model(), path)
    rewrite(path, tensors={"extra": torch.zeros(3)})
    with pytest.raises(ValueError, match="extra"):
        s2v.load(path)
    s2v.save(model(), path)
    rewrite(path, tensors={"mean": torch.tensor(float("nan"))})
    with pytest.raises(ValueError, match="'mean' are not finite"):
        s2v.load(path)
