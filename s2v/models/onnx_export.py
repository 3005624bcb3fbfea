"""Models as ONNX files, which other programs and languages run: a place in, values or probabilities out."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import logging
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from s2v import files, sphere
from s2v.errors import clipped
from s2v.fields import Grid
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.predictors import Predictor

FORMAT = "s2v-onnx-1"
INPUT = "lonlat"
MISSING = "ONNX files need the packages onnx and onnxscript: pip install 'sphere2vec-lab[onnx]'."
MAX_DIFFERENCE = 1e-4  # of the answers' range: float32 in another order of sums, and sines that are not our own

# Both poles, both sides of the dateline, a longitude beyond it, and the whole sphere: where a file is compared.
CHECKED = np.concatenate([[[0, 90], [77, -90], [180, 10], [-180, 10], [190, 20]], sphere.fibonacci_lattice(59)])


def export_onnx(model: LocationModel | Predictor, path: str | os.PathLike[str]) -> None:
    """Write a model, its encoder inside, to an ONNX file.

    Its input is ``lonlat``: float32 (places, 2), degrees, longitude first, any number of places; longitudes beyond 180
    degrees are taken modulo 360.  Places are not checked: a latitude beyond 90 degrees has an answer without meaning.
    Its output is ``values``, float32 (places,), of a regression in the units of its data, else ``probabilities``,
    float32 (places, classes).  Angles are computed in float64, as in the lab.

    Its metadata: ``title`` and ``units`` of the answers, ``task``, ``classes`` and ``recipe`` as JSON, ``fingerprint``.
    Before it is written, its answers are compared with the model's own at 64 places, the poles and the dateline among
    them.

    Parameters
    ----------
    model : LocationModel
        Of ``s2v.load``, or the ``model_`` of an estimator.
    path : str or path
        A file that is there stays as it is until the new one is complete.

    Raises
    ------
    ValueError
        Without the packages ``onnx`` and ``onnxscript``; for a reference predictor; for an installed encoder that does
        what ONNX cannot.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import s2v
    >>> s2v.export_onnx(s2v.predictors.fit("nearest", s2v.data.load("geoid", 100)), "nearest.onnx")
    Traceback (most recent call last):
    ValueError: A reference predictor is no network: it looks its answers up among its training places. ...
    """
    files.write_bytes(path, dumps(model))


def dumps(model: LocationModel | Predictor) -> bytes:
    """The bytes that ``export_onnx`` writes."""
    if isinstance(model, Predictor):
        raise ValueError(
            "A reference predictor is no network: it looks its answers up among its training places. Train a network "
            "to export it as ONNX, or save this one with s2v.save."
        )
    onnx, table = _packages()
    asked = _Answers(copy.deepcopy(model).cpu().eval())
    output = "probabilities" if model.classes else "values"
    places = torch.export.Dim("places", min=1)
    try:
        with _quiet():
            program: Any = torch.onnx.export(
                asked,
                (torch.zeros(3, 2),),
                input_names=[INPUT],
                output_names=[output],
                dynamic_shapes=({0: places},),
                custom_translation_table=table,
                dynamo=True,
                verbose=False,
            )
            file = io.BytesIO()
            program.save(file)
    except Exception as error:  # torch's exporter raises many kinds
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ValueError(
            clipped(f"encoder {model.recipe.encoder!r} does what ONNX cannot: {first} Choose another encoder.")
        ) from error
    made = onnx.load_from_string(file.getvalue())
    _clear(made)
    made.producer_name = "sphere2vec-lab"
    made.graph.name = "s2v"
    known = predicted(model, Grid.equirectangular(90.0))
    made.doc_string = f"{known.title}: {output} at places (longitude, latitude in degrees)."
    onnx.helper.set_model_props(
        made,
        {
            "format": FORMAT,
            "title": known.title,
            "units": known.units,
            "task": model.task,
            "classes": json.dumps(model.classes),
            "recipe": model.recipe.to_json(),
            "fingerprint": fingerprint(model),
        },
    )
    _compare(model, made)
    content: bytes = made.SerializeToString()
    return content


def fingerprint(model: LocationModel) -> str:
    """SHA-256 of what a model is: its recipe, task, classes and weights.

    Examples
    --------
    >>> import s2v
    >>> model = LocationModel(s2v.Recipe(encoder="xyz"), "classification", ("sea", "land"))
    >>> fingerprint(model) == fingerprint(copy.deepcopy(model)), len(fingerprint(model))
    (True, 64)
    """
    found = hashlib.sha256(json.dumps([model.recipe.to_json(), model.task, model.classes]).encode())
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


class _Answers(nn.Module):
    """What ``LocationModel.predict`` computes, as a module."""

    def __init__(self, model: LocationModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, lonlat: Tensor) -> Tensor:
        return self.model.answers_of(self.model(lonlat))


def _packages() -> tuple[ModuleType, dict[Any, Any]]:
    """onnx, and how what onnxruntime lacks is written; ``ValueError`` where a package is missing."""
    try:
        import onnx
        import onnxscript
    except ImportError:
        raise ValueError(MISSING) from None
    op: Any = onnxscript.opset18

    def asin(self: Any) -> Any:
        """The arc sine of float64, which onnxruntime has in float32 only; Newton's method brings the other digits."""
        angle = op.CastLike(op.Asin(op.Cast(self, to=onnx.TensorProto.FLOAT)), self)
        least = op.CastLike(op.Constant(value_float=1e-9), self)  # at 90 degrees the derivative is 0
        for _ in range(2):
            angle = op.Sub(angle, op.Div(op.Sub(op.Sin(angle), self), op.Max(op.Cos(angle), least)))
        return angle

    # Torch writes Python's numbers in float32, which is too short for phases of many turns.
    def number(value: float, dtype: int) -> Any:
        return op.Constant(value=onnx.helper.make_tensor("value", dtype, [], [value]))

    def scalar_tensor(s: float, dtype: int = 1, layout: str = "", device: str = "", pin_memory: bool = False) -> Any:
        return number(s, dtype)

    def deg2rad(self: Any) -> Any:
        return op.Mul(self, op.CastLike(number(math.pi / 180, onnx.TensorProto.DOUBLE), self))

    aten = torch.ops.aten
    return onnx, {aten.asin.default: asin, aten.scalar_tensor.default: scalar_tensor, aten.deg2rad.default: deg2rad}


def _clear(made: Any) -> None:
    """Removes what torch notes of each operation: code of this machine, and its paths."""
    for part in (made.graph, *made.functions):
        for item in (*part.node, *part.value_info, *getattr(part, "initializer", ())):
            del item.metadata_props[:]
            item.doc_string = ""
        del part.metadata_props[:]
    for item in (*made.graph.input, *made.graph.output):
        del item.metadata_props[:]


def _compare(model: LocationModel, made: Any) -> None:
    """``ValueError`` unless the file gives the model's answers, computed by onnx's own numpy code."""
    from onnx.reference import ReferenceEvaluator

    places = CHECKED.astype(np.float32)
    own = model.predict(places)
    with np.errstate(all="ignore"):
        answers: Any = ReferenceEvaluator(made).run(None, {INPUT: places})
    found = answers[0]
    scale = 1.0 if model.classes else max(float(model.scale), 1e-30)
    if found.shape != own.shape or not (np.abs(found - own) <= MAX_DIFFERENCE * scale).all():
        raise ValueError(
            f"encoder {model.recipe.encoder!r} gives other answers in ONNX than here, so no file is written. Choose "
            "another encoder, or save the model with s2v.save."
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without torch's notes on packages that are not needed here."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.fx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
