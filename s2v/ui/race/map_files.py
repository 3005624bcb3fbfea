"""The maps of a race as files for other programs: truth, and what each contestant predicts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from s2v import cf, export
from s2v.fields import Field
from s2v.ui.race import maps

if TYPE_CHECKING:
    from s2v.engine import Race


def netcdf(race: Race, titles: Sequence[str]) -> bytes:
    """All maps of the world, each a variable."""
    return export.to_netcdf([_titled(title, field) for title, field in maps.world(race, titles, _quantity(race), 0)])


def geotiffs(race: Race, titles: Sequence[str]) -> bytes:
    """A ZIP archive: each map of the world and of both poles as a GeoTIFF, with the names of its classes beside it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, field in _all(race, titles):
            archive.writestr(f"{name}.tif", export.to_geotiff(field))
            names = export.sidecar(field)
            if names is not None:
                archive.writestr(f"{name}.tif{export.SIDECAR}", names)
    return content.getvalue()


def _all(race: Race, titles: Sequence[str]) -> Iterator[tuple[str, Field]]:
    """The maps with a file name each: contestants may have the same title but for their settings."""
    quantity = _quantity(race)
    world = maps.world(race, titles, quantity, 0)
    poles = maps.poles(race, titles, quantity, 0)
    for i, ((title, whole), (_, north, south)) in enumerate(zip(world, poles, strict=True), start=1):
        for where, field in (("world", whole), ("north", north), ("south", south)):
            yield f"{i}-{cf.flag_meanings([title])[0]}-{where}", _titled(title, field)


def _quantity(race: Race) -> str:
    return maps.quantities(race.recipe.task, maps.is_single(race))[0]


def _titled(title: str, field: Field) -> Field:
    return replace(field, title=f"{title}: {field.title}")
