"""The map of the Maps page: its preview, and its files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from s2v import data, export
from s2v.fields import Field
from s2v.figures.veil import Veil
from s2v.models.recipe import Recipe
from s2v.ui import labels, pictures, trained_models
from s2v.ui.maps.settings import Choice, Look
from s2v.ui.maps.sources import Source
from s2v.ui.race import veil

PREVIEW_PIXELS = 1000  # width
PREVIEW_DETAIL = "50m"
MAX_GEOJSON_CELLS = 300_000  # each may become a polygon of 150 bytes
PICTURES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
DATA = {
    ".tif": ("GeoTIFF", "image/tiff"),
    ".nc": ("NetCDF", "application/x-netcdf"),
    ".geojson": ("GeoJSON", "application/geo+json"),
    ".csv": ("CSV", "text/csv"),
}


def preview(found: Field, choice: Choice, look: Look, key: Any) -> bytes:
    """The map as a PNG for the page, cached under a ``key`` of the values."""
    wanted = replace(look, dpi=0)  # which is of the files alone
    return pictures.cached("maps preview", (key, wanted), lambda: draw(found, choice, look, "png", PREVIEW_PIXELS))


def draw(found: Field, choice: Choice, look: Look, format: str, pixels: int | None = None) -> bytes:
    """The map as a file; ``pixels`` wide, or as many as the look says.  ``ValueError`` for a bad layout."""
    from s2v.figures.layouts import Projection
    from s2v.figures.printed import printed_map, usual_inches  # here, because cartopy takes a second to import

    projection = Projection(**dict(look.layout))  # type: ignore[arg-type]  # its own fields
    dpi = round(pixels / usual_inches(projection)) if pixels else look.dpi
    return printed_map(
        replace(found, title=look.title) if look.title else found,
        format,
        projection=projection,
        veil=veil_of(choice),
        dark=look.dark,
        coast=look.coast,
        graticule=look.graticule,
        caption=caption(choice) if look.caption else "",
        dpi=dpi,
        preview=pixels is not None,
    )


def veil_of(choice: Choice) -> Veil | None:
    """The veil over the map of a model; none over the truth."""
    source = choice.source
    return veil.veil_of(source.recipe, choice.veil) if source.recipe and source.has_places else None


def caption(choice: Choice) -> str:
    """The credit of the data, and how the model was made."""
    source = choice.source
    parts = [f"Data: {source.dataset.credit}"]
    for model in (source, choice.rival):
        if model is not None and model.recipe is not None and choice.quantity not in ("truth", "distance"):
            parts.append(f"Model: {model.title}, {_made(model.recipe, model)}.")
    return " ".join(parts)


def about(choice: Choice) -> dict[str, str]:
    """What the files of the values say of their origin, as those of the command line do."""
    source = choice.source
    made = caption(choice).partition(" Model: ")[2]
    recipe = source.recipe.to_json() if source.recipe and choice.quantity != "truth" else ""
    return {"source": made, "credit": source.dataset.credit, "recipe": recipe}


def show_files(found: Field, choice: Choice, look: Look) -> None:
    """A button for each file; nothing is made before it is clicked."""
    name = file_name(choice)
    over = veil_of(choice)
    found = replace(found, about=about(choice))
    st.subheader("Take it with you", anchor=False)
    with st.container(horizontal=True):
        for format, mime in PICTURES.items():
            file = f"{name}-{look.projection.replace('_', '-')}.{format}"
            _button(format.upper(), partial(draw, found, choice, look, format), file, mime)
        for suffix, (label, mime) in DATA.items():
            file = f"{name}-{look.degrees:g}deg{suffix}"
            zipped = _is_zipped(suffix, found)
            too_many = suffix == ".geojson" and found.values.size > MAX_GEOJSON_CELLS
            _button(
                label,
                partial(_data, found, suffix, over, file),
                f"{file}.zip" if zipped else file,
                "application/zip" if zipped else mime,
                "A polygon for each of so many cells would be too large a file: choose cells of 0.5 degrees or more."
                if too_many
                else None,
            )
        source = choice.source
        if source.recipe:
            _button("Model", lambda: source.file, f"{source.file_name}.safetensors", "application/octet-stream")
    rows, columns = found.grid.shape
    distances = (
        " The distance of each cell to the nearest training place is in them, too (not in GeoJSON)." if over else ""
    )
    names = (
        " The GeoTIFF comes in a zip with a second file, in which GDAL and QGIS find the names of the classes: keep "
        "both together."
        if found.classes
        else ""
    )
    st.caption(
        f"PNG has {look.dpi} pixels an inch; SVG and PDF keep lines and letters as such. The data files hold the whole "
        f"Earth in {columns:,} by {rows:,} cells, longitude and latitude (WGS 84), whatever the projection."
        f"{distances}{names}"
    )


def _button(label: str, make: Callable[[], bytes], file: str, mime: str, problem: str | None = None) -> None:
    st.download_button(
        label,
        make,
        file,
        mime,
        on_click="ignore",
        icon=":material/download:",
        key=f"maps file {label}",
        disabled=problem is not None,
        help=problem or file,
    )


def _data(found: Field, suffix: str, over: Veil | None, name: str = "map.tif") -> bytes:
    distance = None
    if over is not None and suffix != ".geojson":
        kilometres = over.distance.sample(found.grid.lonlat)
        distance = over.distance.with_values(kilometres, grid=found.grid)
    return _zipped(found, distance, name) if _is_zipped(suffix, found) else export.FORMATS[suffix](found, distance)


def _is_zipped(suffix: str, found: Field) -> bool:
    """Whether a GeoTIFF comes with a second file: no TIFF holds the names of classes, and GDAL looks for them there."""
    return suffix == ".tif" and bool(found.classes)


def _zipped(found: Field, distance: Field | None, name: str) -> bytes:
    """A GeoTIFF with the names of its classes beside it, as GDAL and QGIS read them, also from within the zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, export.to_geotiff(found, distance))
        archive.writestr(name + export.SIDECAR, export.sidecar(found, distance) or b"")
    return content.getvalue()


def file_name(choice: Choice) -> str:
    """What a file holds, in its name: geoid-sphereM-error."""
    parts = [choice.source.file_name]
    if choice.quantity != "truth" or choice.source.recipe:
        parts.append(choice.quantity)
    if choice.rival and choice.rival.recipe:
        parts.append(choice.rival.recipe.contestant.name.replace("+", "plus"))
    classes = choice.source.dataset.classes
    if classes and choice.quantity in ("probability", "difference"):
        word = "".join(c if c.isascii() and c.isalnum() else "-" for c in classes[choice.number].lower()).strip("-")
        parts.append(word[:30] or str(choice.number))
    return "-".join(parts)


def _made(recipe: Recipe, model: Source) -> str:
    """How a model was made, in a line."""
    if model.name.startswith(trained_models.OPENED):
        return f"opened from a file; network {recipe.network}"
    places = f"{recipe.points:,} training places (seed {recipe.seed}), held out {data.split_title(recipe.split)}"
    if recipe.predictor:
        return f"a reference predictor, {places}"
    config = recipe.contestant
    settings = labels.settings(config)
    steps = model.frame.step if model.frame else recipe.steps
    network = f"network {recipe.network} of {recipe.layers} layers of {recipe.hidden}"
    return (f"{settings}, " if settings else "") + f"{network}, {steps:,} steps, {places}"


def key_of(choice: Choice, degrees: float) -> tuple[Any, ...]:
    """What decides the values of a map."""
    rival = choice.rival.name if choice.rival else ""
    return (choice.source.name, choice.quantity, choice.number, rival, choice.veil, degrees)
