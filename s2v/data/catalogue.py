"""The data sets there are, for widgets, checks and command lines; reads no data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from s2v.errors import shown
from s2v.parameters import Parameter, check_all

Task = Literal["regression", "classification", "presence"]
TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True)
class Entry:
    """What is known of a data set before it is read.

    Attributes
    ----------
    title : str
    task : "regression", "classification" or "presence"
    family : str
        The module in ``s2v.data`` whose ``load`` makes it.
    points : int, default 20,000
        How many training places it has unless others are asked for.
    parameters : tuple of Parameter
        What can be set in the name of a synthetic set.
    classes : int, default 0
        How many classes, unless a parameter of that name says so.
    places_only : bool, default False
        Whether it is known at its own places only, and not between them.

    Examples
    --------
    >>> Entry("Tides", "regression", "tides").points
    20000
    """

    title: str
    task: Task
    family: str
    points: int = 20000
    parameters: tuple[Parameter, ...] = ()
    classes: int = 0
    places_only: bool = False


# Of the mixtures S i.j: i counts the strata, j the concentrations, as in U j.
STRATA = (5, 10, 25, 50)
CONCENTRATIONS = (16, 32, 64, 128)
POLAR_CONCENTRATION = 2000
POLE = 90  # the latitude of vmf:polar unless it is turned


def _mixture(
    title: str,
    concentration: float,
    strata: int = 0,
    which: str = "Largest concentration",
    more: tuple[Parameter, ...] = (),
) -> Entry:
    parameters: tuple[Parameter, ...] = (
        Parameter("classes", int, 50, "Classes", "How many classes, each around a centre.", low=1, high=250),
        Parameter(
            "concentration",
            float,
            float(concentration),
            which,
            "The larger, the tighter the classes are around their centres.",
            low=1,
            high=100000,
            exact=True,
        ),
        Parameter("draw", int, 0, "Draw", "Another number, other centres and concentrations.", low=0, high=2**31 - 1),
    )
    if strata:
        about = "Bands of equal height in latitude, with as many centres in each."
        parameters += (Parameter("strata", int, strata, "Strata", about, low=1, high=250),)
    return Entry(title, "classification", "mixtures", 50000, (*parameters, *more))


_LATITUDE = Parameter(
    "latitude",
    int,
    POLE,
    "Latitude",
    "Where the middle of the cap lies: at the north pole, or the same centres, turned to this latitude and 0° E.",
    low=-90,
    high=90,
    unit="degrees",
)
_CELLS = Parameter("cells", int, 200, "Cells", "More cells are smaller and harder to learn.", low=1, high=100000)

CATALOGUE: dict[str, Entry] = {
    "geoid": Entry("Geoid height", "regression", "rasters"),
    "relief": Entry("Relief (bedrock)", "regression", "rasters"),
    "relief:bands": Entry("Relief in ten bands", "classification", "rasters", classes=10),
    "land_cover": Entry("Land cover", "classification", "rasters", classes=17),
    "land_ocean": Entry("Land and ocean", "classification", "land", classes=2),
    "checkerboard": Entry("Checkerboard", "classification", "checkerboard", parameters=(_CELLS,), classes=16),
    "cities": Entry("Cities by country", "classification", "cities", classes=246, places_only=True),
    "cities:population": Entry("Population of cities", "regression", "cities", places_only=True),
    "cities:presence": Entry("Cities, presence only", "presence", "cities", classes=1, places_only=True),
    "languages": Entry("Language families", "classification", "languages", classes=70, places_only=True),
    "languages:presence": Entry("Languages, presence only", "presence", "languages", classes=70, places_only=True),
    **{f"vmf:U{j}": _mixture(f"Mixture U{j}", kappa) for j, kappa in enumerate(CONCENTRATIONS, 1)},
    **{
        f"vmf:S{i}.{j}": _mixture(f"Mixture S{i}.{j}", kappa, strata)
        for i, strata in enumerate(STRATA, 1)
        for j, kappa in enumerate(CONCENTRATIONS, 1)
    },
    "vmf:polar": _mixture("Mixture in a cap", POLAR_CONCENTRATION, which="Concentration", more=(_LATITUDE,)),
}


MAX_OWN_CLASSES = 2_000_000  # as many as a file may have rows


def _check_id(given: Any) -> str:
    if not isinstance(given, str) or not re.fullmatch("([0-9a-f]{16})?", given):
        raise ValueError(f"id={shown(given)} is not the id of data of your own, which has 16 digits from 0 to f.")
    return given


def _own(title: str, task: Task) -> Entry:
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "id", str, "", "Id", "Which of your data they are.", forms=("16 digits from 0 to f",), read=_check_id
        ),
    )
    if task != "regression":
        about = "How many classes they have."
        parameters = (Parameter("classes", int, 0, "Classes", about, low=0, high=MAX_OWN_CLASSES), *parameters)
    return Entry(title, task, "held", parameters=parameters, places_only=True)


# Data that users bring.  Without an id such a name says no more than the task; with one it is the name of data that a
# process holds (``s2v.data.held``).
OWN: dict[str, Entry] = {
    "own:regression": _own("Your values", "regression"),
    "own:classification": _own("Your classes", "classification"),
    "own:presence": _own("Your presences", "presence"),
}
_ALL = {**CATALOGUE, **OWN}


def check_task(task: str) -> Task:
    """The task itself; ``ValueError`` for an unknown one."""
    for known in TASKS:
        if task == known:
            return known
    raise ValueError(f"task={shown(task)} is not one of {', '.join(TASKS)}.")


def names() -> tuple[str, ...]:
    """Names of the built-in data sets, in the order in which they are offered.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> names()[:4]
    ('geoid', 'relief', 'relief:bands', 'land_cover')
    """
    return tuple(CATALOGUE)


def is_own(name: str) -> bool:
    """Whether a data set is of a user's own places.

    Parameters
    ----------
    name : str
        With or without parameters.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_own("own:regression"), is_own("geoid")
    (True, False)
    """
    return name.partition(",")[0] in OWN


def entry(name: str) -> Entry:
    """The entry of a data set.

    Parameters
    ----------
    name : str
        With or without parameters.

    Returns
    -------
    Entry

    Raises
    ------
    ValueError
        As ``check_name``.

    Examples
    --------
    >>> found = entry("vmf:U3,draw=4")
    >>> found.title, found.task, [p.name for p in found.parameters]
    ('Mixture U3', 'classification', ['classes', 'concentration', 'draw'])
    """
    return _ALL[parse(name)[0]]


def classes_of(name: str) -> int:
    """How many classes a data set has; 0 for a regression, and for a user's own places whose name does not say it.

    Parameters
    ----------
    name : str
        With or without parameters.

    Returns
    -------
    int

    Examples
    --------
    >>> classes_of("land_cover"), classes_of("vmf:U3,classes=20"), classes_of("geoid")
    (17, 20, 0)
    """
    base, params = parse(name)
    return int(params.get("classes", _ALL[base].classes))


def check_name(name: str) -> str:
    """The name with only those parameters that differ from their defaults, in a fixed order.  Reads no file.

    Parameters
    ----------
    name : str
        With or without parameters.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such data set, listing the names, or no such parameter or value.

    Examples
    --------
    >>> check_name("vmf:U3, draw=2,classes=50")
    'vmf:U3,draw=2'
    """
    base, params = parse(name)
    changed = {p.name: params[p.name] for p in _ALL[base].parameters if params[p.name] != p.default}
    return ",".join([base, *(f"{key}={value}".removesuffix(".0") for key, value in changed.items())])


def parse(name: str) -> tuple[str, Mapping[str, Any]]:
    """The name without its parameters, and the values of all parameters.

    Parameters
    ----------
    name : str
        Such as "checkerboard,cells=400".

    Returns
    -------
    (str, mapping of str to value)

    Raises
    ------
    ValueError
        As ``check_name``.

    Examples
    --------
    >>> parse("checkerboard,cells=400")
    ('checkerboard', {'cells': 400})
    """
    base, *parts = name.split(",")
    if base not in _ALL:
        raise ValueError(f"data={shown(name)} is unknown; there are: {', '.join(CATALOGUE)}.")
    given: dict[str, str] = {}
    for part in parts:
        key, equals, value = (text.strip() for text in part.partition("="))
        if not equals or key in given:
            raise ValueError(f"data={shown(name)}: {shown(part)} must be parameter=value, each given once.")
        given[key] = value
    return base, check_all(_ALL[base].parameters, given, f"the data set {base!r}")
