"""A session as one zip file: its races with recipes, seeds, results and weights, its pages' settings, and, where that
is wanted, its own data and the models opened from files.  Opened on another machine it gives the same pages.

Inside are JSON and safetensors alone.  Nothing is unpacked before its size has been checked, and nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import re
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import s2v
from s2v.data import OwnData, held_file
from s2v.engine import race_file
from s2v.engine.races import Race
from s2v.models.recipe import Recipe
from s2v.models.tensor_file import read_header

FORMAT = "s2v-session-1"
ABOUT = "session.json"
MAX_BYTES = 256 << 20  # of the file, and of all that is in it once unpacked
MAX_MODELS = 160 << 20  # of the models opened from files
MAX_MEMBERS = 64
MAX_ABOUT = 1 << 20
MAX_SETTINGS, MAX_LETTERS = 80, 300  # settings of a page, and letters of one
MAX_LINES, MAX_LINE = 40, 600  # of what is said of a model, and letters of one
_MEMBER = re.compile(r"(races|data|models)/[0-9a-f]{16}\.safetensors")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, ValueError, KeyError)
_LINES = ("understood", "remarks")
_PACKAGES = ("torch", "numpy", "scipy", "streamlit", "distributed")


@dataclass(frozen=True)
class ModelFile:
    """A model that a session has opened from a file.

    Parameters
    ----------
    file : bytes
        As ``s2v.save`` writes them.
    opened : str
        The name of the file that it came in.
    title : str
    understood, remarks : sequence of str
        What was understood of that file.
    """

    file: bytes = field(repr=False)
    opened: str
    title: str
    understood: Sequence[str] = ()
    remarks: Sequence[str] = ()

    @property
    def member(self) -> str:
        """Its name in the zip file."""
        return f"models/{hashlib.sha256(self.file).hexdigest()[:16]}.safetensors"


@dataclass(frozen=True)
class Session:
    """What a session file holds.

    Parameters
    ----------
    races : sequence of Race, the oldest first; all have ended
    data : sequence of OwnData
    settings : mapping of a page's name to its settings, as in its address
    made_by : mapping, versions of what wrote the file
    models : sequence of ModelFile
    """

    races: Sequence[Race] = ()
    data: Sequence[OwnData] = ()
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    made_by: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[ModelFile] = ()


def dumps(session: Session) -> bytes:
    """The zip file of a session.  Races that still train are left out."""
    members = {f"races/{race.id}.safetensors": race_file.dumps(race) for race in session.races if not race.live}
    for own in session.data:
        members[f"data/{hashlib.sha256(own.name.encode()).hexdigest()[:16]}.safetensors"] = held_file.dumps(own)
    members |= {model.member: model.file for model in session.models}
    about = {
        "format": FORMAT,
        "made_by": _made_by(),
        "settings": {page: dict(found) for page, found in session.settings.items()},
        "members": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
        "models": {model.member: _said_of(model) for model in session.models},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ABOUT, json.dumps(about, indent=1))
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def loads(content: bytes) -> Session:
    """The session in a zip file of ``dumps``; ``ValueError`` with a sentence for anything else."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"The session file has {len(content) >> 20:,} MB; allowed are {MAX_BYTES >> 20:,} MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive)
            about = _about(_read(archive, ABOUT, MAX_ABOUT))
            wanted = {info.filename for info in archive.infolist()} - {ABOUT}
            if wanted != set(about["members"]):
                raise ValueError("its list of contents is not that of what is in it")
            members = {name: _read(archive, name, MAX_BYTES) for name in about["members"]}
    except _BROKEN as error:
        raise _no_session(error) from None
    races, data, models = [], [], []
    for name, part in members.items():
        if hashlib.sha256(part).hexdigest() != about["members"][name]:
            raise _no_session(ValueError(f"{name} was changed since it was saved"))
        try:
            if name.startswith("data/"):
                data.append(held_file.loads(part))
            elif name.startswith("models/"):
                models.append(_model(part, about["models"].get(name)))
            else:
                races.append(_ended(race_file.loads(part), name))
        except ValueError as error:
            raise _no_session(ValueError(f"{name}: {error}")) from None
    return Session(races, data, about["settings"], about["made_by"], models)


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = [info.filename for info in members]
    strange = next((name for name in names if name != ABOUT and not _MEMBER.fullmatch(name)), None)
    if len(set(names)) < len(names) or len(names) > MAX_MEMBERS:
        raise ValueError(f"it has {len(names)} parts, of which {len(names) - len(set(names))} are there twice")
    if strange is not None:
        raise ValueError(f"its part {strange[:80]!r} is nothing that a session has")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in members):
        raise ValueError("its parts are packed otherwise than by deflation")
    total = sum(info.file_size for info in members)
    if total > MAX_BYTES:
        raise ValueError(f"unpacked it has {total >> 20:,} MB; allowed are {MAX_BYTES >> 20:,} MB")


def _read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """A part of the archive: never more than it says to have, whatever is packed in it."""
    info = archive.getinfo(name)
    size = min(info.file_size, limit)
    with archive.open(info) as part:
        content = part.read(size + 1)
    if len(content) != info.file_size:
        raise ValueError(f"its part {name} is not as large as it says")
    return content


def _about(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise ValueError(f"its format is {str(found['format'])[:50]!r}, not {FORMAT!r}")
        settings = {
            str(page)[:MAX_LETTERS]: {
                str(name)[:MAX_LETTERS]: str(value)[:MAX_LETTERS] for name, value in list(of.items())[:MAX_SETTINGS]
            }
            for page, of in list(found["settings"].items())[:MAX_MEMBERS]
        }
        made_by = {str(name)[:40]: str(value)[:80] for name, value in list(found["made_by"].items())[:20]}
        models = dict(found.get("models", {}))  # older files have none
        return {"settings": settings, "made_by": made_by, "members": dict(found["members"]), "models": models}
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"its {ABOUT} is none ({type(error).__name__})") from None


def _said_of(model: ModelFile) -> dict[str, Any]:
    return {
        "opened": model.opened,
        "title": model.title,
        "understood": list(model.understood),
        "remarks": list(model.remarks),
    }


def _model(file: bytes, said: Any) -> ModelFile:
    """A model with what is said of it; whether its weights fit is for the process to say that opens it."""
    metadata, _ = read_header(file)
    try:
        Recipe.from_json(metadata["recipe"])
        lines = {name: tuple(str(line)[:MAX_LINE] for line in said[name][:MAX_LINES]) for name in _LINES}
        return ModelFile(file, str(said["opened"])[:MAX_LETTERS], str(said["title"])[:MAX_LETTERS], **lines)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"it is no model of this lab, or nothing is said of it ({type(error).__name__})") from None


def _ended(race: Race, name: str) -> Race:
    if race.live or name != f"races/{race.id}.safetensors":
        raise ValueError("it is not the race that its name says, or has not ended")
    return race


def _no_session(error: Exception) -> ValueError:
    why = str(error)[:300].rstrip(".") or type(error).__name__
    return ValueError(
        f"This is no session of the lab: {why}. Allowed is a zip file that was saved on the page Session."
    )


def _made_by() -> dict[str, str]:
    """What tells the software apart: where it differs, trainings may differ in their last digits."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {"s2v": s2v.__version__, "python": platform.python_version(), "system": sys.platform, **versions}
