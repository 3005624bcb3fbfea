"""Models, encoder and network as one, are compiled and exported; s2v.testing does the same with every encoder."""

import io
import re
import shutil
import warnings
from pathlib import Path

import pytest
import torch

import s2v
from s2v.testing.cases import places

GUIDE = Path(__file__).parents[2] / "docs" / "compiling.md"


@pytest.fixture(scope="module")
def model():
    return s2v.fit(s2v.Recipe(data="land_cover", encoder="plane_waves", points=300, steps=20, hidden=16)).model.eval()


def test_a_fitted_model_is_one_graph_with_its_gradients(model):
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True, dynamic=True)
    for count in (20, 31):
        lonlat, same = (places(count).float().requires_grad_() for _ in range(2))
        torch.testing.assert_close(compiled(lonlat), model(same), rtol=1e-5, atol=1e-5)
        for each, place in ((compiled, lonlat), (model, same)):
            each(place).square().mean().backward()
        torch.testing.assert_close(lonlat.grad, same.grad, rtol=1e-4, atol=1e-6)


def test_an_exported_model_is_kept_in_a_file(model):
    file = io.BytesIO()
    count = {0: torch.export.Dim("places")}
    torch.export.save(torch.export.export(model, (places(5).float(),), dynamic_shapes=(count,)), file)
    file.seek(0)
    lonlat = places(40).float()
    torch.testing.assert_close(torch.export.load(file).module()(lonlat), model(lonlat), rtol=1e-5, atol=1e-5)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_inductors_code_gives_the_same():
    torch._dynamo.reset()
    enc = s2v.encoder("sphereC", scales=2)
    compiled = torch.compile(enc, fullgraph=True, dynamic=True)
    lonlat = places().float()
    torch.testing.assert_close(compiled(lonlat), enc(lonlat), rtol=1e-5, atol=3e-6)
    with pytest.raises(RuntimeError, match="latitude outside"):
        compiled(torch.full((9, 2), 91.0))


def test_a_wrong_shape_and_dtype_are_named_when_the_graph_is_recorded():
    torch._dynamo.reset()
    compiled = torch.compile(s2v.encoder("xyz"), backend="eager")
    with pytest.raises(ValueError, match="unit vectors"):
        compiled(torch.zeros(4, 3))
    with pytest.raises(TypeError, match="int64"):
        compiled(torch.zeros(4, 2, dtype=torch.int64))


def test_vmap_inside_a_graph():
    torch._dynamo.reset()
    enc = s2v.encoder("spherical_harmonics", degree=3)
    compiled = torch.compile(torch.func.vmap(enc), backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(places(9)), enc(places(9)), rtol=0, atol=1e-12)


def test_the_guide_runs(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(
            code.replace("steps=500", "points=200, steps=5").replace("torch.compile(", "_compile("),
            {"_compile": _eager},
            found,
        )
    torch.testing.assert_close(found["values"], found["model"](found["lonlat"]), rtol=1e-5, atol=1e-5)
    assert found["codes"].shape == (2, found["model"].encoder.dim)


def _eager(model, **options):
    return torch.compile(model, backend="eager", **options)
