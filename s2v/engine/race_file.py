"""A race as the bytes of a file, and back: safetensors, with the recipes as JSON in its metadata.  Never a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any, get_args

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from s2v import sphere
from s2v.engine.frames import FINE_GRIDS, LAYER_GRID, LIVE_GRIDS, MAX_LANDMARKS, STDERR_GRIDS, Frame
from s2v.engine.races import Race
from s2v.engine.runs import Run, Status
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.models.trials import Trial

FORMAT = "s2v-race-1"
MAX_MESSAGE = 2000  # characters
MAX_SPACING_KM = 1e5  # a single place has all of the sphere for itself: 22,600 km
MAX_TIME = 1e11  # seconds since 1970, as a clock shows them: the year 5138
_NUMBERS = {
    "step": int,
    "steps": int,
    "seconds": float,
    "loss": float,
    "taken": float,
    "watched_class": int,
    "fine": bool,
}
_ARRAYS = tuple(f.name for f in fields(Frame) if "NDArray" in str(f.type) and not str(f.type).startswith("Mapping"))
_GROUPS = ("maps", "layers", "stderr")
_CHOICE = ("tried", "chosen")  # of the settings; at the end of a row of the history, where there was one


def dumps(race: Race, more: Mapping[str, Any] | None = None) -> bytes:
    """All that has arrived of a race, as bytes; ``more`` is what ``about`` gives back besides."""
    tensors: dict[str, NDArray[Any]] = {}
    runs = []
    for i, contestant in enumerate(race.runs):
        for j, run in enumerate(contestant):
            _add_run(tensors, f"{i}.{j}", run)
            runs.append(
                {
                    "place": [i, j],
                    "id": run.id,
                    "recipe": asdict(run.asked),
                    "trials": [asdict(trial) for trial in run.trials],
                    **_in_force(run),
                    "status": run.status,
                    "message": run.message,
                }
            )
    about = {"id": race.id, "began": race.began, "lockstep": race.lockstep, "runs": runs, **(more or {})}
    return safetensors.numpy.save(tensors, {"format": FORMAT, "race": json.dumps(about)})


def loads(content: bytes) -> Race:
    """The race in the bytes of ``dumps``; a run that had not ended has the status that it had.

    ``ValueError`` for anything else.
    """
    known = about(content)
    try:
        return _race(known, safetensors.numpy.load(content))
    except (SafetensorError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not a whole race ({type(error).__name__}: {str(error)[:200]})") from None


def about(content: bytes) -> dict[str, Any]:
    """The description of the race in the first bytes of ``dumps``, which hold at least the header."""
    try:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {str(header['format'])[:50]!r}, not {FORMAT!r}")
        found = json.loads(header["race"])
        found["runs"][0]["recipe"]
        return dict(found)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ValueError(f"it is not a race of this lab ({str(error)[:200]})") from None


def _add_run(tensors: dict[str, NDArray[Any]], name: str, run: Run) -> None:
    history = [
        [
            *(getattr(frame, n) for n in _NUMBERS),
            dict(frame.metrics),
            *([{n: getattr(frame, n) for n in _CHOICE}] if frame.tried or frame.chosen else []),
        ]
        for frame in run.history
    ]
    tensors[f"{name}.history"] = _bytes(json.dumps(history).encode())
    frame = run.latest
    if frame is None:
        return
    tensors[f"{name}.numbers"] = _bytes(json.dumps([getattr(frame, n) for n in _NUMBERS]).encode())
    for group in _GROUPS:
        for key, values in getattr(frame, group).items():
            tensors[f"{name}.{group}.{key}"] = np.ascontiguousarray(values)
    for field in _ARRAYS:
        if (values := getattr(frame, field)) is not None:
            tensors[f"{name}.{field}"] = np.ascontiguousarray(values)
    if frame.weights:
        tensors[f"{name}.weights"] = _bytes(frame.weights)


def _race(known: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Race:
    runs = {tuple(run["place"]): run for run in known["runs"]}
    contestants, seeds = (1 + max(place[axis] for place in runs) for axis in (0, 1))
    recipes = [Recipe.from_json(json.dumps(runs[i, 0]["recipe"])) for i in range(contestants)]
    race = Race(recipes, "", seeds, bool(known["lockstep"]), lambda run: None, lambda run: None)
    race.id, race.began = str(known["id"]), float(known["began"])
    if not 0 <= race.began < MAX_TIME:
        raise ValueError(f"it began at {race.began}")
    for i, contestant in enumerate(race.runs):
        for j, run in enumerate(contestant):
            stored = runs[i, j]
            if stored["status"] not in get_args(Status):
                raise ValueError(f"a run is {str(stored['status'])[:50]!r}")
            run.id = str(stored["id"])
            _fill(
                run, stored, {k.removeprefix(f"{i}.{j}."): v for k, v in tensors.items() if k.startswith(f"{i}.{j}.")}
            )
    return race


def _fill(run: Run, stored: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    history = [_frame(row) for row in json.loads(tensors["history"].tobytes())]
    latest = None
    if "numbers" in tensors:
        groups: dict[str, dict[str, NDArray[Any]]] = {
            group: {k.removeprefix(f"{group}."): v for k, v in tensors.items() if k.startswith(f"{group}.")}
            for group in _GROUPS
        }
        more: dict[str, Any] = {**groups, **{field: tensors[field] for field in _ARRAYS if field in tensors}}
        latest = Frame(
            **_numbers(json.loads(tensors["numbers"].tobytes())),
            metrics=history[-1].metrics,
            tried=history[-1].tried,
            chosen=history[-1].chosen,
            weights=tensors["weights"].tobytes() if "weights" in tensors else b"",
            **more,
        )
        _check(latest)
    trials = tuple(_trial(trial) for trial in stored.get("trials", ()))  # older files have none
    recipe, from_data = None, None
    if "from_data" in stored:  # older files have none
        recipe = replace(run.asked, encoder_params=dict(stored["encoder_params"]))
        found = stored["from_data"]
        places = int(found.get("places", run.asked.points))  # older files have none
        from_data = FromData(float(found["spacing_km"]), float(found["noise"]), places)
        if not (0 <= from_data.spacing_km < MAX_SPACING_KM and 0 <= from_data.noise <= 1 and places > 0):
            raise ValueError(f"its scale follows from this: {from_data}")
    message = str(stored["message"])[:MAX_MESSAGE]
    run._restore(stored["status"], message, history, latest, trials, recipe, from_data)


def _in_force(run: Run) -> dict[str, Any]:
    """What "auto" has become, where it has."""
    if run.from_data is None:
        return {}
    return {"encoder_params": dict(run.recipe.encoder_params), "from_data": asdict(run.from_data)}


def _trial(stored: Mapping[str, Any]) -> Trial:
    return Trial(dict(stored["params"]), float(stored["score"]), int(stored["steps"]), float(stored["seconds"]))


def _frame(row: list[Any]) -> Frame:
    """A frame of a history, from its numbers, its metrics and, where settings were tried, which were chosen."""
    numbers, (metrics, *choice) = row[: len(_NUMBERS)], row[len(_NUMBERS) :]
    settings: dict[str, Any] = choice[0] if choice else {"tried": 0, "chosen": {}}
    return Frame(
        **_numbers(numbers),
        metrics={str(k): float(v) for k, v in metrics.items()},
        tried=int(settings["tried"]),
        chosen=dict(settings["chosen"]),
    )


def _numbers(values: list[Any]) -> dict[str, Any]:
    return {name: kind(value) for (name, kind), value in zip(_NUMBERS.items(), values, strict=True)}


def _check(frame: Frame) -> None:
    """``ValueError`` unless the maps are those of a frame."""
    grids = FINE_GRIDS if frame.fine else LIVE_GRIDS
    errors = STDERR_GRIDS if frame.fine else LIVE_GRIDS
    for maps, where in ((frame.maps, grids), (frame.stderr, errors)):
        for name, values in maps.items():
            if name not in where or values.shape != where[name].shape or values.dtype.kind not in "fu":
                raise ValueError(f"its map {name[:50]!r} has the shape {values.shape}")
    if (places := frame.landmarks) is not None:
        if places.ndim != 2 or len(places) > MAX_LANDMARKS:
            raise ValueError(f"its landmarks have the shape {places.shape}")
        sphere.check_lonlat(places)
    for name, values in frame.layers.items():
        if values.shape[-2:] != LAYER_GRID.shape or values.dtype != np.uint8:
            raise ValueError(f"its layer {name[:50]!r} has the shape {values.shape}")


def _bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8)
