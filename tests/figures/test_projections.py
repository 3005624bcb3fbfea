"""Printed maps in every projection put each place where it belongs, poles and dateline included."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt
from shapely import Polygon

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures.graticule_labels import HEIGHT, LETTER, graticule_labels
from s2v.figures.layouts import TITLES, Projection
from s2v.figures.map_parts import LONLAT, draw_label
from s2v.figures.printed import MAX_HEIGHT, TITLE, printed_map, usual_inches
from s2v.figures.projections import coast, graticule, plane
from s2v.figures.testcard import test_card, test_card_value

DPI = 100
CARD = test_card(Grid.equirectangular(0.5))
FLAT = [
    Projection("equal_earth"),
    Projection("equal_earth", lon=150.0),
    Projection("robinson", lon=-90.0),
    Projection("plate_carree"),
    Projection("plate_carree", lon=180.0),
    Projection("orthographic", lon=15.6, lat=78.2),
    Projection("orthographic", lon=180.0, lat=0.0),
    Projection("orthographic", lon=0.0, lat=-90.0),
    Projection("extent", extent=(-30.0, 50.0, 60.0, 90.0)),
    Projection("extent", extent=(150.0, -90.0, -150.0, -50.0)),
]


def named(projection: Projection) -> str:
    return f"{projection.name} {projection.lon:g} {projection.lat:g} {projection.extent[0]:g}"


def exact_places(projection: Projection, rows: int, columns: int) -> np.ndarray:
    """The places (rows, columns, 2) of a map's pixels by the projection's own formula; NaN outside the map."""
    x = (np.arange(columns) + 0.5) / columns * 2 - 1
    y = 1 - (np.arange(rows) + 0.5) / rows * 2
    x, y = np.meshgrid(x, y)
    if projection.name == "orthographic":
        with np.errstate(invalid="ignore"):
            front = np.sqrt(1 - x**2 - y**2)
        east, north = sphere.tangent_frame([projection.lon, projection.lat])
        up = sphere.to_unit_vectors(np.array([projection.lon, projection.lat]))
        vectors = x[..., None] * east + y[..., None] * north + front[..., None] * up
        places = sphere.to_lonlat(np.where(np.isnan(vectors), [1.0, 0.0, 0.0], vectors))
        return np.where(np.isnan(front)[..., None], np.nan, places)
    west, south, _, north = (-180.0, -90.0, 180.0, 90.0)
    width, middle = 360.0, projection.lon
    if projection.name == "extent":
        west, south, _, north = projection.extent
        width = projection.width
        middle = west + width / 2
    longitude = sphere.wrap_longitude(middle + x * width / 2)
    return np.stack([longitude, (north + south) / 2 + y * (north - south) / 2], -1)


def drawn(field: Field, projection: Projection) -> np.ndarray:
    """The part of a printed page (rows, columns) that is the map, in grey."""
    png = printed_map(field, projection=projection, coast=False, graticule=False, detail="110m", dpi=DPI)
    page = np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)
    inches, flat = usual_inches(projection), plane(projection)
    width = min(inches - 0.1, MAX_HEIGHT * inches / flat.height)
    left, top = (inches - width) / 2 * DPI, TITLE * DPI
    return page[round(top) : round(top + width * flat.height * DPI), round(left) : round(left + width * DPI)]


@pytest.mark.parametrize("projection", [p for p in FLAT if p.name not in ("equal_earth", "robinson")], ids=named)
def test_the_maps_pass_the_test_card(projection: Projection) -> None:
    picture = drawn(CARD, projection)
    places = exact_places(projection, *picture.shape)
    known = np.isfinite(places).all(-1)
    exact = np.zeros(picture.shape, bool)
    exact[known] = test_card_value(places[known]) > 0.5
    # Away from the frame, and where a line is wider than a pixel and than a cell of the card.
    compared = distance_transform_edt(np.pad(known, 1))[1:-1, 1:-1] > 8
    latitude = np.abs(np.nan_to_num(places[..., 1]))
    compared &= latitude < 87.0
    seen = (picture > 110) & compared
    assert (exact & compared).sum() > 1000
    # Half a line's cell more or less, and a pixel or two for placing the frame.
    cell = 0.5 * picture.shape[0] / np.ptp(places[..., 1][known])
    tolerance = 3 + cell / 2
    assert distance_transform_edt(~exact)[seen].max() <= tolerance
    missed = distance_transform_edt(~(picture > 40))[exact & compared & (latitude < 84)]
    assert np.quantile(missed, 0.99) <= tolerance


@pytest.mark.parametrize("projection", FLAT, ids=named)
def test_pixels_and_lines_agree(projection: Projection) -> None:
    """The place of each pixel projects back to that pixel: values and coastlines lie on each other."""
    flat = plane(projection)
    rows = flat.rows(90)
    places, inside = flat.places(90, 0, rows)
    left, right, bottom, top = flat.box
    points = flat.project(places)
    row, column = np.nonzero(inside)
    np.testing.assert_allclose((points[:, 0] - left) / (right - left) * 90 - 0.5, column, atol=0.02)
    np.testing.assert_allclose((top - points[:, 1]) / (top - bottom) * rows - 0.5, row, atol=0.02)
    assert 0.7 < inside.mean() <= 1
    strips = [flat.places(90, i, min(rows, i + 7)) for i in range(0, rows, 7)]
    assert (np.concatenate([some for some, _ in strips]) == places).all()


@pytest.mark.parametrize("projection", FLAT, ids=named)
def test_no_line_crosses_the_map_from_edge_to_edge(projection: Projection) -> None:
    flat = plane(projection)
    left, right, _, _ = flat.box
    steps = [np.abs(np.diff(line[:, 0])).max() for line in (*coast(flat, "110m"), *graticule(flat))]
    assert max(steps) < 0.35 * max(right - left, flat.jump)
    assert len(coast(flat, "110m")) > 5
    assert all(np.isfinite(line).all() for line in coast(flat, "110m"))


@pytest.mark.parametrize("projection", FLAT, ids=named)
def test_labels_stand_on_their_lines_apart_and_on_the_map(projection: Projection) -> None:
    flat = plane(projection)
    labels = graticule_labels(flat, 6.0)
    box, outline = flat.box, flat.outline
    places = LONLAT.transform_points(flat.crs, *np.array([(b.x, b.y) for b in labels]).T)[:, :2]
    north = [b.text for b in labels if b.text[-1] in "NS"]
    east = [b.text for b in labels if b.text[-1] in "EW"]
    assert len(north) >= 2
    assert len(east) >= 2
    for label, (lon, lat) in zip(labels, places, strict=True):
        number = float(label.text.partition("°")[0]) * (-1 if label.text[-1] in "SW" else 1)
        assert (label.text[-1] in "NS°" and lat == pytest.approx(number, abs=0.01)) or (
            label.text[-1] in "EW°" and abs(sphere.wrap_longitude(np.array(lon - number))) < 0.01
        )
        assert Polygon(outline).buffer(1).contains(Polygon(label.corners))
        assert not any(label.touches(other, 0.0) for other in labels if other is not label)
    assert (box[1] - box[0]) / 6.0 * 0.17 == pytest.approx(labels[0].height)


def test_labels_are_as_wide_as_what_is_written() -> None:
    """They are kept apart by widths that are estimated: none is written wider, with its halo."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    for text in ("0°", "60°N", "120°W", "172.4°E"):
        axes.clear()
        draw_label(axes, 0.5, 0.5, text, CARD)
        (written,) = axes.texts
        written.get_window_extent()
        extent = written.get_bbox_patch().get_window_extent()
        assert extent.width <= LETTER * len(text) * 100
        assert extent.height <= HEIGHT * 100


def test_the_far_side_of_a_globe_is_not_drawn() -> None:
    flat = plane(Projection("orthographic", lon=0.0, lat=90.0))
    here, there = flat.project(np.array([[0.0, 90.0], [0.0, -1.0]]))
    np.testing.assert_allclose(here, 0, atol=1e-6)
    assert np.isnan(there).all()


@pytest.mark.parametrize(("pole", "sign"), [("north", 1), ("south", -1)])
def test_a_field_of_the_world_is_printed_at_a_pole(pole: str, sign: int) -> None:
    grid = Grid.equirectangular(1.0)
    cap = Field(np.where(sign * grid.lonlat[..., 1] > 70, 1.0, 0.25), grid, "Cap", colormap="gray")
    png = printed_map(cap, projection=Projection(pole, edge=50.0), coast=False, graticule=False, dpi=DPI)
    page = np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)
    middle = page[45 + 300]
    share = np.sin(np.deg2rad(10)) / np.sin(np.deg2rad(20))  # of the radius, in an equal-area map
    radius = (6 - 2 * 0.29) / 2 * DPI
    white = np.flatnonzero(middle[60:540] > 200)
    assert white.max() - white.min() == pytest.approx(2 * radius * share, rel=0.02)  # the edge is a cell wide


def test_both_poles_stand_side_by_side() -> None:
    grid = Grid.equirectangular(2.0)
    north = Field((grid.lonlat[..., 1] > 0).astype(float), grid, "North", colormap="gray")
    png = printed_map(north, projection=Projection("poles"), coast=False, graticule=False, dpi=DPI)
    page = np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)
    assert page[45 + 262, 262] > 250
    assert page[45 + 262, 525 + 262] < 5


def test_lines_are_drawn_unless_they_are_switched_off() -> None:
    blank = Field(np.zeros((90, 180)), Grid.equirectangular(2.0), "Blank", colormap="gray")
    for projection in (Projection("robinson"), Projection("north")):
        pictures = [
            printed_map(blank, projection=projection, coast=c, graticule=g, detail="110m", dpi=50)
            for c, g in ((False, False), (True, False), (False, True), (True, True))
        ]
        assert len(set(pictures)) == 4


def test_a_caption_lies_below_the_map_and_is_no_formula() -> None:
    blank = Field(np.zeros((90, 180)), Grid.equirectangular(2.0), "Blank")
    plain = Image.open(io.BytesIO(printed_map(blank, detail="110m", dpi=50)))
    words = Image.open(io.BytesIO(printed_map(blank, caption=r"$\nine$ of ten. " * 30, detail="110m", dpi=50)))
    assert words.width == plain.width
    assert words.height > plain.height + 15


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "mercator"}, "projection='mercator' is not one of equal_earth, robinson"),
        ({"name": "orthographic", "lat": 91.0}, "latitude in the middle is 91.0; allowed is a number from -90 to 90"),
        ({"lon": float("nan")}, "longitude in the middle is nan"),
        ({"name": "north", "edge": 86.0}, "edge of a polar map is 86.0; allowed is a latitude from 0 to 85"),
        ({"extent": (0.0, 60.0, 10.0, 50.0)}, "from 60 to 50 degrees of latitude; its north must be at least 1 degree"),
        ({"extent": (10.0, 0.0, 10.0, 50.0)}, "from 10 to 10 degrees of longitude; it must be at least 1 degree wide"),
    ],
)
def test_bad_layouts_get_a_sentence(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Projection(**given)


def test_a_polar_field_takes_no_projection_and_no_map_has_too_many_pixels() -> None:
    cap = Field(np.zeros((21, 21)), Grid.polar("north", 21), "Cap")
    with pytest.raises(ValueError, match="is its own projection; leave projection='robinson' out"):
        printed_map(cap, projection=Projection("robinson"))
    with pytest.raises(ValueError, match="dpi=5000 is outside its range; allowed are 30 to 600"):
        printed_map(cap, dpi=5000)


def test_every_projection_has_a_title() -> None:
    assert all(Projection(name).title == title for name, title in TITLES.items())
