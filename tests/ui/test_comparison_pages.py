"""The Similarity and Distortion pages without a browser: what they say, also for strange places and links."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import sphere
from s2v.comparison.fair import fair
from s2v.comparison.questions import LobeOf
from s2v.encoders import ENCODERS, EncoderConfig
from s2v.figures.comparison_charts import Axis
from s2v.ui import answers, glossary, labels, session_race
from s2v.ui.comparison import all_encoders, similarity
from s2v.ui.contestants import COMPARISON_MENU, MAX_CONTESTANTS, parse, text
from s2v.ui.linked_globes import LinkedGlobesResult
from s2v.ui.messages import short_title
from s2v.ui.race.settings import RACE_MENU
from tests.ui.finding import address, keyed

ROOT = Path(__file__).parent.parent.parent
WAIT = 120  # seconds for one run of a page on a busy machine


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "current", lambda: None)
    monkeypatch.setattr(session_race, "are_kept_on_disk", lambda: True)
    monkeypatch.setattr(session_race, "stored_model", lambda run: None)


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    app = app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.title, *app.subheader, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(part.value for part in parts).replace("\\", "")


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


# --- contestants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_is_its_text(name: str) -> None:
    assert parse(text(fair(name))) == fair(name)
    assert text(fair(name)) == name


def test_line_ups_are_their_texts_and_fit() -> None:
    for line_up in COMPARISON_MENU.line_ups.values():
        assert 1 <= len(line_up) <= MAX_CONTESTANTS
        assert [parse(text(source)) for source in line_up] == list(line_up)


def test_a_text_holds_what_differs() -> None:
    config = EncoderConfig.of("sphereM", scales=4, min_radius=0.1, frequencies="odd")
    assert text(config) == "sphereM:frequencies=odd,scales=4"
    assert parse("sphereM: scales=4, frequencies=odd") == config
    assert parse("none") is None


def test_radii_are_fair() -> None:
    flat, round_ = dict(fair("grid").params), dict(fair("sphereM").params)
    for radius in ("min_radius", "max_radius"):
        assert math.radians(flat[radius]) == pytest.approx(round_[radius])


# --- similarity -------------------------------------------------------------------------------------------------


def test_similarity_makes_its_point_without_a_click() -> None:
    app = opened("similarity")
    assert not app.warning
    assert not app.error
    assert table(app)["encoder"].tolist() == ["grid", "sphereM"]
    assert "Longyearbyen (78.2° N, 15.6° E)" in words(app)
    assert "**grid**: the patch of likeness" in words(app)
    assert "times as long north-south" in words(app)


def test_the_sentence_is_computed() -> None:
    """At the equator a flat map is as round as the sphere."""
    app = opened("similarity", lon="-78.47", lat="-0.18")
    assert "**grid**: the patch of likeness around Quito (0.18° S, 78.47° W) is nearly round" in words(app)


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ("0", "90", "the North Pole"),
        ("123", "-90", "the South Pole"),
        ("180", "10", "10° N, 180° E"),
        ("-180", "-17", "17° S, 180° W"),
    ],
)
def test_a_place_at_a_pole_or_on_the_dateline_has_all_its_numbers(lon: str, lat: str, said: str) -> None:
    app = opened("similarity", lon=lon, lat=lat, e1="xyz", e2="sphereM:scales=4")
    assert not app.error
    assert said in words(app)
    rows = table(app)
    assert np.isfinite(rows[["fidelity", "dateline", "north", "south", "poles"]].to_numpy()).all()
    # The cosine of the angle falls to one half at 60 degrees: 6,672 km away.
    assert rows["half_width"][0] == pytest.approx(6672, abs=1)
    has_east = abs(float(lat)) < 90
    assert np.isfinite(rows["half_width"][1]) == has_east  # sphereM is torn at the poles
    assert np.isfinite(rows[["east_west", "north_south"]].to_numpy()).all() == has_east
    assert ("nearly round" in words(app)) == has_east


@pytest.mark.parametrize(("lat", "pole"), [("90", "North"), ("-90", "South"), ("89.9", "North")])
def test_at_a_pole_the_page_speaks_of_tears_and_not_of_east(lat: str, pole: str) -> None:
    app = opened("similarity", lat=lat, e1="grid", e2="xyz")
    assert f"**grid**: the code is torn at the {pole} Pole: one place has many codes" in words(app)
    assert f"**xyz**: the code is single-valued at the {pole} Pole: one code, whatever the longitude" in words(app)
    assert "times as" not in words(app)
    assert "Its round kernel is as wide as it is along its own meridian" in words(app)
    assert "half-width of 6" in words(app)


def test_what_the_numbers_show_is_said_with_them() -> None:
    said = words(opened("similarity", e1="nerf", e2="wrap", e3="xyz"))
    assert "**NeRF** and **Wrap** cannot tell the poles apart" in said
    assert "the similarity of the North Pole to the South Pole is 1.00." in said
    assert "Under **xyz** similarity depends on distance alone: the largest difference" in said
    assert "at any distance, is 0.000." in said


@pytest.mark.parametrize("term", ["half-width", "round kernel", "rank agreement", "tear", "poles alike"])
def test_terms_are_explained_where_they_stand(term: str) -> None:
    assert glossary.sentence(term) in words(opened("similarity"))


def test_an_encoder_that_fails_leaves_the_others_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = answers.AnswerCache.ask

    def refuse(self: Any, asked: Any) -> Any:
        if any(isinstance(q, LobeOf) and q.source.name == "rff" for q in asked):
            raise ValueError("RFF could not be evaluated: its code raised ZeroDivisionError.")
        return ask(self, asked)

    monkeypatch.setattr(answers.AnswerCache, "ask", refuse)
    app = opened("similarity", e1="rff", e2="xyz")
    assert "RFF could not be evaluated" in words(app)
    assert table(app)["encoder"].tolist() == ["xyz"]


# --- the maps ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the pages draw on linked globes: the panels and all arguments."""
    calls: list[dict[str, Any]] = []

    def record(panels: Any, **arguments: Any) -> LinkedGlobesResult:
        calls.append({"panels": panels, **arguments})
        return LinkedGlobesResult(None, arguments["camera"], 0)

    monkeypatch.setattr("s2v.ui.linked_globes.linked_globes", record)
    return calls


def titles(call: dict[str, Any]) -> list[str]:
    return [panel.title or panel.field.title for panel in call["panels"]]


def test_each_encoder_stands_above_the_round_kernel_of_its_own_width(drawn: list[dict[str, Any]]) -> None:
    opened("similarity", e1="xyz", e2="sphereM:scales=4", lat="40")
    assert titles(drawn[-1]) == [
        "xyz",
        "sphereM, 4 scales, 5.7°–57°",
        "Round, as wide as xyz",
        "Round, as wide as sphereM",
    ]
    assert drawn[-1]["columns"] == 2
    own, _, round_, other = (panel.field.values for panel in drawn[-1]["panels"])
    np.testing.assert_allclose(own, round_, atol=1e-4)  # nothing is left of xyz: it is round
    assert np.abs(other - round_).max() > 0.5


def test_each_map_says_to_screen_readers_what_is_seen(drawn: list[dict[str, Any]]) -> None:
    opened("similarity", e1="grid", e2="xyz", lat="80")
    flat, round_ = (panel.seen for panel in drawn[-1]["panels"][:2])
    assert re.fullmatch(
        r"The patch of likeness is [2-9]\.\d times as long north-south .* by .* km north-south\)\.", flat
    )
    assert round_.startswith("The patch of likeness is nearly round (")
    opened("similarity", e1="grid", e2="xyz", lat="90")  # no east there
    assert not any(panel.seen for panel in drawn[-1]["panels"])


def test_each_map_of_distortion_says_to_screen_readers_where_it_stretches(drawn: list[dict[str, Any]]) -> None:
    opened("distortion", e1="grid", e2="xyz")
    flat, round_, flat_north, _ = (panel.seen for panel in drawn[-1]["panels"])
    assert flat.startswith("Mean 1.0 at 1° N, 5.2 at 79° N, 5.2 at 79° S; ")  # 1 / cos(latitude)
    assert flat_north.endswith("largest 57.3 all along 89° N.")
    assert round_ == "1.0 everywhere."


def test_the_difference_is_from_the_round_kernel(drawn: list[dict[str, Any]]) -> None:
    opened("similarity", e1="xyz", e2="none", difference="true")
    first = drawn[-1]["panels"][0]
    np.testing.assert_allclose(first.a.field.values, first.b.field.values, atol=1e-4)
    assert first.title == "xyz − round"


def test_four_encoders_are_all_shown_in_every_view(drawn: list[dict[str, Any]]) -> None:
    four = {"e1": "xyz", "e2": "wrap", "e3": "direct", "e4": "nerf"}
    for page, view, count in (("distortion", "both", 8), ("similarity", "poles", 8), ("similarity", "globe", 8)):
        opened(page, view=view, **four)
        assert len(drawn[-1]["panels"]) == count
        assert drawn[-1]["columns"] == 4


def test_the_saved_picture_has_a_name_parameters_place_and_credit(drawn: list[dict[str, Any]]) -> None:
    opened("similarity", e1="sphereM:scales=4", e2="xyz", lat="-40.5", lon="-10")
    assert drawn[-1]["file_name"] == "similarity-globes-sphereM-xyz-40.5S-10W"
    what, sphere_m, xyz, credit = drawn[-1]["caption"]
    assert what == "Similarity, seen from 40.5° S, 10° W."
    assert sphere_m == "sphereM: sphereM(frequencies=geometric, max_radius=1, min_radius=0.1, scales=4)"
    assert xyz == "xyz: xyz"
    assert "Natural Earth" in credit


def test_a_world_map_starts_whole_and_leaves_the_camera_as_it_was(drawn: list[dict[str, Any]]) -> None:
    app = opened("similarity", camera="15.6,68,3")
    app.segmented_control(key="similarity.view").set_value("world").run()
    assert drawn[-1]["camera"] == (15.6, 0.0, 1.0)
    app.run()
    assert drawn[-1]["camera"] == (15.6, 0.0, 1.0)
    app.segmented_control(key="similarity.view").set_value("globe").run()
    assert drawn[-1]["camera"] == (15.6, 68.0, 3.0)
    assert drawn[-1]["panels"][0].kind == "globe"


def test_a_link_to_a_world_map_keeps_its_camera(drawn: list[dict[str, Any]]) -> None:
    opened("similarity", view="world", camera="10,20,2")
    assert drawn[-1]["camera"] == (10.0, 20.0, 2.0)
    opened("distortion", view="world")
    assert drawn[-1]["camera"][1:] == (0.0, 1.0)


# --- from page to page ------------------------------------------------------------------------------------------


def moved(app: AppTest, page: str, **link: str) -> AppTest:
    """The next page of the same session, as its name in the navigation opens it: without an address."""
    app.query_params.clear()
    for name, value in link.items():
        app.query_params[name] = value
    app = app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def test_chosen_encoders_go_along_with_their_settings() -> None:
    app = opened("similarity", e1="sphereM:scales=4", e2="xyz")
    app = moved(app, "distortion")
    assert [address(app)[f"e{i}"] for i in (1, 2, 3)] == ["sphereM:scales=4", "xyz", "none"]
    app = moved(app, "train")
    assert [address(app)[f"e{i}"] for i in (1, 2, 3)] == ["sphereM:min_radius=0.1,scales=4", "xyz", "none"]
    keyed(app.selectbox, "train.e2 name").select("wrap").run()
    app = moved(app, "similarity")
    assert [address(app)[f"e{i}"] for i in (1, 2)] == ["sphereM:scales=4", "wrap"]


def test_a_link_has_priority_over_what_goes_along() -> None:
    app = moved(opened("similarity", e1="xyz", e2="none"), "distortion", e1="wrap", e2="none")
    app.run()
    assert [address(app)[f"e{i}"] for i in (1, 2)] == ["wrap", "none"]
    app = moved(app, "similarity", e1="grid", e2="sphereM")  # its own start, but asked for by a link
    app.run()
    assert [address(app)[f"e{i}"] for i in (1, 2)] == ["grid", "sphereM"]


def test_what_a_page_starts_with_stays_there() -> None:
    app = moved(opened("similarity"), "train")
    assert [address(app)[f"e{i}"] for i in (1, 2)] == ["grid", "sphereM"]  # with the settings of Train


def test_labels_tell_one_encoder_of_two_pages_apart() -> None:
    app = opened("similarity")
    assert "sphereM, 16 scales, 5.7°–57°" in [expander.label for expander in app.expander]
    assert table(app)["settings"].tolist() == ["16 scales, 5.7°–57°"] * 2
    assert labels.settings(RACE_MENU.line_ups["sphereM alone"][0]) == "8 scales, 1.8°–57°"
    assert labels.settings(EncoderConfig.of("sphereM")) == ""
    assert labels.settings(EncoderConfig.of("sphereM", scales=1)).startswith("1 scale, ")
    assert labels.settings(EncoderConfig.of("tile", cell=12.5)) == "cell 12°"
    assert labels.settings(EncoderConfig.of("matern", range=0.4)) == "range 23°"
    assert labels.settings(EncoderConfig.of("matern_waves", min_radius=0.1)) == "5.7°–57°"


def test_radii_read_in_degrees() -> None:
    app = opened("distortion")
    stops = keyed(app.select_slider, "distortion.e1 grid min_radius").options
    assert "5.7°" in stops
    assert not any("5.72958" in stop for stop in stops)
    assert "0.1 (5.7°)" in keyed(app.select_slider, "distortion.e2 sphereM min_radius").options


def test_all_parts_of_the_choice_are_in_the_address() -> None:
    app = opened("similarity", e1="sphereM:scales=4,frequencies=odd", e2="xyz", view="north", difference="true")
    again = opened("similarity", **address(app))
    assert address(again) == address(app)
    assert table(again)["encoder"].tolist() == ["sphereM, odd frequencies", "xyz"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("e1", "sphereQ", "encoder='sphereQ' is unknown; there are:"),
        ("e1", "sphereM:scales=0", "scales=0"),
        ("e1", "sphereM:scales", "write it as name=value"),
        ("e1", "sphereM:min_radius=nan", "not finite"),
        ("e1", "sphereM:min_radius=2,max_radius=1", "must be below max_radius"),
        ("e1", "xyz:scales=4", "scales"),
        ("lat", "91", "outside its range"),
        ("lon", "nan", "not finite"),
        ("view", "cylinder", "one of globe"),
        ("camera", "1,2", "longitude,latitude,zoom"),
        ("camera", "nan,0,1", "longitude,latitude,zoom"),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_page_works(name: str, value: str, said: str) -> None:
    app = opened("similarity", **{name: value})
    assert len(app.warning) == 1
    assert said in words(app)
    assert table(app)["encoder"].tolist() == ["grid", "sphereM"]


def test_no_encoder_at_all_is_one() -> None:
    app = opened("similarity", e1="none", e2="none")
    assert table(app)["encoder"].tolist() == ["grid"]
    assert "the first one is filled" in words(app)


def test_one_scale_and_a_constant_code_have_defined_results() -> None:
    app = opened("similarity", e1="sphereM:scales=1", e2="rbf:anchors=1,bandwidth=1000", e3="tile:cell=180")
    assert not app.error
    assert "nothing is ever less than half alike" in words(app)
    assert len(table(app)) == 3


def test_a_code_that_is_too_long_is_left_out_with_a_sentence() -> None:
    app = opened("similarity", e1="dfs:scales=64", e2="xyz")
    assert "a quick comparison takes" in words(app)
    assert table(app)["encoder"].tolist() == ["xyz"]
    alone = opened("similarity", e1="dfs:scales=64", e2="none")
    assert "a quick comparison takes" in words(alone)
    assert "Choose another encoder" in words(alone)


def test_four_giants_are_refused_with_their_number() -> None:
    app = opened("similarity", **{f"e{i}": "tile:cell=0.5,features=4096" for i in range(1, 5)})
    assert "a table of 1,061,683,200 numbers" in words(app)
    assert "Choose another encoder" in words(app)


def test_line_ups_and_places_change_the_page() -> None:
    app = opened("similarity")
    app.selectbox(key="similarity line-up").select("No tears").run()
    assert not app.exception
    assert table(app)["encoder"].tolist() == ["xyz", "Spherical harmonics", "Spherical plane waves", "sphereM"]
    assert address(app)["e1"] == "xyz"
    keyed(app.selectbox, "similarity.e1 name").select("grid").run()
    assert table(app)["encoder"][0] == "grid"
    keyed(app.select_slider, "similarity.e1 grid scales").set_value(1).run()
    assert address(app)["e1"] == "grid:scales=1"
    keyed(app.button, "similarity.e1 remove").click().run()
    assert len(table(app)) == 3
    app.button(key="similarity add").click().run()
    assert len(table(app)) == 4


def test_radii_in_the_wrong_order_change_nothing() -> None:
    app = opened("similarity")
    app.select_slider(key="similarity.e2 sphereM min_radius").set_value(2.0).run()
    assert "Nothing was changed" in words(app)
    assert address(app)["e2"] == "sphereM"


def test_a_walk_and_a_difference_and_both_poles_are_drawn() -> None:
    for choice in ({"walk": "true"}, {"difference": "true", "walk": "true"}, {"view": "poles"}):
        app = opened("similarity", **choice)
        assert not app.error
    assert "have no room here" not in words(app)
    full = opened("similarity", view="poles", e3="xyz", e4="wrap")
    assert "The round kernels of the same half-widths have no room here" in words(full)


def test_the_code_that_is_offered_computes_the_map() -> None:
    app = opened("similarity", lat="60", lon="20", e1="xyz", e2="none")
    found: dict[str, Any] = {}
    exec(app.code[0].value, found)
    expected = np.cos(sphere.great_circle(np.array([20.0, 60.0]), found["grid"].lonlat))
    np.testing.assert_allclose(found["values"], expected, rtol=0, atol=1e-12)


# --- distortion -------------------------------------------------------------------------------------------------


def test_distortion_shows_tears_and_all_encoders() -> None:
    app = opened("distortion")
    assert not app.error
    assert "**grid** and **sphereM** are torn along the dateline and at the poles." in words(app)
    rows = table(app).set_index("encoder")
    assert len(rows) == len(ENCODERS)
    assert rows["stretch_80"]["grid"] == pytest.approx(1 / math.cos(math.radians(80)))
    assert rows["stretch_89"]["xyz"] == pytest.approx(1)
    assert "grid: 5.76 at 80° N, 57.30 at 89° N" in words(app)
    assert rows.index[rows["chosen"]].tolist() == ["grid", "sphereM"]
    for term in ("stretch", "tear", "by direction", "rank agreement", "area factor", "principal components"):
        assert glossary.sentence(term) in words(app)


def test_distortion_says_what_the_lab_has_found_with_its_numbers() -> None:
    said = words(opened("distortion"))
    assert "**Wrap** and **NeRF** cannot tell the poles apart: the similarity of the North Pole to the" in said
    assert "Only under **xyz** and **Spherical harmonics** does similarity depend on distance alone" in said
    whole = [s.title for s in ENCODERS.values() if s.continuous_at_poles() and s.continuous_at_dateline()]
    *titles, last = [f"**{short_title(title)}**" for title in whole]
    assert f"{', '.join(titles)} and {last} are whole everywhere" in said
    assert "was not made for the sphere can win: **Wrap** keeps the order of distances above 70° N" in said
    assert "(rank agreement 0.82) better than **sphereC** (0.05)" in said


def test_start_says_it_too() -> None:
    said = words(opened("start"))
    assert "**Wrap** and **NeRF** cannot tell the poles apart" in said
    assert glossary.sentence("by direction") in said


def test_names_and_numbers_of_the_table_of_all_encoders_fit() -> None:
    widths = {name: column["width"] for name, column in all_encoders._COLUMNS.items()}
    assert widths["encoder"] >= 8 * max(len(short_title(spec.title)) for spec in ENCODERS.values()) - 8
    del widths["trained_on"]  # there for trained networks only
    first = list(widths)[: list(widths).index("half_sill_80") + 1]
    assert len(first) == 13
    assert sum(widths[name] for name in first) <= 1120  # a page of 1280 pixels less its margins


def test_bars_show_every_encoder_and_what_is_chosen() -> None:
    rows = [all_encoders.Row("a <b>", True, False), all_encoders.Row("c", False, True)]
    shown = all_encoders.bars(rows, Axis("stretch", [10.0, math.nan], log=True, low=1.0, high=100.0))
    assert "a &lt;b&gt;" in shown
    assert "width:50.0%" in shown
    assert shown.count('class="bar chosen"') == 1
    assert "<b>–</b>" in shown


def test_an_encoder_without_an_overview_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = answers.ask

    def refuse(question: Any) -> Any:
        if question == all_encoders.questions()["tile"]:
            raise ValueError("Tile could not be evaluated: its code raised OSError.")
        return ask(question)

    monkeypatch.setattr(answers, "ask", refuse)
    app = opened("distortion")
    assert [warning.value for warning in app.warning] == ["Tile could not be evaluated\\: its code raised OSError."]
    assert table(app)["encoder"].tolist() == [
        short_title(spec.title) for name, spec in ENCODERS.items() if name != "tile"
    ]


def test_torn_codes_are_offered_their_repair() -> None:
    torn = words(opened("distortion", e1="sphereM", e2="xyz"))
    assert "**Repair**: tears of sphereM come from frequencies whose waves do not meet again" in torn
    assert "may fall onto each other" not in torn
    assert "**Repair**" not in words(opened("distortion", e1="xyz", e2="tile"))


def test_the_repair_closes_the_tears_and_says_what_it_costs() -> None:
    integer = opened("distortion", e1="sphereM", e2="xyz", repair="integer")
    assert "**sphereM, integer frequencies** is whole along the dateline and torn at the poles" in words(integer)
    odd = opened("distortion", e1="sphereM", e2="xyz", repair="odd")
    assert "**sphereM, odd frequencies** and **xyz** are whole everywhere" in words(odd)
    assert "goes 31 times around the Earth instead of 10" in words(odd)
    assert re.search(r"Rank agreement .* above 70° N: sphereM, odd frequencies 0\.\d\d, was 0\.\d\d\.", words(odd))
    assert "so parallels or meridians may fall onto each other" in words(odd)
    rows = table(odd).set_index("encoder")
    assert rows[["dateline", "north", "south"]].loc["sphereM"].max() < 1e-6


@pytest.mark.parametrize("view", ["both", "globe", "north", "south", "world"])
def test_every_view_is_drawn_for_four_encoders(view: str) -> None:
    app = opened("distortion", view=view, measure="area", e1="sphereM:scales=1", e2="tile", e3="wrap", e4="direct")
    assert not app.error


def test_a_bad_link_to_distortion_gets_a_sentence() -> None:
    app = opened("distortion", repair="even", e2="sphereQ")
    assert len(app.warning) == 2
    assert "repair='even' is not one of as chosen, geometric, integer, odd" in words(app)


def test_tables_show_measures_before_what_describes_the_code() -> None:
    for columns in (list(all_encoders._COLUMNS), list(similarity._COLUMNS)):
        assert columns[0] == "encoder"
        assert {"features", "settings", "for_the_sphere"}.isdisjoint(columns[:5])
        assert columns[-1] == "features"
