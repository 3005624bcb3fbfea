import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from s2v.comparison import compute, sources
from s2v.comparison.sources import TrainedModel
from s2v.encoders import EncoderConfig
from s2v.engine import comparison_worker as desk_module
from s2v.engine.comparison_worker import Desk, question
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

from .conftest import PATIENCE

SETTING = EncoderConfig.of("sphereM", scales=4, min_radius=0.2)
PLACE = (15.6, 78.2)


@pytest.fixture(scope="module")
def desk():
    with Desk() as desk:
        yield desk


def test_a_warm_desk_has_what_its_first_answer_would_wait_for():
    with Desk() as desk:
        desk.warm()
        for _ in range(10 * PATIENCE):
            if desk._link is not None and all(desk._link.client.run(is_ready).values()):
                return
            time.sleep(0.1)
    raise AssertionError("The desk did not become warm.")


def is_ready():
    """On the worker: all modules, and the compiled waves."""
    return {"s2v.comparison.compute", "s2v.encoders.compiled_waves"} <= set(sys.modules)


def test_answers_are_those_of_the_library(desk):
    (grid, values), lobe = desk.ask(
        question("similarity_map", SETTING, PLACE, 10.0), question("main_lobe", SETTING, PLACE)
    )
    expected_grid, expected = compute.similarity_map(SETTING, PLACE, 10.0)
    assert grid == expected_grid
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-6)  # threads may sum in another order
    assert lobe == compute.main_lobe(SETTING, PLACE)


def test_a_question_that_cannot_be_answered_is_explained_and_the_desk_stays(desk):
    with pytest.raises(ValueError, match="cosine, dot, distance"):
        desk.ask(question("similarity_map", SETTING, PLACE, 10.0, "euclid"))
    assert desk.ask(question("main_lobe", SETTING, PLACE))


def test_a_desk_whose_process_dies_is_started_again(desk):
    desk.ask(question("main_lobe", SETTING, PLACE))
    for process in desk._link._processes:
        for child in process.children(recursive=True):
            child.kill()
        process.kill()
    assert desk.ask(question("main_lobe", SETTING, PLACE))


def test_the_page_process_needs_no_torch_for_the_answers():
    assert "s2v.comparison.results" in sys.modules
    code = (
        "import sys; from s2v.engine.comparison_worker import Desk, question; from s2v.encoders import EncoderConfig;"
        "import s2v.comparison.results; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_trained_model_travels_once_and_again_to_a_new_process(desk):
    torch.manual_seed(0)
    file = dumps(LocationModel(Recipe(encoder="xyz", hidden=8), "regression"))
    model = TrainedModel("run:test", "a test", sources.digest(file))
    asked = question("features", model)
    sent = []

    class Watched(dict):
        def __getitem__(self, digest):
            sent.append(digest)
            return super().__getitem__(digest)

    models = Watched({model.digest: file})
    assert desk.ask(asked, models=models) == [8]
    assert desk.ask(asked, question("main_lobe", model, PLACE), models=models)[0] == 8
    assert len(sent) == 1
    desk._lose()
    assert desk.ask(asked, models=models) == [8]
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("file", "threads"),
    [("0.5 0.4 0.3 1/200 77", 4), ("3.0 2.0 1.0 3/200 77", 2), ("9.0 9.0 9.0 60/200 77", 1), ("nonsense", 1)],
)
def test_the_desk_takes_the_cores_that_nobody_uses(monkeypatch, tmp_path, file, threads):
    (tmp_path / "loadavg").write_text(file)
    monkeypatch.setattr(desk_module, "CPU_COUNT", 4)
    monkeypatch.setattr(desk_module, "RUNNING", tmp_path / "loadavg")
    before = torch.get_num_threads()
    try:
        desk_module._use_idle_cores()
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
