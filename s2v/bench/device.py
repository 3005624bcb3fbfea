"""The suite ``device``: whether a GPU gives what the CPU gives, and how fast; one command for who has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from s2v import sphere
from s2v.bench.encoders import Case, cases
from s2v.bench.measure import WALL, Clock, peak_over_output, seconds, waited_for
from s2v.bench.report import Cell, Report
from s2v.encoders import encoder
from s2v.fields import Grid
from s2v.models.device import CPU, title, torch_device
from s2v.models.fitted import fit
from s2v.models.recipe import Recipe
from s2v.models.training import train

MAX_OUTPUT = 1 << 31  # bytes of a code: fewer points where it is wide
CPU_POINTS = 20_000  # of the measurement on the CPU
COMPARED = 10_000  # places whose codes are compared
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-10}  # of a code, in units of its largest number
PREDICTION, SCORE = 1e-5, 0.02  # of the same weights; of a training from the same seed
BATCHES = (256, 1024, 4096, 16_384, 65_536)
TASKS: tuple[Recipe, ...] = (
    Recipe(data="relief", encoder="plane_waves", hidden=512),
    Recipe(data="land_ocean", encoder="sphereM", hidden=512),
    Recipe(data="checkerboard", encoder="tile", hidden=512),
    Recipe(data="languages:presence", encoder="sphereM", hidden=512),
)

COLUMNS = ("what", "difference", "allowed", "unit", "CPU", "GPU", "GPU over CPU", "compiled on GPU", "memory/output")
NOTES = (
    "Codes: the difference is the largest one, over the code's largest number, on the same places; GB/s are those of "
    "the code that is written. A GPU has the points of the table, or fewer where a code has more than 2 GB; the CPU "
    "has 20,000.",
    "Compiled is torch.compile of the encoder: where it is much faster, a kernel of its own is worth it.",
    "Trainings: the difference is that of the first score on the test places, from the same seed; predictions are of "
    "the same weights on a map of the world by half a degree.",
    "A row whose difference is more than allowed is named at the end, and the exit code is 1.",
)


def run(
    points: int = 1_000_000,
    repeat: int = 5,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    names: Sequence[str] | None = None,
    steps: int = 300,
    device: str = "cuda",
) -> Report:
    """Compares the CPU with ``device``: every encoder, or those in ``names``; trainings of so many ``steps``; steps."""
    if points < 1 or steps < 1:
        raise ValueError(f"points={points}, steps={steps}: allowed are whole numbers of at least 1.")
    where = torch_device(device)
    rows: list[dict[str, Cell]] = []
    failed: list[str] = []

    def add(what: str, difference: float = 0.0, allowed: float = 0.0, **cells: Cell) -> None:
        row: dict[str, Cell] = {**dict.fromkeys(COLUMNS, "-"), "what": what, **cells}
        if allowed:
            row |= {"difference": f"{difference:.1e}", "allowed": f"{allowed:.0e}"}
            if not difference <= allowed:  # NaN, too
                failed.append(what)
        rows.append(row)
        on_progress(", ".join(str(cell) for cell in row.values()))

    for case in cases(names):
        for dtype in TOLERANCES:
            _code(add, case, dtype, points, repeat, clock, where)
    for recipe in TASKS:
        _training(add, replace(recipe, steps=steps), clock, where)
    for batch in BATCHES:
        _step(add, batch, repeat, clock, where)
    about = f"{points:,} points, {title(where)} beside the CPU, {repeat} repetitions, {clock.title}"
    return Report("device", about, COLUMNS, tuple(rows), NOTES, failed=tuple(failed))


def _code(
    add: Callable[..., None],
    case: Case,
    dtype: torch.dtype,
    points: int,
    repeat: int,
    clock: Clock,
    where: torch.device,
) -> None:
    """A row: an encoder in one precision."""
    here = encoder(case.name, **case.params).requires_grad_(False)
    there = encoder(case.name, **case.params).requires_grad_(False).to(where)
    bytes_a_place = here.dim * torch.finfo(dtype).bits // 8
    most = max(1, MAX_OUTPUT // bytes_a_place)
    places = torch.from_numpy(sphere.random_points(min(points, most))).to(dtype)
    code = here(places[:COMPARED])
    apart = (there(places[:COMPARED].to(where)).cpu() - code).abs().max() / code.abs().max()

    def speed(call: Callable[[], Any], device: torch.device, count: int) -> float:
        return count * bytes_a_place / 1e9 / seconds({"": waited_for(call, device)}, repeat, clock)[""]

    few, many = places[:CPU_POINTS], places.to(where)
    on_cpu, on_gpu = speed(partial(here, few), CPU, len(few)), speed(partial(there, many), where, len(many))
    compiled: Cell = "-"
    if where.type == "cuda":
        try:
            quick = torch.compile(there)
            compiled = speed(partial(quick, many), where, len(many))
        except Exception as error:  # a comparison, no more
            compiled = type(error).__name__
    add(
        f"{case.title}, {str(dtype).removeprefix('torch.')}",
        float(apart),
        TOLERANCES[dtype],
        unit="GB/s",
        **{"CPU": on_cpu, "GPU": on_gpu, "GPU over CPU": on_gpu / on_cpu, "compiled on GPU": compiled},
        **{"memory/output": peak_over_output(partial(there, many))},
    )


def _training(add: Callable[..., None], recipe: Recipe, clock: Clock, where: torch.device) -> None:
    """Two rows: a training from the same seed on both, and the map that one of them predicts on both."""
    what = f"{recipe.encoder} on {recipe.data}"
    times, models = [], []
    for device in (CPU, where):
        begin = clock.read()
        models.append(fit(replace(recipe, device=device.type)))
        times.append(clock.read() - begin)
    score = next(name for name in models[0].metrics if name.startswith("test_"))
    apart = abs(models[0].metrics[score] - models[1].metrics[score])
    add(
        f"training: {what}, {score} {models[0].metrics[score]:.3f}",
        apart,
        SCORE,
        unit=f"s for {recipe.steps} steps",
        **{"CPU": times[0], "GPU": times[1], "GPU over CPU": times[0] / times[1]},
    )
    model, grid = models[0].model, Grid.equirectangular(0.5).lonlat
    found, spent = [], []
    for device in (CPU, where):
        model.to(device)  # type: ignore[union-attr]  # a network
        model.predict(grid[:1])
        begin = clock.read()
        found.append(model.predict(grid))
        spent.append(clock.read() - begin)
    scale = max(1.0, float(np.abs(found[0]).max()))
    add(
        f"prediction: {what}",
        float(np.abs(found[0] - found[1]).max()) / scale,
        PREDICTION,
        unit="s",
        **{"CPU": spent[0], "GPU": spent[1], "GPU over CPU": spent[0] / spent[1]},
    )


def _step(add: Callable[..., None], batch: int, repeat: int, clock: Clock, where: torch.device) -> None:
    """A row: milliseconds of a step with so many places."""
    calls: dict[str, Callable[[], Any]] = {}
    several = 10
    for name, device in (("CPU", CPU), ("GPU", where)):
        recipe = Recipe(data="relief", points=200_000, batch=batch, hidden=512, device=device.type, steps=100_000)
        snapshots = train(recipe, every=several, evaluated=False)
        next(snapshots)
        calls[name] = partial(next, snapshots)
    took = {name: 1000 * value / several for name, value in seconds(calls, repeat, clock).items()}
    add(f"step of {batch:,} places", unit="ms", **took, **{"GPU over CPU": took["CPU"] / took["GPU"]})
