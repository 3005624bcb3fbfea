"""GeoCLIP's location encoder, from a file like that of the package ``geoclip`` with random weights."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import s2v
from s2v.comparison import answering, sources
from s2v.comparison.questions import CharacterOf, OpenedModelOf
from s2v.comparison.sources import TrainedModel
from s2v.models import geoclip_package

WIDTHS = {"capsule.1": (6, 8), "capsule.3": (6, 6), "capsule.5": (6, 6), "head.0": (5, 6)}


def weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    found = {}
    for i, sigma in enumerate((1, 16)):
        found[f"LocEnc{i}.capsule.0.b"] = sigma * torch.randn(4, 2, generator=generator)
        for name, shape in WIDTHS.items():
            found[f"LocEnc{i}.{name}.weight"] = torch.randn(shape, generator=generator)
            found[f"LocEnc{i}.{name}.bias"] = torch.randn(shape[0], generator=generator)
    return found


def content(**changes: Any) -> bytes:
    out = io.BytesIO()
    torch.save({**weights(), **changes}, out)
    return out.getvalue()


def published(lonlat: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """location_encoder.py of geo-clip 1.3.0, in numpy."""
    lon, lat = np.deg2rad(lonlat).T
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(lat))
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    x = 2 * np.sqrt(3) * lon * np.cos(t) / (3 * (9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1))
    y = a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t
    place = np.stack([x, y], -1) * 66.50336 / 180
    total, w = 0.0, {name: part.double().numpy() for name, part in weights().items()}
    for i in range(2):
        phase = 2 * np.pi * place @ w[f"LocEnc{i}.capsule.0.b"].T
        h = np.concatenate([np.cos(phase), np.sin(phase)], -1)
        for name in WIDTHS:
            h = h @ w[f"LocEnc{i}.{name}.weight"].T + w[f"LocEnc{i}.{name}.bias"]
            h = h if name == "head.0" else np.maximum(h, 0)
        total = total + h
    return np.asarray(total)


def test_it_computes_what_the_published_code_does(tmp_path: Path) -> None:
    path = tmp_path / "location_encoder_weights.pth"
    path.write_bytes(content())
    encoder = s2v.import_embedding(path)
    places = np.array([[15.6, 78.2], [-180, -90], [180, 90], [0, 0]])
    assert encoder.dim == 5
    assert np.allclose(encoder(torch.tensor(places)), published(places), atol=1e-6)
    assert np.allclose(encoder(torch.tensor(places).float()), published(places), atol=1e-3)


def test_the_comparison_takes_it_and_finds_its_tears() -> None:
    file = content()
    sources.take([file])
    source = TrainedModel("file:test", "GeoCLIP", sources.digest(file))
    opened = answering.answer(OpenedModelOf(source))
    assert opened.is_embedding
    assert opened.file == file
    character = answering.answer(CharacterOf(source))
    assert character.features == 5
    assert character.north_tear > 0.01  # Equal Earth draws each pole as a line
    assert character.dateline_tear > 0.01


@pytest.mark.parametrize(
    "changes",
    [
        {"LocEnc0.head.0.bias": torch.zeros(3)},
        {"LocEnc0.capsule.3.weight": torch.zeros(6, 5)},
        {"LocEnc1.capsule.5.weight": torch.full((6, 6), torch.nan)},
        {"LocEnc1.head.0.weight": torch.zeros(4, 6), "LocEnc1.head.0.bias": torch.zeros(4)},
        {"LocEnc0.capsule.1.weight": torch.zeros(1).expand(6, 10**9)},
    ],
)
def test_wrong_weights_get_a_sentence(changes: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError, match=r"weights|outputs"):
        geoclip_package.loads(content(**changes))


def test_other_files_are_none_of_it() -> None:
    assert geoclip_package.loads(b"x" * 100) is None
    assert geoclip_package.loads(b"12345678{}") is None
