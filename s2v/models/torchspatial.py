"""Imports models that others released: those of TorchSpatial, sphere2vec, SINR and geo_prior."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from s2v import reading, sphere
from s2v.data.class_names import check_class_names
from s2v.errors import clipped, shown
from s2v.models import geoclip_package, sine_file
from s2v.models.choices import NETWORKS
from s2v.models.geoclip_package import GeoClip
from s2v.models.model import Embedding, LocationModel
from s2v.models.networks import Network
from s2v.models.recipe import Recipe
from s2v.models.sine_file import SineEmbedding
from s2v.models.torchspatial_encoders import REMARKS, Given, encoder_of
from s2v.models.torchspatial_file import MAX_CLASSES, TAXA, Params, Weights, matrix, read
from s2v.models.torchspatial_networks import absorb, network_of, network_weights
from s2v.models.torchspatial_sources import Source, data_of, regression_of, source_of


@dataclass(frozen=True)
class Checkpoint:
    """A published model as one of this lab, and what was understood of its file.

    Parameters
    ----------
    model : LocationModel
    source : str, the project and what it calls the encoder
    data : str, the data that it was trained on, empty where the file does not say
    named : str, where the names of its classes come from
    remarks : tuple of str, where it computes something else than its name promises
    embedding : int, optional, how many numbers its embedding has, where the model has zeros behind them

    Examples
    --------
    >>> model = LocationModel(Recipe(data="own:presence", encoder="xyz"), "presence", ("sea", "land"))
    >>> for line in Checkpoint(model, "github.com/seai-lab/TorchSpatial, spa_enc_type xyz", "fmow", "given").understood:
    ...     print(line)
    source: github.com/seai-lab/TorchSpatial, spa_enc_type xyz
    encoder: xyz
    network: ffn hidden=128 layers=2 dropout=0.0 activation=relu
    classes: 2, each with its own probability (presence); names given
    data: fmow
    """

    model: LocationModel
    source: str
    data: str
    named: str
    remarks: tuple[str, ...] = ()
    embedding: int | None = None

    @property
    def understood(self) -> tuple[str, ...]:
        """One line for each thing that the file says."""
        recipe = self.model.recipe
        network = [f"{name}={getattr(recipe, name)}" for name in NETWORKS[recipe.network].parameters]
        encoder = [f"{name}={value}" for name, value in recipe.encoder_params.items()]
        return (
            f"source: {self.source}",
            " ".join(("encoder:", recipe.encoder, *encoder)),
            " ".join(("network:", recipe.network, *network)),
            f"classes: {len(self.model.classes):,}, each with its own probability (presence); names {self.named}",
            f"data: {self.data or 'not said'}",
        )


def import_torchspatial(
    path: str | os.PathLike[str],
    classes: Sequence[str] | None = None,
    *,
    time_of_year: float | None = None,
    anchors: ArrayLike | None = None,
) -> LocationModel:
    """Import the location model of a checkpoint that the training of a published project wrote.

    These are TorchSpatial, sphere2vec (the paper's own repository, with its older names of encoders), SINR and
    geo_prior.  The model predicts as the authors' does: an independent probability for each class (their sigmoid), so
    its task is "presence".  Its recipe has the encoder and the network of the file, but not how it was trained.  The
    optimiser, the embedding of users and what takes images are ignored.

    A ``UserWarning`` says where the published code does not compute what its name promises, as TorchSpatial's sphereM+,
    dfs and tile_ffn.  Such a model is imported as it computes.

    Parameters
    ----------
    path : str or path, of the checkpoint
    classes : sequence of str, optional
        Names of the classes in the file's order.  Without them they are the iNaturalist taxa that a SINR file holds, or
        "class 0", "class 1" and so on.
    time_of_year : float, 0 to 1, optional
        For a model that also takes a date (geo_prior, by default): the one for which it is imported, from 1 January to
        31 December.
    anchors : (anchors, 2) array, degrees, longitude first, optional
        For an rbf: the places of its anchors, which a checkpoint does not hold.

    Returns
    -------
    LocationModel
        In evaluation mode, ready to predict.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        For any other file; a damaged one; one that holds more than tensors and plain values (no code in a file is run);
        weights that are not finite or do not fit; regressions, whose outputs are no classes (``import_embedding``); and
        models that are more than an encoder and a network of this lab.

    Examples
    --------
    >>> import s2v
    >>> s2v.import_torchspatial("missing.pth.tar")
    Traceback (most recent call last):
    FileNotFoundError: There is no checkpoint missing.pth.tar.
    """
    checkpoint = read_checkpoint(path, classes, time_of_year=time_of_year, anchors=anchors)
    for remark in checkpoint.remarks:
        warnings.warn(remark, stacklevel=2)
    return checkpoint.model


def import_embedding(
    path: str | os.PathLike[str], *, time_of_year: float | None = None, anchors: ArrayLike | None = None
) -> Embedding | GeoClip | SineEmbedding:
    """Import what a checkpoint makes of a place, to be used like an encoder.

    Of a classification it is what the class matrix takes, as ``Embedding`` of an imported model.  Of TorchSpatial's
    regressions, which have no classes, it is the output of their location encoder, numbers from 0 to 1 (models.py,
    LocationEncoder), which the published regression goes on to combine with the features of an image.
    GeoCLIP's location encoder (the file location_encoder_weights.pth of the package geoclip) is read, too, and so are
    sine networks on spherical harmonics, as SatCLIP's, from safetensors (docs/checkpoints.md).

    Parameters
    ----------
    path : str or path, of the checkpoint
    time_of_year : float, 0 to 1, optional
    anchors : (anchors, 2) array, optional
        Both as for ``import_torchspatial``.

    Returns
    -------
    Embedding, GeoClip or SineEmbedding
        A ``torch.nn.Module`` with ``dim``, the number of its features.

    Raises
    ------
    FileNotFoundError, ValueError
        As ``import_torchspatial``, but regressions are read.

    Examples
    --------
    >>> import s2v
    >>> s2v.import_embedding("missing.pth.tar")
    Traceback (most recent call last):
    FileNotFoundError: There is no checkpoint missing.pth.tar.
    """
    given, raw = _given(time_of_year, anchors), reading.read_model(path, "checkpoint")
    if (embedding := loads_embedding(raw, str(path))) is not None:
        return embedding
    checkpoint = _checkpoint(raw, str(Path(path)), None, given, regressions=True)
    model = checkpoint.model
    if checkpoint.named == _OUTPUTS:
        body = nn.Sequential(model.network.body, model.network.head, nn.Sigmoid())
        model.network = Network(body, nn.Linear(len(model.classes), 1, bias=False))
    elif checkpoint.embedding is not None:
        own = nn.Linear(checkpoint.embedding, 1, bias=False)
        model.network = Network(nn.Sequential(model.network.body, _First(checkpoint.embedding)), own)
    return Embedding(model)


class _First(nn.Module):
    """The first numbers of an embedding."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, embedded: Tensor) -> Tensor:
        return embedded[..., : self.count]


_OUTPUTS = "none: they are the numbers of an embedding"


def read_checkpoint(
    path: str | os.PathLike[str],
    classes: Sequence[str] | None = None,
    *,
    time_of_year: float | None = None,
    anchors: ArrayLike | None = None,
    regressions: bool = False,
) -> Checkpoint:
    """A published model with what was understood of its file; arguments and errors as of ``import_torchspatial``.

    With ``regressions`` the outputs of a regression's location encoder stand for classes.
    """
    given = _given(time_of_year, anchors)
    return _checkpoint(reading.read_model(path, "checkpoint"), str(Path(path)), classes, given, regressions)


def loads_checkpoint(content: bytes, name: str, classes: Sequence[str] | None = None) -> Checkpoint:
    """``read_checkpoint`` of the content of a file with that ``name``."""
    return _checkpoint(content, name, classes, Given(None, None), regressions=False)


def loads_embedding(content: bytes, name: str) -> GeoClip | SineEmbedding | None:
    """GeoCLIP's location encoder, or a sine network as SatCLIP's, in the content of a file with that ``name``; None
    where it is another file."""
    try:
        return sine_file.loads(content) or geoclip_package.loads(content)
    except ValueError as error:
        raise ValueError(clipped(f"{name} cannot be imported: {error}")) from None


def _checkpoint(raw: bytes, path: str, classes: Sequence[str] | None, given: Given, regressions: bool) -> Checkpoint:
    try:
        params, weights = read(raw)
        source = source_of(params, weights)
        dataset = regression_of(params)
        if dataset is not None and not regressions:
            count = matrix(weights, "class_emb.weight").shape[0]
            raise ValueError(
                f"it is of a regression (dataset {dataset}): its {count} outputs are no classes, but an embedding of "
                "the place, which the regression combines with the features of an image before it gives a value. "
                "s2v.import_embedding imports that embedding, to be used like an encoder."
            )
        model, named, embedding = _model(source, params, weights, classes, given)
    except ValueError as error:
        raise ValueError(clipped(f"{path} cannot be imported: {error}")) from None
    return Checkpoint(
        model,
        clipped(f"{source.repository}, {source.key} {shown(params[source.key]).strip(chr(39))}"),
        data_of(params),
        _OUTPUTS if dataset is not None else named,
        tuple(f"{path} is a {params[source.key]}: {remark}" for remark in _remarks(source, params)),
        embedding,
    )


def _given(time_of_year: float | None, anchors: ArrayLike | None) -> Given:
    if time_of_year is not None and not (isinstance(time_of_year, int | float) and 0 <= time_of_year <= 1):
        raise ValueError(f"time_of_year={shown(time_of_year)} is not a number from 0 (1 January) to 1 (31 December).")
    places = None if anchors is None else sphere.check_lonlat(np.asarray(anchors, dtype=float))
    return Given(time_of_year, None if places is None else torch.from_numpy(places.reshape(-1, 2).copy()))


def _model(
    source: Source, params: Params, weights: Weights, classes: Sequence[str] | None, given: Given
) -> tuple[LocationModel, str, int | None]:
    """The model, where the names of its classes come from, and how wide its embedding was."""
    encoder = encoder_of(source, params, weights, given)
    network = network_of(source, params, weights)
    absorb(encoder, network, weights)
    names, named = _class_names(params, weights, classes)
    try:
        made = {"encoder": encoder.name, "encoder_params": encoder.params, **network.settings}
        recipe = Recipe(data="own:presence", **made)
        with torch.device("meta"):  # shapes without numbers
            shapes = LocationModel(recipe, "presence", names)
    except ValueError as error:
        reason = str(error).removesuffix(" Is it in degrees?")  # asked of people, not of files
        raise ValueError(f"its params ask for a model that this lab does not have ({reason})") from None
    own = network_weights(shapes, weights, network.body)
    model = LocationModel(recipe, "presence", names)
    model.encoder.load_state_dict(encoder.weights)
    model.network.load_state_dict(own)
    return model.eval(), named, network.embedding


def _class_names(params: Params, weights: Weights, classes: Sequence[str] | None) -> tuple[tuple[str, ...], str]:
    """The names of the classes, and where they come from."""
    count = matrix(weights, "class_emb.weight").shape[0]
    if count > MAX_CLASSES:
        raise ValueError(f"it has {count:,} classes; allowed are {MAX_CLASSES:,}.")
    if classes is None:
        taxa = params.get(TAXA)
        if isinstance(taxa, list | tuple) and len(taxa) == len(set(taxa)) == count:
            return check_class_names(list(map(str, taxa))), f"are iNaturalist taxa ({TAXA})"
        return tuple(f"class {number}" for number in range(count)), "are not in the file"
    names = [] if isinstance(classes, str) else list(classes)
    if len(names) != count:
        raise ValueError(
            f"it has {count} classes; classes={shown(classes)} must be as many names, in the file's order."
        )
    return check_class_names([str(name) for name in names]), "given"


def _remarks(source: Source, params: Params) -> list[str]:
    kind = params[source.key]
    found = [REMARKS[key] for key in REMARKS if key == (source.name, kind)]
    if params.get("unsuper_loss", "none") != "none":
        found.append(
            "it was trained on images first (unsuper_loss). If that was all, its class matrix is random, and only its "
            "embedding means something: s2v.import_embedding."
        )
    return found
