"""The suite ``step``: one training step, ours and the published one, in the same run.

A batch and as many background points, sphereC with 64 scales, a network of 512 and 256 units with dropout 0.5, 50
classes, the presence-absence loss, Adam.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from s2v import data, sphere
from s2v.bench import published
from s2v.bench.measure import WALL, Clock, seconds, waited_for
from s2v.bench.report import Report
from s2v.encoders import encoder
from s2v.models.device import CPU, title, torch_device
from s2v.models.recipe import MAX_STEPS, Recipe
from s2v.models.training import train

CLASSES = 50
HIDDEN, EMBEDDING, DROPOUT, LEARNING_RATE = 512, 256, 0.5, 1e-3
ENCODING = {"scales": 64, "min_radius": 0.01, "max_radius": 1.0}

FLOOR = "matrix products alone"
COLUMNS = ("loop", "ms per step", "times faster")
NOTES = (
    "Ours is s2v.train without evaluation: the data's places are encoded once, before the first step, which is not "
    "counted; new background points are encoded for several steps together.",
    "The second row trains with precision='bfloat16'; the suite precision shows what is learned with it.",
    "The published loop is the train() of the package torchspatial 0.0.0.1 with its data set, model and loss; it "
    "encodes all places in each step.",
    "The matrix products of the network, forward and backward, are the same in both loops: in float32 no loop can be "
    "faster than the products alone.",
    "Medians over alternating repetitions of one epoch.",
)


def run(
    points: int = 10_000,
    repeat: int = 9,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    batch: int = 1024,
    device: str = "cpu",
) -> Report:
    """Time per step, over an epoch of ``points`` places in batches of ``batch``; published code is for the CPU."""
    where = torch_device(device)
    if points < batch:
        raise ValueError(f"points={points} is less than one batch of {batch}.")
    steps = points // batch
    if steps * (repeat + 1) > MAX_STEPS:
        raise ValueError(f"points={points} and repeat={repeat} make more than {MAX_STEPS:,} steps in all.")
    lonlat = torch.from_numpy(sphere.random_points(steps * batch)).float()
    target = torch.randint(CLASSES, (len(lonlat),), generator=torch.Generator().manual_seed(0))
    calls: dict[str, Callable[[], Any]] = {
        "ours": our_epoch(lonlat, target, batch, device=device),
        "ours, bfloat16": our_epoch(lonlat, target, batch, "bfloat16", device),
    }
    if published.is_installed() and where == CPU:
        calls["published"] = published_epoch(lonlat, target, batch)
    calls[FLOOR] = matrix_products(2 * batch, steps, where)
    on_progress(f"{steps} steps: {', '.join(calls)}")
    took = seconds({name: waited_for(call, where) for name, call in calls.items()}, repeat, clock)
    rows = tuple(
        {
            "loop": name,
            "ms per step": 1000 * value / steps,
            "times faster": took["published"] / value if "published" in took else "-",
        }
        for name, value in took.items()
    )
    about = f"batches of {batch:,} and as many background points, {steps} steps, {repeat} repetitions, {clock.title}"
    about += "" if where == CPU else f", on {title(where)}"
    return Report("step", about, COLUMNS, rows, NOTES)


def our_epoch(
    lonlat: Tensor, target: Tensor, batch: int, precision: str = "float32", device: str = "cpu"
) -> Callable[[], float]:
    """One epoch of ``s2v.train`` as a function; it returns the mean loss."""
    names = [str(number) for number in range(CLASSES)]
    places = data.own(lonlat.numpy(), target.numpy(), classes=names, hold_out=False)
    recipe = Recipe(
        data=places.name,
        encoder="sphereC",
        encoder_params=ENCODING,
        hidden=HIDDEN,
        dropout=DROPOUT,
        loss="presence_absence",
        learning_rate=LEARNING_RATE,
        batch=batch,
        precision=precision,
        steps=MAX_STEPS,
        device=device,
    )
    snapshots = train(recipe, every=len(lonlat) // batch, dataset=places, evaluated=False)
    next(snapshots)
    return lambda: next(snapshots).loss


def matrix_products(places: int, steps: int, device: torch.device = CPU) -> Callable[[], None]:
    """The products of a step: three layers forward, gradients of their weights and of two of their inputs backward."""
    widths = (encoder("sphereC", **ENCODING).dim, HIDDEN, EMBEDDING, CLASSES)
    layers = [torch.randn(places, width, device=device) for width in widths]
    weights = [torch.randn(b, a, device=device) for a, b in pairwise(widths)]

    def epoch() -> None:
        for _ in range(steps):
            for below, above, weight in zip(layers, layers[1:], weights, strict=False):
                below @ weight.T
                above.T @ below
            for above, weight in zip(layers[2:], weights[1:], strict=True):
                above @ weight

    return epoch


def published_epoch(lonlat: Tensor, target: Tensor, batch: int) -> Callable[[], Any]:
    """One epoch of the published package: its data set, model, loss and training loop."""
    trainer, models = published.load("trainer_helper"), published.load("models")
    encoders, dataloader = published.load("SpatialRelationEncoder"), published.load("dataloader")
    encode = encoders.SphereSpatialRelationLocationEncoder(
        spa_embed_dim=EMBEDDING,
        frequency_num=ENCODING["scales"],
        max_radius=ENCODING["max_radius"],
        min_radius=ENCODING["min_radius"],
        device="cpu",
        ffn_hidden_dim=HIDDEN,
        ffn_dropout_rate=DROPOUT,
    )
    model = models.LocationEncoder(encode, 2, CLASSES, EMBEDDING)
    users = torch.zeros(len(lonlat), dtype=torch.int64)
    data = dataloader.LocationDataLoader(lonlat, target, users, num_classes=CLASSES)
    loader = torch.utils.data.DataLoader(data, num_workers=0, batch_size=batch, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    params = {
        "batch_size": batch,
        "dataset": "bench",
        "device": "cpu",
        "load_cnn_features_train": False,
        "log_frequency": 1000,
        "lr": LEARNING_RATE,
        "lr_decay": 1.0,
        "num_classes": CLASSES,
        "rand_sample_weight": 1.0,
        "regress_dataset": [],
        "spa_enc_type": "Sphere2Vec-sphereC",
        "train_loss": "full_loss",
    }
    silent = logging.getLogger("s2v.bench.published")
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    return lambda: trainer.train(model, loader, optimizer, 0, params, silent)
