"""The lab's own encoders.  A new one is a class in its own file, an entry in a file here, and its name in ``SPECS``."""

from __future__ import annotations

from s2v.encoders.entries import (
    cartesian,
    fourier_sphere,
    geoclip,
    herglotz,
    icosphere,
    matern,
    matern_waves,
    planar,
    sphere2vec,
    spherical_harmonics,
    voronoi,
    wavelets,
)

SPECS = (  # in the order of the menus
    planar.DIRECT,
    planar.WRAP,
    planar.TILE,
    planar.RBF,
    planar.RFF,
    planar.GRID,
    planar.THEORY,
    cartesian.XYZ,
    cartesian.NERF,
    sphere2vec.SPHERE_C,
    sphere2vec.SPHERE_C_PLUS,
    sphere2vec.SPHERE_M,
    sphere2vec.SPHERE_M_PLUS,
    sphere2vec.DFS,
    spherical_harmonics.SPHERICAL_HARMONICS,
    herglotz.HERGLOTZ,
    matern.MATERN,
    fourier_sphere.FOURIER_SPHERE,
    wavelets.WAVELETS,
    geoclip.GEOCLIP_RFF,
    voronoi.VORONOI,
    icosphere.ICOSPHERE,
    cartesian.PLANE_WAVES,
    matern_waves.MATERN_WAVES,
)
