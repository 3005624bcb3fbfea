"""What the estimators are given: arrays, lists and data frames become places, targets and weights, or a sentence."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.readers.columns import fits
from s2v.errors import clipped, shown

MAX_NAMES = 5  # column names that a sentence lists

Names = tuple[str, ...]


class Places(NamedTuple):
    """Places (..., 2) in degrees, longitude first; the names of a frame's columns as they were given; their order."""

    lonlat: NDArray[np.float64]
    names: Names | None
    latitude_first: bool = False


def read_places(given: Any, estimator: str, fitted: Places | None = None) -> Places:
    """Places of an array (..., 2), longitude first, or of a data frame with two columns, in the order of their names.

    ``fitted`` are those of ``fit``: a frame must have the same columns then.  ``ValueError`` and ``TypeError`` for
    anything else, in scikit-learn's words where it looks for them.
    """
    _check_dense(given, "lonlat")
    names, given = _named(given)
    if fitted is not None:
        _check_names(names, fitted, estimator)
    if names is not None and len(names) > 2:
        raise ValueError(_too_many(names))
    latitude_first = names is not None and len(names) == 2 and _latitude_first(names)
    values = _numbers(given, "lonlat")
    if values.ndim == 2 and values.shape[1] < 2 and fitted is None:
        raise ValueError(
            f"lonlat has {values.shape[1]} feature(s) (shape={values.shape}) while a minimum of 2 is required: the "
            "longitude and the latitude of each place, in degrees."
        )
    if values.ndim == 2 and values.shape[1] != 2 and fitted is not None:
        raise ValueError(
            f"X has {values.shape[1]} features, but {estimator} is expecting 2 features as input: longitude and "
            "latitude, in degrees."
        )
    if latitude_first:
        values = values[..., ::-1]
    if not np.isfinite(values).all():
        try:
            sphere.check_lonlat(values)
        except ValueError as error:
            raise ValueError(f"{error} (The input contains NaN or infinity.)") from None
    return Places(sphere.check_lonlat(values), names, latitude_first)


def read_target(given: Any, estimator: str, classes: bool, shape: tuple[int, ...] = ()) -> NDArray[Any]:
    """Targets as they are: ``classes`` or values; a column (n, 1) is flattened unless that is the ``shape`` wanted."""
    if given is None:
        raise ValueError(
            f"This {estimator} requires y to be passed, but the target y is None: it needs a target for each place."
        )
    _check_dense(given, "y")
    values = np.asarray(given)
    if np.iscomplexobj(values):
        raise ValueError("Complex data not supported: y has complex numbers.")
    if values.ndim == 2 and values.shape[1] == 1 and values.shape != shape:
        from s2v.models.scikit_learn import DataConversionWarning

        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples, ), "
            "for example using ravel().",
            DataConversionWarning,
            stacklevel=4,
        )
        values = values.ravel()
    if values.dtype.kind == "O" and values.size:
        kinds = [(isinstance(value, Real), isinstance(value, float)) for value in values.flat]
        if all(real for real, _ in kinds) and any(floating for _, floating in kinds):
            values = values.astype(np.float64)
    if values.dtype.kind == "f":
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            what = "NaN" if np.isnan(values.flat[bad[0]]) else "infinity"
            kind = "class" if classes else "value"
            raise ValueError(
                f"Input y contains {what}: the target of row {bad[0]} is {values.flat[bad[0]]}; drop or fill rows "
                f"without a {kind} first."
            )
        broken = values[values != np.round(values)]
        if classes and len(broken):
            raise ValueError(
                f"Unknown label type: continuous. y has {broken[0]:g}; classes are texts, whole numbers or booleans. "
                "Values are learned by LocationRegressor."
            )
    return values


def read_weights(given: Any, places: int) -> NDArray[np.float64] | None:
    """Weights (n,) from 0 to 1, the largest 1; None where all are equal."""
    if given is None:
        return None
    _check_dense(given, "sample_weight")
    weights = _numbers(given, "sample_weight")
    if weights.ndim == 0:
        weights = np.full(places, float(weights))
    if weights.shape != (places,):
        raise ValueError(
            f"sample_weight has shape {weights.shape}, and there are {places} places: give one weight each, (n,)."
        )
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(bad):
        raise ValueError(
            f"sample_weight of row {bad[0]} is {weights[bad[0]]:g}; a weight is a finite number of at least 0."
        )
    if places and not weights.any():
        raise ValueError("Every sample_weight is zero: at least one place must count.")
    if not places or (weights == weights[0]).all():
        return None
    return weights / weights.max()


def _check_dense(given: Any, what: str) -> None:
    from scipy import sparse  # slow to load

    if sparse.issparse(given):
        raise TypeError(f"{what} is sparse, and sparse data are not understood: give {what}.toarray().")
    if np.ma.is_masked(given):
        row = np.argwhere(np.ma.getmaskarray(given))[0][:1]
        raise ValueError(f"Some of {what} are masked, the first in row {row[0]}: drop or fill these rows first.")


def _numbers(given: Any, what: str) -> NDArray[np.float64]:
    try:
        values = np.asarray(given)
        if np.iscomplexobj(values):
            raise ValueError(f"Complex data not supported: {what} has complex numbers.")
        if values.dtype.kind in "mM":
            raise ValueError(f"{what} has dates or times; it must be numbers.")
        return values.astype(np.float64)
    except TypeError as error:
        raise TypeError(clipped(f"{what} must be numbers: {error}.")) from None
    except ValueError as error:
        raise ValueError(clipped(f"{what} must be numbers: {error}")) from None


def _named(given: Any) -> tuple[Names | None, Any]:
    """The names of the columns of a frame, a table, a structured array or a row, and its values.

    None for arrays, and where no name is a text; as scikit-learn has it, ``TypeError`` where only some are.
    """
    if getattr(getattr(given, "dtype", None), "names", None):  # a structured array of numpy
        names = list(given.dtype.names)
        given = np.stack([given[name] for name in names], -1)
    elif hasattr(given, "column_names"):  # a table of pyarrow
        names = list(given.column_names)
        given = np.stack([np.asarray(column) for column in given.columns], -1)
    elif hasattr(given, "columns"):
        names = list(given.columns)
    elif hasattr(given, "iloc") and np.shape(given) == (2,):  # a row of a frame
        names = list(given.index)
    else:
        return None, given
    texts = [isinstance(name, str) for name in names]
    if all(texts):
        return tuple(names), given
    if any(texts):
        raise TypeError(
            "Feature names are only supported if all input features have string names, but these columns have names "
            f"of several kinds: {_listed([str(name) for name in names])}. Rename them."
        )
    return None, given


def _latitude_first(names: Names) -> bool:
    """Whether the two columns are latitude and longitude by their names; unknown names are longitude and latitude."""
    kinds = [{which for which in ("lon", "lat") if fits(which, name)} for name in names]
    first, second = kinds
    if first == second and first:
        what = "longitude" if first == {"lon"} else "latitude"
        raise ValueError(f"The columns {_listed(names)} both look like {what}: give one of each.")
    if first == {"lat"} and second == {"lon"}:
        return True
    if (first == {"lat"} and not second) or (second == {"lon"} and not first):
        raise ValueError(
            f"The columns {_listed(names)} look like latitude first, but one of the names is not known. Rename them to "
            "lon and lat, or give an array with longitude first."
        )
    return False


def _check_names(names: Names | None, fitted: Places, estimator: str) -> None:
    """Whether a frame has the columns of the one that was fitted; in scikit-learn's words."""
    if names is None:
        if fitted.latitude_first:
            warnings.warn(
                f"X does not have valid feature names, but {estimator} was fitted with feature names: {fitted.names}, "
                "latitude first. An array is taken as longitude first.",
                UserWarning,
                stacklevel=5,
            )
        return
    if fitted.names is None:
        if len(names) == 2 and not any(fits("lon", name) or fits("lat", name) for name in names):
            warnings.warn(
                f"X has feature names, but {estimator} was fitted without feature names", UserWarning, stacklevel=5
            )
        return
    if set(names) == set(fitted.names):
        if names == fitted.names or _is_known(names):
            return
        details = "Feature names must be in the same order as they were in fit.\n"
    else:
        unseen = sorted(set(names) - set(fitted.names))
        missing = sorted(set(fitted.names) - set(names))
        details = _bullets("Feature names unseen at fit time:", unseen)
        details += _bullets("Feature names seen at fit time, yet now missing:", missing)
    raise ValueError(f"The feature names should match those that were passed during fit.\n{details}")


def _is_known(names: Names) -> bool:
    return all(fits("lon", name) or fits("lat", name) for name in names)


def _bullets(title: str, names: Sequence[str]) -> str:
    lines = [title, *(f"- {name}" for name in names[:MAX_NAMES]), *(["- ..."] if len(names) > MAX_NAMES else [])]
    return "\n".join(lines) + "\n" if names else ""


def _too_many(names: Names) -> str:
    found = [next((name for name in names if fits(which, name)), None) for which in ("lon", "lat")]
    pair = found if all(found) else ["longitude", "latitude"]
    return clipped(
        f"lonlat has {len(names)} columns ({_listed(names)}); places have two. Give them alone: frame[{pair!r}]."
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(shown(name) for name in names[:MAX_NAMES]) + more
