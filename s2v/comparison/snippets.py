"""What the comparison pages show, as the Python and the shell command that compute it again.  Free of torch.

They are made of the same description as the page; the tests run them.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from s2v.comparison.sources import Source
from s2v.data import OwnData
from s2v.encoders.registry import EncoderConfig, spec
from s2v.models.snippets import loading

PLACEHOLDER = "MODEL.safetensors"


@dataclass(frozen=True)
class Compared:
    """An encoder or a trained model on a page: its title there, and for a model the name of its file.

    A model that ``is_embedding`` predicts nothing by itself, as GeoCLIP's.
    """

    source: Source
    title: str
    file: str = PLACEHOLDER
    is_embedding: bool = False


def build_code(compared: Compared) -> str:
    """The expression that makes the encoder."""
    if isinstance(compared.source, EncoderConfig):
        params = "".join(f", {name}={value!r}" for name, value in compared.source.params)
        return f"s2v.encoder({compared.source.name!r}{params})"
    if compared.is_embedding:
        return f"s2v.import_embedding({compared.file!r})"
    return f"s2v.Embedding(s2v.load({compared.file!r}))"


def similarity_code(chosen: Sequence[Compared], place: tuple[float, float], degrees: float) -> str:
    """The Python that computes the maps of the Similarity page.

    Parameters
    ----------
    chosen : sequence of Compared
    place : (float, float)
        Longitude and latitude of the place that others are compared with.
    degrees : float
        Side of a map's cell.

    Returns
    -------
    str
    """
    lines = ["import s2v", "", f"grid = s2v.fields.Grid.equirectangular({degrees:g})", *_encoders(chosen)]
    lines += [
        "for title, enc in encoders.items():",
        f"    values = s2v.kernels.similarity(enc, {tuple(float(x) for x in place)}, grid.lonlat)",
        "    print(title, values.shape, values.min(), values.max())",
    ]
    return "\n".join(lines)


def distortion_code(chosen: Sequence[Compared]) -> str:
    """The Python that computes the tears, the stretch by latitude and the rank agreement of the Distortion page."""
    lines = ["import numpy as np", "import s2v", "from s2v import distortion", "", *_encoders(chosen)]
    lines += [
        "for title, enc in encoders.items():",
        "    print(title)",
        '    print("  dateline torn by", distortion.dateline_tear(enc))',
        '    print("  North Pole torn by", distortion.pole_tear(enc, "north"))',
        '    print("  South Pole torn by", distortion.pole_tear(enc, "south"))',
        '    print("  rank agreement with distance", distortion.fidelity(enc))',
        "    for latitude in (0, 60, 80, 89):",
        "        places = [(longitude, latitude) for longitude in np.arange(-180, 180, 30)]",
        "        found = distortion.tissot(enc, places)",
        '        print(f"  at {latitude} N: largest over smallest stretch", np.mean(found.major / found.minor))',
    ]
    return "\n".join(lines)


def variogram_code(chosen: Sequence[Compared], name: str, points: int, own: OwnData | None = None) -> str:
    """The Python that computes the variograms of codes and of data, and the scales that fit.

    Parameters
    ----------
    chosen : sequence of Compared
    name, points : str, int
        Of the data set.
    own : OwnData, optional
        Where the data are a user's own: its ``file`` and ``how`` say how they are read.

    Returns
    -------
    str
    """
    lines = ["import s2v", "from s2v import variograms", "", *_encoders(chosen)]
    lines += [
        f"dataset = {loading(name, points, own)[0]}",
        "found = s2v.predictors.empirical_variogram(dataset)",
        'print("data:", found.half_sill, "km; places lie", found.spacing, "km apart")',
        "for title, enc in encoders.items():",
        '    print(title, variograms.half_sill_of(enc), "km")',
        "    for latitude in (0, 60, 80, 89):",
        "        for way, bearing in {'north-south': (0, 180), 'east-west': (90, 270)}.items():",
        "            around = s2v.variogram(enc, (22.5, latitude), bearing=bearing)",
        '            print("  at", latitude, "N", way, around.half_sill)',
    ]
    for each in chosen:
        if isinstance(each.source, EncoderConfig) and spec(each.source.name).has_scale(dict(each.source.params)):
            given = f"{each.source.name!r}, encoders[{each.title!r}].params"
            lines.append(f"print(variograms.at_half_sill({given}, found.half_sill, found.spacing))")
    return "\n".join(lines)


def variogram_command(chosen: Sequence[Compared], name: str, points: int, own: OwnData | None = None) -> str:
    """The shell command for the same numbers; see ``variogram_code``.  Trained models are left out."""
    texts = [each.source.text for each in chosen if isinstance(each.source, EncoderConfig)]
    return shlex.join(["python", "-m", "s2v", "variogram", *texts, *loading(name, points, own)[1]])


def compare_command(chosen: Sequence[Compared], place: tuple[float, float] | None = None) -> str:
    """The shell command for the numbers of both pages.  Trained models are left out: it compares encoders."""
    texts = [each.source.text for each in chosen if isinstance(each.source, EncoderConfig)]
    words = ["python", "-m", "s2v", "compare", *texts]
    if place is not None:
        words.append(f"--place={place[0]:g},{place[1]:g}")
    return shlex.join(words)


def _encoders(chosen: Sequence[Compared]) -> list[str]:
    return ["encoders = {", *(f"    {each.title!r}: {build_code(each)}," for each in chosen), "}"]
