"""Hostile files, small and made here, and what the command line makes of them, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import pickle
import signal
import struct
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2v.files import write_bytes

SECONDS = 90.0  # for one file: most of it is the import of torch
MAX_MESSAGE = 2000  # characters of an answer, whatever comes in
CANARY = "executed"  # a file that no input may make


@dataclass(frozen=True)
class HostileFile:
    """A file and the arguments of ``python -m s2v`` that read it; ``{file}`` and ``{out}`` in them are replaced."""

    suffix: str
    arguments: tuple[str, ...]
    content: Callable[[Path], bytes]  # of the folder in which nothing may be executed


class _Touch:
    """Unpickled by Python, it makes the canary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self._folder / CANARY}'",)


def _safetensors(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def _zip(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"archive/{name}", content)
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()


def _csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


_MAP = "map", "{file}", "--out", "{out}.png"
_IMPORT = "import", "{file}", "--out", "{out}.safetensors"
_RECIPE = "train", "{file}", "--out", "{out}"
_OWN = "train", "--data", "{file}", "--steps", "2", "--out", "{out}"
_PLACES = [f"{lon},{lat},{lon + lat}" for lon in range(-170, 171, 20) for lat in range(-80, 81, 20)]

FILES: Mapping[str, HostileFile] = {
    "an empty model": HostileFile(".safetensors", _MAP, lambda folder: b""),
    "a model with a header of 2^60 bytes": HostileFile(
        ".safetensors", _MAP, lambda folder: struct.pack("<Q", 1 << 60) + b"{}"
    ),
    "a model that asks for 4 GB": HostileFile(
        ".safetensors",
        _MAP,
        lambda folder: _safetensors({"w": {"dtype": "F32", "shape": [1 << 15, 1 << 15], "data_offsets": [0, 1 << 32]}}),
    ),
    "a model with a deep header": HostileFile(".safetensors", _MAP, lambda folder: _safetensors(b"[" * 100_000)),
    "a model whose recipe is a lie": HostileFile(
        ".safetensors",
        _MAP,
        lambda folder: _safetensors({"__metadata__": {"recipe": '{"hidden": 1e999}', "s2v": "\u202e" * 50}}),
    ),
    "a checkpoint that runs a command": HostileFile(".pt", _IMPORT, lambda folder: pickle.dumps(_Touch(folder))),
    "a zipped checkpoint that runs a command": HostileFile(
        ".pt", _IMPORT, lambda folder: _zip("data.pkl", pickle.dumps(_Touch(folder)))
    ),
    "a checkpoint that unpacks to 64 MB": HostileFile(
        ".pt", _IMPORT, lambda folder: _zip("data.pkl", b"\x80\x02" + b"\x00" * (64 << 20))
    ),
    "a checkpoint of random bytes": HostileFile(".pt", _IMPORT, lambda folder: bytes(range(256)) * 40),
    "a deep recipe": HostileFile(".json", _RECIPE, lambda folder: b"[" * 100_000),
    "a recipe of the wrong types": HostileFile(
        ".json", _RECIPE, lambda folder: b'{"steps": [1], "encoder": {"a": 1}, "data": null, "points": NaN}'
    ),
    "a recipe with long texts": HostileFile(
        ".json", _RECIPE, lambda folder: json.dumps({"encoder": "x" * 100_000, "y" * 100_000: 1}).encode()
    ),
    "a recipe that is no text": HostileFile(".json", _RECIPE, lambda folder: b"\xff\xfe\x00{}"),
    "a table with a line of 1 MB": HostileFile(
        ".csv", _OWN, lambda folder: _csv("lon,lat,value", '"' + "1" * (1 << 20), *_PLACES)
    ),
    "a table of formulas": HostileFile(
        ".csv", _OWN, lambda folder: _csv("lon,lat,kind", *(f"{p.rsplit(',', 1)[0]},=HYPERLINK(1)" for p in _PLACES))
    ),
    "a table of values that are none": HostileFile(
        ".csv", _OWN, lambda folder: _csv("lon,lat,value", "nan,inf,1e999", "999,-999,x", *_PLACES)
    ),
    "a table of zeros": HostileFile(".csv", _OWN, lambda folder: b"\x00" * 10_000),
    "a deep GeoJSON file": HostileFile(
        ".geojson", _OWN, lambda folder: b'{"type":"FeatureCollection","features":' + b"[" * 100_000
    ),
    "a false Parquet file": HostileFile(".parquet", _OWN, lambda folder: b"PAR1" + b"\xff" * 200 + b"PAR1"),
}


async def give(name: str, folder: Path, environment: Mapping[str, str], seconds: float = SECONDS) -> str:
    """Gives the file to the command line; returns what was wrong with its answer, empty where that was in order.

    In order is a sentence and exit code 2, or a success, without a trace of Python and within the time.
    """
    case = FILES[name]
    file, out = folder / f"hostile{case.suffix}", folder / "result"
    write_bytes(file, case.content(folder))
    arguments = [part.format(file=file, out=out) for part in case.arguments]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "s2v", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            _, answer = await process.communicate()
    except TimeoutError:
        return f"{name}: no answer after {seconds:g} s."
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if (folder / CANARY).exists():
        return f"{name}: it was executed."
    return judge(name, process.returncode or 0, answer.decode(errors="replace"))


def judge(name: str, code: int, answer: str) -> str:
    """What is wrong with an answer, as ``give`` returns it."""
    if "Traceback" in answer:
        return f"{name}: {answer.strip().splitlines()[-1][:300]}"
    if code not in (0, 2):
        return f"{name}: exit code {code}."
    if code == 2 and not answer.strip():
        return f"{name}: refused without a sentence."
    if code == 2 and len(answer) > MAX_MESSAGE:
        return f"{name}: a message of {len(answer):,} characters."
    return ""
