"""The numbers of all lessons, computed ahead: ``assets/lessons/lessons.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache

from s2v.assets import asset_path, damaged
from s2v.lessons.parser import SIGNS, Claim
from s2v.lessons.words import Number, NumberName

FILE = "lessons.json"
COLUMNS = tuple(f.name for f in fields(Number))


@cache
def stored() -> Mapping[str, Number]:
    """The numbers by their keys; ``AssetError`` where the file is missing or damaged."""
    path = asset_path("lessons", FILE)
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {str(row["number"]): of_row(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error


def of_row(row: Mapping[str, object]) -> Number:
    """The number in a row of the file, where "" stands for none."""
    return Number(*(math.nan if row[name] == "" else float(str(row[name])) for name in COLUMNS))


def row_of(key: str, number: Number) -> dict[str, float | str]:
    """A row of the file."""
    values = {name: float(getattr(number, name)) for name in COLUMNS}
    return {"number": key, **{name: "" if math.isnan(value) else value for name, value in values.items()}}


def holds(claim: Claim, numbers: Mapping[str, Number]) -> bool:
    """Whether the numbers say what a step claims."""
    first = numbers[claim.first.key]
    if claim.relation == "is":
        return first.sign == SIGNS[str(claim.second)]
    second = numbers[claim.second.key].value if isinstance(claim.second, NumberName) else float(claim.second)
    return first.value > second if claim.relation == ">" else first.value < second
