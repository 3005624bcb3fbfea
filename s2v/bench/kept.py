"""Scores of earlier runs, in a file of one line each: what was measured is not measured again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from s2v import files


class Kept:
    """Scores by their keys.

    Parameters
    ----------
    path : Path or None
        The file, which need not be there yet; None keeps them for this run alone.
    of : str
        What a key describes, the name of its column in the file.
    """

    def __init__(self, path: Path | None, of: str) -> None:
        self._path, self._of, self._scores = path, of, dict[str, float]()
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                found = json.loads(line)
                self._scores[found[of]] = found["score"]

    def __contains__(self, key: str) -> bool:
        return key in self._scores

    def score(self, key: str, measure: Callable[[], float]) -> float:
        """The score of a key: that of the file, or what ``measure`` returns, which is added to it."""
        if key not in self._scores:
            self._scores[key] = measure()
            if self._path is not None:
                lines = [json.dumps({self._of: key, "score": score}) + "\n" for key, score in self._scores.items()]
                files.write_bytes(self._path, "".join(lines).encode())
        return self._scores[key]
