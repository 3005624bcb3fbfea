"""``python -m s2v export``."""

import numpy as np
import pytest

import s2v
from s2v import cli
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.safetensors"
    s2v.save(LocationModel(Recipe(encoder="xyz", hidden=8), "regression"), path)
    return path


def test_a_saved_model_becomes_an_onnx_file(saved, capsys) -> None:
    runtime = pytest.importorskip("onnxruntime")
    out = saved.with_suffix(".onnx")
    assert cli.main(["export", str(saved), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    places = np.array([[15.6, 78.2], [77.0, -90.0]], dtype=np.float32)
    (values,) = runtime.InferenceSession(out).run(["values"], {"lonlat": places})
    np.testing.assert_allclose(values, s2v.load(saved).predict(places), atol=1e-5)


@pytest.mark.parametrize(
    ("out", "words"), [("model.tif", "suffix must be .onnx. Maps"), ("missing/model.onnx", "there is no folder")]
)
def test_a_file_that_cannot_be_written_is_told_before_the_work(saved, capsys, out: str, words: str) -> None:
    assert cli.main(["export", str(saved), "--out", str(saved.parent / out)]) == 2
    assert words in capsys.readouterr().err
