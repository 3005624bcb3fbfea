"""``python -m s2v train``: a recipe in; a model, its scores and its maps out."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple

from s2v import files, reading, spreadsheets
from s2v.cli import own_file
from s2v.cli.out import make_folder
from s2v.data.catalogue import CATALOGUE
from s2v.data.readers import READERS
from s2v.errors import clipped, shown
from s2v.models import cost, scales, trials
from s2v.models.presets import PRESETS, preset
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.models.torn import torn_in_words

if TYPE_CHECKING:
    from s2v.data import DataSet
    from s2v.models.model import LocationModel
    from s2v.models.training import Snapshot
    from s2v.models.trials import Tuning
    from s2v.predictors import Predictor

EVERY = 0.5  # seconds between lines of progress
BAR = 24  # characters
CHECKPOINT_SECONDS = 60.0
CHECKPOINT = "checkpoint.safetensors"
# What is said of a user's file, as ``read_points`` takes it; --min-count, too.
WRITTEN = ("model.safetensors", "recipe.json", "metrics.json", "curve.csv", "world.png", "poles.png")


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("recipe", nargs="?", metavar="RECIPE.json", type=Path, help="a recipe; options override it")
    about = f"folder for the results; while it trains, {CHECKPOINT} there is the model so far, every "
    about += f"{CHECKPOINT_SECONDS:.0f} s; Ctrl-C or SIGTERM stops and writes what there is"
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help=about)
    command.add_argument(
        "--preset",
        metavar="NAME",
        help=f"a published method in place of a recipe; options override it. One of {', '.join(PRESETS)}",
    )
    for parameter in PARAMETERS:
        default = f"{parameter.default}, or all of a file" if parameter.name == "points" else parameter.default
        about = f"{parameter.help} ({parameter.allowed}; default {default})".replace("%", "%%")
        if parameter.name == "data":
            plain = ", ".join(name for name in CATALOGUE if not name.startswith("vmf:"))
            endings = ", ".join(reader.suffixes[0] for reader in READERS)
            about = f"your own file ({endings}; see --target), or a built-in data set: "
            about += f"{plain}, mixtures such as vmf:U1 (default {parameter.default})"
        flag = f"--{parameter.name.replace('_', '-')}"
        command.add_argument(flag, dest=parameter.name, metavar=parameter.kind.__name__.upper(), help=about)
    command.add_argument(
        "--set",
        dest="encoder_params",
        nargs="+",
        action="extend",
        metavar="NAME=VALUE",
        default=[],
        help="parameters of the encoder: --set scales=16 min_radius=0.01 (see: python -m s2v encoders); with "
        "min_radius=auto, or degree=auto and so on, it follows from the spacing of the training places",
    )
    own_file.describe(command)
    command.add_argument(
        "--memory",
        metavar="GB",
        type=float,
        help=f"most memory that the training may take (default {cost.MAX_OWN_MEMORY / 1e9:.1f}, or less where less is "
        "free); its size is printed when its data are loaded",
    )


def work(options: argparse.Namespace) -> None:
    """Trains with a progress bar, and writes model, recipe, metrics, curve and maps to a folder."""
    settings = _settings(options)
    dataset = _own_data(options, settings)
    recipe = Recipe(**settings)
    size = _size(options.memory, recipe, dataset)
    make_folder(options.out, (*WRITTEN, CHECKPOINT))
    if recipe.predictor:
        return _fit(options.out, recipe, dataset)

    from s2v.models.training import DivergedError, train  # slow to load: torch

    curve: list[Point] = []
    kept = time.monotonic()
    with _stop_after_a_step(curve) as stop:
        snapshots = train(
            recipe,
            seconds=EVERY,
            pause_at=lambda: 0 if stop.is_set() else recipe.steps,
            dataset=dataset,
            on_tuning=lambda tuning: _show_tuning(tuning, size),
        )
        try:
            for snapshot in snapshots:
                if not curve:  # the data are there: an error before it stands alone
                    if not snapshot.trials:
                        print(size, file=sys.stderr)
                    if chosen := trials.in_words(recipe, snapshot.trials):
                        print(f"Trained with {chosen}.", file=sys.stderr)
                    if torn := _torn(snapshot.model.recipe, dataset):
                        print(f"note: {torn}", file=sys.stderr)
                curve.append(Point(snapshot.step, snapshot.seconds, snapshot.loss, snapshot.metrics))
                _show(snapshot)
                stopped = stop.is_set() and not snapshot.done
                # At the end, too: the maps take a while, and the process may be killed meanwhile.
                if stopped or snapshot.done or time.monotonic() - kept >= CHECKPOINT_SECONDS:
                    _keep(snapshot.model, options.out / CHECKPOINT)
                    kept = time.monotonic()
                if stopped:
                    print(f"\nStopped after step {snapshot.step}; writing what there is.", file=sys.stderr)
                    break
        except DivergedError as error:
            raise ValueError(str(error)) from None
        for name, value in curve[-1].metrics.items():
            print(f"{name:24} {value:.4f}")
        model = snapshot.model.eval()
        _write(options.out, model, model.recipe, curve)


def _fit(folder: Path, recipe: Recipe, dataset: DataSet | None) -> None:
    """Fits a reference predictor, and writes what a training writes; its curve is one point."""
    from s2v import data
    from s2v.models.reference import fit_reference, reference_metrics

    known = dataset or data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    model = fit_reference(recipe, known)
    chosen = ", ".join(f"{name}={value}" for name, value in model.params.items())
    how = f"chosen among {len(model.trials)} settings on the validation places" if model.trials else "nothing to choose"
    end = f" ({chosen})" if chosen else ""
    print(f"{model.spec.title}: {how} in {model.seconds:.1f} s{end}.", file=sys.stderr)
    metrics = reference_metrics(recipe, known, model.predict)
    for name, value in metrics.items():
        print(f"{name:24} {value:.4f}")
    _write(folder, model, recipe, [Point(0, model.seconds, math.nan, metrics)])


class Point(NamedTuple):
    """A row of ``curve.csv``."""

    step: int
    seconds: float
    loss: float
    metrics: Mapping[str, float]


def _size(allowed: float | None, recipe: Recipe, dataset: DataSet | None) -> str:
    """How large the training is; ``ValueError`` where that is more than ``allowed`` gigabytes, or than is free."""
    import psutil  # type: ignore[import-untyped]  # slow to load

    own = {} if dataset is None else {"classes": len(dataset.classes), "places": len(dataset.train)}
    known = cost.cost(recipe, **own)
    most = cost.MAX_OWN_MEMORY if allowed is None else int(allowed * 1e9)
    free = psutil.virtual_memory().available
    hint = "" if most > free else ", or allow more with --memory GB"
    where = f"this machine, with {free / 1e9:.1f} GB free," if most > free else "train"
    limits = cost.Limits(where, sys.maxsize, min(most, free), math.inf, hint)
    cost.check([recipe], limits, [known])
    return cost.in_words(known, trials.total_steps(recipe), recipe.device)


def _torn(recipe: Recipe, dataset: DataSet | None) -> str:
    """A sentence where the encoder is torn and training places lie there."""
    from s2v import data

    if not torn_in_words(recipe.encoder, recipe.encoder_params, None):
        return ""
    known = dataset or data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    return torn_in_words(recipe.encoder, recipe.encoder_params, known.lonlat[known.train])


@contextmanager
def _stop_after_a_step(curve: Sequence[Point]) -> Iterator[Event]:
    """Ctrl-C and SIGTERM stop after the step, with that model's scores; before the first scores, or twice, at once.

    While results are written the first one changes nothing: that is soon done.
    """
    stop = Event()

    def ask(*_: object) -> None:
        if stop.is_set() or not curve:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings of the file or the preset, overridden by options."""
    if options.recipe is not None and options.preset is not None:
        raise ValueError("Both RECIPE.json and --preset given; only one is allowed.")
    settings: dict[str, Any] = {} if options.preset is None else preset(options.preset).settings()
    if options.recipe is not None:
        try:
            given = Recipe.from_json(reading.read_text(options.recipe, "recipe"))
        except ValueError as error:
            hint = "" if options.recipe.suffix == ".json" else " Places of your own are given with --data FILE."
            raise ValueError(f"{options.recipe} is no recipe: {error}{hint}") from None
        settings = asdict(given)
    changed = {p.name: value for p in PARAMETERS if (value := getattr(options, p.name)) is not None}
    if changed.get("encoder", settings.get("encoder")) != settings.get("encoder"):
        settings.pop("encoder_params", None)  # those of another encoder
    params = dict(settings.get("encoder_params", {}))
    for text in options.encoder_params:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"--set {shown(text)} must be NAME=VALUE, such as scales=16.")
        params[name] = value
    return {**settings, **changed, "encoder_params": params}


def _own_data(options: argparse.Namespace, settings: dict[str, Any]) -> DataSet | None:
    """The data set of a file where ``--data`` names one; sets ``data`` and ``points`` of the settings accordingly."""
    path = Path(options.data or "")
    # The names of some mixtures look like a suffix: vmf:S1.1.
    named = path.suffix and (path.is_file() or path.suffix[1:].isalpha())
    if not named and os.sep not in (options.data or ""):
        own_file.refuse(options, "--data FILE")
        if str(settings.get("data", "")).startswith("own:"):
            raise ValueError(
                f"data={shown(settings['data'])} are places of your own: give their file, too, with --data FILE."
            )
        return None
    import numpy as np  # slow to load

    from s2v.data import read_points

    known = {p.name: p for p in PARAMETERS}
    drawing = {name: known[name].check(settings[name]) for name in ("points", "seed", "split") if name in settings}
    dataset = read_points(path, **own_file.said(options), **drawing)
    settings["data"] = dataset.name
    # Without a number all of the file is trained on, within the range of a recipe.
    settings.setdefault("points", int(np.clip(len(dataset.train), known["points"].low, known["points"].high)))
    own_file.say_understood(dataset)
    return dataset


def _show_tuning(tuning: Tuning, size: str) -> None:
    """One line a trial, once it is done, the ``size`` of all before the first; on a terminal also while it goes on.

    Without trials a line on the scale that follows from the data, where it does.
    """
    if tuning.from_data:
        source = scales.source_in_words(tuning.recipe, tuning.from_data)
        print(f"{source[0].upper()}{source[1:]}.", file=sys.stderr)
    if tuning.trial == 1 and not tuning.step:
        print(size, file=sys.stderr)
    if tuning.step == tuning.steps and not tuning.done:
        line = trials.trial_in_words(tuning.recipe, tuning.trials[-1])
        print(f"trial {tuning.trial} of {tuning.count}: {line}", file=sys.stderr, flush=True)
    elif not tuning.done and sys.stderr.isatty():
        line = f"trial {tuning.trial} of {tuning.count}, step {tuning.step} of {tuning.steps}"
        print(line, end="\r", file=sys.stderr, flush=True)


def _show(snapshot: Snapshot) -> None:
    done = snapshot.step / snapshot.steps
    first = next(iter(snapshot.metrics))
    bar = "█" * round(BAR * done) + "░" * (BAR - round(BAR * done))
    line = f"{bar} {snapshot.step:>6}/{snapshot.steps}  {snapshot.seconds:5.1f} s  loss {snapshot.loss:.4f}  "
    line += f"{first} {snapshot.metrics[first]:.4f}"
    end = "\n" if snapshot.done or not sys.stderr.isatty() else "\r"
    print(line, end=end, file=sys.stderr, flush=True)


def _keep(model: LocationModel, path: Path) -> None:
    """Writes the model so far; where that fails the training goes on."""
    from s2v.models import checkpoints

    try:
        checkpoints.save(model, path)
    except OSError as error:
        print(clipped(f"\nNo checkpoint: {error}"), file=sys.stderr)


def _write(folder: Path, model: LocationModel | Predictor, recipe: Recipe, curve: Sequence[Point]) -> None:
    from s2v.fields import Grid
    from s2v.figures.polar import PolarColumn, polar_pair_png
    from s2v.figures.printed import printed_map
    from s2v.models import checkpoints, predictor_file
    from s2v.models.predictions import predicted
    from s2v.predictors import Predictor

    # JSON has no NaN: the score above 70 degrees where there are no places.
    metrics = {name: value if math.isfinite(value) else None for name, value in curve[-1].metrics.items()}
    poles = [predicted(model, Grid.polar(pole, 401)) for pole in ("north", "south")]
    contents = (
        predictor_file.dumps(model, recipe.to_json()) if isinstance(model, Predictor) else checkpoints.dumps(model),
        recipe.to_json().encode(),
        json.dumps(metrics, indent=1).encode(),
        _table(curve).encode(),
        printed_map(predicted(model, Grid.equirectangular(1.0))),
        polar_pair_png([PolarColumn(poles[0].title, *poles)], inches=5.0, dpi=150),
    )
    files.write_files(folder, {**dict(zip(WRITTEN, contents, strict=True)), CHECKPOINT: None})
    print("Written:", *(folder / name for name in WRITTEN), sep="\n  ", file=sys.stderr)


def _table(curve: Sequence[Point]) -> str:
    """The lines of ``curve.csv``."""
    text = io.StringIO()
    table = csv.writer(text)
    names = list(curve[0].metrics)
    table.writerow(["step", "seconds", "loss", *map(spreadsheets.cell, names)])
    table.writerows([p.step, p.seconds, p.loss, *(p.metrics[name] for name in names)] for p in curve)
    return text.getvalue()
