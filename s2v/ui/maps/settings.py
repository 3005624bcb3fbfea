"""The settings of the Maps page: what is drawn, how it is laid out, its colours, lines and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from s2v import data
from s2v.errors import shown
from s2v.figures.colormaps import DIVERGING, NAMES
from s2v.parameters import Parameter
from s2v.ui.maps import fields, sources
from s2v.ui.maps.sources import RUN, TRUTH, Source
from s2v.ui.page_state import PageState
from s2v.ui.race import veil

# The names of s2v.figures.layouts, in the order of the menu.
PROJECTIONS = {
    "north": "North pole",
    "south": "South pole",
    "poles": "Both poles",
    "equal_earth": "World, Equal Earth",
    "robinson": "World, Robinson",
    "plate_carree": "World, plate carrée",
    "orthographic": "Globe from above (orthographic)",
    "extent": "A part of the Earth",
}
DEGREES = ("2", "1", "0.5", "0.25")
OWN_COLOURS = "own"  # those of the data
MAX_WORDS = 120  # letters of a title

MODEL = Parameter("model", str, "", "Map of", "A finished model of this session, or the data themselves.")
SHOW = Parameter("show", str, "truth", "Show", "What the colours mean.")
CLASS = Parameter("class", str, "", "Class", "Whose probability is drawn.")
RIVAL = Parameter("less", str, "", "Less that of", "The model whose answer is taken off.")
PROJECTION = Parameter(
    "projection",
    str,
    "north",
    "Projection",
    "Equal Earth and the polar maps show all areas in their true proportion.",
    choices=tuple(PROJECTIONS),
)
LON = Parameter(
    "lon", float, 0.0, "Longitude in the middle", "East is positive.", -180, 180, unit="degrees", exact=True
)
LAT = Parameter("lat", float, 60.0, "Latitude in the middle", "North is positive.", -90, 90, unit="degrees", exact=True)
EDGE = Parameter(
    "edge", float, 50.0, "Latitude at the edge", "Where a polar map ends.", 0, 85, unit="degrees", exact=True
)
EXTENT = (
    Parameter("west", float, -30.0, "West", "Greater than east: across the dateline.", -180, 180, exact=True),
    Parameter("south", float, 55.0, "South", "The lower edge of the map.", -90, 90, exact=True),
    Parameter("east", float, 60.0, "East", "The right edge of the map.", -180, 180, exact=True),
    Parameter("north", float, 84.0, "North", "The upper edge of the map.", -90, 90, exact=True),
)
RESOLUTION = Parameter(
    "degrees",
    str,
    "1",
    "Cells (degrees)",
    "Finer cells take longer: a quarter of a degree is a million of them.",
    choices=DEGREES,
)
COLOURS = Parameter(
    "colours",
    str,
    OWN_COLOURS,
    "Colour map",
    "Perceptual maps rise evenly from dark to light; diverging ones have a middle, for values above and below it.",
    choices=(OWN_COLOURS, *NAMES),
)
CENTRE = Parameter("centre", float, 0.0, "Middle of the colours", "The value of the middle colour.", exact=True)
COAST = Parameter("coast", bool, True, "Coastlines", "Natural Earth, 1 : 50 million.")
GRATICULE = Parameter("lines", bool, True, "Meridians and parallels", "With their labels where there is room.")
DARK = Parameter("dark", bool, False, "Dark paper", "For slides.")
CAPTION = Parameter("caption", bool, True, "Caption", "Credit of the data and recipe of the model, below the map.")
TITLE = Parameter("title", str, "", "Title", f"At most {MAX_WORDS} letters; empty for the usual one.")
DPI = Parameter(
    "dpi",
    str,
    "200",
    "Pixels an inch",
    "Of PNG files, and of the values in SVG and PDF.",
    choices=("100", "200", "300", "600"),
)


def _limit(given: str) -> str:
    """A limit as it was given, if it is a number or empty."""
    text = given.strip().replace(",", ".").replace("−", "-")
    try:
        number = float(text) if text else 0.0
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e15:
        raise ValueError(f"limit={shown(given)} is no number; allowed is a number such as -20 or 3.5, or nothing.")
    return text


LOW = Parameter(
    "low", str, "", "Lowest value", "Of the colours; empty for the usual one.", forms=("-20", "3.5"), read=_limit
)
HIGH = replace(LOW, name="high", title="Highest value")


@dataclass(frozen=True)
class Choice:
    """What is to be drawn."""

    source: Source
    quantity: str
    number: int  # of the class
    rival: Source | None
    veil: str  # a choice of ``race.veil``


@dataclass(frozen=True)
class Look:
    """How it is drawn.  ``layout`` are the arguments of ``s2v.figures.layouts.Projection``."""

    layout: tuple[tuple[str, object], ...]
    degrees: float
    colormap: str
    low: float | None
    high: float | None
    centre: float
    coast: bool
    graticule: bool
    dark: bool
    caption: bool
    title: str
    dpi: int

    @property
    def projection(self) -> str:
        """The projection's name."""
        return str(dict(self.layout)["name"])


def offered(state: PageState) -> tuple[list[Source], list[Source]]:
    """The models and the truths to choose from; adds the choice to the page.

    A model of a link is among them, if this server keeps it.
    """
    models, truths = sources.models(), sources.truths()
    given = str(st.query_params.get("model", ""))
    if given.startswith(RUN) and all(model.name != given for model in models):
        if found := sources.linked(given):
            models.append(found)
        else:
            state.note(
                f"{given} is a model that neither this session has nor this server keeps any more: train it again on "
                "the Train page. This map is another one."
            )
            st.query_params["model"] = models[0].name if models else TRUTH + sources.FIRST_TRUTH
    names = [source.name for source in (*models, *truths)]
    first = models[0].name if models else TRUTH + sources.FIRST_TRUTH
    # With a new race its first model is shown.
    state.add(replace(MODEL, default=first, choices=tuple(names)), group=first)
    if state["model"] not in names:
        state.settle("model", first, group=first)
    return models, truths


def choice_widgets(state: PageState, models: Sequence[Source], truths: Sequence[Source]) -> Choice:
    """What is drawn."""
    known = {source.name: source for source in (*models, *truths)}
    source = known[str(state.widget("model", label=lambda name: known[name].label))]
    rivals = [m for m in models if source.recipe and m.name != source.name and fields.are_comparable(m, source)]
    quantities = fields.quantities(source, rivals)
    state.add(replace(SHOW, default=quantities[0], choices=quantities), group=f"{quantities}")
    quantity = quantities[0]
    if len(quantities) > 1:
        quantity = str(state.widget("show", label=lambda q: _quantity_title(source, q)))
    rival = None
    if quantity == "difference":
        names = {m.name: m for m in rivals}
        state.add(replace(RIVAL, default=rivals[0].name, choices=tuple(names)), group=f"{tuple(names)}")
        rival = names[str(state.widget("less", label=lambda name: names[name].title))]
    number = 0
    if fields.needs_class(source, quantity):
        classes = source.dataset.classes
        state.add(replace(CLASS, default=classes[0], choices=classes), group=source.data)
        number = classes.index(str(state.widget("class"))) if len(classes) > 1 else 0
    veiled = veil.OFF
    if source.recipe and source.has_places and quantity != "distance":
        veil.add(state, data.entry(source.data).places_only)
        veiled = veil.widget(state, source.recipe)
    return Choice(source, quantity, number, rival, veiled)


def look_widgets(state: PageState, is_of_classes: bool, units: str) -> Look:
    """How it is drawn."""
    state.add(PROJECTION, RESOLUTION, COAST, GRATICULE, DARK, CAPTION, TITLE, DPI)
    name = str(state.widget("projection", label=PROJECTIONS.__getitem__))
    layout = {"name": name, **_layout_widgets(state, name)}
    degrees = float(state.widget("degrees"))
    colormap, low, high, centre = "", None, None, 0.0
    if not is_of_classes:
        state.add(COLOURS, LOW, HIGH)
        with st.expander("Colours", icon=":material/palette:"):
            chosen = str(state.widget("colours", label=_colour_title))
            colormap = "" if chosen == OWN_COLOURS else chosen
            left, right = st.columns(2)
            with left:
                state.widget("low")
            with right:
                state.widget("high")
            if colormap in DIVERGING:
                state.add(CENTRE)
                centre = float(state.widget("centre"))
            if units:
                st.caption(f"Limits in {units}.")
        low, high = (_number(str(state[name])) for name in ("low", "high"))
    with st.expander("Lines and words", icon=":material/title:"):
        title = str(state.widget("title"))[:MAX_WORDS].strip()
        coast, graticule = bool(state.widget("coast")), bool(state.widget("lines"))
        caption, dark = bool(state.widget("caption")), bool(state.widget("dark"))
    dpi = int(state.widget("dpi"))
    return Look(
        tuple(layout.items()), degrees, colormap, low, high, centre, coast, graticule, dark, caption, title, dpi
    )


def _layout_widgets(state: PageState, projection: str) -> dict[str, object]:
    """The numbers of a projection."""
    if projection in ("north", "south", "poles"):
        state.add(EDGE)
        return {"edge": float(state.widget("edge"))}
    if projection == "extent":
        state.add(*EXTENT)
        left, right = st.columns(2)
        found = []
        for i, parameter in enumerate(EXTENT):
            with (left, right)[i // 2]:
                found.append(float(state.widget(parameter.name)))
        return {"extent": tuple(found)}
    state.add(LON)
    layout: dict[str, object] = {"lon": float(state.widget("lon"))}
    if projection == "orthographic":
        state.add(LAT)
        layout["lat"] = float(state.widget("lat"))
    return layout


def _quantity_title(source: Source, quantity: str) -> str:
    if quantity == "prediction":
        return "Most probable class" if source.dataset.classes else "Predicted value"
    return fields.TITLES[quantity]


def _colour_title(name: str) -> str:
    return "Those of the quantity" if name == OWN_COLOURS else f"{name} (diverging)" if name in DIVERGING else name


def _number(text: str) -> float | None:
    """A typed limit; None for none.  ``ValueError`` for what is no number."""
    text = _limit(text)
    return float(text) if text else None
