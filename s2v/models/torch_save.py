"""Reads what torch.save wrote: tensors and plain values.  It runs no code and builds nothing larger than the file.

``torch.load(weights_only=True)`` runs no code, either, but a small file can let it take gigabytes or hours.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.pickled_numpy import CALLS, Opaque

MAX_PICKLE = 4_000_000  # bytes of all that is not numbers of tensors

FLOATS = "float64, float32, float16 or bfloat16"  # numbers that weights may be
MAX_DIMENSIONS = 16
MAX_DIRECTORY = 4_000_000  # bytes of a zip file's list of parts

_MAGIC = 0x1950A86A20F9469CFC6C  # begins a file that torch wrote before version 1.6
_DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "ComplexFloatStorage": torch.complex64,
    "ComplexDoubleStorage": torch.complex128,
    "UntypedStorage": torch.uint8,  # the bytes of newer dtypes, such as float8
}
_DIRECTORY_SIZE = 5  # where zipfile puts it
_DAMAGED = (
    "it is not a whole file of torch.save with tensors and plain values. Give a checkpoint that the training of "
    "TorchSpatial, sphere2vec, SINR or geo_prior wrote."
)


class Storage(NamedTuple):
    """Where the numbers of one or more tensors are."""

    key: str
    dtype: torch.dtype


class Stored(NamedTuple):
    """A tensor in a file, not yet built."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def dtype(self) -> torch.dtype:
        return self.storage.dtype

    @property
    def numel(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)


class Saved(NamedTuple):
    """The content of a file, in which tensors are ``Stored``, and the bytes of their storages."""

    content: Any
    storages: Mapping[str, bytearray]

    def tensor(self, stored: Stored) -> Tensor:
        """Builds a tensor; ``ValueError`` where its numbers are not all in the file."""
        raw, dtype = self.storages.get(stored.storage.key, bytearray()), stored.dtype
        size = torch.empty((), dtype=dtype).element_size()
        span = 1 + sum((n - 1) * step for n, step in zip(stored.shape, stored.strides, strict=True))
        if stored.numel and (stored.offset + span) * size > len(raw):
            raise ValueError(_DAMAGED)
        try:
            if not stored.numel:
                return torch.empty(stored.shape, dtype=dtype)
            flat = torch.frombuffer(raw, dtype=dtype, count=span, offset=stored.offset * size)
            return flat.as_strided(stored.shape, stored.strides).clone(memory_format=torch.contiguous_format)
        except RuntimeError:  # dimensions beyond what torch can count
            raise ValueError(_DAMAGED) from None


def opened(raw: bytes) -> Saved:
    """The content of a file; ``ValueError`` for a damaged one, and one with more than tensors and plain values."""
    try:
        return _opened_zip(raw) if raw.startswith(b"PK") else _opened_stream(raw)
    except _RefusedError as error:
        raise ValueError(str(error)) from None
    except Exception:  # a damaged file raises anything
        raise ValueError(_DAMAGED) from None


class _RefusedError(Exception):
    """The file is whole, but not read."""


def _opened_zip(raw: bytes) -> Saved:
    """A zip file (since torch 1.6): ``NAME/data.pkl``, and ``NAME/data/KEY`` for each storage.  None is compressed."""
    end: Any = zipfile._EndRecData(io.BytesIO(raw))  # type: ignore[attr-defined]
    if end is None or end[_DIRECTORY_SIZE] > MAX_DIRECTORY:  # ZipFile reads all of it at once
        raise ValueError
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = {entry.filename.partition("/")[2]: entry for entry in archive.infolist()}
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
            raise _RefusedError("its parts are compressed, which torch.save never does. Save it again with torch.save.")
        if sum(entry.file_size for entry in entries.values()) > len(raw) or entries["data.pkl"].file_size > MAX_PICKLE:
            raise ValueError
        if "byteorder" in entries and archive.read(entries["byteorder"]) != b"little":
            raise _RefusedError("its numbers are big-endian. Save it again on a machine that is little-endian.")
        content = _Unpickler(io.BytesIO(archive.read(entries["data.pkl"]))).load()
        storages = {
            name.removeprefix("data/"): bytearray(archive.read(entry))
            for name, entry in entries.items()
            if name.startswith("data/")
        }
    return Saved(content, storages)


def _opened_stream(raw: bytes) -> Saved:
    """Before torch 1.6: pickles of a magic number, a version, sizes, the content and the keys; then the storages."""
    head = io.BytesIO(raw[:MAX_PICKLE])
    if _Unpickler(head, plain=True).load() != _MAGIC:
        raise ValueError
    _Unpickler(head, plain=True).load()
    if _Unpickler(head, plain=True).load().get("little_endian") is not True:
        raise ValueError
    unpickler = _Unpickler(head)
    content = unpickler.load()
    keys = _Unpickler(head, plain=True).load()
    storages, start = {}, head.tell()
    if not all(isinstance(key, str) for key in keys):  # as in _check_key
        raise ValueError
    for key in keys:  # each: how many numbers in 8 bytes, then the numbers
        size = torch.empty((), dtype=unpickler.storages[key].dtype).element_size()
        end = start + 8 + size * int.from_bytes(raw[start : start + 8], "little")
        if end > len(raw):
            raise ValueError
        storages[key] = bytearray(raw[start + 8 : end])
        start = end
    return Saved(content, storages)


class _Call:
    """A function that a pickle may call.  It cannot be changed: a pickle may set attributes of what it names."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise ValueError


class _Dict(dict[Any, Any]):
    """In place of an OrderedDict, whose methods a pickle could replace."""

    def __setstate__(self, state: Any) -> None:
        """The ``_metadata`` of a state_dict are ignored."""


# The one written in Python, which takes memory only for what the file holds: the other fills as many places of its
# memo as the file says.
_PythonUnpickler: Any = pickle._Unpickler  # type: ignore[attr-defined]


class _Unpickler(_PythonUnpickler):  # type: ignore[misc]
    """Unpickles plain values and tensors.  With ``plain`` nothing else, not even tensors."""

    dispatch: ClassVar[dict[int, Any]] = dict(_PythonUnpickler.dispatch)
    for _opcode in (pickle.BYTEARRAY8, pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET, pickle.NEXT_BUFFER):
        del dispatch[_opcode[0]]

    def __init__(self, file: io.BytesIO, plain: bool = False) -> None:
        super().__init__(file)
        self.plain = plain
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may name: a few functions of this module in place of torch's, and names of types."""
        if self.plain:
            raise ValueError
        full = f"{module}.{name}"
        if full in _CALLS:
            return _Call(_CALLS[full])
        if (module == "torch" and name.endswith("Storage")) or full == _UNTYPED:
            return name
        if full.startswith("torch._utils._rebuild_") or full in ("torch.serialization._get_layout", "torch.device"):
            return _Call(lambda *_: Opaque(name))
        if full == "numpy.ndarray" or (module == "torch" and isinstance(getattr(torch, name, None), torch.dtype)):
            return Opaque(name)
        found = "".join(letter if letter.isprintable() else "?" for letter in full[:100])
        raise _RefusedError(
            f"it holds {found}, and only tensors and plain numbers, texts, lists and dictionaries are read: anything "
            "else could be code. If it is your own, save it again with plain params."
        )

    def persistent_load(self, pid: Any) -> Storage:
        """A storage: ("storage", type, key, device, how many numbers), before torch 1.6 with a view, None, behind."""
        texts = all(isinstance(text, str) for text in pid[:3])
        if self.plain or not texts or pid[0] != "storage" or pid[5:] not in ((), (None,)):
            raise ValueError
        if pid[1] not in _DTYPES:
            raise _RefusedError(f"its numbers are of the kind {shown(pid[1])}; weights must be {FLOATS}.")
        storage = Storage(pid[2], _DTYPES[pid[1]])
        if self.storages.setdefault(storage.key, storage) != storage:
            raise ValueError
        return storage

    def load_setitem(self) -> None:
        _check_key(self.stack[-2])
        super().load_setitem()

    def load_setitems(self) -> None:
        for key in self.stack[::2]:
            _check_key(key)
        super().load_setitems()

    def load_dict(self) -> None:
        for key in self.stack[::2]:
            _check_key(key)
        super().load_dict()

    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.SETITEMS[0]] = load_setitems
    dispatch[pickle.DICT[0]] = load_dict


def _check_key(key: Any) -> None:
    """The hash of tuples that hold each other many times would take for ever; so would the digits of huge numbers."""
    if not isinstance(key, str | int | float | bool | None) or (isinstance(key, int) and key.bit_length() > 64):
        raise ValueError


def _rebuilt(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> Stored:
    """In place of ``torch._utils._rebuild_tensor_v2``."""
    if not isinstance(storage, Storage) or len(shape) != len(strides) or len(shape) > MAX_DIMENSIONS:
        raise ValueError
    if not all(isinstance(n, int) and 0 <= n < 1 << 62 for n in (offset, *shape, *strides)):
        raise ValueError
    return Stored(storage, offset, tuple(shape), tuple(strides))


def _of_another_dtype(*arguments: Any) -> Opaque:
    """In place of ``torch._utils._rebuild_tensor_v3``, whose seventh argument is a dtype that has no storage."""
    dtype = arguments[6]
    if not isinstance(dtype, Opaque):
        raise ValueError
    return dtype


def _size(values: Any = ()) -> tuple[Any, ...]:
    """In place of ``torch.Size``.  A small file could ask for copies of a long list without end."""
    if len(values) > MAX_DIMENSIONS:
        raise ValueError
    return tuple(values)


_UNTYPED = "torch.storage.UntypedStorage"
_CALLS: Mapping[str, Callable[..., Any]] = {
    "collections.OrderedDict": lambda: _Dict(),
    "torch._utils._rebuild_tensor_v2": _rebuilt,
    "torch._utils._rebuild_tensor": _rebuilt,
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    "torch._utils._rebuild_tensor_v3": _of_another_dtype,
    "torch.Size": _size,
    **CALLS,
}
