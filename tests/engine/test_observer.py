"""Frames are made while the training goes on, and are of the step that they say."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable

import numpy as np
import pytest

from s2v import data, sphere
from s2v.engine import observer
from s2v.engine.control import RunControl
from s2v.engine.frames import Frame
from s2v.engine.tasks import train_with_frames
from s2v.models.checkpoints import loads
from s2v.models.recipe import Recipe
from s2v.models.training import Evaluation, train

RECIPE = Recipe(encoder="sphereC", encoder_params={"scales": 4}, points=1500, steps=60, hidden=16)


def shown(recipe: Recipe, stride: int = 0, **settings) -> list[Frame]:
    """The frames of a training, among them one at each multiple of ``stride``."""
    frames: list[Frame] = []
    follow_by(recipe, frames.append, stride, **settings)
    return frames


def follow_by(recipe: Recipe, show: Callable[[Frame], None], stride: int = 0, **settings) -> None:
    control = RunControl(stride or recipe.steps)
    for snapshot in train_with_frames(recipe, show, control=lambda: control, **settings):  # noqa: B023
        if snapshot.step == control.limit:
            control = RunControl(min(control.limit + stride, recipe.steps))


def test_the_training_goes_on_while_a_frame_is_made():
    asked = threading.Condition()
    step = 0

    def cancelled() -> bool:  # asked before each step
        nonlocal step
        with asked:
            step += 1
            asked.notify_all()
        return False

    went_on = []

    def show(frame: Frame) -> None:
        if 0 < frame.step < frame.steps:
            with asked:
                before = step
                wanted = min(before + 3, RECIPE.steps)  # on a busy machine the frame may come near the end
                went_on.append(asked.wait_for(lambda: step >= wanted, timeout=20))

    follow_by(RECIPE, show, stride=30, cancelled=cancelled)
    assert went_on
    assert all(went_on)


@pytest.mark.parametrize("recipe", [RECIPE, Recipe(data="checkerboard", encoder="tile", steps=20, hidden=16)])
def test_a_frame_shows_its_own_step_though_the_training_has_advanced(recipe):
    frames = shown(recipe, stride=5)
    assert [frame.fine for frame in frames] == [False] * (len(frames) - 1) + [True]
    assert {frame.step for frame in frames} >= set(range(0, recipe.steps + 1, 5))
    alone = {snapshot.step: snapshot.metrics for snapshot in train(recipe, every=1)}
    for frame in frames:
        assert frame.metrics == alone[frame.step]
        assert set(frame.maps) == {"world", "north", "south"}


def test_frames_without_maps_have_numbers_and_what_judging_needs():
    frames = shown(RECIPE, with_maps=False)
    assert not any(frame.maps for frame in frames)
    assert frames[-1].test is not None
    assert frames[-1].weights


@pytest.mark.parametrize("recipe", [RECIPE, Recipe(data="checkerboard", encoder="tile", steps=5, hidden=16)])
def test_the_last_frame_has_predictions_by_latitude(recipe):
    *_, before, last = shown(recipe)
    at = data.load(recipe.data, 1).by_latitude
    model = loads(last.weights)
    predicted = model.predict(at.lonlat)
    if model.classes:
        predicted = predicted.argmax(-1)
    np.testing.assert_allclose(last.by_latitude, predicted, rtol=1e-5)
    assert before.by_latitude is None
    assert last.without_maps().by_latitude is None


def test_frames_hold_the_sites_of_soft_voronoi_as_they_move(monkeypatch):
    recipe = Recipe(encoder="voronoi", encoder_params={"sites": 30}, points=300, steps=20, hidden=16)
    frames = shown(recipe, stride=10)
    start = sphere.fibonacci_lattice(30)
    np.testing.assert_allclose(frames[0].landmarks, start, atol=1e-3)
    moved = [sphere.great_circle(frame.landmarks, start).max() for frame in frames]
    assert moved == sorted(moved)
    assert moved[-1] > 0.01  # radians
    np.testing.assert_allclose(frames[-1].landmarks, loads(frames[-1].weights).encoder.landmarks(), atol=1e-4)
    assert frames[-1].without_maps().landmarks is None
    monkeypatch.setattr(observer, "MAX_LANDMARKS", 12)
    np.testing.assert_allclose(shown(recipe)[0].landmarks, start[::3], atol=1e-3)
    assert shown(recipe, with_maps=False)[-1].landmarks is None


def test_an_encoder_that_is_made_of_no_places_has_no_landmarks():
    assert all(frame.landmarks is None for frame in shown(RECIPE))


def test_an_error_in_a_frame_ends_the_training():
    def show(frame: Frame) -> None:
        raise RuntimeError("not sent")

    with pytest.raises(RuntimeError, match="not sent"):
        follow_by(RECIPE, show)


def test_evaluating_a_copy_gives_the_metrics_of_the_snapshots():
    dataset = data.load(RECIPE.data, RECIPE.points, RECIPE.seed, RECIPE.split)
    bare = train(RECIPE, every=20, evaluated=False, dataset=dataset)
    model, evaluation = None, None
    for without, snapshot in zip(bare, train(RECIPE, every=20), strict=True):
        assert without.metrics == {}
        if model is None:
            model = copy.deepcopy(without.model)
            evaluation = Evaluation(model, dataset)
        model.load_state_dict(without.model.state_dict())
        assert evaluation.metrics(last=without.done) == snapshot.metrics
