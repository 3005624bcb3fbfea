"""A large file is read in a process of its own: the server's other pages do not wait for it, and it can be stopped.

``python -m s2v.data.readers.aside`` is that process.  It takes a request and the file from its input and writes lines
with the number of rows that it has read, and then its answer.  Nothing is written to disk.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import IO, Any

from s2v import processes
from s2v.data.readers import opened
from s2v.data.readers.base import Options, title
from s2v.data.readers.files import READERS, open_table
from s2v.data.readers.opened import Head, Opened
from s2v.data.readers.survey import Column, survey
from s2v.data.readers.text import TEXT
from s2v.errors import user_message

MAX_HERE, MAX_PACKED_HERE = 2_000_000, 200_000  # bytes of a file that takes a second at most; packed ones hold more
MAX_MEMORY, MEMORY_SETTING = 4000, "S2V_MAX_READING_MB"  # MB of address space, and the setting that changes it
MIN_MEMORY = 250  # MB: the program itself takes 220
MAX_SECONDS = 300  # of processor time
MAX_AT_ONCE = 2  # files; others wait
NICENESS = 5

_PACKED = (b"PAR1", b"PK\x03\x04")
_turns = threading.BoundedSemaphore(MAX_AT_ONCE)


def is_large(content: bytes) -> bool:
    """Whether to read a file is too much work for a process that others wait for."""
    return len(content) > (MAX_PACKED_HERE if content.startswith(_PACKED) else MAX_HERE)


def is_slow_to_open(content: bytes) -> bool:
    """The same of looking at its columns and first rows: text shows them at its beginning."""
    return is_large(content) and any(reader.recognises(content) for reader in READERS if reader is not TEXT)


class Reading:
    """A file that is being read in a process of its own.

    Parameters
    ----------
    content, name : bytes, str
        Of the file.
    request : mapping
        As ``head_request``, ``survey_request`` or ``read_request`` give it.
    """

    def __init__(self, content: bytes, name: str, request: Mapping[str, Any]) -> None:
        self.rows = 0  # that have been read
        self._content, self._name = content, name
        self._request = json.dumps({**request, "name": name}).encode()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._answer: tuple[bool, bytes] | None = None  # whether it is what was asked for, and not why there is none
        self._ended = False

    @property
    def waits(self) -> bool:
        """Whether other files are read first."""
        return self._process is None

    def wait(self, seconds: float) -> bool:
        """Waits so long at most, for its turn or its end; whether it has ended."""
        if self._process is None:
            if not _turns.acquire(timeout=seconds):
                return False
            try:
                self._start()
            except BaseException:
                _turns.release()
                raise
        assert self._reader is not None
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def answer(self) -> bytes:
        """What was asked for; ``ValueError`` says why there is none."""
        self.end()
        if self._answer is None:
            raise ValueError(
                f"{title(self._name)} could not be read: that takes more than {_max_memory() / 1000:g} GB of memory or "
                f"{MAX_SECONDS // 60} minutes. Keep only the columns of longitude, latitude and target, or take a "
                f"sample of the rows; whoever runs this server can change the limit ({MEMORY_SETTING})."
            )
        good, found = self._answer
        if not good:
            raise ValueError(found.decode())
        return found

    def end(self) -> None:
        """Ends the process, if it has not ended."""
        if self._process is None or self._ended:
            return
        self._ended = True
        self._process.kill()
        self._process.wait()
        if self._reader is not None:
            self._reader.join()
        _turns.release()

    def _start(self) -> None:
        self._process = processes.start(__name__)
        self._reader = threading.Thread(target=self._follow, args=(self._process,), name="s2v-reading", daemon=True)
        self._reader.start()

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin as to:
                to.write(b"%d\n" % len(self._request))
                to.write(self._request)
                to.write(self._content)
        except BrokenPipeError:  # it has ended, or been ended
            pass
        with process.stdout as lines:
            for line in lines:
                kind, _, number = line.partition(b" ")
                if kind == b"rows":
                    self.rows = int(number)
                    continue
                found = lines.read(int(number))
                if len(found) == int(number):
                    self._answer = kind == b"answer", found
                return


def head_request(options: Mapping[str, str]) -> dict[str, Any]:
    """Asks for the columns: ``head_of`` reads the answer."""
    return {"wanted": "head", "options": dict(options)}


def survey_request(options: Mapping[str, str]) -> dict[str, Any]:
    """Asks which columns could be learned: ``survey_of`` reads the answer."""
    return {"wanted": "survey", "options": dict(options)}


def read_request(how: Mapping[str, Any]) -> dict[str, Any]:
    """Asks for the places: ``opened_of`` reads the answer."""
    return {"wanted": "places", "how": dict(how)}


def head_of(answer: bytes) -> Head:
    found = json.loads(answer)
    return Head(**{**found, "columns": tuple(found["columns"])})


def survey_of(answer: bytes) -> Sequence[Column]:
    return [Column(**column) for column in json.loads(answer)]


def opened_of(answer: bytes) -> Opened:
    return opened.loads(answer)


def main(given: IO[bytes], out: IO[bytes]) -> None:
    """Reads the file in ``given`` and writes the answer; an error in the file is an answer, too."""
    import resource  # here, since the page's process needs none, and Windows has none

    for limit, value in ((resource.RLIMIT_AS, _max_memory() * 10**6), (resource.RLIMIT_CPU, MAX_SECONDS)):
        resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))  # programs that it runs have their own
    os.nice(NICENESS)
    request = json.loads(given.read(int(given.readline())))
    file = io.BytesIO(given.read())
    file.name = request["name"]

    def progress(rows: int) -> None:
        out.write(b"rows %d\n" % rows)
        out.flush()

    kind = b"answer"
    try:
        found = _answer(file, request, progress)
    except (ValueError, OSError) as error:
        kind, found = b"error", (user_message(error) or str(error)).encode()
    out.write(b"%s %d\n" % (kind, len(found)))
    out.write(found)


def _max_memory() -> int:
    given = os.environ.get(MEMORY_SETTING, "")
    return max(int(given), MIN_MEMORY) if given.isdecimal() else MAX_MEMORY


def _answer(file: io.BytesIO, request: Mapping[str, Any], progress: Any) -> bytes:
    if request["wanted"] == "places":
        return opened.dumps(Opened.read(file, request["name"], request["how"], progress))
    table = open_table(file, Options(**request["options"]))
    if request["wanted"] == "head":
        return json.dumps(asdict(Head.of(table))).encode()
    return json.dumps([asdict(column) for column in survey(table)]).encode()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
