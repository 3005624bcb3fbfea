"""What can be compared: an encoder, the embedding of a trained model, or data.  Free of torch, so that a page can name
them.

A trained model is named by the digest of its file, and so are a user's own data.  The process that compares keeps the
files passed to ``take`` and says which ones it lacks.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy

from s2v import data
from s2v.data import DataSet, OwnData
from s2v.encoders.registry import EncoderConfig

if TYPE_CHECKING:
    from s2v.models.geoclip_package import GeoClip
    from s2v.models.model import Embedding, LocationModel
    from s2v.models.sine_file import SineEmbedding
    from s2v.predictors import Predictor

MAX_BYTES = 256 << 20  # bytes of files that are kept

_files: OrderedDict[str, bytes] = OrderedDict()  # by digest


@dataclass(frozen=True)
class TrainedModel:
    """The embedding of a trained model, used like an ``EncoderConfig``.

    ``name`` is for addresses, ``title`` for people, ``digest`` is that of the model's file (see ``s2v.save``).
    """

    name: str
    title: str
    digest: str

    @property
    def params(self) -> tuple[tuple[str, Any], ...]:
        """Empty: a trained model has no parameters to choose."""
        return ()

    def load(self) -> LocationModel | Predictor:
        """The model itself, or a reference predictor; ``KeyError`` unless its file was passed to ``take``."""
        from s2v.models.checkpoints import loads  # here, because it loads torch

        return loads(_files[self.digest])

    def build(self) -> Embedding | GeoClip | SineEmbedding:
        """The embedding, a ``torch.nn.Module``; ``KeyError`` unless its file was passed to ``take``."""
        from s2v.models.model import Embedding, LocationModel  # here, because they load torch
        from s2v.models.torchspatial import loads_embedding

        if (embedding := loads_embedding(_files[self.digest], self.title)) is not None:
            return embedding
        model = self.load()
        if not isinstance(model, LocationModel):
            raise ValueError(f"{self.title} is a reference predictor: it has no embedding to compare.")
        return Embedding(model)


Source = EncoderConfig | TrainedModel


@dataclass(frozen=True)
class DataSource:
    """The places of a data set: a built-in one by its ``name`` and number of ``points``, a user's own by its file.

    ``digest`` is that of ``data_file``; empty for built-in data.
    """

    name: str
    title: str
    points: int
    digest: str = ""

    def load(self) -> DataSet:
        """The data set; ``KeyError`` unless the file of a user's own was passed to ``take``."""
        if not self.digest:
            return data.load(self.name, self.points)
        tensors = safetensors.numpy.load(_files[self.digest])
        about = json.loads(bytes(tensors["about"]))
        own = OwnData(about["task"], tensors["lonlat"], tensors["target"], tuple(about["classes"]))
        return own.dataset(self.points)


def data_file(own: OwnData) -> bytes:
    """A user's own data as the bytes that ``DataSource.load`` reads."""
    about = json.dumps({"task": own.task, "classes": own.classes}).encode()
    arrays = {"lonlat": own.lonlat, "target": own.target, "about": np.frombuffer(about, dtype=np.uint8)}
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def digest(file: bytes) -> str:
    """The SHA-256 of a model file's content."""
    return hashlib.sha256(file).hexdigest()


def take(files: Iterable[bytes]) -> None:
    """Keep these model files; beyond ``MAX_BYTES`` the oldest are dropped."""
    for file in files:
        name = digest(file)
        _files[name] = file
        _files.move_to_end(name)
        while sum(map(len, _files.values())) > MAX_BYTES and len(_files) > 1:
            _files.popitem(last=False)


def content(name: str) -> bytes:
    """The file of that digest; ``KeyError`` unless it was passed to ``take``."""
    return _files[name]


def lacking(digests: Iterable[str]) -> list[str]:
    """The digests whose files are not kept here."""
    return [name for name in digests if name not in _files]
