"""Places near a tear are counted, and what has none is named."""

import numpy as np
import pytest

import s2v
from s2v import sphere
from s2v.models.torn import WHOLE, differences, near_tears, torn_in_words

FIJI, KAMCHATKA, PARIS, POLE = [178.0, -17.0], [170.0, 60.0], [2.0, 49.0], [-40.0, 89.0]


def test_distances_are_in_kilometres_and_not_in_degrees() -> None:
    assert near_tears("grid", {}, [FIJI, PARIS]) == 1
    assert near_tears("grid", {}, [KAMCHATKA]) == 0  # 555 km
    assert near_tears("grid", {}, [KAMCHATKA], km=600) == 1
    assert near_tears("grid", {}, [[-178.0, -17.0], [182.0, 0.0], [-180.0, 80.0]]) == 3
    assert near_tears("grid", {}, [[0.0, 0.0], [90.0, 0.0], [0.0, 80.0]]) == 0
    assert near_tears("grid", {}, [POLE, [15.0, -88.0]]) == 2


@pytest.mark.parametrize("name", s2v.ENCODERS)
def test_only_torn_encoders_are_told_of(name: str) -> None:
    spec = s2v.ENCODERS[name]
    whole = spec.continuous_at_dateline() and spec.continuous_at_poles()
    for places in (None, [FIJI, PARIS]):
        told = torn_in_words(name, {}, places)
        assert (told == "") == (whole or (places is not None and spec.continuous_at_dateline())), told
    assert torn_in_words(name, {}, [PARIS]) == ""
    assert not torn_in_words(WHOLE, {}, [FIJI, POLE])


def test_the_sentence_says_how_many_and_what_to_choose() -> None:
    told = torn_in_words("sphereM", {}, [FIJI, PARIS, POLE])
    assert told.startswith("sphereM is torn at the dateline and the poles: one place there can have two answers")
    assert "2 of 3 training places lie within 500 km" in told
    assert told.endswith("Without tears: frequencies=odd, or the encoder plane_waves.")
    assert torn_in_words("sphereM", {"frequencies": "odd"}, [FIJI, POLE]) == ""
    assert "torn at the poles: " in torn_in_words("sphereM", {"frequencies": "integer"}, [POLE])
    assert torn_in_words("grid", {}, [FIJI]).endswith("Without tears: the encoder plane_waves.")
    assert "1 of 2 training places lies" in torn_in_words("wrap", {}, [POLE, FIJI])


def test_an_estimator_warns_of_a_torn_encoder_with_data_there() -> None:
    places = sphere.random_points(100, seed=0)
    with pytest.warns(UserWarning, match=r"sphereM is torn .* of 100 training places lie") as caught:
        model = s2v.LocationRegressor("sphereM", steps=5).fit(places, places[:, 0])
    assert caught[0].filename == __file__
    assert max(differences(model.predict)) > 0
    europe = places * [0.1, 0.1] + [10, 50]
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s2v.LocationRegressor("sphereM", steps=5).fit(europe, europe[:, 0])
        s2v.LocationRegressor(steps=5).fit(places, places[:, 0])


def test_differences_are_of_two_answers_to_one_place() -> None:
    classes = differences(lambda lonlat: np.stack([lonlat[:, 0] > 0, lonlat[:, 0] <= 0], -1).astype(float))
    assert classes == (1.0, 1.0, 1.0)
