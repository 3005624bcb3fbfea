"""The verdict on the paper follows from the cells, whatever they say."""

from __future__ import annotations

import pytest

from s2v.benchmark.claims import claims, of_this_project
from s2v.benchmark.phase import diagrams, phase
from s2v.benchmark.table import Table
from s2v.models.recipe import Recipe
from tests.benchmark.made_up import cell, rows

DATA = ("vmf:U1", "vmf:U2", "vmf:U3", "vmf:U4")


def verdicts(found: list[dict[str, object]], sparse: list[dict[str, object]] | None = None) -> list[tuple[str, str]]:
    return [(claim.verdict, claim.why) for claim in claims(Table(found), None if sparse is None else Table(sparse))]


def test_wins_on_all_sets_support_the_first_claim():
    (verdict, why), *_ = verdicts(rows({"sphereM": 0.7, "grid": 0.6, "xyz": 0.55}, luck=0.02, data=DATA))
    assert verdict == "supported"
    assert "on 4 of 4 settings, tied on 0 and behind on 0" in why


def test_one_loss_contradicts_it_and_is_named():
    found = rows({"sphereM": 0.7, "grid": 0.6, "xyz": 0.55}, luck=0.02, data=DATA[1:])
    found += rows({"sphereM": 0.6, "grid": 0.5, "xyz": 0.65}, luck=0.02, data=DATA[:1])
    (verdict, why), *_ = verdicts(found)
    assert verdict == "contradicted"
    assert "on 3 of 4 settings, tied on 0 and behind on 1. Farthest behind on vmf:U1" in why
    assert "Sphere2Vec sphereM against xyz, −0.0" in why


def test_ties_decide_nothing():
    (verdict, why), *_ = verdicts(rows({"sphereM": 0.6, "grid": 0.6}, luck=0.02, data=DATA))
    assert verdict == "not decidable here"
    assert "ahead of the best baseline on 0 of 4 settings, tied on 4" in why


@pytest.mark.parametrize(
    ("ceiling", "share", "verdict", "words"),
    [
        (0.65, 0.64, "not decidable here", "by at most 12.5%, the most over 4 settings"),
        (0.95, 0.64, "contradicted", "The ceilings leave room for 87.5%."),
        (0.95, 0.80, "supported", "sphereM against Space2Vec grid): 50.0% ("),
    ],
)
def test_a_reduction_of_the_error_is_held_against_the_ceiling(ceiling, share, verdict, words):
    found = rows({"sphereM": share, "grid": 0.6}, data=DATA, bayes=ceiling)
    assert verdicts(found)[1][0] == verdict
    assert words in verdicts(found)[1][1]


@pytest.mark.parametrize(
    ("extra", "verdict"), [(0.05, "supported"), (-0.05, "contradicted"), (0.0, "not decidable here")]
)
def test_the_lead_near_the_poles_is_held_against_that_on_the_sphere(extra, verdict):
    found = []
    for i, data in enumerate(DATA):
        for seed in range(3):
            near = 0.72 + extra + (i - 1.5) * 0.01
            found.append(cell("sphereM", data, seed, 0.7, north=near, south=near))
            found.append(cell("grid", data, seed, 0.6, north=0.62, south=0.62))
    (*_, (said, why)) = verdicts(found)
    assert said == verdict
    assert "the lead of Sphere2Vec sphereM over Space2Vec grid above 70 degrees" in why.replace("The lead", "the lead")


def test_the_lead_with_few_places_is_held_against_that_with_many():
    sparse = []
    for points, lead in ((500, 0.1), (20000, 0.0)):
        for data in DATA:
            sparse += rows({"sphereM": 0.6 + lead, "grid": 0.6}, data=(data,), points=points)
    sparse += rows({"sphereM": 0.6, "grid": 0.6}, data=("vmf:polar",))[:6]  # not with few places: compared with nothing
    sparse += rows({"sphereM": 0.9, "grid": 0.6}, data=("vmf:polar",), points=5000)
    given = [cell("sphereM", "vmf:U1", seed, 0.1, points=100) for seed in range(3)]
    for row in given:  # another smallest radius is another question
        recipe = Recipe(data="vmf:U1", encoder="sphereM", encoder_params={"min_radius": 0.3}, points=100)
        sparse.append({**row, "recipe": recipe.to_json()})
    found = verdicts(rows({"sphereM": 0.7, "grid": 0.6}, data=DATA), sparse)
    assert found[-1][0] == "supported"
    assert "with 500 places, less that with 20,000: +0.1000" in found[-1][1]


def test_the_phase_diagram_names_the_winner_and_whether_it_pays():
    found = rows({"sphereM": 0.7, "grid": 0.6, "xyz": 0.55}, luck=0.02, data=("vmf:U1",))
    found += rows({"sphereM": 0.5, "grid": 0.6, "xyz": 0.55}, luck=0.02, data=("vmf:U2",))
    found += rows({"sphereM": 0.6, "grid": 0.6, "xyz": 0.55}, luck=0.02, data=("vmf:U3",))
    points = {point.setting.data: point for point in phase(Table(found))}
    assert {data: point.pays for data, point in points.items()} == {"vmf:U1": True, "vmf:U2": False, "vmf:U3": None}
    assert points["vmf:U1"].winner == "sphereM"
    assert points["vmf:U2"].other == "grid"
    assert set(points["vmf:U3"].not_behind) == {"sphereM", "grid"}


def test_no_reduction_is_called_one():
    (_, why) = verdicts(rows({"sphereM": 0.5, "grid": 0.6}, luck=0.02, data=DATA))[1]
    assert why.startswith("On none of these settings was there any; nearest to one came vmf:U")
    assert "−2" in why


def test_where_the_projects_own_encoder_loses_is_said():
    shares = {"plane_waves": 0.6, "grid": 0.5}
    found = rows(shares, luck=0.02, data=DATA[1:]) + rows({"plane_waves": 0.6, "grid": 0.7}, luck=0.02, data=DATA[:1])
    (said,) = of_this_project(Table(found))
    assert "on 3 of 4 settings, and behind on 1. Farthest behind on vmf:U1" in said
    assert "against Space2Vec grid." in said


def test_each_diagram_has_the_settings_that_differ_along_its_axes():
    shares = {"sphereM": 0.7, "grid": 0.6}
    found = [row for points in (500, 5000) for row in rows(shares, data=("vmf:U1", "vmf:polar"), points=points)]
    far = [{**row, "split": split} for split in ("blocks:500", "buffer:500") for row in rows(shares, data=("relief",))]
    by_name = {each.name: each for each in diagrams(phase(Table([*found, *far])))}
    assert set(by_name) == {"places", "rung"}
    assert [(row, column) for (_, column), (_, row), _ in by_name["places"].points] == [
        ("≤ 16", "10"), ("≤ 16", "100"), ("pole, 2,000", "10"), ("pole, 2,000", "100"),
    ]  # fmt: skip
    assert [column for (_, column), *_ in by_name["rung"].points] == ["blocks<br>500 km", "buffer<br>500 km"]


def test_caps_at_several_latitudes_have_a_diagram_of_their_own():
    caps = tuple(f"vmf:polar{turned}" for turned in ("", ",latitude=50", ",latitude=0", ",latitude=-30"))
    found = [row for points in (500, 5000) for row in rows({"sphereM": 0.7, "grid": 0.6}, data=caps, points=points)]
    found += rows({"sphereM": 0.7, "grid": 0.6}, data=("vmf:polar",), points=2000)
    by_name = {each.name: each for each in diagrams(phase(Table(found)))}
    assert set(by_name) == {"places", "latitude"}
    assert [(row, column) for (_, column), (_, row), _ in by_name["places"].points] == [
        ("pole, 2,000", "10"), ("pole, 2,000", "40"), ("pole, 2,000", "100"),
    ]  # fmt: skip
    columns = [column for (_, column), *_ in by_name["latitude"].points]
    assert columns == ["pole", "50°", "0°", "−30°"] * 2
    assert {row for _, (_, row), _ in by_name["latitude"].points} == {"2,000<br>10", "2,000<br>100"}
