"""Which project wrote a checkpoint, what for, and what its params call the encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from s2v.errors import shown
from s2v.models.torchspatial_file import GIVE, Params, Weights


@dataclass(frozen=True)
class Source:
    """A project, where its code is, and which of its params names the encoder."""

    name: str
    repository: str
    key: str


TORCHSPATIAL = Source("TorchSpatial", "github.com/seai-lab/TorchSpatial", "spa_enc_type")
SPHERE2VEC = Source("sphere2vec", "github.com/gengchenmai/sphere2vec", "spa_enc_type")
SINR = Source("SINR", "github.com/elijahcole/sinr", "input_enc")
GEO_PRIOR = Source("geo_prior", "github.com/macaodha/geo_prior", "loc_encode")

# sphere2vec's own names of encoders (utils.py, get_spa_encoder and get_model); TorchSpatial renamed them.
_OLDER = (
    "geo_net",
    "geo_net_fft",
    "gridcell",
    "theory",
    "sphere",
    "spheregrid",
    "spheremixscale",
    "spheregridmixscale",
    "dft",
    "nerf",
)
# Those that both call alike.
_SHARED = ("xyz", "rff", "rbf", "naive", "gridcellnorm", "hexagridcell", "theorynorm", "theorydiag")


def source_of(params: Params, weights: Weights) -> Source:
    """The project that wrote it; ``ValueError`` where neither params nor weights tell."""
    if "fc_loc.weight" in weights:
        raise ValueError(
            "it is the TangNet of geo_prior or sphere2vec, which takes the features of an image beside the place. Give "
            "a model of places alone, such as their FCNet."
        )
    for source in (SINR, TORCHSPATIAL, GEO_PRIOR):
        if source.key in params:
            break
    else:
        raise ValueError(f"its params name no encoder: they have no spa_enc_type, input_enc or loc_encode. {GIVE}.")
    if source is not TORCHSPATIAL:
        return source
    kind = params["spa_enc_type"]
    older = kind in _SHARED and "rbf_kernel_size" not in params  # TorchSpatial mended the spelling of rbf_kernal_size
    return SPHERE2VEC if older or kind in _OLDER else TORCHSPATIAL


def regression_of(params: Mapping[str, object]) -> str | None:
    """The data set of a regression (TorchSpatial trainer.py, ``create_loc_model``); None for a classification."""
    dataset, regressions = params.get("dataset"), params.get("regress_dataset")
    listed = isinstance(regressions, list | tuple) and dataset in regressions
    named = isinstance(dataset, str) and dataset.startswith(("mosaiks_", "sustainbench_"))
    return shown(dataset) if listed or named or params.get("task") == "regression" else None


def data_of(params: Mapping[str, object]) -> str:
    """The data that it was trained on, as its params name them; empty where they do not."""
    names = [params.get(key) for key in ("dataset", "meta_type", "species_set")]
    return ", ".join(shown(name).strip("'\"") for name in names if isinstance(name, str) and name)
