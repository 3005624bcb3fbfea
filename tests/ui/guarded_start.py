"""Runs a module that may look up nothing but localhost and reach nothing but this machine: ``... MODULE ARGUMENTS``.

A try fails, and is logged.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

TRY = "tried to ask"
_TARGETS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1, "socket.sendto": 1}
_HERE = (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::")


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _TARGETS:
        target = arguments[_TARGETS[event]]
        host = target[0] if isinstance(target, tuple) else target
        if host not in _HERE:
            print(TRY, host, event, file=sys.stderr, flush=True)
            raise OSError(f"{TRY} {host}")


if __name__ == "__main__":
    sys.addaudithook(_guard)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
