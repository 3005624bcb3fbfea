"""The encoding of a text file: by its mark, or by what can be decoded."""

from __future__ import annotations

import codecs
import re

_PIECE = 2**20  # bytes
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
_LETTERS = re.compile("[\N{LATIN CAPITAL LETTER A WITH GRAVE}-\N{LATIN SMALL LETTER Y WITH DIAERESIS}]{3}")


def guess(content: bytes, title: str) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 where it is valid, else Windows-1252 or, failing that, Latin-1."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    if b"\0" in content:
        wide = _is_utf_16(content[:_PIECE])
        what = "UTF-16 without its mark" if wide else "no text"
        raise ValueError(
            f"{title} holds NUL bytes, so it is {what}: save it as UTF-8"
            f"{', or pass encoding=' + repr(wide) if wide else ''}."
        )
    for name in ("utf-8", "cp1252"):
        if _is_valid(content, name):
            return name
    return "latin-1"


def in_words(encoding: str) -> str:
    """An encoding as people call it."""
    return _NAMES.get(encoding.lower(), encoding)


def looks_wrong(text: str) -> bool:
    """Whether a text that was read as Windows-1252 is likely to be in another encoding: ``×àéêà`` is a Russian word.

    No word of a Western language has three letters with accents in a row.
    """
    return bool(_LETTERS.search(text))


def _is_utf_16(content: bytes) -> str:
    """The name of the encoding if nearly every other byte is NUL; "" if not."""
    half = len(content) // 2
    if half >= 4 and content[1::2].count(0) > 0.8 * half and content[::2].count(0) < 0.2 * half:
        return "utf-16-le"
    if half >= 4 and content[::2].count(0) > 0.8 * half and content[1::2].count(0) < 0.2 * half:
        return "utf-16-be"
    return ""


def _is_valid(content: bytes, encoding: str) -> bool:
    """Whether all of it can be decoded, piece by piece: as one text it may take four times its size."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
