"""ONNX files give the models' own answers, over the sphere with its poles and the dateline."""

import json

import numpy as np
import pytest
import torch

import s2v
from s2v import sphere
from s2v.models import onnx_export
from s2v.models.choices import NETWORKS
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
runtime = pytest.importorskip("onnxruntime")

# What onnxruntime cannot run, with the reason; none today.
REFUSED: dict[str, str] = {}

LATITUDES = np.linspace(-90, 90, 37)
PLACES = np.concatenate(
    [
        sphere.random_points(300, seed=5),
        *([[side, latitude] for latitude in LATITUDES] for side in (-180.0, 180.0)),
        [[longitude, pole] for longitude in (-180.0, -77.5, 0.0, 33.0, 180.0) for pole in (-90.0, 90.0)],
        [[190.0, 20.0], [-540.5, 3.0], [361.0, -45.0]],  # beyond the dateline
    ]
).astype(np.float32)


@pytest.fixture(autouse=True, scope="module")
def one_registry():
    """Torch lists what it can translate anew in each export, which takes longer than the rest."""
    from torch.onnx._internal.exporter import _core, _registration

    made = _registration.ONNXRegistry.from_torchlib
    registry = made()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_registration.ONNXRegistry, "from_torchlib", classmethod(lambda cls, **_: registry))
        assert _core._registration is _registration
        yield


def untrained(encoder: str, task: str = "classification", params=None, **settings) -> LocationModel:
    torch.manual_seed(0)
    params = dict(s2v.ENCODERS[encoder].example) if params is None else params
    recipe = Recipe(encoder=encoder, encoder_params=params, hidden=16, **settings)
    model = LocationModel(recipe, task, () if task == "regression" else ("sea", "land", "Grönland \u2603"))
    return model.eval()


def answers(content: bytes, places: np.ndarray) -> np.ndarray:
    (found,) = runtime.InferenceSession(content).run(None, {"lonlat": places})
    return found


# Their operations are also in others: direct, wrap, xyz in all, the plain sphereC and sphereM in those with a plus.
ALIKE = {"direct", "wrap", "xyz", "rff", "theory", "sphereC", "sphereC+", "sphereM"}


@pytest.mark.parametrize(
    "encoder", [pytest.param(name, marks=[pytest.mark.long] if name in ALIKE else []) for name in s2v.ENCODERS]
)
def test_every_encoder_is_inside_the_file(encoder: str) -> None:
    model = untrained(encoder)
    if encoder in REFUSED:
        with pytest.raises(ValueError, match=REFUSED[encoder]):
            onnx_export.dumps(model)
        return
    content = onnx_export.dumps(model)
    found = answers(content, PLACES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, model.predict(PLACES), rtol=0, atol=1e-5)  # sines and sums of another order
    assert [answers(content, PLACES[:count]).shape for count in (0, 1)] == [(0, 3), (1, 3)]  # any number of places


@pytest.mark.parametrize(("encoder", "radius"), [("sphereM", 1e-6), ("plane_waves", 1e-5), ("grid", 1e-4)])
def test_phases_of_many_turns_keep_their_digits(encoder: str, radius: float) -> None:
    """Numbers of Python, such as pi/180, are float64 in the file: float32 would be a phase of pure noise here."""
    model = untrained(encoder, params={"min_radius": radius, "scales": 4})
    np.testing.assert_allclose(answers(onnx_export.dumps(model), PLACES), model.predict(PLACES), rtol=0, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_and_task(network: str) -> None:
    values = untrained("sphereC", "regression", network=network, dropout=0.5, layers=3)
    values.mean.fill_(250.0)
    values.scale.fill_(40.0)
    found = answers(onnx_export.dumps(values), PLACES)
    assert found.shape == (len(PLACES),)
    np.testing.assert_allclose(found, values.predict(PLACES), rtol=0, atol=0.01)
    if network == "ffn":
        seen = untrained("sphereC", "presence", activation="gelu")
        np.testing.assert_allclose(answers(onnx_export.dumps(seen), PLACES), seen.predict(PLACES), rtol=0, atol=1e-4)


def test_the_file_says_what_it_is_and_nothing_of_this_machine(tmp_path) -> None:
    model = untrained("xyz")
    s2v.export_onnx(model, tmp_path / "model.onnx")
    made = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(made, full_check=True)
    told = {entry.key: entry.value for entry in made.metadata_props}
    assert set(told) == {"format", "title", "units", "task", "classes", "recipe", "fingerprint"}
    assert Recipe.from_json(told["recipe"]) == model.recipe
    assert json.loads(told["classes"]) == list(model.classes)
    assert told["task"] == "classification"
    assert told["fingerprint"] == onnx_export.fingerprint(model) != onnx_export.fingerprint(untrained("nerf"))
    (given,), (output,) = made.graph.input, made.graph.output
    assert (given.name, output.name) == ("lonlat", "probabilities")
    assert given.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert given.type.tensor_type.shape.dim[0].dim_param == "places"
    content = (tmp_path / "model.onnx").read_bytes()
    assert not any(word in content for word in (b".py", b"/work", b"/home", b"/tmp", b"Traceback"))
    geoid = untrained("xyz", "regression", data="geoid")
    told = {entry.key: entry.value for entry in onnx.load_from_string(onnx_export.dumps(geoid)).metadata_props}
    assert (told["title"], told["units"]) == (s2v.data.load("geoid", 1).title, "m")


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path, monkeypatch) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")
    monkeypatch.setattr(onnx_export, "_compare", lambda *_: (_ for _ in ()).throw(ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        s2v.export_onnx(untrained("xyz"), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_training_model_is_exported_without_dropout_and_left_as_it_was() -> None:
    model = untrained("xyz", dropout=0.5).train()
    found = answers(onnx_export.dumps(model), PLACES)
    assert model.training
    np.testing.assert_allclose(found, model.predict(PLACES), rtol=0, atol=1e-5)


def test_what_cannot_be_exported_is_told(monkeypatch) -> None:
    kriging = s2v.predictors.fit("nearest", s2v.data.load("geoid", 50))
    with pytest.raises(ValueError, match="A reference predictor is no network"):
        onnx_export.dumps(kriging)
    model = untrained("xyz")

    def branches(lonlat, dtype, out):
        return (lonlat if float(lonlat.sum()) > 0 else -lonlat,)

    monkeypatch.setattr(model.encoder, "features", branches)
    with pytest.raises(ValueError, match=r"encoder 'xyz' does what ONNX cannot: .* Choose another encoder\."):
        onnx_export.dumps(model)


def test_other_answers_than_the_models_own_are_not_written(monkeypatch) -> None:
    model = untrained("xyz")
    own = model.predict
    monkeypatch.setattr(LocationModel, "predict", lambda self, lonlat: own(lonlat)[..., ::-1])
    with pytest.raises(ValueError, match="encoder 'xyz' gives other answers in ONNX than here"):
        onnx_export.dumps(model)


@pytest.mark.parametrize("missing", ["onnx", "onnxscript"])
def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch, missing: str) -> None:
    import sys

    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ValueError, match=r"onnx and onnxscript: pip install 'sphere2vec-lab\[onnx\]'"):
        onnx_export.dumps(untrained("xyz"))
