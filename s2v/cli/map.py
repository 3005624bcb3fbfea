"""``python -m s2v map``: a model's predictions as a picture or as data."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from s2v import data, export, files
from s2v.cli import map_values
from s2v.cli.out import check_file, check_folder
from s2v.data.catalogue import OWN
from s2v.data.nearest import SHARE
from s2v.fields import Field, Grid
from s2v.figures.layouts import TAKES, Projection, check_dpi
from s2v.models.choices import DEVICES
from s2v.models.map_snippets import QUANTITIES

if TYPE_CHECKING:
    from s2v.models.model import LocationModel
    from s2v.predictors import Predictor

PICTURES = (".png", ".svg", ".pdf")
DATA = tuple(export.FORMATS)
MIN_DEGREES = 0.1  # six million cells of the world
PIXELS = 601  # side of a polar map
WORLD = "world"
USUAL = "usual"


def describe(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    about = "a .safetensors file that train, import or s2v.save wrote; with --quantity truth a built-in data set, too"
    add("model", metavar="MODEL", type=Path, help=about)
    about = f"its suffix is the format: {' '.join(PICTURES + DATA)}"
    add("--out", metavar="FILE", type=Path, required=True, help=about)

    what = command.add_argument_group("what is mapped")
    add = what.add_argument
    about = "default: prediction, or with --class probability; difference takes --less, and --class where there are any"
    add("--quantity", choices=QUANTITIES, help=about)
    about = "map the probability of this class (default: the most probable class)"
    add("--class", dest="of", metavar="NAME", help=about)
    add("--stderr", action="store_true", help="the same as --quantity stderr: the standard error of kriging")
    add("--less", metavar="MODEL", type=Path, help="of a difference: the model whose answer is taken off")
    about = (
        "width of a cell of the world (1). With it a picture of a pole is of such cells, too, as on the page Maps; "
        "without it the model is asked for every pixel"
    )
    add("--degrees", type=float, metavar="DEGREES", help=about)
    about = (
        f"veil what lies farther than this from all training places; {USUAL}: the distance within which "
        f"{100 * SHARE:.0f} %% of them have another one. Data files (not .geojson) get the distance of each cell"
    )
    add("--veil", metavar="KM", help=about)
    add("--device", choices=DEVICES, default="auto", help="where it is predicted: auto is a GPU where there is one")
    add("--cog", action="store_true", help="a .tif as a cloud-optimised GeoTIFF")

    layout = command.add_argument_group(
        "layout", "Data files hold the whole world in longitude and latitude, but those of north and south one pole."
    )
    add = layout.add_argument
    about = f"{WORLD}: the whole world, in a picture in Equal Earth"
    add("--projection", choices=(WORLD, *TAKES), default=WORLD, help=about)
    add("--edge", type=float, metavar="DEGREES", help="latitude at the edge of a polar map (50)")
    add("--lon", type=float, metavar="DEGREES", help="longitude in the middle of a map of the world or of a globe (0)")
    add("--lat", type=float, metavar="DEGREES", help="latitude in the middle of an orthographic map (0)")
    about = "edges of the projection extent; a west greater than the east is a map across the dateline"
    add("--extent", type=float, nargs=4, metavar=("WEST", "SOUTH", "EAST", "NORTH"), help=about)

    look = command.add_argument_group("look")
    add = look.add_argument
    about = "colour map of values, such as viridis, cividis or RdBu_r (default: that of the quantity)"
    add("--colors", metavar="NAME", help=about)
    about = "values of the first and the last colour (default: those of the quantity)"
    add("--limits", type=float, nargs=2, metavar=("LOW", "HIGH"), help=about)
    about = "value of the middle colour of a diverging colour map, where no limits are given (0)"
    add("--centre", type=float, default=0.0, metavar="VALUE", help=about)
    add("--title", help="default: that of the quantity")
    about = "small letters below the map; without TEXT, credit of the data and origin of the model"
    add("--caption", nargs="?", const=USUAL, default="", metavar="TEXT", help=about)
    add("--no-coast", dest="coast", action="store_false", help="no coastlines")
    add("--no-graticule", dest="graticule", action="store_false", help="no meridians and parallels")
    add("--dark", action="store_true", help="pictures for a dark page")
    add("--dpi", type=int, default=200, metavar="PIXELS", help="pixels an inch of a picture, 30 to 600 (200)")


def work(options: argparse.Namespace) -> None:
    """Evaluates a model on a grid and writes the file."""
    suffix = options.out.suffix.lower()
    if suffix not in PICTURES + DATA:
        raise ValueError(f"--out {options.out}: the suffix must be one of {', '.join(PICTURES + DATA)}.")
    check_folder(options.out)
    quantity = _quantity(options)
    projection = _projection(options)
    check_dpi(options.dpi)
    _check_colors(options.colors)
    if options.degrees is not None and not options.degrees >= MIN_DEGREES:
        raise ValueError(f"--degrees {options.degrees:g} is too small; allowed is {MIN_DEGREES:g} or more.")
    km = _kilometres(options.veil)
    by_pixel = projection.name in ("north", "south") and (suffix in DATA or options.degrees is None)
    grid = (
        Grid.polar(projection.name, PIXELS, projection.edge)  # type: ignore[arg-type]  # one of these two
        if by_pixel
        else Grid.equirectangular(options.degrees or 1.0)
    )
    if options.cog and suffix != ".tif":
        raise ValueError(f"--cog: only a GeoTIFF can be cloud-optimised, not {suffix}. Choose .tif, or leave it out.")
    if suffix in DATA:
        export.check(options.out, grid, options.veil is not None, options.cog)
    else:
        check_file(options.out)
    if quantity == "truth" and str(options.model) in data.names():
        if options.veil is not None:
            raise ValueError("--veil: the truth of a data set has no training places; leave it out, or give a model.")
        _write(options, map_values.truth(str(options.model), grid), projection, None, km)
        return

    from s2v.models import checkpoints  # slow to load: torch

    model = checkpoints.load(options.model, device=options.device)
    places = None if options.veil is None else map_values.training_places(model, "--veil")
    field = map_values.model_field(model, grid, quantity, options.of, options.less, options.device)
    _write(options, field, projection, places, km)
    if note := _torn(model, "" if model.classes else field.units):
        print(f"note: {note}", file=sys.stderr)


def _write(
    options: argparse.Namespace, field: Field, projection: Projection, places: NDArray[Any] | None, km: float | None
) -> None:
    from s2v.figures.quantities import coloured  # slow to load: matplotlib

    low, high = options.limits or (None, None)
    if field.classes and (options.colors or options.limits):
        raise ValueError("--colors and --limits are of values; this map is of classes, which have their own colours.")
    field = (
        coloured(field, options.colors or "", low, high, options.centre) if options.colors or low is not None else field
    )
    field = replace(field, title=options.title) if options.title else field
    suffix = options.out.suffix.lower()
    if suffix in PICTURES:
        from s2v.figures.printed import printed_map
        from s2v.figures.veil import Veil

        picture = printed_map(
            field,
            suffix[1:],
            projection=projection if field.grid.kind == "equirectangular" else None,
            veil=None if places is None else Veil.of(places, km),
            dark=options.dark,
            coast=options.coast,
            graticule=options.graticule,
            caption=_usual_caption(field) if options.caption == USUAL else options.caption,
            dpi=options.dpi,
        )
        files.write_bytes(options.out, picture)
    else:
        distance = None if places is None else data.distance_field(places, field.grid)
        export.write(field, options.out, distance, options.cog)
    print(options.out)


def _quantity(options: argparse.Namespace) -> str:
    """The quantity that is asked for; ``ValueError`` where two are, or what goes with it is missing."""
    if options.stderr and options.of is not None:
        raise ValueError("Both --class and --stderr given; only one is allowed.")
    if options.stderr and options.quantity not in (None, "stderr"):
        raise ValueError(f"Both --stderr and --quantity {options.quantity} given; only one is allowed.")
    usual = "stderr" if options.stderr else "probability" if options.of is not None else "prediction"
    quantity = str(options.quantity or usual)
    if options.of is not None and quantity not in ("probability", "difference"):
        raise ValueError(f"--class: a map of quantity {quantity} takes no class; probability and difference do.")
    if (options.less is not None) != (quantity == "difference"):
        raise ValueError(
            "--less FILE, the model whose answer is taken off, belongs to --quantity difference; give both or neither."
        )
    return quantity


def _projection(options: argparse.Namespace) -> Projection:
    """The projection that is asked for; ``ValueError`` for numbers that it does not take."""
    name = "equal_earth" if options.projection == WORLD else options.projection
    given = {option: getattr(options, option) for option in ("edge", "lon", "lat", "extent")}
    given = {option: value for option, value in given.items() if value is not None}
    for option in given:
        if option not in TAKES[name]:
            takers = ", ".join(n for n, taken in TAKES.items() if option in taken)
            raise ValueError(f"--{option}: the projection {options.projection} has none; these have: {takers}.")
    if name == "extent" and "extent" not in given:
        raise ValueError("--projection extent takes --extent WEST SOUTH EAST NORTH, in degrees.")
    if "extent" in given:
        given["extent"] = tuple(given["extent"])
    return Projection(name, **given)


def _check_colors(name: str | None) -> None:
    """``ValueError`` for a colour map that there is not."""
    from s2v.figures.colormaps import NAMES  # slow to load: matplotlib

    if name is not None and name not in NAMES:
        raise ValueError(f"--colors {name}: allowed are {', '.join(NAMES)}.")


def _usual_caption(field: Field) -> str:
    credit, source = field.about.get("credit", ""), field.about.get("source", "")
    return " ".join(f"{what}: {text}" for what, text in (("Data", credit), ("Model", source)) if text)


def _kilometres(given: str | None) -> float | None:
    """The distance of a veil; None for the usual one."""
    from s2v.figures.veil import check_km

    if given is None or given == USUAL:
        return None
    try:
        return check_km(float(given))
    except ValueError:
        raise ValueError(f"--veil {given}: allowed are {USUAL}, or a distance from 1 to 20015 km.") from None


def _torn(model: LocationModel | Predictor, units: str) -> str:
    """A sentence where a network's encoder is torn and its training places lie there, or are not known."""
    from s2v.models.torn import differences, torn_in_words
    from s2v.predictors import Predictor

    if isinstance(model, Predictor):
        return ""
    recipe = model.recipe
    known = data.parse(recipe.data)[0] not in OWN
    told = torn_in_words(recipe.encoder, recipe.encoder_params, None)
    if told and known:
        told = torn_in_words(recipe.encoder, recipe.encoder_params, map_values.training_places(model, "--veil"))
    if not told:
        return ""
    what = "Probabilities" if model.classes else "Values"
    found = [f"{difference:.3g} {units}".strip() for difference in differences(model.predict)]
    apart = f"{found[0]} at the dateline, {found[1]} at the north pole and {found[2]} at the south pole"
    return f"{told} {what} of one place differ by up to {apart}."
