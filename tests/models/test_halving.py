"""Successive halving: who goes on, what is looked at, and what the answer says."""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2v import cli, data, sphere
from s2v.data import OwnData, held
from s2v.evaluation import judge
from s2v.evaluation.best import best_in_words
from s2v.models import snippets
from s2v.models.attempts import attempt
from s2v.models.halving import search
from s2v.models.recipe import Recipe
from s2v.models.search_report import findings, json_of, rows_of
from s2v.models.standings import Standings, titles_of
from s2v.models.tries import Outcome, Try, candidates

TINY = Recipe(data="geoid", points=200, hidden=8, layers=1, batch=64)
NAMES = ("xyz", "grid", "theory", "sphereC", "sphereM", "sphereM+", "plane_waves", "rff", "nerf", "wrap", "direct")
RECIPES = [replace(TINY, encoder=name, encoder_params={}) for name in NAMES]
REFERENCES = [replace(TINY, predictor=name) for name in ("mean", "nearest", "idw")]

Score = Callable[[Recipe], float]


def by_name(recipe: Recipe) -> float:
    """The later in the list, the better."""
    return 0.0 if recipe.predictor else NAMES.index(recipe.encoder) / len(NAMES)


def answering(score: Score = by_name, asked: list[Try] | None = None, backwards: bool = False):
    """A runner that trains nothing: the better the score, the smaller the error at the test places."""

    def run(tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
        if asked is not None:
            asked.extend(tries)
        for number in sorted(range(len(tries)), reverse=backwards):
            recipe = tries[number].recipe
            value = score(recipe)
            if not tries[number].final:
                yield number, Outcome(value)
                continue
            known = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
            truth = known.target[known.test]
            noise = np.random.default_rng(0).normal(size=len(truth)) * truth.std()
            yield number, Outcome(prediction=truth + (1 - value) * noise)

    return run


def last_of(run, recipes=(*RECIPES, *REFERENCES), **settings) -> Standings:
    *_, last = search("geoid", points=200, steps=80, recipes=recipes, run=run, **settings)
    return last


def own(count: int, target=None, task=None, lonlat=None) -> OwnData:
    places = sphere.random_points(count) if lonlat is None else lonlat
    return held.hold(OwnData.of(data.own(places, target, task)))


def test_the_better_half_goes_on_with_twice_the_steps():
    asked: list[Try] = []
    last = last_of(answering(asked=asked))
    rounds: dict[int, set[str]] = {}
    for each in asked:
        if not each.recipe.predictor and not each.final:
            rounds.setdefault(each.recipe.steps, set()).add(each.recipe.encoder)
    assert rounds == {20: set(NAMES), 40: set(NAMES[-6:])}
    finals = [each.recipe for each in asked if each.final]
    assert {recipe.encoder for recipe in finals if not recipe.predictor} == set(NAMES[-4:])
    assert {recipe.steps for recipe in finals} == {80}
    assert {recipe.split for recipe in finals} == {"random", "blocks:1000"}
    assert last.done
    assert [row.contestant.name for row in last.rows[:4]] == list(reversed(NAMES[-4:]))


def test_reference_predictors_are_fitted_once_and_once_more_if_they_are_finalists():
    asked: list[Try] = []
    last_of(answering(asked=asked))
    fitted = [(each.recipe.predictor, each.final) for each in asked if each.recipe.predictor]
    assert sum(name == "idw" and not final for name, final in fitted) == 2  # one for each split
    assert len({name for name, final in fitted if final}) == 2


def test_the_best_on_either_split_goes_on():
    def score(recipe: Recipe) -> float:
        place = NAMES.index(recipe.encoder) / len(NAMES)
        return 1 - place if recipe.split == "random" else place

    last = last_of(answering(score), RECIPES)
    assert {row.contestant.name for row in last.finalists} == {*NAMES[:2], *NAMES[-2:]}


def test_a_search_does_not_depend_on_the_order_in_which_tries_end():
    first, second = (last_of(answering(backwards=backwards)) for backwards in (False, True))
    assert [row.contestant for row in first.rows] == [row.contestant for row in second.rows]
    assert findings(first) == findings(second)


def test_a_finalist_is_there_at_one_scale():
    tried = [replace(TINY, encoder="spherical_harmonics", encoder_params={"degree": n}) for n in (4, 8, 12)]
    last = last_of(answering(lambda recipe: recipe.encoder_params["degree"] / 20), tried)
    assert [row.recipe.encoder_params for row in last.finalists] == [{"degree": 12}]
    assert titles_of([row.contestant for row in last.rows])[0] == "Spherical harmonics (degrees L 12)"


def test_test_places_are_not_looked_at_before_the_final_comparison():
    known = data.load("geoid", 200)
    blind = known.target.copy()
    blind[known.test] = np.nan
    for recipe in (RECIPES[0], REFERENCES[1]):
        each = Try(replace(recipe, steps=10))
        seen, unseen = attempt(each, known), attempt(each, replace(known, target=blind))
        assert seen is not None
        assert unseen is not None
        assert seen.score == unseen.score


def test_a_stopped_search_keeps_what_it_has_found():
    ended = iter([False] * 20 + [True] * 1000)
    last = last_of(answering(), should_stop=lambda: next(ended))
    assert (last.stopped, last.done, last.judged) == (True, False, {})
    assert sum(bool(row.scores) for row in last.rows) > 5
    (only,) = findings(last)
    assert only.heading == "So far"
    assert "Without the final comparison" in only.text
    assert json_of(last)["finished"] is False


def test_a_search_stopped_in_the_final_comparison_judges_those_that_are_done():
    asked: list[Try] = []
    last = last_of(answering(asked=asked), should_stop=lambda: sum(each.final for each in asked) > 0)
    assert last.stopped
    assert [len(judged.names) for judged in last.judged.values()] == [1]


def test_ties_are_called_ties():
    places = sphere.random_points(1000)
    truth = places[:, 1]
    rng = np.random.default_rng(0)
    noisy = {name: truth + rng.normal(size=1000) for name in ("a", "b")}
    judged = judge("regression", truth, {**noisy, "c": truth + 60}, places)
    text = best_in_words(judged)
    assert text.startswith("No difference can be told between ")
    assert "Behind is c by " in text
    assert best_in_words(judge("regression", truth, {"a": noisy["a"], "c": truth + 60}, places)).startswith(
        "a, with an R²"
    )


def test_a_diverged_candidate_is_out_with_its_reason():
    def run(tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
        for number, outcome in answering()(tries):
            bad = tries[number].recipe.encoder == "direct" and not tries[number].recipe.predictor
            yield number, Outcome(problem="Training diverged: so it was.") if bad else outcome

    last = last_of(run)
    row = next(row for row in last.rows if row.contestant.name == "direct")
    assert (row.state, row.problem) == ("out", "Training diverged: so it was.")
    assert {"State": "no score"}.items() <= next(
        each for each in rows_of(last) if each["Contestant"] == "Direct"
    ).items()


def test_the_work_grows_to_all_of_it_and_tells_the_time_left():
    shares = [now.share for now in search("geoid", points=200, steps=80, recipes=RECIPES, run=answering())]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("task", ["classification", "presence"])
def test_a_search_works_for_classes(task: data.Task):
    mine = own(300, np.where(np.arange(300) % 3 == 0, "a", "b"), task)
    recipes = [Recipe(data=mine.name, encoder="xyz", points=200, hidden=8), Recipe(data=mine.name, predictor="knn")]
    if task == "presence":
        recipes[1] = Recipe(data=mine.name, predictor="kde")
    *_, last = search(mine.name, steps=4, recipes=recipes)
    assert last.done
    assert all(len(judged.names) == 2 for judged in last.judged.values())
    assert "above 70 degrees: too few to tell" in findings(last)[1].text


def test_one_place_for_each_class_is_no_error():
    mine = own(120, [f"species {i}" for i in range(120)])
    recipes = [Recipe(data=mine.name, encoder=name, points=84, hidden=8) for name in ("xyz", "direct")]
    *_, last = search(mine.name, steps=4, recipes=recipes)
    assert last.done
    assert findings(last)[0].text  # whatever it is, in words


def test_a_constant_target_has_no_score_and_says_so():
    mine = own(100, np.ones(100))
    *_, last = search(mine.name, steps=4, recipes=[Recipe(data=mine.name, encoder="xyz", points=70, hidden=8)])
    assert last.done
    (only,) = findings(last)
    assert "No candidate has a score" in only.text


def test_places_close_together_are_searched_at_random_places_alone():
    near = np.random.default_rng(0).uniform(0, 0.3, size=(200, 2))
    mine = own(200, near[:, 0], lonlat=near)
    *_, last = search(mine.name, steps=4, recipes=[Recipe(data=mine.name, encoder="xyz", points=140, hidden=8)])
    assert last.splits == ("random",)
    assert "too close together" in next(each.text for each in findings(last) if each.heading == "Far from your data")


def test_too_few_places_are_refused_with_what_is_needed():
    mine = own(12, np.arange(12.0))
    with pytest.raises(ValueError, match="a search needs at least 10 of each"):
        list(search(mine.name))


def test_candidates_are_spread_over_the_families_at_several_scales():
    found = candidates("relief", 2000)
    encoders = {recipe.encoder for recipe in found if not recipe.predictor}
    assert len(encoders) >= 8
    assert len([recipe for recipe in found if recipe.encoder == "sphereM" and not recipe.predictor]) == 3
    assert {recipe.trials for recipe in found} == {0}
    assert len({titles_of([recipe.contestant for recipe in found])[i] for i in range(len(found))}) == len(found)


def test_an_ended_try_has_no_outcome():
    known = data.load("geoid", 200)
    assert attempt(Try(replace(RECIPES[0], steps=10)), known, lambda: False) is None
    assert attempt(Try(REFERENCES[1]), known, lambda: False) is None


def test_json_holds_no_number_that_is_none():
    text = repr(json_of(last_of(answering(lambda recipe: math.nan if recipe.encoder == "grid" else by_name(recipe)))))
    assert "nan" not in text


def test_the_code_to_copy_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    places = sphere.random_points(200)
    rows = [f"{lon:.6f},{lat:.6f},{lat / 90:.6f}" for lon, lat in places]
    (tmp_path / "heat.csv").write_text("\n".join(["lon,lat,heat", *rows]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    how = {"target": "heat"}
    mine = held.hold(OwnData.of(data.read_points("heat.csv", **how), "heat.csv", how))
    few = [
        replace(TINY, data=mine.name, encoder="xyz", encoder_params={}),
        replace(TINY, data=mine.name, predictor="idw"),
    ]
    monkeypatch.setattr("s2v.models.halving.candidates", lambda *args: few)
    *_, last = search(mine.name, points=100, steps=8)
    python, command = snippets.finding(mine.name, 100, 8, 0, mine)
    printed: list[tuple[str, str]] = []
    exec(python, {"print": lambda *words: printed.append(words)})
    assert printed == [tuple(finding) for finding in findings(last)]
    parser = argparse.ArgumentParser()
    cli.finding.describe(parser)
    options = parser.parse_args(shlex.split(command)[4:])
    assert (options.data, options.target, options.points, options.steps) == ("heat.csv", "heat", 100, 8)
