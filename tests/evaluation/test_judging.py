"""Contestants side by side: intervals of known width, few false claims, sentences for broken predictions."""

import math
import re
import warnings

import numpy as np
import pytest

from s2v import evaluation, sphere
from s2v.evaluation import findings, judge, verdict
from s2v.evaluation.judged import Score
from s2v.evaluation.phrases import with_interval

Z = 1.645  # of a 90 % interval


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def certain(hits: np.ndarray) -> np.ndarray:
    """Probabilities (n, 2) that are right, for the class 0, where ``hits`` is true."""
    return np.stack([hits, ~hits], -1).astype(float)


def judged_hits(hits: dict, lonlat=None, **how) -> evaluation.Judged:
    first = next(iter(hits.values()))
    n = len(first[0] if isinstance(first, list) else first)
    lonlat = np.full((n, 2), 10.0) if lonlat is None else lonlat
    predictions = {name: [certain(h) for h in given] if isinstance(given, list) else certain(given)
                   for name, given in hits.items()}  # fmt: skip
    return judge("classification", np.zeros(n, int), predictions, lonlat, **how)


def test_scores_are_those_of_evaluate_and_by_band() -> None:
    rng = np.random.default_rng(0)
    lonlat, weights = sphere.random_points(4000, 1), rng.random(4000)
    target = rng.normal(size=4000)
    guesses = {name: target + rng.normal(size=4000) * s for name, s in (("a", 0.1), ("b", 0.5))}
    judged = judge("regression", target, guesses, lonlat, weights)
    for name, guess in guesses.items():
        metrics = evaluation.evaluate("regression", target, guess, lonlat, weights)
        assert judged.score(name).value == pytest.approx(metrics["r2"])
        assert judged.score(name, "north").value == pytest.approx(metrics["r2_north"])
        assert judged.score(name, "south").value == pytest.approx(metrics["r2_south"])
        polar = abs(lonlat[:, 1]) > 70
        assert judged.score(name, "poles").value == pytest.approx(
            evaluation.r2(target[polar], guess[polar], weights[polar])
        )
        bands = evaluation.by_band("regression", target, guess, lonlat, weights)
        # Sums of one contestant and of two may be taken in another order.
        for mine, alone in zip(judged.bands(name), bands, strict=True):
            assert (mine.title, mine.count) == (alone.title, alone.count)
            assert (mine.value, *mine.interval) == pytest.approx((alone.value, *alone.interval))
        for part in evaluation.PARTS:
            score = judged.score(name, part)
            assert score.interval[0] < score.value < score.interval[1]
    assert judged.score("a").count == 4000
    assert judged.score("a", "poles").count == judged.score("a", "north").count + judged.score("a", "south").count


def test_interval_of_a_paired_difference() -> None:
    n, only_a, only_b = 4000, 300, 200
    place = np.arange(n)
    both = (place >= only_a + only_b) & (place < 2500)
    judged = judged_hits({"a": both | (place < only_a), "b": both | ((place >= only_a) & (place < only_a + only_b))})
    difference = judged.difference("a", "b")
    assert difference.value == pytest.approx(0.025)
    # McNemar: the variance of the difference is that of +1, -1 and 0 on the places.
    half = Z * math.sqrt((only_a + only_b) / n - 0.025**2) / math.sqrt(n)
    # 400 resamples know a 5 % quantile to about 12 % of the half width, three times that in each end.
    assert difference.interval == pytest.approx((0.025 - half, 0.025 + half), abs=0.36 * half)
    assert difference.clear
    assert judged.ahead("a", "b")
    assert not judged.ahead("b", "a")
    back = judged.difference("b", "a")
    assert (back.value, *back.interval) == pytest.approx((-difference.value, *(-x for x in difference.interval[::-1])))
    # Unpaired, the intervals of the two overlap: the places are the same, and so is their luck.
    assert judged.score("a").interval[0] < judged.score("b").interval[1]


def test_the_same_prediction_makes_no_difference() -> None:
    hits = np.arange(500) % 3 > 0
    judged = judged_hits({"a": hits, "b": hits, "c": hits})
    difference = judged.difference("a", "b")
    assert (difference.value, difference.interval, difference.clear) == (0.0, (0.0, 0.0), False)
    assert verdict(judged).startswith(
        "No difference in accuracy can be told between a (0.666), b (0.666) and c (0.666): a minus b is 0.000 (0.000 to"
    )


def test_an_interval_that_excludes_zero_is_written_so() -> None:
    assert with_interval(Score(value=0.009, interval=(0.0003, 0.0181), count=500)) == "0.0090 (0.0003 to 0.0181)"
    assert with_interval(Score(value=0.009, interval=(-0.0003, 0.0181), count=500)) == "0.009 (−0.000 to 0.018)"


def test_chance_makes_few_claims() -> None:
    claims = careless = 0
    trials = 150
    for trial in range(trials):
        hits = np.random.default_rng(trial).random((4, 400)) < 0.5
        judged = judged_hits(dict(zip("abcd", hits, strict=True)), resamples=200)
        best = max(judged.names, key=lambda name: judged.score(name).value)
        others = [name for name in judged.names if name != best]
        claims += any(judged.ahead(best, name) for name in others)
        pairs = [judge_pair(hits["abcd".index(best)], hits["abcd".index(name)]) for name in others]
        careless += any(pair > Z for pair in pairs)
    # Intervals of all pairs together hold with 90 %: 15 of 150 are expected, with a standard error of 3.7.
    assert claims <= 26
    assert careless >= 40  # what one would claim by looking at the best and the worst with intervals of a single pair


def judge_pair(a: np.ndarray, b: np.ndarray) -> float:
    difference = a.astype(float) - b
    return difference.mean() / (difference.std() / math.sqrt(len(a)))


def test_runs_are_averaged_and_their_range_is_reported() -> None:
    rng = np.random.default_rng(1)
    a = [rng.random(3000) < p for p in (0.60, 0.62, 0.61, 0.63)]
    b = [rng.random(3000) < p for p in (0.50, 0.52, 0.51, 0.53)]
    judged = judged_hits({"a": a, "b": b})
    means = [hits.mean() for hits in a]
    assert judged.score("a").value == pytest.approx(np.mean(means))
    assert judged.over_seeds("a").scores == pytest.approx(means)
    assert (judged.over_seeds("a").low, judged.over_seeds("a").high) == (min(means), max(means))
    assert judged.ahead("a", "b")
    text = verdict(judged)
    assert text.startswith("With an accuracy of 0.6")
    assert "; over seeds 0." in text
    assert "over 4 seeds the scores range: a 0." in text


def test_a_lead_that_depends_on_the_seed_is_no_lead() -> None:
    n = 3000
    one, other = np.arange(n) % 10 < 7, np.arange(n) % 10 < 4
    for runs in ([one, other, one], [one, other]):
        judged = judged_hits({"a": runs, "b": [other] * len(runs)})
        assert judged.difference("a", "b").clear  # over places, because the mean run is better
        assert not judged.ahead("a", "b")
        assert verdict(judged).startswith("No difference in accuracy can be told between a (0.")
    assert judged_hits({"a": [one, one], "b": [other, other]}).ahead("a", "b")


def test_bands_without_an_interval_over_places_are_said_with_that_over_seeds() -> None:
    rng = np.random.default_rng(2)
    lonlat = np.stack([np.arange(600) * 0.5, np.repeat([87.0, 0.0, -87.0], 200)], -1)
    groups = np.where(abs(lonlat[:, 1]) > 80, np.arange(600) // 200, np.arange(600))  # one group at each pole
    runs = {name: [rng.random(600) < share for _ in range(3)] for name, share in (("a", 0.9), ("b", 0.1))}
    text = verdict(judged_hits(runs, lonlat, groups=groups))
    assert re.search(r"at 85 to 90 N a minus b is 0\.\d{3} \(over seeds 0\.\d{3} to 0\.\d{3}\)", text)
    assert text.count("(") == text.count(")")


def test_over_seeds_by_hand() -> None:
    seeds = evaluation.over_seeds([1.0, 2.0, 3.0])
    # Student's t with 2 degrees of freedom: 2.920 at 95 %; the standard error is 1 / sqrt(3).
    assert seeds.interval == pytest.approx((2 - 2.920 / math.sqrt(3), 2 + 2.920 / math.sqrt(3)), abs=1e-3)
    assert (seeds.mean, seeds.low, seeds.high) == (2, 1, 3)
    two = evaluation.over_seeds([1.0, 2.0])
    assert two.mean == 1.5
    assert all(map(math.isnan, two.interval))
    for scores in ([], [1.0, math.nan, 2.0]):
        assert math.isnan(evaluation.over_seeds(scores).mean)
    wide = evaluation.over_seeds([1.0, 2.0, 3.0], comparisons=6).interval
    assert wide[0] < seeds.interval[0]


def test_the_verdict_reports_differences_near_the_poles() -> None:
    lonlat = sphere.random_points(8000, 2)
    rng = np.random.default_rng(3)
    polar = abs(lonlat[:, 1]) > 70
    luck = rng.random(8000)
    a, b = luck < np.where(polar, 0.3, 0.6), luck < np.where(polar, 0.6, 0.5)
    text = verdict(judged_hits({"plane": a, "sphere": b}, lonlat), bayes=0.8)
    assert text.startswith("With an accuracy of 0.58")
    assert "plane is ahead of sphere by 0.0" in text
    assert f"Near the poles, above 70 degrees ({polar.sum()} places), sphere is ahead of plane by 0.2" in text
    assert "In the long run 0.800 is the best possible accuracy: plane minus that is −0.2" in text
    everywhere = verdict(judged_hits({"plane": luck < 0.6, "sphere": luck < 0.5}, lonlat))
    assert "poles" not in everywhere
    level = verdict(judged_hits({"plane": luck < 0.6, "sphere": luck < np.where(polar, 0.6, 0.5)}, lonlat))
    assert "places), no difference between plane and sphere can be told." in level


def test_the_verdict_goes_from_all_places_to_the_poles_and_elsewhere() -> None:
    lonlat, weights = evaluation.latitude_places()
    rng = np.random.default_rng(4)
    north, luck = lonlat[:, 1] > 85, rng.random(len(lonlat))
    plane, sphere_hits = luck < np.where(north, 0.3, 0.6), luck < np.where(north, 0.6, 0.6)
    places, chance = sphere.random_points(8000, 2), rng.random(8000)
    whole = judged_hits({"plane": chance < 0.6, "sphere": chance < 0.6}, places)
    judged = whole.with_parts_of(judged_hits({"plane": plane, "sphere": sphere_hits}, lonlat, weights=weights))
    assert judged.score("plane") == whole.score("plane")
    assert judged.score("plane", "85 to 90 N").count == evaluation.latitudes.PLACES_EACH
    text = verdict(judged)
    assert re.match(r"No difference in accuracy can be told between .*: (plane minus s|sphere minus p).* to ", text)
    assert re.search(r"At 85 to 90 N sphere \(accuracy 0\.\d+\) is ahead of plane \(0\.[23]", text)
    assert re.search(r"at 85 to 90 S (plane minus sphere|sphere minus plane) is", text)
    assert [finding.about for finding in findings(judged)] == [
        "On all test places",
        "At the poles",
        "At other latitudes",
        "How sure",
    ]
    assert findings(judged)[2].text == "No difference can be told."
    assert "by latitude for both bands at the poles, or for all eight elsewhere" in text
    assert "above 70 degrees" not in text
    same = judged_hits({"plane": plane, "sphere": plane}, lonlat, weights=weights)
    assert findings(whole.with_parts_of(same))[1].text.startswith("No difference can be told at 85 to 90 N or 85 to")
    with pytest.raises(ValueError, match="cannot complete"):
        whole.with_parts_of(judged_hits({"a": plane}, lonlat))


def test_looking_for_the_band_that_differs_makes_few_claims() -> None:
    """Ten bands are compared: without a joint interval one of them would differ by chance in half of all races."""
    lonlat, _ = evaluation.latitude_places(200)
    claims = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        hits = {name: rng.random(len(lonlat)) < 0.5 for name in ("a", "b")}
        claims += "is ahead" in "".join(f.text for f in findings(judged_hits(hits, lonlat, resamples=200))[1:])
    assert claims <= 14  # 10 % each at the poles and elsewhere: 8 of 40, with a standard deviation of 2.5


def test_a_band_that_the_luck_of_the_seeds_picked_is_no_lead() -> None:
    """Three runs each, whose skill in each band is drawn anew: there is nothing to be found."""
    lonlat, _ = evaluation.latitude_places(500)
    places = len(lonlat) // 500
    claims = careless = 0
    trials = 60
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        skill = np.repeat(rng.uniform(0.3, 0.7, (6, places)), 500, axis=1)
        hits = rng.random(skill.shape) < skill
        judged = judged_hits({"a": list(hits[:3]), "b": list(hits[3:])}, lonlat, resamples=100)
        bands = [score.title for score in judged.bands("a")]
        claims += any(judged.ahead(*pair, band) for pair in ("ab", "ba") for band in bands[1:-1])
        apart = [np.subtract(*(judged.over_seeds(name, band).scores for name in "ab")) for band in bands[1:-1]]
        careless += any(evaluation.over_seeds(runs).interval[0] > 0 for runs in (*apart, *(-a for a in apart)))
    # 10 % is expected: 6 of 60, with a standard deviation of 2.3.
    assert claims <= 13
    assert careless >= 25  # with the interval of a single band


def test_a_difference_of_all_places_that_no_band_shows_is_explained() -> None:
    lonlat, weights = evaluation.latitude_places(100)
    rng = np.random.default_rng(0)
    luck, chance = rng.random(len(lonlat)), rng.random(20000)
    whole = judged_hits({"a": chance < 0.62, "b": chance < 0.60}, sphere.random_points(20000, 2))
    parts = judged_hits({"a": luck < 0.6, "b": luck < 0.6}, lonlat, weights=weights)
    first = findings(whole.with_parts_of(parts))[0]
    assert "a is ahead of b" in first.text
    assert "No single latitude band shows that difference from b: a band is a part of the sphere" in first.text
    assert "No single latitude band" not in verdict(whole)


def test_no_score_is_said_to_be_impossible() -> None:
    rng = np.random.default_rng(0)
    for share, said in ((0.54, "no difference that can be told"), (0.40, "is −0.1"), (0.70, "more than luck")):
        text = verdict(judged_hits({"a": rng.random(5000) < share}), bayes=0.535)
        assert re.search(
            r"In the long run 0\.53\d* is the best possible accuracy: a minus that is .* \(.* to .*\)", text
        )
        assert said in text
        assert "on these 5,000 places" in text


def test_class_numbers_are_as_good_as_probabilities() -> None:
    rng = np.random.default_rng(5)
    lonlat, target, guess = sphere.random_points(500, 1), rng.integers(3, size=500), rng.integers(3, size=500)
    numbers = judge("classification", target, {"a": guess}, lonlat)
    probabilities = judge("classification", target, {"a": np.eye(3)[guess]}, lonlat)
    assert numbers.score("a") == probabilities.score("a")


def test_presences_can_be_judged_against_the_background() -> None:
    rng = np.random.default_rng(0)
    lonlat, places = sphere.random_points(300, 1), evaluation.background_places()
    target, found, there = np.zeros(300, int), rng.random((300, 1)), 0.8 * rng.random((len(places), 1))
    judged = judge("presence", target, {"a": found}, lonlat, background={"a": there})
    metrics = evaluation.evaluate("presence", target, found, lonlat, background=evaluation.Background(places, there))
    assert judged.metric == "auc"
    assert judged.score("a").value == pytest.approx(metrics["auc"])
    assert judge("presence", target, {"a": found}, lonlat).metric == "accuracy"
    with pytest.raises(ValueError, match="same contestants"):
        judge("presence", target, {"a": found}, lonlat, background={"b": there})


def test_what_cannot_be_judged_is_nan_with_a_sentence() -> None:
    lonlat = sphere.random_points(200, 1)
    target = np.linspace(-1, 1, 200)
    good = {"a": target + 0.1, "b": target * 0.9}
    constant = judge("regression", np.full(200, 0.1), good, lonlat)
    assert math.isnan(constant.score("a").value)
    assert verdict(constant).startswith("The target is the same at all places")
    for wrong in (math.nan, math.inf):
        broken = np.where(np.arange(200) == 7, wrong, target)
        judged = judge("regression", target, {**good, "broken": broken}, lonlat)
        assert math.isnan(judged.score("broken").value)
        assert all(map(math.isnan, judged.difference("a", "broken").interval))
        assert not judged.ahead("a", "broken")
        assert not judged.ahead("broken", "a")
        text = verdict(judged)
        assert text.startswith("broken predicted something that is no number, so it has no score. With an R² of")
        assert judged.difference("b", "a") == judge("regression", target, good, lonlat).difference("b", "a")
    one = judge("regression", target[:1], {name: guess[:1] for name, guess in good.items()}, lonlat[:1])
    assert verdict(one) == "1 place is too few to tell contestants apart."
    few = judged_hits({"a": np.ones(10, bool), "b": np.zeros(10, bool)})
    assert few.score("a").value - few.score("b").value == 1
    assert not few.ahead("a", "b")  # ten places in favour and none against, but a bootstrap cannot know
    assert verdict(few).startswith("10 places are too few to tell contestants apart. No difference")
    none = judge("regression", target[:0], {"a": target[:0]}, lonlat[:0])
    assert verdict(none) == "There is no place to judge by."
    equator = judge("regression", target, good, np.zeros((200, 2)))
    assert equator.score("a", "north").count == 0
    assert math.isnan(equator.score("a", "north").value)
    assert "70 degrees" not in verdict(equator)
    lonlat[:, 1] = np.where(np.arange(200) < 5, 80, 0)
    assert "Above 70 degrees 5 places are too few to tell." in verdict(judge("regression", target, good, lonlat))
    lonlat = sphere.random_points(200, 1)
    alone = verdict(judge("regression", target, {"a": good["b"]}, lonlat))
    assert alone.startswith("a reaches an R² of 0.99000 (0.98")


def test_bad_questions_are_refused() -> None:
    judged = judged_hits({"a": np.ones(50, bool)})
    with pytest.raises(ValueError, match="no contestant 'b'; there are: a"):
        judged.score("b")
    with pytest.raises(ValueError, match="part='east'"):
        judged.score("a", "east")
    with pytest.raises(ValueError, match="no prediction"):
        judge("regression", [1.0], {}, [[0.0, 0.0]])
    with pytest.raises(ValueError, match="resamples=1"):
        judged_hits({"a": np.ones(50, bool)}, resamples=1)


def test_calibration_by_hand() -> None:
    sure = np.repeat([0.55, 0.95], [100, 300])
    right = np.concatenate([np.arange(100) < 55, np.arange(300) < 240])  # 0.55 as said, 0.8 instead of 0.95
    probabilities = np.where(right[:, None], np.stack([sure, 1 - sure], -1), np.stack([1 - sure, sure], -1))
    found = evaluation.calibration(np.zeros(400, int), probabilities)
    assert list(found.counts) == [0, 0, 0, 0, 0, 100, 0, 0, 0, 300]
    assert found.confidence[[5, 9]] == pytest.approx([0.55, 0.95])
    assert found.accuracy[[5, 9]] == pytest.approx([0.55, 0.8])
    assert found.error == pytest.approx(0.75 * 0.15)
    assert np.isnan(found.accuracy[:5]).all()
    half = Z * math.sqrt(0.55 * 0.45 / 100)
    assert found.intervals[5] == pytest.approx([0.55 - half, 0.55 + half], abs=0.003)  # Wilson's is a little inside
    weighted = evaluation.calibration(np.zeros(400, int), probabilities, np.where(sure < 0.9, 3.0, 1.0))
    assert weighted.error == pytest.approx(0.5 * 0.15)
    nothing = evaluation.calibration(np.full(3, -1), np.full((3, 2), 0.5))
    assert math.isnan(nothing.error)
    assert nothing.counts.sum() == 0


def test_entropy_is_a_share_of_the_largest() -> None:
    rows = [[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0], [0.2, 0.2, 0, 0], [0, 0, 0, 0]]
    assert evaluation.entropy(rows)[:4] == pytest.approx([0, 1, 0.5, 0.5])
    assert math.isnan(evaluation.entropy(rows)[4])
    assert evaluation.entropy([[1.0], [0.3]]) == pytest.approx([0, 0])


def test_when_a_goal_was_reached() -> None:
    steps, seconds, scores = [0, 100, 200, 300], [0.0, 1.0, 4.0, 5.0], [0.1, 0.4, 0.6, 0.5]
    assert evaluation.reached(steps, seconds, scores, 0.5) == pytest.approx((150, 2.5))
    assert evaluation.reached(steps, seconds, scores, 0.05) == (0, 0)
    assert all(map(math.isnan, evaluation.reached(steps, seconds, scores, 0.7)))
    assert evaluation.reached(steps, seconds, [0.1, math.nan, 0.6, 0.5], 0.35) == pytest.approx((100, 2))
    assert evaluation.gap_to_ceiling(0.5, 0.55) == pytest.approx(0.05)
    assert math.isnan(evaluation.gap_to_ceiling(0.5, None))
    with pytest.raises(ValueError, match="3 steps"):
        evaluation.reached([1, 2, 3], [1], [1], 1)


def test_groups_of_neighbours_widen_the_intervals() -> None:
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(100) < 0.7, 50)  # 100 groups of 50 places that are all right or all wrong
    alone = judged_hits({"a": right}).score("a")
    grouped = judged_hits({"a": right}, groups=np.repeat(np.arange(100) * 7, 50)).score("a")
    assert grouped.value == alone.value
    expected = 2 * Z * np.sqrt(0.7 * 0.3 / 100)
    assert grouped.interval[1] - grouped.interval[0] == pytest.approx(expected, rel=0.2)
    assert alone.interval[1] - alone.interval[0] == pytest.approx(expected / np.sqrt(50), rel=0.2)


def test_groups_go_with_places_of_unknown_truth() -> None:
    rng = np.random.default_rng(0)
    places, truth, groups = sphere.random_points(500), rng.normal(size=500), np.arange(500) // 10
    truth[::7] = np.nan
    known = ~np.isnan(truth)
    guess = np.nan_to_num(truth) + 0.5
    left_out = judge("regression", truth, {"a": guess}, places, groups=groups)
    without = judge("regression", truth[known], {"a": guess[known]}, places[known], groups=groups[known])
    assert left_out.score("a") == without.score("a")


def test_few_groups_are_no_bootstrap_and_said_to_be_so() -> None:
    judged = judged_hits({"a": np.arange(500) % 3 > 0}, groups=np.arange(500) // 100)
    assert "intervals over them are too narrow" in verdict(judged)
    with pytest.raises(ValueError, match=r"groups has shape \(3,\) for 500 places"):
        judged_hits({"a": np.arange(500) % 3 > 0}, groups=[1, 2, 3])


def against_kriging(errors: dict[str, float], runs: int = 1) -> str:
    """The verdict on contestants whose predictions are off by noise of these sizes, held against kriging."""
    rng = np.random.default_rng(0)
    places = sphere.random_points(4000)
    truth = np.sin(np.radians(3 * places[:, 0])) + places[:, 1] / 30
    guesses = {n: [truth + size * rng.normal(size=len(truth)) for _ in range(runs)] for n, size in errors.items()}
    return verdict(judge("regression", truth, guesses, places), references=["kriging", "mean"])


def test_the_verdict_says_when_no_encoder_beats_the_reference() -> None:
    words = against_kriging({"grid": 0.6, "sphereM": 0.5, "kriging": 0.1}, runs=3)
    assert words.startswith("With an R² of 0.")  # the encoders among themselves
    assert "No encoder beats kriging, the reference predictor: with an R² of " in words
    assert " it is ahead of sphereM, the best encoder, by " in words
    assert "; over seeds " in words.split(". ")[0]
    assert "At 85 to 90 N" not in words  # too few places there
    assert "Above 70 degrees it is ahead of sphereM, the best encoder there, by " in words
    assert "is ahead of grid by" in words  # what the race of the encoders says stays


def test_a_tie_with_the_reference_is_called_a_tie() -> None:
    words = against_kriging({"sphereM": 0.1, "kriging": 0.1})
    assert ". sphereM does not beat kriging, the reference predictor (R² " in words
    assert "which is no difference that can be told." in words


def test_an_encoder_that_beats_the_best_reference_is_named() -> None:
    words = against_kriging({"grid": 0.9, "sphereM": 0.1, "kriging": 0.5, "mean": 3.0})
    assert re.search(r"Ahead of kriging, the best of 2 reference predictors \(R² [0-9.]+\), is sphereM by ", words)


def test_encoders_among_themselves_the_reference_and_the_poles_are_told_apart() -> None:
    places = sphere.fibonacci_lattice(2000)
    places = np.concatenate([places, *[sphere.fibonacci_lattice(400) * [1, 0] + [0, lat] for lat in (88, -88)]])
    truth = np.sin(np.radians(3 * places[:, 0])) + places[:, 1] / 30
    polar = np.where(places[:, 1] > 85, 3.0, 0.3) * np.random.default_rng(1).normal(size=len(places))
    guesses = {"grid": truth + polar, "sphereM": truth + 0.1 * polar, "kriging": truth + 0.01 * polar}
    found = dict(findings(judge("regression", truth, guesses, places), references=["kriging"]))
    assert list(found)[:4] == ["Among the encoders", "Against the reference", "At the poles", "At other latitudes"]
    assert found["At the poles"].startswith("At 85 to 90 N sphereM (R² ")
    assert found["Against the reference"].startswith("No encoder beats kriging")


def test_references_alone_have_a_verdict() -> None:
    assert against_kriging({"kriging": 0.5, "mean": 3.0}).startswith("With an R² of ")


def test_bands_with_few_groups_have_no_interval() -> None:
    lonlat = np.stack([np.zeros(4000), np.linspace(-60, 89.9, 4000)], -1)
    groups = ((lonlat[:, 1] + 90) // 2).astype(int)  # five in the northernmost band, fifteen in the next but one
    rng = np.random.default_rng(0)
    judged = judged_hits({"a": rng.random(4000) < 0.9, "b": rng.random(4000) < 0.1}, lonlat, groups=groups)
    assert judged.ahead("a", "b")
    assert judged.ahead("a", "b", "30 to 60 N")
    assert judged.score("a", "85 to 90 N").count > 100
    assert math.isnan(judged.score("a", "85 to 90 N").interval[0])
    assert not judged.ahead("a", "b", "85 to 90 N")
