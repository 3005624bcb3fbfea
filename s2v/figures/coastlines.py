"""Coastlines for drawing: those of ``s2v.coastlines``, which the land-and-ocean data are made from too."""

from __future__ import annotations

from s2v.coastlines import Detail, coastlines

__all__ = ["Detail", "coastlines"]
