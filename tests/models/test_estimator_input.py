"""What the estimators are given: frames, weights, and what cannot be learned from."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import s2v
from s2v import sphere

PLACES = sphere.random_points(120, seed=3)
LON, LAT = PLACES.T
NORTH = LAT > 0
QUICK = {"encoder": "xyz", "hidden": 16, "steps": 60}


def regressor(**settings):
    return s2v.LocationRegressor(**{**QUICK, **settings})


def classifier(**settings):
    return s2v.LocationClassifier(**{**QUICK, **settings})


class TestFrames:
    @pytest.mark.parametrize(
        ("lon", "lat"),
        [
            ("lon", "lat"),
            ("decimalLongitude", "decimalLatitude"),
            ("x", "y"),
            ("Longitude [deg]", "LATITUDE (deg)"),
            ("lng", "lat"),
        ],
    )
    def test_columns_are_told_apart_by_their_names(self, lon: str, lat: str) -> None:
        by_array = regressor().fit(PLACES, LAT)
        first, second = pd.DataFrame({lon: LON, lat: LAT}), pd.DataFrame({lat: LAT, lon: LON})
        for frame in (first, second):
            model = regressor().fit(frame, LAT)
            assert model.n_features_in_ == 2
            assert model.feature_names_in_.tolist() == list(frame.columns)
            assert model.feature_names_in_.dtype == object
            for other in (first, second):  # also at predict, in either order
                np.testing.assert_array_equal(model.predict(other), by_array.predict(PLACES))
                assert model.score(other, LAT) == by_array.score(PLACES, LAT)
        by_class = classifier().fit(second, NORTH)
        np.testing.assert_array_equal(by_class.predict_proba(first), by_class.predict_proba(second))

    def test_after_an_array_a_frame_is_told_by_its_names_as_well(self) -> None:
        model = regressor().fit(PLACES, LAT)
        assert not hasattr(model, "feature_names_in_")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            np.testing.assert_array_equal(
                model.predict(pd.DataFrame({"lat": LAT, "lon": LON})), model.predict(pd.DataFrame(PLACES))
            )
        with pytest.warns(UserWarning, match="X has feature names, but LocationRegressor was fitted without"):
            model.predict(pd.DataFrame({"a": LON, "b": LAT}))

    def test_after_a_frame_with_latitude_first_an_array_is_warned_of(self) -> None:
        model = regressor().fit(pd.DataFrame({"lat": LAT, "lon": LON}), LAT)
        with pytest.warns(UserWarning, match="latitude first. An array is taken as longitude first"):
            model.predict(PLACES)
        model.fit(PLACES, LAT)
        assert not hasattr(model, "feature_names_in_")  # those of an earlier fit are forgotten

    def test_tables_rows_and_structured_arrays_are_told_as_well(self) -> None:
        import pyarrow

        model = regressor().fit(PLACES, LAT)
        wanted = model.predict(PLACES)
        frame = pd.DataFrame({"lat": LAT, "lon": LON})
        structured = frame.to_records(index=False)
        for table in (structured, pyarrow.Table.from_pandas(frame, preserve_index=False)):
            np.testing.assert_array_equal(model.predict(table), wanted)
            np.testing.assert_array_equal(regressor().fit(table, LAT).predict(table), wanted)
        assert model.predict(frame.iloc[3]) == pytest.approx(wanted[3], rel=1e-5)  # one place is rounded otherwise
        assert regressor().fit(frame, LAT).predict(frame.iloc[3]) == pytest.approx(wanted[3], rel=1e-5)

    def test_unknown_names_are_longitude_first_and_stay_in_order(self) -> None:
        model = regressor().fit(pd.DataFrame({"a": LON, "b": LAT}), LAT)
        np.testing.assert_array_equal(
            model.predict(pd.DataFrame({"a": LON, "b": LAT})), regressor().fit(PLACES, LAT).predict(PLACES)
        )
        with pytest.raises(ValueError, match="Feature names must be in the same order as they were in fit"):
            model.predict(pd.DataFrame({"b": LAT, "a": LON}))
        with pytest.raises(ValueError, match=r"unseen at fit time:\n- c\n.*\n- b\n"):
            model.predict(pd.DataFrame({"a": LON, "c": LAT}))

    @pytest.mark.parametrize(
        ("names", "error", "words"),
        [
            (("lat", "other"), ValueError, "look like latitude first, but one of the names is not known"),
            (("other", "lon"), ValueError, "look like latitude first, but one of the names is not known"),
            (("lat", "latitude"), ValueError, "both look like latitude"),
            (("lon", "x"), ValueError, "both look like longitude"),
            (("lon", 3), TypeError, "names of several kinds"),
        ],
    )
    def test_names_that_leave_a_doubt_are_refused(self, names, error, words) -> None:
        with pytest.raises(error, match=words):
            regressor().fit(pd.DataFrame(PLACES, columns=list(names)), LAT)

    def test_a_frame_with_more_columns_is_told_which_two_to_give(self) -> None:
        frame = pd.DataFrame({"id": LON, "lat": LAT, "lon": LON})
        with pytest.raises(ValueError, match=r"3 columns \('id', 'lat', 'lon'\).*frame\[\['lon', 'lat'\]\]"):
            regressor().fit(frame, LAT)

    def test_a_missing_value_is_no_number(self) -> None:
        frame = pd.DataFrame({"lon": LON, "lat": LAT})
        frame.loc[3, "lat"] = None
        with pytest.raises(ValueError, match=r"row 3 .* NaN"):
            regressor().fit(frame, LAT)
        with pytest.raises(ValueError, match="dates"):
            regressor().fit(
                pd.DataFrame({"lon": pd.to_datetime(["2020-01-01"]), "lat": pd.to_datetime(["2020-01-02"])}), [1.0]
            )


class TestRefused:
    @pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_matrix])
    def test_sparse_data(self, make) -> None:
        with pytest.raises(TypeError, match=r"lonlat is sparse.*lonlat\.toarray\(\)"):
            regressor().fit(make(PLACES), LAT)
        model = regressor().fit(PLACES, LAT)
        with pytest.raises(TypeError, match="sparse"):
            model.predict(make(PLACES))
        with pytest.raises(TypeError, match="y is sparse"):
            regressor().fit(PLACES, make(LAT[:, None]))

    def test_masked_places_targets_and_weights(self) -> None:
        places = np.ma.masked_array(PLACES, mask=np.zeros_like(PLACES, dtype=bool))
        model = regressor().fit(places, np.ma.masked_array(LAT))  # nothing is hidden
        places[4, 1] = np.ma.masked
        masked = np.ma.masked_greater(LAT, 50)
        for call in (
            lambda: regressor().fit(places, LAT),
            lambda: model.predict(places),
            lambda: model.score(PLACES, masked),
            lambda: regressor().fit(PLACES, masked),
            lambda: classifier().fit(PLACES, np.ma.masked_array(NORTH, mask=LAT > 50)),
            lambda: regressor().fit(PLACES, LAT, sample_weight=np.ma.masked_greater(abs(LAT), 50)),
        ):
            with pytest.raises(ValueError, match="are masked, the first in row"):
                call()

    @pytest.mark.parametrize(
        ("y", "words"),
        [
            (LAT, "Unknown label type: continuous. y has .* LocationRegressor"),
            (list(LAT), "continuous"),
            (LAT.astype(object), "continuous"),
            (LAT.astype(np.float32), "continuous"),
            (np.where(NORTH, np.inf, 1.0), "contains infinity: the target of row"),
            (np.where(NORTH, np.nan, 1.0), "contains NaN: the target of row .* drop or fill"),
            (np.where(NORTH, np.nan, 1.0).astype(object), "contains NaN"),
            (NORTH + 1j, "Complex data not supported"),
        ],
    )
    def test_values_are_no_classes(self, y, words) -> None:
        with pytest.raises(ValueError, match=words):
            classifier().fit(PLACES, y)

    def test_whole_numbers_are_classes_whatever_their_type(self) -> None:
        for y in (NORTH.astype(float), NORTH.astype(int), NORTH.astype(np.int8), pd.Series(NORTH).astype("category")):
            assert classifier().fit(PLACES, y).score(PLACES, y) > 0.9

    def test_infinite_values(self) -> None:
        with pytest.raises(ValueError, match="infinity"):
            regressor().fit(PLACES, np.where(NORTH, np.inf, LAT))


class TestWeights:
    @pytest.mark.parametrize("kind", [regressor, classifier])
    def test_a_weight_of_zero_leaves_the_place_out(self, kind) -> None:
        y = NORTH if kind is classifier else LAT
        kept = np.arange(len(PLACES)) % 3 > 0
        wrong = np.where(kept, y, ~NORTH if kind is classifier else 1000.0)
        predict = lambda model: model.predict(PLACES)  # noqa: E731
        if kind is classifier:
            predict = lambda model: model.predict_proba(PLACES)  # noqa: E731
        left_out = kind().fit(PLACES[kept], y[kept])
        weighted = kind().fit(PLACES, wrong, sample_weight=kept.astype(float))
        np.testing.assert_array_equal(predict(weighted), predict(left_out))
        assert (predict(kind().fit(PLACES, wrong)) != predict(left_out)).any()

    def test_a_class_whose_places_all_weigh_zero_is_unknown(self) -> None:
        y = np.where(LAT > 60, "arctic", np.where(NORTH, "north", "south"))
        model = classifier().fit(PLACES, y, (y != "arctic") * 2)
        assert model.classes_.tolist() == ["north", "south"]
        assert model.model_.classes == ("north", "south")

    def test_only_ratios_matter(self) -> None:
        weights = 1.0 + NORTH
        one, same = (regressor().fit(PLACES, LAT, factor * weights) for factor in (1, 1024))
        np.testing.assert_array_equal(one.predict(PLACES), same.predict(PLACES))
        plain = regressor().fit(PLACES, LAT)
        for equal in (np.full(len(PLACES), 7.0), 7, [7] * len(PLACES)):
            np.testing.assert_array_equal(regressor().fit(PLACES, LAT, equal).predict(PLACES), plain.predict(PLACES))

    def test_of_two_values_at_each_place_the_weighted_mean_is_learned(self) -> None:
        twice, y = np.repeat(PLACES, 2, axis=0), np.tile([0.0, 10.0], len(PLACES))
        model = regressor(steps=400).fit(twice, y, sample_weight=np.tile([1.0, 3.0], len(PLACES)))
        np.testing.assert_allclose(model.predict(PLACES).mean(), 7.5, atol=0.2)  # 240 places, 256 a batch: no chance
        chances = classifier(steps=400).fit(twice, y, sample_weight=np.tile([1.0, 3.0], len(PLACES)))
        np.testing.assert_allclose(chances.predict_proba(PLACES).mean(0), [0.25, 0.75], atol=0.02)

    def test_weights_are_repeated_rows(self) -> None:
        counts = 1 + np.arange(len(PLACES)) % 2
        weighted = regressor(encoder="plane_waves", encoder_params={"min_radius": 0.2}).fit(PLACES, LAT, counts)
        rows = np.repeat(np.arange(len(PLACES)), counts)
        repeated = regressor(encoder="plane_waves", encoder_params={"min_radius": 0.2}).fit(PLACES[rows], LAT[rows])
        # Both fit into a batch, so the losses are equal but for rounding.
        np.testing.assert_allclose(weighted.predict(PLACES), repeated.predict(PLACES), atol=0.5)

    def test_losses_of_presences_know_weights(self) -> None:
        twice, y = np.repeat(PLACES, 2, axis=0), np.tile(["rare", "usual"], len(PLACES))
        weights = np.tile([1.0, 9.0], len(PLACES))
        model = classifier(loss="presence_absence", steps=200).fit(twice, y, sample_weight=weights)
        rare, usual = model.predict_proba(PLACES).mean(0)
        assert usual > rare + 0.05

    def test_scores_are_weighted(self) -> None:
        model = classifier().fit(PLACES, NORTH)
        y = np.where(LON > 0, NORTH, ~NORTH)
        assert model.score(PLACES, y, sample_weight=LON > 0) > 0.9
        assert model.score(PLACES, y, sample_weight=LON <= 0) < 0.1
        values = regressor().fit(PLACES, LAT)
        east = LON > 0
        assert values.score(PLACES, LAT, east) == pytest.approx(values.score(PLACES[east], LAT[east]))

    def test_trials_are_weighted_too(self) -> None:
        settings = {"encoder": "nerf", "steps": 40, "trials": 2}
        kept = np.arange(len(PLACES)) % 3 > 0
        weighted = regressor(**settings).fit(PLACES, LAT, kept)
        left_out = regressor(**settings).fit(PLACES[kept], LAT[kept])
        assert [trial.score for trial in weighted.trials_] == [trial.score for trial in left_out.trials_]
        other = regressor(**settings).fit(PLACES, LAT, np.where(NORTH, 1.0, 0.01))
        assert [trial.score for trial in other.trials_] != [trial.score for trial in left_out.trials_]

    @pytest.mark.parametrize(
        ("weights", "words"),
        [
            (np.ones(3), r"sample_weight has shape \(3,\), and there are 120 places"),
            (np.ones((120, 1)), r"shape \(120, 1\)"),
            (np.where(NORTH, -1.0, 1.0), "is -1; a weight is a finite number of at least 0"),
            (np.where(NORTH, np.nan, 1.0), "is nan"),
            (np.where(NORTH, np.inf, 1.0), "is inf"),
            (np.zeros(120), "Every sample_weight is zero"),
            (["a"] * 120, "sample_weight must be numbers"),
        ],
    )
    def test_weights_that_make_no_sense_are_told(self, weights, words) -> None:
        with pytest.raises(ValueError, match=words):
            regressor().fit(PLACES, LAT, sample_weight=weights)


class TestEncoderParams:
    def test_are_searched_by_their_names(self) -> None:
        selection = pytest.importorskip("sklearn.model_selection")
        from sklearn.base import clone

        grid = {"encoder_params__scales": [1, 6], "encoder_params__min_radius": [0.1]}
        search = selection.GridSearchCV(s2v.LocationRegressor("plane_waves", steps=60), grid, cv=2)
        search.fit(PLACES, np.sin(3 * np.deg2rad(LON)) * np.cos(np.deg2rad(LAT)))
        assert set(search.best_params_) == set(grid)
        assert search.best_estimator_.recipe_.encoder_params["min_radius"] == 0.1
        assert search.best_estimator_.recipe_.encoder_params["scales"] == search.best_params_["encoder_params__scales"]
        assert search.estimator.encoder_params is None  # a search works on copies
        copy = clone(search.best_estimator_)
        assert copy.get_params() == search.best_estimator_.get_params()

    def test_are_listed_with_their_defaults(self) -> None:
        model = s2v.LocationRegressor("spherical_harmonics")
        assert model.get_params()["encoder_params__degree"] == "auto"
        assert model.set_params(encoder_params__degree=4).get_params()["encoder_params__degree"] == 4
        assert model.encoder_params == {"degree": 4}
        assert not any(name.startswith("encoder_params__") for name in model.get_params(deep=False))
        assert s2v.LocationRegressor("nonsense").get_params()["encoder"] == "nonsense"

    def test_follow_an_encoder_that_is_set_with_them(self) -> None:
        model = s2v.LocationRegressor().set_params(encoder_params__cell=30.0, encoder="tile")
        assert (model.encoder, model.encoder_params) == ("tile", {"cell": 30.0})
        with pytest.raises(ValueError, match="encoder 'tile' has no parameter 'scale'; it has: cell"):
            model.set_params(encoder_params__scale=3)
        with pytest.raises(ValueError, match="encoder 'xyz' has no parameter 'scales'; it has none"):
            model.set_params(encoder="xyz", encoder_params__scales=3)

    def test_leave_a_given_mapping_as_it_is(self) -> None:
        given = {"scales": 4}
        model = s2v.LocationRegressor("sphereC", encoder_params=given).set_params(encoder_params__scales=5)
        assert given == {"scales": 4}
        assert model.encoder_params == {"scales": 5}

    @pytest.mark.parametrize("given", [None, {}, {"min_radius": "auto"}])
    def test_the_scale_follows_the_spacing_of_the_places(self, given) -> None:
        for count in (30, 3000):
            places = sphere.random_points(count, seed=1)
            model = s2v.LocationRegressor(encoder_params=given, steps=1).fit(places, places[:, 1])
            wanted = np.sqrt(4 * np.pi / count)
            assert model.recipe_.encoder_params["min_radius"] == pytest.approx(min(wanted, 0.5), rel=0.2)
        fixed = s2v.LocationRegressor(encoder_params={"min_radius": 0.03}, steps=1).fit(PLACES, LAT)
        assert fixed.recipe_.encoder_params["min_radius"] == 0.03


@pytest.mark.parametrize("kind", [s2v.LocationClassifier, s2v.LocationRegressor])
def test_the_default_has_no_tears(kind) -> None:
    """One place has one value: at the dateline from either side, at a pole by any longitude."""
    places = sphere.random_points(300, seed=4)
    y = places[:, 0] > 0 if kind is s2v.LocationClassifier else places[:, 0]  # torn itself, at the dateline
    model = kind(steps=100).fit(places, y)
    spec = s2v.ENCODERS[model.encoder]
    assert spec.continuous_at_dateline(model.recipe_.encoder_params)
    assert spec.continuous_at_poles(model.recipe_.encoder_params)
    predict = model.predict if kind is s2v.LocationRegressor else model.predict_proba
    latitude = np.linspace(-90, 90, 61)
    scale = np.ptp(predict(places))
    west, east = (predict(np.stack([np.full(61, side), latitude], -1)) for side in (-180.0, 180.0))
    np.testing.assert_allclose(west, east, atol=1e-3 * scale)  # float32
    for pole in (-90.0, 90.0):
        values = predict(np.stack([np.linspace(-180, 180, 61), np.full(61, pole)], -1))
        np.testing.assert_allclose(values, np.broadcast_to(values[:1], values.shape), atol=1e-3 * scale)
