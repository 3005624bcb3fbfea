"""NetCDF by xarray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from s2v import cf
from s2v.export.distances import DISTANCE, check_distance
from s2v.fields import Field

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


def to_dataset(fields: Field | Sequence[Field], distance: Field | None = None) -> Dataset:
    """Fields as the variables of one xarray data set, by the CF conventions.

    Parameters
    ----------
    fields : s2v.fields.Field or sequence of them
        Fields of other grids than the first one's get dimensions of their own, as ``lat_2`` and ``lon_2``.
    distance : s2v.fields.Field, optional
        A further variable, ``distance_km``.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ValueError
        For no field at all, and for a distance on another grid.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> dataset = to_dataset(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90)))
    >>> list(dataset.data_vars), dataset.Conventions
    (['east'], 'CF-1.8')
    """
    from xarray import Dataset

    fields = [fields] if isinstance(fields, Field) else list(fields)
    if not fields:
        raise ValueError("There are no fields to write; give one at least.")
    distances = [] if distance is None else [check_distance(fields[0], distance)]
    grids = list(dict.fromkeys(field.grid for field in fields))
    variables: dict[str, DataArray] = {}
    for field in (*fields, *distances):
        array = field.to_xarray()
        if field is distance:
            array = array.rename(DISTANCE)
        name, number = str(array.name), 2
        while name in variables:
            name, number = f"{array.name}_{number}", number + 1
        variables[name] = _of_its_own_axes(array, grids.index(field.grid) + 1)
        for note in field.notes() if len(fields) == 1 else ("history",):
            del variables[name].attrs[note]
    title = "; ".join(dict.fromkeys(cf.clean(field.title) for field in fields))
    whole = fields[0].notes() if len(fields) == 1 else {"history": fields[0].notes()["history"]}
    return Dataset(variables, attrs={"Conventions": cf.CONVENTIONS, "title": title, **whole})


def to_netcdf(fields: Field | Sequence[Field], distance: Field | None = None) -> bytes:
    """``to_dataset`` as a file of NetCDF's classic form, which everything reads; latitude (or y) rises.

    Parameters
    ----------
    fields : s2v.fields.Field or sequence of them
    distance : s2v.fields.Field, optional
        A further variable, ``distance_km``.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        As of ``to_dataset``.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> to_netcdf(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90)))[:3]
    b'CDF'
    """
    dataset = to_dataset(fields, distance)
    for name, variable in dataset.variables.items():
        if "grid_mapping" in variable.attrs:  # as encoding, xarray does not name it among the coordinates as well
            variable.encoding["grid_mapping"] = variable.attrs.pop("grid_mapping")
        if variable.dtype.kind == "f" and name in dataset.data_vars:
            variable.encoding["dtype"] = np.float32
        elif name in dataset.dims:
            variable.encoding["_FillValue"] = None  # the conventions want none: axes have no gaps
    upward = {name: slice(None, None, -1) for name in dataset.dims if str(name).split("_")[0] in ("lat", "y")}
    return bytes(dataset.isel(upward).to_netcdf(engine="scipy"))


def _of_its_own_axes(array: DataArray, number: int) -> DataArray:
    """The array with ``number`` behind the names of its coordinates, for grids after the first."""
    if number == 1:
        return array
    renamed = array.rename({name: f"{name}_{number}" for name in array.coords})
    renamed.attrs["grid_mapping"] = f"{cf.GRID_MAPPING}_{number}"
    return renamed
