"""``python -m s2v map``: a model's predictions as a picture or as data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from s2v import data, export, files
from s2v.cli.out import check_file, check_folder
from s2v.data.catalogue import OWN
from s2v.data.nearest import SHARE
from s2v.fields import Grid

if TYPE_CHECKING:
    from s2v.models.model import LocationModel
    from s2v.predictors import Predictor

PICTURES = (".png", ".svg", ".pdf")
DATA = tuple(export.FORMATS)
MIN_DEGREES = 0.1  # six million cells of the world
PIXELS = 601  # side of a polar map
PROJECTIONS = ("world", "north", "south")
USUAL = "usual"


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "model", metavar="MODEL", type=Path, help="a .safetensors file that train, import or s2v.save wrote"
    )
    command.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help=f"its suffix is the format: {' '.join(PICTURES + DATA)}"
    )
    command.add_argument(
        "--class",
        dest="of",
        metavar="NAME",
        help="map the probability of this class (default: the most probable class)",
    )
    command.add_argument(
        "--stderr", action="store_true", help="map the standard error of kriging in place of its values"
    )
    command.add_argument("--projection", choices=PROJECTIONS, default="world", help="the whole world, or one pole")
    command.add_argument(
        "--edge", type=float, default=50.0, metavar="DEGREES", help="latitude at the edge of a polar map (50)"
    )
    command.add_argument(
        "--degrees", type=float, default=1.0, metavar="DEGREES", help="width of a cell of the world (1)"
    )
    command.add_argument(
        "--veil",
        metavar="KM",
        help=f"veil what lies farther than this from all training places; {USUAL}: the distance within which "
        f"{100 * SHARE:.0f} %% of them have another one. Data files (not .geojson) get the distance of each cell",
    )
    command.add_argument("--cog", action="store_true", help="a .tif as a cloud-optimised GeoTIFF")
    command.add_argument("--dark", action="store_true", help="pictures for a dark page")


def work(options: argparse.Namespace) -> None:
    """Evaluates a model on a grid and writes the file."""
    suffix = options.out.suffix.lower()
    if suffix not in PICTURES + DATA:
        raise ValueError(f"--out {options.out}: the suffix must be one of {', '.join(PICTURES + DATA)}.")
    check_folder(options.out)
    if options.stderr and options.of is not None:
        raise ValueError("Both --class and --stderr given; only one is allowed.")
    if not 0 <= options.edge <= 85:
        raise ValueError(f"--edge {options.edge:g} is outside its range; allowed is a latitude from 0 to 85 degrees.")
    if not options.degrees >= MIN_DEGREES:
        raise ValueError(f"--degrees {options.degrees:g} is too small; allowed is {MIN_DEGREES:g} or more.")

    km = _kilometres(options.veil)
    if options.projection == "world":
        grid = Grid.equirectangular(options.degrees)
    else:
        grid = Grid.polar(options.projection, PIXELS, options.edge)
    if options.cog and suffix != ".tif":
        raise ValueError(f"--cog: only a GeoTIFF can be cloud-optimised, not {suffix}. Choose .tif, or leave it out.")
    if suffix in DATA:
        export.check(options.out, grid, options.veil is not None, options.cog)
    else:
        check_file(options.out)

    from s2v.models import checkpoints  # slow to load: torch
    from s2v.models.predictions import predicted, standard_error

    model = checkpoints.load(options.model)
    places = None if options.veil is None else _training_places(model)
    field = standard_error(model, grid) if options.stderr else predicted(model, grid, options.of)
    if suffix in PICTURES:
        from s2v.figures.printed import printed_map
        from s2v.figures.veil import Veil

        veil = None if places is None else Veil.of(places, km)
        files.write_bytes(options.out, printed_map(field, suffix[1:], veil=veil, dark=options.dark))
    else:
        export.write(field, options.out, None if places is None else data.distance_field(places, grid), options.cog)
    print(options.out)
    if note := _torn(model, "" if model.classes else field.units):
        print(f"note: {note}", file=sys.stderr)


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
        told = torn_in_words(recipe.encoder, recipe.encoder_params, _training_places(model))
    if not told:
        return ""
    what = "Probabilities" if model.classes else "Values"
    found = [f"{difference:.3g} {units}".strip() for difference in differences(model.predict)]
    apart = f"{found[0]} at the dateline, {found[1]} at the north pole and {found[2]} at the south pole"
    return f"{told} {what} of one place differ by up to {apart}."


def _training_places(model: LocationModel | Predictor) -> NDArray[np.float64]:
    """The training places (n, 2) of a model: a predictor keeps them, those of a network are made from its recipe."""
    from s2v.predictors import Predictor

    if isinstance(model, Predictor):
        return model.lonlat
    recipe = model.recipe
    if data.parse(recipe.data)[0] in OWN:
        raise ValueError(
            "--veil: a network's file holds no training places, and this one was not trained on the lab's own data. "
            "Leave --veil out."
        )
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    return dataset.lonlat[dataset.train]
