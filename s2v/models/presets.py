"""The published methods, each as the settings of a recipe: encoder, network, and how it was trained.  Free of torch.

A preset says nothing of data, points, steps and seed.  Where the authors tuned by data set, the values of one named
data set are taken.  The learning rate is that at the start of the published training, which lowers it by 2 % an epoch;
here it is the peak of the one-cycle schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s2v.errors import shown

if TYPE_CHECKING:
    from s2v.models.recipe import Recipe


@dataclass(frozen=True)
class Preset:
    """A published method.

    Parameters
    ----------
    name, title : str
        Its name in code and on the command line, and its name on pages.
    encoder : str
    encoder_params : mapping
        Parameters of the encoder; those left out have its defaults.
    network : str
    source : str
        Where the values come from, and which of them are ours.
    hyperparameters : mapping
        Other fields of a ``Recipe``: the network's size, dropout, learning rate.

    Examples
    --------
    >>> PRESETS["NeRF"].hyperparameters["hidden"]
    256
    """

    name: str
    title: str
    encoder: str
    encoder_params: Mapping[str, Any]
    network: str
    source: str
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """The fields of a ``Recipe`` that this preset decides."""
        own = {"encoder": self.encoder, "encoder_params": dict(self.encoder_params), "network": self.network}
        return {**own, **self.hyperparameters}

    def recipe(self, **changes: Any) -> Recipe:
        """A recipe of this method; ``changes`` are any fields of a ``Recipe`` and override the preset's."""
        from s2v.models.recipe import Recipe  # here, because it loads the data sets' names

        return Recipe(**{**self.settings(), **changes})


def preset(name: str) -> Preset:
    """The preset of a name; ``ValueError`` lists the names there are."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ValueError(f"preset={shown(name)} is unknown; there are: {', '.join(PRESETS)}.") from None


def recipe(name: str, **changes: Any) -> Recipe:
    """The recipe of a published method.

    Parameters
    ----------
    name : str
        One of ``PRESETS``.
    **changes : fields of a ``Recipe``
        They override the preset's.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        For an unknown name, or a bad value.

    Examples
    --------
    >>> from s2v.models import presets
    >>> recipe = presets.recipe("NeRF", data="land_ocean", steps=500)
    >>> recipe.encoder, recipe.encoder_params, recipe.hidden, recipe.steps
    ('nerf', {'scales': 16}, 256, 500)
    """
    return preset(name).recipe(**changes)


# The paper's network at its defaults, 512 -> 256 with dropout, and those of Mac Aodha et al. 2019.
_FFN = {"hidden": 512, "layers": 2, "dropout": 0.5}
_FCNET = {"hidden": 256, "layers": 4, "dropout": 0.5}

_DEFAULTS = "network and learning rate: defaults of Sphere2Vec's trainer.py"
_FMOW = "TorchSpatial, model released for fMoW: "

_PRESETS = (
    Preset(
        "tile",
        "Tile",
        "tile",
        {"cell": 10.0},
        "ffn",
        "TorchSpatial (tile_ffn), whose cell size never takes effect: 10 degrees are ours; " + _DEFAULTS,
        {**_FFN, "learning_rate": 1e-3},
    ),
    Preset(
        "wrap",
        "Wrap",
        "wrap",
        {"latitude": "stretched"},
        "residual",
        "Mac Aodha et al. 2019: geo_prior models.py 24-58, train_geo_net.py",
        {**_FCNET, "learning_rate": 5e-4},
    ),
    Preset(
        "wrap+ffn",
        "Wrap + FFN",
        "wrap",
        {"latitude": "stretched"},
        "ffn",
        _FMOW + "512 -> 256, dropout 0.5, learning rate 0.002",
        {**_FFN, "learning_rate": 2e-3},
    ),
    Preset(
        "rbf",
        "RBF",
        "rbf",
        {"anchors": 200, "bandwidth": 2.0},
        "ffn",
        "200 anchors: default of Sphere2Vec's trainer.py; bandwidth 2: TorchSpatial, tuned; " + _DEFAULTS,
        {**_FFN, "learning_rate": 1e-3},
    ),
    Preset(
        "rff",
        "RFF",
        "rff",
        {"features": 32, "bandwidth": 1.0},
        "ffn",
        "Rahimi and Recht 2007; 32 features of variance 1, " + _DEFAULTS,
        {**_FFN, "learning_rate": 1e-3},
    ),
    Preset(
        "Space2Vec-grid",
        "Space2Vec grid",
        "grid",
        {"scales": 64, "min_radius": 0.05, "max_radius": 360.0},
        "ffn",
        "Mai et al. 2020; values of Space2Vec-theory, inside the ranges that TorchSpatial tuned for both",
        {"hidden": 256, "layers": 2, "dropout": 0.5, "learning_rate": 0.01},
    ),
    Preset(
        "Space2Vec-theory",
        "Space2Vec theory",
        "theory",
        {"scales": 64, "min_radius": 0.05, "max_radius": 360.0},
        "ffn",
        "Mai et al. 2020; TorchSpatial, model released for YFCC: 256 -> 256, leaky relu, dropout 0.5, learning rate "
        "0.01",
        {"hidden": 256, "layers": 2, "dropout": 0.5, "activation": "leakyrelu", "learning_rate": 0.01},
    ),
    Preset(
        "xyz",
        "xyz",
        "xyz",
        {},
        "ffn",
        _FMOW + "512 -> 256, dropout 0.5, learning rate 0.005",
        {**_FFN, "learning_rate": 5e-3},
    ),
    Preset(
        "NeRF",
        "NeRF",
        "nerf",
        {"scales": 16},
        "ffn",
        "Mildenhall et al. 2020; TorchSpatial: 1 x 256, learning rate 0.01; its file names say 64 octaves, its code "
        "always takes 16",
        {"hidden": 256, "layers": 2, "dropout": 0.5, "learning_rate": 0.01},
    ),
    Preset(
        "Sphere2Vec-sphereC",
        "Sphere2Vec sphereC",
        "sphereC",
        {"scales": 64, "min_radius": 5e-4, "max_radius": 1.0},
        "ffn",
        _FMOW + "512 -> 256, dropout 0.5, learning rate 0.005",
        {**_FFN, "learning_rate": 5e-3},
    ),
    Preset(
        "Sphere2Vec-sphereC+",
        "Sphere2Vec sphereC+",
        "sphereC+",
        {"scales": 64, "min_radius": 1e-4, "max_radius": 1.0},
        "ffn",
        "TorchSpatial, tuned for fMoW: 64 scales from 0.0001, learning rate 0.005; network: defaults of Sphere2Vec's "
        "trainer.py",
        {**_FFN, "learning_rate": 5e-3},
    ),
    Preset(
        "Sphere2Vec-sphereM",
        "Sphere2Vec sphereM",
        "sphereM",
        {"scales": 64, "min_radius": 5e-4, "max_radius": 1.0},
        "ffn",
        "no tuned values are at hand: those of Sphere2Vec-sphereC",
        {**_FFN, "learning_rate": 5e-3},
    ),
    Preset(
        "Sphere2Vec-sphereM+",
        "Sphere2Vec sphereM+",
        "sphereM+",
        {"scales": 64, "min_radius": 5e-4, "max_radius": 1.0},
        "ffn",
        "no tuned values of a working sphereM+ are at hand (TorchSpatial's has one scale): those of Sphere2Vec-sphereC",
        {**_FFN, "learning_rate": 5e-3},
    ),
    Preset(
        "Sphere2Vec-dfs",
        "Sphere2Vec dfs",
        "dfs",
        {"scales": 8, "min_radius": 5e-4, "max_radius": 1.0},
        "ffn",
        "TorchSpatial, tuned: 8 scales, learning rate 0.01; its smallest radius has no effect: that of "
        "Sphere2Vec-sphereC; network: defaults of Sphere2Vec's trainer.py",
        {**_FFN, "learning_rate": 0.01},
    ),
    Preset(
        "SH+SIREN",
        "Spherical harmonics + SIREN",
        "spherical_harmonics",
        {"degree": 10},
        "siren",
        "Rußwurm et al. 2024, hparams.yaml, tuned for land and ocean: L 10, 2 layers of 64, learning rate 0.00014",
        {"hidden": 64, "layers": 2, "dropout": 0.0, "learning_rate": 1.4e-4},
    ),
    Preset(
        "Herglotz-NET",
        "Herglotz-NET",
        "herglotz",
        {"features": 50, "degree": 15},
        "siren",
        "Hanon et al. 2025; README of spherical-inr 1.0.1: 50 features, L 15, 2 layers of 64; there the first sines "
        "have the frequency 1, here 30; learning rate ours",
        {"hidden": 64, "layers": 2, "dropout": 0.0, "learning_rate": 1e-3},
    ),
    Preset(
        "GeoCLIP-style",
        "GeoCLIP style",
        "geoclip_rff",
        {"features": 256},
        "ffn",
        "Vivanco Cepeda et al. 2023: three levels of 256 directions, 3 hidden layers of 1024; there each level has its "
        "own network, 512 wide at the end, and their outputs are added; here one network sees all levels; "
        "learning rate ours",
        {"hidden": 1024, "layers": 4, "dropout": 0.0, "learning_rate": 1e-3},
    ),
    Preset(
        "TTE-style",
        "Soft Voronoi",
        "voronoi",
        {"sites": 256, "features": 64},
        "ffn",
        "TTE 2026, arXiv 2606.27514: learning rate 0.0005, twice that for the sites; their number, the features and "
        "the network are ours",
        {"hidden": 256, "layers": 2, "dropout": 0.0, "learning_rate": 5e-4},
    ),
    Preset(
        "HNeR-S-style",
        "Icosphere pyramid",
        "icosphere",
        {"levels": 6, "features": 4},
        "ffn",
        "HNeR-S 2024, arXiv 2402.05965, whose pyramid this is; levels, features, network and learning rate are ours",
        {"hidden": 128, "layers": 2, "dropout": 0.0, "learning_rate": 5e-3},
    ),
)

PRESETS: Mapping[str, Preset] = {p.name: p for p in _PRESETS}
