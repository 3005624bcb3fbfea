"""Encoders side by side.  ``results`` and ``truth`` are free of torch, ``compute`` is not."""

from s2v.comparison.results import Character, Ellipse, Image, Lobe, Overview, Profile, StretchMap, StretchProfile, Walk

__all__ = ["Character", "Ellipse", "Image", "Lobe", "Overview", "Profile", "StretchMap", "StretchProfile", "Walk"]
