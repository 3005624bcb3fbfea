"""What can be compared: an encoder, or the embedding of a trained model.  Free of torch, so that a page can name both.

A trained model is named by the digest of its file.  The process that compares keeps the files passed to ``take`` and
says which ones it lacks.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s2v.encoders.registry import EncoderConfig

if TYPE_CHECKING:
    from s2v.models.geoclip_package import GeoClip
    from s2v.models.model import Embedding, LocationModel
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

    def build(self) -> Embedding | GeoClip:
        """The embedding, a ``torch.nn.Module``; ``KeyError`` unless its file was passed to ``take``."""
        from s2v.models import geoclip_package  # here, because they load torch
        from s2v.models.model import Embedding, LocationModel

        if (geoclip := geoclip_package.loads(_files[self.digest])) is not None:
            return geoclip
        model = self.load()
        if not isinstance(model, LocationModel):
            raise ValueError(f"{self.title} is a reference predictor: it has no embedding to compare.")
        return Embedding(model)


Source = EncoderConfig | TrainedModel


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
