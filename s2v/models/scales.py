"""The scale of an encoder that follows from the data: what "auto" becomes.  Free of torch.

How fine a code should be depends on how far apart the training places lie: of finer detail nothing can be learned, and
a finer code fits each place by itself.  Where observations are noisy the code must be coarser, to average over several
places; less so where there are more places than a network learns by heart.  docs/scales.md has what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from s2v import sphere
from s2v.data import DataSet
from s2v.data.nearest import distinct, mean_spacing
from s2v.data.nugget import nugget
from s2v.encoders import registry
from s2v.encoders.registry import EncoderConfig
from s2v.models import cost
from s2v.models.recipe import Recipe
from s2v.parameters import AUTO

NOISE_WEIGHT = 4.0  # of the ratio of noise to signal, for few places: chosen on validation places, docs/scales.md
FEW_PLACES = 5000  # beyond them it falls with the square root of their number: chosen likewise
MORE_WEIGHT = 24.0  # with fewer places, of the ratio above MORE_RATIO, the fewer the more: chosen likewise
MORE_RATIO = 0.15  # up to it, what looks like noise may as well be detail
MORE_RADIUS = 0.3  # radians, that this leads to at most: places that lie far apart have detail between them
MAX_NOISE = 0.9  # beyond it there is hardly anything to learn, and the ratio means little
MAX_RADIUS = 0.5  # radians, half of the largest radius of most encoders: a coarser code is next to a constant
MAX_DOUBLINGS = 40  # of the radius, until the model is not too large


def with_auto(config: EncoderConfig) -> EncoderConfig:
    """The encoder with its scale left to the data; as it is, where it has none to choose.

    Examples
    --------
    >>> with_auto(EncoderConfig.of("grid", scales=8)).text, with_auto(EncoderConfig.of("xyz")).text
    ('grid:min_radius=auto,scales=8', 'xyz')
    """
    spec = registry.spec(config.name)
    params = dict(config.params)
    if spec.scale is None or not spec.has_scale(params):
        return config
    return EncoderConfig.of(config.name, **{**params, spec.scale.parameter: AUTO})


@dataclass(frozen=True)
class FromData:
    """What "auto" follows from.

    Parameters
    ----------
    spacing_km : float
        How far the training places lie apart: twice the mean distance to the nearest other one.
    noise : float, 0 to 1
        The share of the variance of the observations that neighbours do not explain, however close they are.
    places : int
        How many different training places there are.

    Examples
    --------
    >>> from s2v import data
    >>> found = FromData.of(data.load("vmf:S4.4", 2000))
    >>> print(found)
    training places lie 418 km apart, and 38 % of the variance is noise or finer detail; to average over it the radius
    is 4.6 times that distance
    """

    spacing_km: float
    noise: float
    places: int

    @classmethod
    def of(cls, dataset: DataSet) -> FromData:
        """Of the training places of a data set."""
        lonlat = dataset.lonlat[dataset.train]
        return cls(mean_spacing(lonlat) * sphere.EARTH_RADIUS_KM, nugget(dataset), len(distinct(lonlat)))

    @property
    def radius(self) -> float:
        """The finest radius, in radians: the spacing, or as much coarser as the ratio of noise to signal and the number
        of places ask for, but not above ``MAX_RADIUS``; docs/scales.md has the formula."""
        noise, few = min(self.noise, MAX_NOISE), self.places / FEW_PLACES
        ratio, spacing = noise / (1 - noise), self.spacing_km / sphere.EARTH_RADIUS_KM
        radius = spacing * (1 + NOISE_WEIGHT / math.sqrt(max(1, few)) * ratio)
        more = spacing * MORE_WEIGHT * max(0, 1 - few) * max(0, ratio - MORE_RATIO)
        return min(max(radius, min(radius + more, MORE_RADIUS)), MAX_RADIUS)

    def __str__(self) -> str:
        apart = f"training places lie {self.spacing_km:,.0f} km apart"
        if self.noise < 0.005 or not self.spacing_km:
            return apart
        noise = f"{self.noise:.0%} of the variance is noise or finer detail".replace("%", " %")
        times = self.radius * sphere.EARTH_RADIUS_KM / self.spacing_km
        if times < 1.05:
            return f"{apart}, and {noise}"
        wide = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
        return f"{apart}, and {noise}; to average over it the radius is {wide} times that distance"


def resolved(recipe: Recipe, dataset: DataSet) -> Recipe:
    """The recipe with numbers in force: an "auto" is replaced by what follows from the training places.

    Only training places are looked at.  A value with which the model would be larger than the lab trains is coarsened.

    Parameters
    ----------
    recipe : Recipe
    dataset : DataSet

    Returns
    -------
    Recipe
        The same one where nothing is "auto".

    Examples
    --------
    >>> from s2v import data
    >>> recipe = Recipe(data="geoid", points=2000, encoder="grid", encoder_params={"min_radius": "auto"})
    >>> resolved(recipe, data.load("geoid", 2000)).encoder_params["min_radius"]
    4.51
    """
    spec = registry.spec(recipe.encoder)
    if not recipe.is_auto:
        return recipe
    own = replace(recipe, encoder_params=spec.in_numbers(recipe.encoder_params))
    if not spec.has_scale(recipe.encoder_params):  # one scale alone: its radius is the largest
        return own
    radius = finest_radius(recipe.encoder, recipe.encoder_params, FromData.of(dataset))
    for _ in range(MAX_DOUBLINGS):
        found = replace(recipe, encoder_params=spec.at_radius(radius, recipe.encoder_params))
        if not is_too_large(found, own, dataset):
            break
        radius *= 2
    return found


def finest_radius(encoder: str, params: Mapping[str, Any], found: FromData) -> float:
    """The radius in radians that "auto" stands for: that of the data, or the spacing of the encoder's own parts, such
    as anchors, where that is larger."""
    spec = registry.spec(encoder)
    assert spec.scale is not None
    return max(found.radius, spec.scale.least(spec.in_numbers(params)))


def scale_in_words(recipe: Recipe) -> str:
    """The scale of a recipe's encoder, such as "smallest radius 4.5 degrees"; "" for an encoder without one.

    Examples
    --------
    >>> scale_in_words(Recipe(encoder="plane_waves", encoder_params={"min_radius": 0.1}))
    'smallest radius 5.73 degrees'
    >>> scale_in_words(Recipe(encoder="plane_waves", encoder_params={"min_radius": "auto"}))
    'smallest radius from the data'
    """
    spec = registry.spec(recipe.encoder)
    if spec.scale is None:
        return ""
    parameter = spec.scale_parameter
    value = recipe.encoder_params[parameter.name]
    title = parameter.title[0].lower() + parameter.title[1:]
    if value == AUTO:
        return f"{title} from the data"
    if parameter.unit == "radians":  # angles in one unit, whatever that of the encoder's parameter is
        return f"{title} {math.degrees(value):.3g} degrees"
    return f"{title} {value:.3g} {parameter.unit}".strip()


def source_in_words(recipe: Recipe, found: FromData) -> str:
    """The number in force and where it comes from.

    Examples
    --------
    >>> source_in_words(Recipe(encoder="grid", encoder_params={"min_radius": 4.5}), FromData(502.0, 0.0, 2000))
    'smallest radius 4.5 degrees, from the data: training places lie 502 km apart'
    """
    return f"{scale_in_words(recipe)}, from the data: {found}"


def is_too_large(candidate: Recipe, own: Recipe, dataset: DataSet) -> bool:
    """Whether a recipe has more weights than the lab trains, and than the recipe ``own``."""
    size, least = (
        cost.cost(replace(r, trials=0), classes=len(dataset.classes), places=len(dataset.train)).parameters
        for r in (candidate, own)
    )
    return size > max(cost.SERVER.parameters, least)
