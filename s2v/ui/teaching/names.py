"""The names that students choose for the board of their class: what is allowed, and when two are the same.

No list of words is complete, in no language: the teacher can remove a name.  better-profanity 0.7, from 2020, was
looked at and left out: it refuses the names Willy, Dick and Gay, and lets what is spelled with a repeated letter pass.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 24  # characters
MAX_MARKS = 2  # accents on one letter: more make a tower over other lines
_JOINING = " -'’._"
_DIGITS_AS_LETTERS = [str.maketrans("013457", letters) for letters in ("oieast", "oleast")]

# What stands in nobody's name, anywhere in it; and what does, but is no name by itself.
_ANYWHERE = re.compile(
    "f+u+c+k+|n+i+g{2,}(?:e+r+|a+)|b+i+t+c+h+|f+a+g{2,}o+t+|hitler|arschloch|hurensohn|wichser|fotze|schlampe|putain|"
    "connard|mierda|cabron"
)
_ALONE = re.compile(r"s+h+i+t+|c+u+n+t+|nazi|porno?|whore|merde|puta|hure|rape|rapist|sex")


def check_name(text: str) -> str:
    """A name as it stands on the board; ``ValueError`` says what is allowed.

    Examples
    --------
    >>> check_name("  Zoë   K. ")
    'Zoë K.'
    >>> check_name("<b>Ann</b>")
    Traceback (most recent call last):
    ValueError: A name has letters, digits, spaces and - ' . _ only.
    """
    name = " ".join(unicodedata.normalize("NFKC", text[: 4 * MAX_NAME]).split(" ")).strip()
    name = re.sub(" +", " ", name)
    if not name:
        raise ValueError("Give a name first; any that your class knows you by.")
    if len(name) > MAX_NAME or len(text) > 4 * MAX_NAME:
        raise ValueError(f"A name has at most {MAX_NAME} characters.")
    if not all(_is_allowed(letter) for letter in name):
        raise ValueError("A name has letters, digits, spaces and - ' . _ only.")
    if not any(letter.isalnum() for letter in name):
        raise ValueError("A name has at least one letter or digit.")
    if re.search(f"[{''.join(_marks(name))}]{{{MAX_MARKS + 1},}}" if _marks(name) else r"(?!)", name):
        raise ValueError(f"A letter of a name has at most {MAX_MARKS} accents.")
    if _is_rude(name):
        raise ValueError("This name cannot be on the board; choose another one.")
    return name


def key_of(name: str) -> str:
    """What two names have in common that look the same: no accents, no capitals, no spaces or signs.

    Examples
    --------
    >>> key_of("Zoë-K.") == key_of("zoek")
    True
    """
    bare = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in bare if letter.isalnum()) or name


def _is_allowed(letter: str) -> bool:
    return letter in _JOINING or unicodedata.category(letter)[0] in "LM" or unicodedata.category(letter) == "Nd"


def _marks(name: str) -> list[str]:
    return sorted({re.escape(letter) for letter in name if unicodedata.category(letter)[0] == "M"})


def _is_rude(name: str) -> bool:
    for table in _DIGITS_AS_LETTERS:
        words = [key_of(word).translate(table) for word in re.split(r"[ \-'’._]", name)]
        whole = "".join(words)
        if _ANYWHERE.search(whole) or any(_ALONE.fullmatch(word) for word in (*words, whole)):
            return True
    return False
