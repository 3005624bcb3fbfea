"""The lab's own encoders.  A new one is one class in one file and one entry here.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders.shared import IN_DEGREES, IN_RADIANS, SCALES, SEED, closed, max_radius, min_radius
from s2v.encoders.spec import EncoderSpec
from s2v.parameters import Parameter

DEGREE = math.pi / 180  # radians


def _sphere(name: str, title: str, summary: str, reference: str, cls: str, poles: bool, scales: int = 6) -> EncoderSpec:
    return EncoderSpec(
        name,
        title,
        summary,
        reference,
        f"s2v.encoders.sphere2vec:{cls}",
        IN_RADIANS,
        spherical=True,
        wavenumber=1.0,
        dateline=closed(1.0),
        poles=closed(1.0, odd=True) if poles else False,
        example={"scales": scales, "min_radius": 0.02},
    )


_SPHERE2VEC = "Mai et al. 2023, ISPRS 202, arXiv 2306.17624"

SPECS = (
    EncoderSpec(
        "direct",
        "Direct",
        "Longitude and latitude themselves, scaled to [-1, 1].",
        "Sphere2Vec main/SpatialRelationEncoder.py, class of the flag 'naive'",
        "s2v.encoders.planar:Direct",
    ),
    EncoderSpec(
        "wrap",
        "Wrap",
        "Sines and cosines of longitude and latitude; the published form stretches latitude to a full circle, so "
        "both poles share their latitude features.",
        "Mac Aodha et al. 2019, geo_prior utils.py encode_cos_sin",
        "s2v.encoders.planar:Wrap",
        (
            Parameter(
                "latitude",
                str,
                "stretched",
                "Latitude",
                "stretched is the published form (lat/90 of a half turn); true uses the angle itself and tells the "
                "poles apart.",
                choices=("stretched", "true"),
            ),
        ),
        dateline=True,
    ),
    EncoderSpec(
        "tile",
        "Tile",
        "A learned vector for each cell of equal angle; places in one cell are the same.",
        "TorchSpatial SpatialRelationEncoder.py 2793-2845 (whose interval is never used: repaired here)",
        "s2v.encoders.planar:Tile",
        (
            Parameter(
                "cell",
                float,
                10.0,
                "Cell",
                "Side of a cell; smaller is sharper and needs more data.",
                low=0.5,
                high=180.0,
                unit="degrees",
            ),
            Parameter("features", int, 64, "Features", "Length of the vector of each cell.", low=1, high=4096),
            SEED,
        ),
        table=lambda p: math.ceil(180 / p["cell"]) * math.ceil(360 / p["cell"]) * p["features"],
        smooth=False,
        example={"cell": 15.0, "features": 8},
    ),
    EncoderSpec(
        "rbf",
        "RBF",
        "Gaussian bumps around anchor places, with distances in degrees on the flat map.",
        "Sphere2Vec main/SpatialRelationEncoder.py 1160-1333; Space2Vec (Mai et al. 2020) baseline",
        "s2v.encoders.planar:Rbf",
        (
            Parameter(
                "anchors",
                int,
                200,
                "Anchors",
                "Number of bumps; training draws them from the training points.",
                low=1,
                high=10000,
            ),
            Parameter(
                "bandwidth",
                float,
                10.0,
                "Bandwidth",
                "Radius of a bump; wider is smoother.",
                low=1e-3,
                high=1000.0,
                unit="degrees",
                log=True,
            ),
            SEED,
        ),
        example={"anchors": 40, "bandwidth": 20.0},
    ),
    EncoderSpec(
        "rff",
        "RFF",
        "Random Fourier features of the flat map, scaled to [-1, 1].",
        "Rahimi and Recht 2007; Sphere2Vec main/SpatialRelationEncoder.py 2260-2360",
        "s2v.encoders.planar:Rff",
        (
            Parameter("features", int, 64, "Features", "Number of waves.", low=1, high=16384),
            Parameter(
                "bandwidth",
                float,
                1.0,
                "Bandwidth",
                "Variance of the random frequencies, as published: larger is sharper.",
                low=1e-4,
                high=1e5,
                log=True,
            ),
            SEED,
        ),
        example={"features": 24, "bandwidth": 9.0},
    ),
    EncoderSpec(
        "grid",
        "Space2Vec grid",
        "Sines and cosines of longitude and of latitude at many scales, on the flat map.",
        "Mai et al. 2020, ICLR; Sphere2Vec main/SpatialRelationEncoder.py 51-200",
        "s2v.encoders.planar:GridCells",
        IN_DEGREES,
        wavenumber=DEGREE,
        dateline=closed(DEGREE),
        example={"scales": 6, "min_radius": 2.0},
    ),
    EncoderSpec(
        "theory",
        "Space2Vec theory",
        "Waves along three directions 120 degrees apart at many scales, on the flat map.",
        "Mai et al. 2020, ICLR; Sphere2Vec main/SpatialRelationEncoder.py 454-596",
        "s2v.encoders.planar:Theory",
        IN_DEGREES,
        wavenumber=2 * DEGREE,  # two of the three directions see half the longitude
        dateline=closed(2 * DEGREE),
        example={"scales": 6, "min_radius": 2.0},
    ),
    EncoderSpec(
        "xyz",
        "xyz",
        "The unit vector itself: the smoothest code of the sphere.",
        "Sphere2Vec main/SpatialRelationEncoder.py 970-1044",
        "s2v.encoders.cartesian:Xyz",
        spherical=True,
        dateline=True,
        poles=True,
        isotropic=True,
    ),
    EncoderSpec(
        "nerf",
        "NeRF",
        "Sines and cosines of pi 2^k times x, y and z; opposite ends of an axis get one code, the two poles too.",
        "Mildenhall et al. 2020; Sphere2Vec main/SpatialRelationEncoder.py 1047-1156",
        "s2v.encoders.cartesian:Nerf",
        (Parameter("scales", int, 5, "Octaves", "Each octave doubles the detail.", low=1, high=32),),
        dateline=True,
        poles=True,
        example={"scales": 4},
    ),
    _sphere(
        "sphereC",
        "Sphere2Vec sphereC",
        "The unit vector of the scaled angles, at many scales.",
        f"{_SPHERE2VEC}; eq. 4 of arXiv 2201.10489; main/SpatialRelationEncoder.py 1337-1500",
        "SphereC",
        True,
    ),
    _sphere(
        "sphereC+",
        "Sphere2Vec sphereC+",
        "sphereC together with grid.",
        f"{_SPHERE2VEC}; eq. 10 of arXiv 2201.10489; main/SpatialRelationEncoder.py 1509-1670",
        "SphereCPlus",
        False,
    ),
    _sphere(
        "sphereM",
        "Sphere2Vec sphereM",
        "Unit vectors in which one angle at a time is scaled: close to the sphere's own metric.",
        f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 1676-1858",
        "SphereM",
        True,
    ),
    _sphere(
        "sphereM+",
        "Sphere2Vec sphereM+",
        "sphereM together with grid.",
        f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 1864-2048",
        "SphereMPlus",
        False,
    ),
    _sphere(
        "dfs",
        "Sphere2Vec dfs",
        "All products of the waves in longitude and in latitude (double Fourier "
        "sphere); its length grows with the square of the scales.",
        f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 2052-2256",
        "Dfs",
        False,
        scales=4,
    ),
    EncoderSpec(
        "spherical_harmonics",
        "Spherical harmonics",
        "The sphere's own waves: all real orthonormal harmonics below a degree.",
        "Rußwurm et al. 2024, ICLR, arXiv 2310.06743; recurrence in Cartesian form after Bigi et al. 2023 (sphericart)",
        "s2v.encoders.spherical_harmonics:SphericalHarmonics",
        (
            Parameter(
                "degree",
                int,
                10,
                "Degrees L",
                "Degrees 0 to L-1, L*L features; about 180/L degrees of detail.",
                low=1,
                high=100,
            ),
        ),
        spherical=True,
        dateline=True,
        poles=True,
        isotropic=True,
        example={"degree": 9},
    ),
    EncoderSpec(
        "geoclip_rff",
        "GeoCLIP RFF",
        "Equal Earth map projection, then random Fourier features at three levels of detail.",
        "Vivanco Cepeda et al. 2023, NeurIPS, arXiv 2309.16020; geo-clip location_encoder.py",
        "s2v.encoders.geoclip:GeoClipRff",
        (
            Parameter(
                "features",
                int,
                256,
                "Directions a level",
                "Random directions at each of the three levels; six features each.",
                low=1,
                high=4096,
            ),
            SEED,
        ),
        example={"features": 6},
    ),
    EncoderSpec(
        "plane_waves",
        "Spherical plane waves",
        "The unit vector and plane waves through space along random orthonormal frames: the sphere's metric exactly, "
        "no tears.",
        "this project; relatives: Rahimi and Recht 2007, Yu et al. 2016, Tancik et al. 2020",
        "s2v.encoders.cartesian:PlaneWaves",
        (
            SCALES,
            min_radius(0.01, "radians"),
            max_radius(1.0, "radians"),
            Parameter(
                "frames",
                int,
                3,
                "Frames",
                "Orthonormal frames a scale, six features each: more make the similarity depend on distance alone.",
                low=1,
                high=64,
            ),
            SEED,
        ),
        spherical=True,
        wavenumber=1.0,
        dateline=True,
        poles=True,
        example={"scales": 5, "min_radius": 0.05, "frames": 2},
    ),
)
