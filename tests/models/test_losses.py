"""Losses and their gradients equal the published ones; background points cover the sphere evenly."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from s2v.models import losses
from s2v.models.choices import LOSSES, implemented
from s2v.models.losses import background_points

GOLDEN = Path(__file__).parents[1] / "golden"
VALUES = {name: entry["value"] for name, entry in json.loads((GOLDEN / "losses.json").read_text())["values"].items()}

Golden = dict[str, Tensor]

# A case -> the loss of class logits p, background logits q and the arrays of the case.
CASES: dict[str, Callable[[Tensor, Tensor, Golden], Tensor]] = {
    "embedding_loss full_loss": lambda p, q, a: losses.presence_absence(p, a["class_id"], q),
    "embedding_loss full_loss rand_sample_weight=0.25": lambda p, q, a: losses.presence_absence(
        p, a["class_id"], q, background_weight=0.25
    ),
    "locationencoder full_loss weight 2048": lambda p, q, a: losses.presence_absence(
        p, a["class_id"], q, positive_weight=2048
    ),
    "locationencoder full_loss weight 5": lambda p, q, a: losses.presence_absence(
        p, a["class_id"], q, positive_weight=5
    ),
    "sinr an_full": lambda p, q, a: losses.an_full(p, a["class_id"], q),
    "sinr an_slds": lambda p, q, a: losses.an_slds(p, a["class_id"], other_class(a)),
    "sinr an_ssdl": lambda p, q, a: losses.an_ssdl(p, a["class_id"], q),
    "locationencoder AN_loss multi-class": lambda p, q, a: losses.cross_entropy(p, a["class_id"]),
    "locationencoder SLDS_loss": lambda p, q, a: losses.an_slds(p, a["class_id"], a["neg_class_draw"]),
    "test_loss (mean -log(p_correct+1e-5))": lambda p, q, a: losses.published_test_loss(p, a["class_id"]),
}

OUT_OF_SCOPE = {
    "embedding_loss full_loss_user": "user embeddings: photographers are no part of this project",
    "embedding_loss full_loss_user rand_sample_weight=0.25": "the same",
    "unsup imgcontloss": "contrastive losses of CSP need images",
    "unsup imgcontlossnolocneg": "the same",
    "unsup imgcontlosssimcse": "the same",
    "unsup contsoftmax": "the same",
    "unsup contsoftmaxsym": "the same",
    "sinr an_full_me": "maximum-entropy variants of the three, no part of this project",
    "sinr an_slds_me": "the same",
    "sinr an_ssdl_me": "the same",
    "locationencoder SSDL_loss": "a bug: it says same species and draws a random one; ours is SINR's",
}

CLASS_LOSSES = [name for name, loss in LOSSES.items() if "regression" not in loss.tasks]
EXACT = {"rel": 1e-13, "abs": 1e-13}  # float64, sums of 30 terms


def other_class(arrays: Golden) -> Tensor:
    """The class that the published draw means: from the seen one on, the next."""
    return arrays["bg_draw"] + (arrays["bg_draw"] >= arrays["class_id"])


@pytest.fixture(scope="module")
def arrays() -> Golden:
    with np.load(GOLDEN / "losses.npz") as file:
        return {name.removeprefix("in_"): torch.from_numpy(file[name]) for name in file.files}


def test_every_published_case_is_reproduced_or_explained() -> None:
    assert set(VALUES) == set(CASES) | set(OUT_OF_SCOPE) | {"l2regress"}


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_equal_the_published_ones(case: str, arrays: Golden) -> None:
    weights, here, background = (arrays[name].clone().requires_grad_() for name in ("W_class", "loc_emb", "rand_emb"))
    value = CASES[case](here @ weights.T, background @ weights.T, arrays)
    assert value.item() == pytest.approx(VALUES[case], **EXACT)
    value.backward()
    published = case.replace(" ", "_").replace("rand_sample_weight=", "rand_sample_weight")
    for name, given in (("dW_class", weights), ("dloc_emb", here), ("drand_emb", background)):
        expected = arrays[f"{published}__{name}"]
        actual = torch.zeros_like(expected) if given.grad is None else given.grad
        torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12 * float(expected.abs().max()))


def test_squared_error_equals_the_published_one(arrays: Golden) -> None:
    predicted = arrays["loc_emb"] @ arrays["W_dec"].T + arrays["b_dec"]
    assert losses.squared_error(predicted, arrays["img_feat"]).item() == pytest.approx(VALUES["l2regress"], **EXACT)


def test_an_error_of_two_costs_four() -> None:
    target = torch.tensor([1.0, 2.0, 3.0])
    assert losses.squared_error(target + 2, target) == 4
    assert losses.squared_error((target + 2)[:, None], target) == 4  # a network of one output gives (n, 1)


def test_presence_losses_stay_finite_and_differentiable_at_wild_logits() -> None:
    logits = torch.tensor([[-1e4, 1e4, 0.0], [1e4, -1e4, 0.0]], requires_grad=True)
    target = torch.tensor([0, 1])  # both entirely wrong
    for loss in (partial(losses.presence_absence, background=logits), partial(losses.an_full, background=logits)):
        value = loss(logits, target)
        assert value.isfinite()
        (gradient,) = torch.autograd.grad(value, logits)
        assert gradient.isfinite().all()
    assert losses.published_test_loss(logits, target).item() == pytest.approx(-math.log(1e-5), rel=1e-6)


def test_float32_agrees_with_float64() -> None:
    torch.manual_seed(0)
    logits, background = 5 * torch.randn(64, 20, dtype=torch.float64), 5 * torch.randn(64, 20, dtype=torch.float64)
    target = torch.randint(20, (64,))
    for name in ("presence_absence", "an_full", "an_ssdl"):
        function = losses.LOSS_FUNCTIONS[name]
        exact, rounded = function(logits, target, background), function(logits.float(), target, background.float())
        assert rounded.item() == pytest.approx(exact.item(), rel=2e-6)  # a few roundings of 6e-8, and sums


def test_better_outputs_have_a_lower_loss() -> None:
    target = torch.tensor([0, 1, 2])
    poor, good = torch.zeros(3, 3), 3 * torch.eye(3) - 1.5
    for name in CLASS_LOSSES:
        function = losses.LOSS_FUNCTIONS[name]
        background = [(good - 3,), (poor,)] if LOSSES[name].background else [(), ()]
        better, worse = (function(z, target, *b) for z, b in zip((good, poor), background, strict=True))
        assert better < worse, name


@pytest.mark.parametrize("name", LOSSES)
def test_a_weight_of_zero_leaves_a_place_out_of_a_loss(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    outputs, background = torch.randn(2, 6, 4, generator=generator, dtype=torch.float64)
    target = torch.tensor([0, 1, 2, 3, 0, 1])
    weight = torch.tensor([2.0, 0.0, 2.0, 2.0, 0.0, 0.0], dtype=torch.float64)
    kept = weight > 0
    function, more, of_kept = losses.LOSS_FUNCTIONS[name], (), ()
    if name == "squared_error":
        outputs, target = outputs[:, 0], background[:, 0]
    elif name == "an_slds":
        other = (target + 1) % 4
        more, of_kept = (other,), (other[kept],)
    elif LOSSES[name].background:
        more = of_kept = (background,)
        if name == "an_ssdl":  # each background point goes with a place
            of_kept = (background[kept],)
    weighted = function(outputs, target, *more, weight=weight)
    assert weighted.item() == pytest.approx(function(outputs[kept], target[kept], *of_kept).item(), rel=1e-12)
    equal = function(outputs, target, *more, weight=torch.ones(6, dtype=torch.float64))
    assert equal.item() == pytest.approx(function(outputs, target, *more).item(), rel=1e-12)


def test_every_choice_has_its_function() -> None:
    assert list(losses.LOSS_FUNCTIONS) == list(LOSSES)
    assert all(losses.LOSS_FUNCTIONS[name] is getattr(losses, name) for name in LOSSES)
    with pytest.raises(ImportError, match=r"choices.py names 'absent', but losses.py has no such function"):
        implemented(["absent"], vars(losses), "losses.py")


def test_an_slds_draws_the_other_classes_evenly() -> None:
    target = torch.full((40_000,), 2)
    logits = torch.zeros(40_000, 5, dtype=torch.float64, requires_grad=True)
    generator = torch.Generator().manual_seed(0)
    (gradient,) = torch.autograd.grad(losses.an_slds(logits, target, generator=generator), logits)
    taken = (gradient > 0).double().mean(0)  # a class taken as absent is pushed down
    assert taken[2] == 0
    spread = math.sqrt(0.25 * 0.75 / 40_000)
    assert (taken[[0, 1, 3, 4]] - 0.25).abs().max() < 4 * spread


class TestBackground:
    POINTS = 200_000
    TOLERANCE = 4 * math.sqrt(1 / POINTS)  # four standard deviations of a mean of numbers that spread by at most 1

    def points(self, where: str) -> Tensor:
        return background_points(self.POINTS, torch.Generator().manual_seed(0), where, torch.float64)

    def test_is_uniform_by_area(self) -> None:
        longitude, latitude = self.points("sphere").unbind(-1)
        z = torch.sin(torch.deg2rad(latitude))
        assert abs(z.mean()) < self.TOLERANCE  # height is uniform on [-1, 1] (Archimedes)
        assert abs((z * z).mean() - 1 / 3) < self.TOLERANCE
        for turn in (1, 2):
            assert abs(torch.cos(turn * torch.deg2rad(longitude)).mean()) < self.TOLERANCE
            assert abs(torch.sin(turn * torch.deg2rad(longitude)).mean()) < self.TOLERANCE
        above = (latitude.abs() > 60).double().mean()
        assert abs(above - (1 - math.sin(math.radians(60)))) < self.TOLERANCE  # 13.4 %

    def test_published_points_lie_in_a_quarter_of_the_globe_and_crowd_the_pole(self) -> None:
        longitude, latitude = self.points("published").unbind(-1)
        assert longitude.min() >= 0
        assert longitude.max() > 179.9
        assert latitude.min() >= 0
        assert abs((latitude > 60).double().mean() - 1 / 3) < self.TOLERANCE
        file = json.loads((GOLDEN / "losses.json").read_text())["negative_sampling_check"]
        measured = file["sphere2vec"]["spherical, spa_enc_type=sphere"]["fraction_|lat|>60"]  # of 20,000 points
        assert abs((latitude > 60).double().mean() - measured) < self.TOLERANCE + 4 * math.sqrt(0.22 / 20_000)

    def test_is_in_range_and_repeats_with_its_generator(self) -> None:
        first = background_points(self.POINTS, torch.Generator().manual_seed(5))
        assert first.dtype == torch.float32
        assert first.shape == (self.POINTS, 2)
        assert first[:, 0].abs().max() <= 180
        assert first[:, 1].abs().max() <= 90
        assert torch.equal(first, background_points(self.POINTS, torch.Generator().manual_seed(5)))
        assert background_points(0).shape == (0, 2)

    def test_bad_arguments_are_named(self) -> None:
        with pytest.raises(ValueError, match="where='earth' is not one of sphere, published"):
            background_points(3, where="earth")
        with pytest.raises(ValueError, match="points=-1 is not a whole number"):
            background_points(-1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: losses.cross_entropy(torch.zeros(3, 2), torch.zeros(4).long()), ValueError, r"shape \(3, 2\).*\(4,\)"),
        (lambda: losses.cross_entropy(torch.zeros(3), torch.zeros(3).long()), ValueError, r"must be \(n, classes\)"),
        (lambda: losses.cross_entropy(torch.zeros(3, 2), torch.zeros(3)), TypeError, "float32; class numbers must be"),
        (lambda: losses.squared_error(torch.zeros(3, 2), torch.zeros(3)), ValueError, "unequal"),
        (
            lambda: losses.presence_absence(torch.zeros(3, 2), torch.zeros(3).long(), torch.zeros(5, 4)),
            ValueError,
            r"background has shape \(5, 4\); it must be \(m, 2\)",
        ),
        (
            lambda: losses.an_ssdl(torch.zeros(3, 2), torch.zeros(3).long(), torch.zeros(5, 2)),
            ValueError,
            "one background point a place: 5 for 3",
        ),
        (lambda: losses.an_slds(torch.zeros(3, 1), torch.zeros(3).long()), ValueError, "at least 2 classes"),
    ],
)
def test_wrong_shapes_and_types_are_named(call: Callable[[], Tensor], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", CLASS_LOSSES)
@pytest.mark.parametrize("target", [[1, 2, 3], [0, -1, 2], [-100, -100, -100]])
def test_unknown_class_numbers_are_named(name: str, target: list[int]) -> None:
    outputs = torch.randn(3, 3)
    more = (outputs,) if LOSSES[name].background else ()
    words = rf"target has classes from {min(target)} to {max(target)}; the 3 outputs stand for classes 0 to 2"
    with pytest.raises(ValueError, match=words):
        losses.LOSS_FUNCTIONS[name](outputs, torch.tensor(target), *more)


@pytest.mark.parametrize("name", [name for name in CLASS_LOSSES if LOSSES[name].background])
def test_a_missing_background_is_an_error_and_not_nan(name: str) -> None:
    outputs = torch.randn(3, 3)
    with pytest.raises(ValueError, match="background"):
        losses.LOSS_FUNCTIONS[name](outputs, torch.tensor([0, 1, 2]), outputs[:0])


@pytest.mark.parametrize("name", CLASS_LOSSES)
def test_the_loss_of_no_places_is_nan(name: str) -> None:
    nothing = torch.zeros(0, 3)
    more = (nothing,) if LOSSES[name].background else ()
    assert losses.LOSS_FUNCTIONS[name](nothing, torch.zeros(0, dtype=torch.int64), *more).isnan()


def test_other_classes_of_another_number_are_named() -> None:
    with pytest.raises(ValueError, match=r"other classes have shape \(2,\)"):
        losses.an_slds(torch.randn(3, 3), torch.tensor([0, 1, 2]), torch.tensor([1, 2]))
