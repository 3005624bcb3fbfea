"""Trained models among the encoders that are compared: the code of a place is what a model's last matrix sees of it.

Free of torch, so that a page can name a model.  Its weights are elsewhere: the process that compares keeps the files
that it was given here, and says which ones it lacks.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from s2v.encoders.registry import EncoderConfig

MAX_BYTES = 256 << 20  # bytes of files that are kept

_files: OrderedDict[str, bytes] = OrderedDict()  # by digest


@dataclass(frozen=True)
class TrainedModel:
    """A trained model in the place of a ``EncoderConfig``: ``digest`` names the content of its file (see ``s2v.save``).

    ``name`` and ``title`` are for people and addresses.
    """

    name: str
    title: str
    digest: str

    @property
    def params(self) -> tuple[tuple[str, Any], ...]:
        """None: a trained model is what it is."""
        return ()

    def build(self) -> Any:
        """Its ``s2v.models.model.Embedding``; ``KeyError`` where its file was not given to ``take``."""
        from s2v.models.checkpoints import loads
        from s2v.models.model import Embedding

        return Embedding(loads(_files[self.digest]))


Source = EncoderConfig | TrainedModel  # where a code comes from


def digest(file: bytes) -> str:
    """The name of a model file by its content."""
    return hashlib.sha256(file).hexdigest()


def take(files: Iterable[bytes]) -> None:
    """Keep these model files; what was given longest ago is forgotten once there is too much."""
    for file in files:
        name = digest(file)
        _files[name] = file
        _files.move_to_end(name)
        while sum(map(len, _files.values())) > MAX_BYTES and len(_files) > 1:
            _files.popitem(last=False)


def lacking(digests: Iterable[str]) -> list[str]:
    """Which of these files are not here."""
    return [name for name in digests if name not in _files]
