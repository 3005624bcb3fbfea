import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from s2v.comparison import sources
from s2v.comparison.kernel_shape import main_lobe, similarity_map
from s2v.comparison.questions import FeaturesOf, LobeOf, NoAnswerError, SimilarityMapOf
from s2v.comparison.sources import TrainedModel
from s2v.encoders import EncoderConfig
from s2v.engine import comparison_worker
from s2v.engine.comparison_worker import ComparisonWorker
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

from .conftest import PATIENCE

SOURCE = EncoderConfig.of("sphereM", scales=4, min_radius=0.2)
PLACE = (15.6, 78.2)
LOBE = LobeOf(SOURCE, PLACE)


@pytest.fixture(scope="module")
def worker():
    with ComparisonWorker() as worker:
        yield worker


def test_a_warm_worker_has_loaded_what_its_first_answer_needs():
    with ComparisonWorker() as worker:
        worker.warm()
        for _ in range(10 * PATIENCE):
            if worker._connection is not None and all(worker._connection.client.run(is_ready).values()):
                return
            time.sleep(0.1)
    raise AssertionError("The worker did not become warm.")


def is_ready():
    """In the worker process: all modules, and the compiled sines and cosines."""
    return {"s2v.comparison.answering", "s2v.encoders.compiled_waves"} <= set(sys.modules)


def test_answers_are_those_of_the_library(worker):
    (grid, values), lobe = worker.ask([SimilarityMapOf(SOURCE, PLACE, 10.0), LOBE])
    expected_grid, expected = similarity_map(SOURCE, PLACE, 10.0)
    assert grid == expected_grid
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-6)  # threads may sum in another order
    assert lobe == main_lobe(SOURCE, PLACE)


def test_a_question_without_an_answer_is_explained(worker):
    too_long = EncoderConfig.of("spherical_harmonics", degree=100)
    with pytest.raises(ValueError, match="a quick comparison takes"):
        worker.ask([FeaturesOf(too_long)])
    process = process_ids(worker)
    with pytest.raises(ValueError, match=r"a test could not be evaluated: its code raised KeyError\. Choose another"):
        worker.ask([FeaturesOf(TrainedModel("run:test", "a test", "no such file"))])
    assert worker.ask([LOBE])
    assert process_ids(worker) == process  # an error is no reason to start the process again


def process_ids(worker):
    return [process.pid for process in worker._connection.cluster.processes]


def test_a_worker_whose_process_dies_is_started_again(worker):
    worker.ask([LOBE])
    for process in worker._connection.cluster.processes:
        process.kill()
    assert worker.ask([LOBE])


def test_a_worker_that_cannot_start_has_no_answer(monkeypatch):
    def fail(*args):
        raise OSError("no room for processes")

    monkeypatch.setattr(comparison_worker.Connection, "open", fail)
    with ComparisonWorker() as worker, pytest.raises(NoAnswerError, match="does not answer"):
        worker.ask([LOBE])


def test_the_page_process_needs_no_torch_for_the_answers():
    code = (
        "import sys; import s2v.engine.comparison_worker, s2v.comparison.questions, s2v.comparison.answer_files;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_questions_need_no_dask():
    code = "import sys; import s2v.comparison.questions; assert not {'dask', 'distributed', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_trained_model_is_sent_once_to_each_process(worker):
    torch.manual_seed(0)
    file = dumps(LocationModel(Recipe(encoder="xyz", hidden=8), "regression"))
    model = TrainedModel("run:test", "a test", sources.digest(file))
    sent = []

    class Watched(dict):
        def __getitem__(self, digest):
            sent.append(digest)
            return super().__getitem__(digest)

    models = Watched({model.digest: file})
    assert worker.ask([FeaturesOf(model)], models) == [8]
    assert worker.ask([FeaturesOf(model), LobeOf(model, PLACE)], models)[0] == 8
    assert len(sent) == 1
    worker._lose(worker._open())
    assert worker.ask([FeaturesOf(model)], models) == [8]
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("file", "threads"),
    [("0.5 0.4 0.3 1/200 77", 4), ("3.0 2.0 1.0 3/200 77", 2), ("9.0 9.0 9.0 60/200 77", 1), ("nonsense", 1)],
)
def test_the_worker_takes_idle_cores(monkeypatch, tmp_path, file, threads):
    (tmp_path / "loadavg").write_text(file)
    monkeypatch.setattr(comparison_worker, "CPU_COUNT", 4)
    monkeypatch.setattr(comparison_worker, "LOADAVG", tmp_path / "loadavg")
    before = torch.get_num_threads()
    try:
        comparison_worker._use_idle_cores()
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_a_closed_worker_is_not_reported_as_lost(caplog: pytest.LogCaptureFixture) -> None:
    worker = ComparisonWorker()
    worker.close()
    with pytest.raises(NoAnswerError, match="has been closed"):
        worker.ask([])
    assert not caplog.records


def test_a_process_that_another_thread_has_started_since_is_not_ended() -> None:
    """Two pages ask, the process is lost, and both notice: the second must not end what the first has started."""
    ended: list[str] = []
    first, second = (SimpleNamespace(close=lambda name=name: ended.append(name)) for name in ("first", "second"))
    worker = ComparisonWorker()
    worker._connection = first  # type: ignore[assignment]
    worker._lose(first)  # type: ignore[arg-type]
    worker._connection = second  # type: ignore[assignment]
    worker._lose(first)  # type: ignore[arg-type]
    assert ended == ["first", "first"]
    assert worker._connection is second
    worker.close()
