"""Maps as the Python and the shell commands that make them again.  Free of torch; the tests run them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

QUANTITIES = ("prediction", "probability", "entropy", "stderr", "error", "difference", "truth", "distance")
USUAL = "usual"  # a veil at the distance that the places ask for


@dataclass(frozen=True)
class DrawnMap:
    """What is on a map, and how it is drawn.

    Attributes
    ----------
    file : str
        The model's file; "" for the truth of a data set.
    quantity : str
        One of ``QUANTITIES``.
    data : str
        The model's data set; "" for a user's own, whose truth is not known.
    points, seed, split : int, int, str
        Of the model's training places.
    of : str
        Of a probability: the class.
    has_classes : bool
        Whether the model predicts classes.
    rival : str
        Of a difference: the other model's file.
    degrees : float
        Side of a cell.
    projection : str
        Its name in ``s2v.figures.layouts``.
    layout : mapping
        The other arguments of that ``Projection``.
    title, units, caption : str
    colormap, limits : str, (float, float) or None
        Of values; None for a map of classes.
    coast, graticule, dark : bool
    dpi : int
    veil : str
        "" for none, "usual", or a distance in kilometres.
    name : str
        The beginning of the names of the files that are written.
    """

    file: str
    quantity: str
    data: str = ""
    points: int = 0
    seed: int = 0
    split: str = "random"
    of: str = ""
    has_classes: bool = False
    rival: str = ""
    degrees: float = 1.0
    projection: str = "equal_earth"
    layout: Mapping[str, object] = field(default_factory=dict)
    title: str = ""
    units: str = ""
    caption: str = ""
    colormap: str = ""
    limits: tuple[float, float] | None = None
    coast: bool = True
    graticule: bool = True
    dark: bool = False
    dpi: int = 200
    veil: str = ""
    name: str = "map"

    @property
    def picture(self) -> str:
        """The name of its picture."""
        return f"{self.name}-{self.projection.replace('_', '-')}.png"

    @property
    def raster(self) -> str:
        """The name of the file with its values."""
        return f"{self.name}-{self.degrees:g}deg.tif"


def map_code(drawn: DrawnMap) -> str:
    """The Python that computes the values of a map, and writes them and its picture.

    Parameters
    ----------
    drawn : DrawnMap

    Returns
    -------
    str

    Examples
    --------
    >>> print(map_code(DrawnMap("geoid.safetensors", "prediction", title="Geoid", units="m", limits=(-90, 90))))
    from pathlib import Path
    import numpy as np
    import s2v
    from s2v.figures.layouts import Projection
    from s2v.figures.printed import printed_map
    <BLANKLINE>
    grid = s2v.fields.Grid.equirectangular(1)
    model = s2v.load('geoid.safetensors')
    values = model.predict(grid.lonlat)
    field = s2v.fields.Field(values.astype(float), grid, 'Geoid', 'm', (-90, 90))
    print(values.shape, np.nanmin(values), np.nanmax(values))
    s2v.export.write(field, 'map-1deg.tif')
    picture = printed_map(field, 'png', projection=Projection('equal_earth'))
    Path('map-equal-earth.png').write_bytes(picture)
    """
    lines = [
        "from pathlib import Path",
        "import numpy as np",
        "import s2v",
        "from s2v.figures.layouts import Projection",
    ]
    lines += ["from s2v.figures.printed import printed_map"]
    lines += ["from s2v.figures.veil import Veil"] if drawn.veil else []
    lines += ["", f"grid = s2v.fields.Grid.equirectangular({drawn.degrees:g})"]
    if drawn.file and drawn.quantity not in ("truth", "distance"):
        lines.append(f"model = s2v.load({drawn.file!r})")
    lines += _places(drawn)
    lines += _values(drawn)
    lines.append(f"field = {_field(drawn)}")
    lines.append("print(values.shape, np.nanmin(values), np.nanmax(values))")
    lines.append(f"s2v.export.write(field, {drawn.raster!r}{_distance(drawn)})")
    how = ", ".join(["'png'", f"projection={_projection(drawn)}", *_look(drawn)])
    lines.append(f"picture = printed_map(field, {how})")
    lines.append(f"Path({drawn.picture!r}).write_bytes(picture)")
    return "\n".join(lines)


def map_command(drawn: DrawnMap) -> str:
    """The shell commands that draw a map and write its values; a comment where there is no such command.

    Parameters
    ----------
    drawn : DrawnMap

    Returns
    -------
    str

    Examples
    --------
    >>> print(map_command(DrawnMap("cover.safetensors", "probability", of="Snow and ice", limits=(0, 1))))
    python -m s2v map cover.safetensors --class 'Snow and ice' --degrees 1 --limits 0 1 --out map-1deg.tif
    python -m s2v map cover.safetensors --class 'Snow and ice' --degrees 1 --limits 0 1 --projection equal_earth \
--out map-equal-earth.png
    >>> print(map_command(DrawnMap("birds.safetensors", "distance")))
    # The file of this model does not hold its training places, so a map of the distance to them takes the Python.
    """
    lines = []
    if not drawn.data and drawn.quantity == "distance":
        return (
            "# The file of this model does not hold its training places, so a map of the distance to them takes the "
            "Python."
        )
    veil = drawn.veil if drawn.data else ""
    if drawn.veil and not veil:
        lines.append("# Without the veil: the file of this model does not hold its training places. The Python has it.")
    words = ["python", "-m", "s2v", "map", drawn.file or drawn.data, *_asked(drawn), "--degrees", f"{drawn.degrees:g}"]
    if drawn.limits is not None:
        words += ["--limits", *(_number(limit) for limit in drawn.limits)]
    words += ["--colors", drawn.colormap] if drawn.colormap else []
    words += ["--title", drawn.title] if drawn.title else []
    words += ["--veil", veil] if veil else []
    picture = ["--projection", drawn.projection]
    for name, value in drawn.layout.items():
        numbers = value if isinstance(value, tuple) else (value,)
        picture += [f"--{name}", *(_number(float(str(number))) for number in numbers)]
    picture += ["--caption", drawn.caption] if drawn.caption else []
    picture += [] if drawn.coast else ["--no-coast"]
    picture += [] if drawn.graticule else ["--no-graticule"]
    picture += ["--dark"] if drawn.dark else []
    picture += ["--dpi", str(drawn.dpi)] if drawn.dpi != 200 else []
    lines.append(shlex.join([*words, "--out", drawn.raster]))
    lines.append(shlex.join([*words, *picture, "--out", drawn.picture]))
    return "\n".join(lines)


def _asked(drawn: DrawnMap) -> list[str]:
    """The options that say which quantity is mapped."""
    words = [] if drawn.quantity in ("prediction", "probability") else ["--quantity", drawn.quantity]
    words += ["--class", drawn.of] if drawn.of else []
    return [*words, "--less", drawn.rival] if drawn.rival else words


def _number(value: float) -> str:
    """A number for the command line, which takes none with an exponent after a minus sign."""
    return np.format_float_positional(value, trim="-")


def _field(drawn: DrawnMap) -> str:
    """The field of ``values``, with what decides its colours."""
    if drawn.has_classes and drawn.quantity == "error":
        return (
            f"s2v.fields.Field(values, grid, {drawn.title!r}, limits=(-0.5, 1.5), classes=('right', 'wrong'), "
            "colors=('#e8e8e8', '#d55e00'))"
        )
    if drawn.has_classes and drawn.quantity in ("prediction", "truth"):
        if drawn.data:
            return f"s2v.data.load({drawn.data!r}, 1).field(values, grid, {drawn.title!r})"
        return (
            f"s2v.fields.Field(values.astype(float), grid, {drawn.title!r}, limits=(-0.5, len(model.classes) - 0.5), "
            "classes=model.classes)"
        )
    words = ["values.astype(float)", "grid", repr(drawn.title or drawn.quantity), repr(drawn.units)]
    words += [repr(drawn.limits)] if drawn.limits else []
    words += [f"colormap={drawn.colormap!r}"] if drawn.colormap else []
    return f"s2v.fields.Field({', '.join(words)})"


def _projection(drawn: DrawnMap) -> str:
    return f"Projection({', '.join([repr(drawn.projection), *(f'{k}={v!r}' for k, v in drawn.layout.items())])})"


def _look(drawn: DrawnMap) -> list[str]:
    """The arguments of ``printed_map`` that are not the usual ones."""
    km = "" if drawn.veil == USUAL else f", {drawn.veil}"
    return [
        *([f"veil=Veil.of(places{km})"] if drawn.veil else []),
        *(["dark=True"] if drawn.dark else []),
        *([] if drawn.coast else ["coast=False"]),
        *([] if drawn.graticule else ["graticule=False"]),
        *([f"caption={drawn.caption!r}"] if drawn.caption else []),
        *([f"dpi={drawn.dpi}"] if drawn.dpi != 200 else []),
    ]


def _places(drawn: DrawnMap) -> list[str]:
    """The lines that find the training places, where they are asked for."""
    if drawn.quantity != "distance" and not drawn.veil:
        return []
    found = f"s2v.data.load({drawn.data!r}, points={drawn.points}, seed={drawn.seed}, split={drawn.split!r})"
    if not drawn.data:
        found = "s2v.data.read_points('places.csv')  # your file"
    return [f"dataset = {found}", "places = dataset.lonlat[dataset.train]"]


def _distance(drawn: DrawnMap) -> str:
    return ", s2v.data.distance_field(places, grid)" if drawn.veil else ""


def _values(drawn: DrawnMap) -> list[str]:
    """The lines that compute ``values`` on ``grid``."""
    predicted = "model.predict(grid.lonlat)"
    rival = f"s2v.load({drawn.rival!r}).predict(grid.lonlat)"
    truth = f"s2v.data.load({drawn.data!r}, 1).truth_at(grid.lonlat)"
    pick = f"[..., model.classes.index({drawn.of!r})]" if drawn.of else ""
    if drawn.quantity == "error" and drawn.has_classes:
        return [f"truth = {truth}", f"values = np.where(np.isnan(truth), np.nan, {predicted}.argmax(-1) != truth)"]
    return [
        {
            "prediction": f"values = {predicted}{'.argmax(-1)' if drawn.has_classes else ''}",
            "probability": f"values = {predicted}{pick}",
            "entropy": f"values = s2v.evaluation.entropy({predicted})",
            "stderr": "values = model.stderr(grid.lonlat)",
            "error": f"values = {predicted} - {truth}",
            "difference": f"values = {predicted}{pick} - {rival}{pick}",
            "truth": f"values = {truth}",
            "distance": "values = s2v.data.distance_to_nearest(grid.lonlat, places)",
        }[drawn.quantity]
    ]
