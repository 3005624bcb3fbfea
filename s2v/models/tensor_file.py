"""What a safetensors file says of itself, read before anything else of it.  Free of torch."""

from __future__ import annotations

import json
from typing import NamedTuple

from s2v.data.class_names import check_class_names

MAX_HEADER = 4_000_000  # bytes
DAMAGED = "it is not a whole safetensors file."


class Tensor(NamedTuple):
    """A tensor in the header."""

    dtype: str
    shape: tuple[int, ...]


def read_header(content: bytes) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors: the file begins with the header's length in 8 bytes, then JSON."""
    try:
        length = int.from_bytes(content[:8], "little")
        if not 0 < length <= min(MAX_HEADER, len(content) - 8):
            raise ValueError
        header = json.loads(content[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        texts = [*metadata.keys(), *metadata.values()]
        tensors = {name: Tensor(entry["dtype"], tuple(entry["shape"])) for name, entry in header.items()}
        if not all(type(n) is int and 0 <= n <= len(content) for tensor in tensors.values() for n in tensor.shape):
            raise ValueError
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):  # no JSON, or of another shape
        raise ValueError(DAMAGED) from None
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(DAMAGED)
    return metadata, tensors


def read_classes(text: str) -> tuple[str, ...]:
    """The names of classes in a file's metadata; ``ValueError`` for anything but a list of names."""
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the classes are not JSON that can be read") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("the classes are not a list of names")
    return check_class_names(names)
