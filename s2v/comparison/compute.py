"""All that the Similarity and Distortion pages ask for, by name, for one encoder or trained model at a time.

Needs torch; the pages have these functions run in another process (``s2v.engine.Desk``).
"""

from s2v.comparison.codes import get_ready
from s2v.comparison.kernel_shape import (
    direction_dependence,
    is_quick,
    main_lobe,
    similarity_map,
    similarity_profile,
    walk,
)
from s2v.comparison.sources import lacking, take
from s2v.comparison.stretch import (
    character,
    ellipses,
    features,
    overview,
    principal_image,
    stretch_map,
    stretch_profile,
)

__all__ = [
    "character",
    "direction_dependence",
    "ellipses",
    "features",
    "get_ready",
    "is_quick",
    "lacking",
    "main_lobe",
    "overview",
    "principal_image",
    "similarity_map",
    "similarity_profile",
    "stretch_map",
    "stretch_profile",
    "take",
    "walk",
]
