"""The distance to the nearest training place beside a field's values."""

from __future__ import annotations

from s2v.fields import Field

DISTANCE = "distance_km"  # its name in files


def check_distance(field: Field, distance: Field) -> Field:
    """The distances of a field's cells; ``ValueError`` for those of another grid."""
    if distance.grid != field.grid:
        raise ValueError(f"The distances are on another grid than {field.title!r}: make them on field.grid.")
    return distance
