"""The lab's encoders in CoordBench, the benchmark of location encoders of torchgeo-bench.

CoordBench asks for an object of its class ``LocationEncoder``, calls ``encode(lon, lat, year)`` once for each of its
tables, and learns a ridge regression, or the nearest neighbours, on what comes back.  That interface is followed as it
is in ``src/torchgeo_bench/coordbench`` of torchgeo/torchgeo-bench: ``models.py`` at commit 0b26fe2, ``run.py`` at
0096e58.  Nothing of that package is imported: where CoordBench has loaded it, the class here makes itself known there.
"""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.encoders.registry import encoder as by_name
from s2v.errors import shown

if TYPE_CHECKING:
    from torch import nn

THEIRS = "torchgeo_bench.coordbench.models"  # has the class LocationEncoder
MODEL_FILE = ".safetensors"


class CoordBenchEncoder:
    """An encoder of the lab, or what a trained model learned, as CoordBench takes it.

    In CoordBench's configuration this class is the ``target`` of the model, and the parameters are its ``kwargs``.

    Parameters
    ----------
    encoder : str or torch module, default "sphereM"
        The name of an encoder (``s2v.ENCODERS``), as it is untrained; the path of a model that ``s2v.save`` wrote
        (.safetensors), whose last layer sees its embedding; or an encoder, an ``s2v.Embedding`` or a trained model.
    device : str, default "cpu"
        Where torch computes.  Without a GPU it is the CPU, whatever is asked for, as in CoordBench's own encoders.
    batch_size : int, default 8192
        Places that are encoded at a time.
    **params
        Parameters of an encoder that is given by name, such as ``scales=16``.

    Attributes
    ----------
    name : str
        For people.
    dim : int
        How many numbers come back for a place.

    Raises
    ------
    ValueError
        For an unknown encoder or parameter, a scale of "auto" (no places to learn from are known here), or parameters
        beside something that has its own.
    FileNotFoundError
        Where there is no such model.

    Examples
    --------
    >>> ours = CoordBenchEncoder("sphereM", scales=4, min_radius=0.1)
    >>> found = ours.encode(lon=[15.6, -70.0, 180.0], lat=[78.2, -30.0, 90.0])
    >>> found.shape, str(found.dtype), ours.name
    ((3, 20), 'float32', 'sphereM')
    """

    def __init__(
        self, encoder: str | nn.Module = "sphereM", device: str = "cpu", batch_size: int = 8192, **params: Any
    ) -> None:
        import torch

        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size}: allowed is a whole number of at least 1.")
        self.device = device if device == "cpu" or torch.cuda.is_available() else "cpu"
        self.batch_size = int(batch_size)
        self.name, self.module = _built(encoder, params)
        self.module.to(self.device).eval()
        self.dim = int(self.module.dim)
        theirs = getattr(sys.modules.get(THEIRS), "LocationEncoder", None)
        if theirs is not None:
            theirs.register(type(self))  # it is asked for by isinstance

    def encode(self, lon: ArrayLike, lat: ArrayLike, year: ArrayLike | None = None) -> NDArray[np.float32]:
        """The codes of places.

        Parameters
        ----------
        lon, lat : array (n,)
            Degrees.
        year : array (n,), optional
            Of each place; it changes nothing.

        Returns
        -------
        array (n, dim) of float32
            Computed in float64, so that a code has no tear at the dateline but its own.

        Raises
        ------
        ValueError
            For longitudes and latitudes of other shapes, one that is not finite, or a latitude beyond 90 degrees.
        """
        import torch

        places = _places(lon, lat)
        codes = np.empty((len(places), self.dim), np.float32)
        with torch.no_grad():
            for start in range(0, len(places), self.batch_size):
                some = torch.from_numpy(places[start : start + self.batch_size]).to(self.device)
                codes[start : start + self.batch_size] = self.module(some).float().cpu().numpy()
        return codes


def _places(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    try:
        both = [np.asarray(values, dtype=np.float64) for values in (lon, lat)]
    except (TypeError, ValueError):
        raise ValueError(f"lon={shown(lon)} and lat={shown(lat)} must be numbers of degrees.") from None
    if both[0].ndim != 1 or both[0].shape != both[1].shape:
        raise ValueError(
            f"lon has shape {both[0].shape} and lat {both[1].shape}; they must be two rows of degrees, equally long."
        )
    return sphere.check_lonlat(np.stack(both, axis=-1))


def _built(encoder: str | nn.Module, params: dict[str, Any]) -> tuple[str, Any]:
    """Name and module, which is a copy: CoordBench moves it to its device."""
    if isinstance(encoder, str) and not encoder.endswith(MODEL_FILE):
        return encoder, by_name(encoder, **params)
    if params:
        raise ValueError(f"{', '.join(params)}: parameters are given with the name of an encoder, not with a model.")
    from s2v.models import checkpoints
    from s2v.models.model import Embedding, LocationModel

    name = encoder if isinstance(encoder, str) else type(encoder).__name__
    module: Any = checkpoints.load(encoder) if isinstance(encoder, str) else encoder
    if isinstance(module, LocationModel):
        return name, Embedding(module)
    if not hasattr(module, "dim"):
        raise ValueError(
            f"{shown(name)} has no encoder. Give the name of an encoder, a trained model of one, or the path of such a "
            f"model ({MODEL_FILE})."
        )
    return name, copy.deepcopy(module)
