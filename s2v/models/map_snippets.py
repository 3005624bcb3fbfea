"""Maps as the Python and the shell command that make them again.  Free of torch; the tests run them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

QUANTITIES = ("prediction", "probability", "entropy", "stderr", "error", "difference", "truth", "distance")
_COMMAND_PROJECTIONS = {"north": "north", "south": "south"}


@dataclass(frozen=True)
class DrawnMap:
    """What is on a map.

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
    rival : str
        Of a difference: the other model's file.
    degrees : float
        Side of a cell.
    projection, edge : str, float
        Of the picture; the latitude at the edge of a polar one.
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
    edge: float = 50.0


def map_code(drawn: DrawnMap, out: str = "map.tif") -> str:
    """The Python that computes the values of a map and writes them.

    Parameters
    ----------
    drawn : DrawnMap
    out : str, default "map.tif"

    Returns
    -------
    str

    Examples
    --------
    >>> print(map_code(DrawnMap("geoid.safetensors", "prediction")))
    import numpy as np
    import s2v
    <BLANKLINE>
    grid = s2v.fields.Grid.equirectangular(1)
    model = s2v.load('geoid.safetensors')
    values = model.predict(grid.lonlat)
    print(values.shape, np.nanmin(values), np.nanmax(values))
    s2v.export.write(s2v.fields.Field(values.astype(float), grid, 'prediction'), 'map.tif')
    """
    lines = ["import numpy as np", "import s2v", "", f"grid = s2v.fields.Grid.equirectangular({drawn.degrees:g})"]
    if drawn.file and drawn.quantity not in ("truth", "distance"):
        lines.append(f"model = s2v.load({drawn.file!r})")
    lines += _values(drawn)
    lines.append("print(values.shape, np.nanmin(values), np.nanmax(values))")
    title = f"probability of {drawn.of}" if drawn.quantity == "probability" else drawn.quantity
    lines.append(f"s2v.export.write(s2v.fields.Field(values.astype(float), grid, {title!r}), {out!r})")
    return "\n".join(lines)


def map_command(drawn: DrawnMap, out: str = "map.png") -> str:
    """The shell command that draws a map; a comment where the command cannot draw such a one.

    Parameters
    ----------
    drawn : DrawnMap
    out : str, default "map.png"

    Returns
    -------
    str

    Examples
    --------
    >>> print(map_command(DrawnMap("cover.safetensors", "probability", of="Snow and ice", projection="north")))
    python -m s2v map cover.safetensors --out map.png --class 'Snow and ice' --projection north --edge 50
    >>> print(map_command(DrawnMap("a.safetensors", "difference", rival="b.safetensors")))
    # The command maps predictions, probabilities of a class and standard errors; a difference takes the Python.
    """
    if drawn.quantity not in ("prediction", "probability", "stderr"):
        article = "an" if drawn.quantity[0] in "aeiou" else "a"
        return (
            "# The command maps predictions, probabilities of a class and standard errors; "
            f"{article} {drawn.quantity} takes the Python."
        )
    words = ["python", "-m", "s2v", "map", drawn.file, "--out", out]
    if drawn.quantity == "probability":
        words += ["--class", drawn.of]
    if drawn.quantity == "stderr":
        words.append("--stderr")
    if drawn.projection in _COMMAND_PROJECTIONS:
        words += ["--projection", _COMMAND_PROJECTIONS[drawn.projection], "--edge", f"{drawn.edge:g}"]
    elif drawn.degrees != 1:
        words += ["--degrees", f"{drawn.degrees:g}"]
    return shlex.join(words)


def _values(drawn: DrawnMap) -> list[str]:
    """The lines that compute ``values`` on ``grid``."""
    predicted = "model.predict(grid.lonlat)"
    rival = f"s2v.load({drawn.rival!r}).predict(grid.lonlat)"
    truth = f"s2v.data.load({drawn.data!r}, 1).truth_at(grid.lonlat)"
    pick = f"[..., model.classes.index({drawn.of!r})]" if drawn.of else ""
    if drawn.quantity == "distance":
        places = f"s2v.data.load({drawn.data!r}, points={drawn.points}, seed={drawn.seed}, split={drawn.split!r})"
        if not drawn.data:
            places = "s2v.data.read_points('places.csv')  # your file"
        return [
            f"dataset = {places}",
            "values = s2v.data.distance_to_nearest(grid.lonlat, dataset.lonlat[dataset.train])",
        ]
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
        }[drawn.quantity]
    ]
