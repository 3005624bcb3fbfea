"""Numbers of numpy in a pickle, as plain ones; its arrays and all other kinds are opaque."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

MAX_BYTES = 16  # of a number

_FORMATS = {
    "b1": "<?",
    **{f"i{2**n}": f"<{letter}" for n, letter in enumerate("bhiq")},
    **{f"u{2**n}": f"<{letter}" for n, letter in enumerate("BHIQ")},
    **{f"f{2**n}": f"<{letter}" for n, letter in enumerate("efd", 1)},
}


class Opaque:
    """Something that is not read, such as a sparse tensor or a list of lists."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def __setstate__(self, state: Any) -> None:
        """What a file would set is ignored."""


class _DType:
    """In place of ``numpy.dtype``."""

    __slots__ = ("code",)

    def __init__(self, code: Any, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """The byte order is that of the file."""


def _numpy_scalar(dtype: Any, content: Any = None) -> Any:
    """In place of numpy's ``scalar``: a plain number, as in the list of anchors of an rbf; opaque for other kinds."""
    code = dtype.code if isinstance(dtype, _DType) and isinstance(dtype.code, str) else ""
    if code not in _FORMATS or not isinstance(content, bytes):
        return Opaque("numpy scalar")
    return struct.unpack(_FORMATS[code], content)[0]


def _bytes(text: Any, encoding: Any = None) -> Any:
    """In place of ``_codecs.encode``, by which older pickles hold bytes; long ones are not read."""
    if not isinstance(text, str) or encoding != "latin1" or len(text) > MAX_BYTES:
        return Opaque("bytes")
    return text.encode("latin1")


CALLS: Mapping[str, Callable[..., Any]] = {
    "_codecs.encode": _bytes,
    "numpy.dtype": _DType,
    **{
        f"numpy.{core}.multiarray.{name}": function
        for core in ("core", "_core")
        for name, function in (("scalar", _numpy_scalar), ("_reconstruct", lambda *_: Opaque("numpy array")))
    },
}
