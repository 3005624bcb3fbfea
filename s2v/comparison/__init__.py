"""Encoders side by side: similarity and distortion.  ``results`` is free of torch, ``compute`` makes them."""

from s2v.comparison.results import Character, Ellipse, Image, Lobe, Profile, StretchProfile

__all__ = ["Character", "Ellipse", "Image", "Lobe", "Profile", "StretchProfile"]
