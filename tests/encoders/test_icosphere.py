"""The icosphere pyramid: faces as a brute force search finds them, weights, and what happens at edges and vertices."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import s2v
from s2v import sphere
from s2v.encoders.base import Encoder
from s2v.encoders.entries.icosphere import EDGE
from s2v.testing.cases import build, places

Array = NDArray[np.float64]


def faces_of(enc: Encoder) -> list[tuple[Array, NDArray[np.int64]]]:
    """Of each level the corners of its faces (faces, 3, 3), made by halving edges, and their rows in the table."""
    at = np.linalg.inv(enc.to_coefficients.numpy()).swapaxes(1, 2)
    found, begin = [], 0
    for level in range(enc.levels):
        count = 20 * 4**level
        found.append((at, enc.corners[begin : begin + count].long().numpy()))
        begin += count
        a, b, c = at.swapaxes(0, 1)
        ab, bc, ca = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (a + b, b + c, c + a))
        children = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (bc, ca, ab)]
        at = np.stack([np.stack(child, 1) for child in children], 1).reshape(-1, 3, 3)
    return found


@functools.cache
def pyramid() -> Encoder:
    return build("icosphere", levels=4, features=3).requires_grad_(False)


def test_the_code_is_that_of_a_search_through_all_faces():
    enc, lonlat = pyramid(), places()
    x, vectors = sphere.to_unit_vectors(lonlat.numpy()), enc.vectors.double().numpy()
    expected = []
    for at, rows in faces_of(enc):
        c = np.linalg.solve(at.swapaxes(1, 2)[None], x[:, None, :, None])[..., 0]  # (n, faces, 3)
        face = c.min(2).argmax(1)
        own = c[np.arange(len(x)), face]
        assert own.min() > -1e-12
        weights = own / own.sum(1, keepdims=True)
        expected.append((weights[..., None] * vectors[rows[face]]).sum(1))
    np.testing.assert_allclose(enc(lonlat).numpy(), np.concatenate(expected, 1), atol=1e-12)


def test_weights_sum_to_one_and_none_is_negative():
    for levels in (1, 6, 8):
        _, weights = build("icosphere", levels=levels).interpolation(places(2000).T)
        assert (weights.sum(1) - 1).abs().max() < 1e-12
        assert weights.min() > -1e-11  # rounding, which grows as triangles shrink


def test_at_a_vertex_the_code_is_its_vector():
    enc = pyramid()
    for level, (at, rows) in enumerate(faces_of(enc)):
        code = enc(torch.from_numpy(sphere.to_lonlat(at.reshape(-1, 3)))).unflatten(-1, (enc.levels, 3))
        torch.testing.assert_close(code[:, level], enc.vectors[rows.ravel()].double(), rtol=0, atol=1e-12)
        assert len(np.unique(rows)) == 10 * 4**level + 2


def test_the_code_is_continuous_across_every_edge_and_not_smooth():
    enc, (at, _) = pyramid(), faces_of(pyramid())[-1]
    middle, across = at[:, 0] + at[:, 1], np.cross(at[:, 0], at[:, 1])
    across /= np.linalg.norm(across, axis=1, keepdims=True)

    def code(offset: float) -> Array:
        return enc(
            torch.from_numpy(sphere.to_lonlat(middle / np.linalg.norm(middle, axis=1)[:, None] + offset * across))
        ).numpy()

    assert np.abs(code(1e-12) - code(-1e-12)).max() < 1e-10
    slope, other = (code(2e-6) - code(1e-6)) / 1e-6, (code(-1e-6) - code(-2e-6)) / 1e-6
    assert np.median(np.abs(slope - other).max(1)) > 0.1


def test_derivatives_are_those_of_the_face():
    enc, (at, rows) = pyramid(), faces_of(pyramid())[0]
    inside = torch.from_numpy(sphere.to_lonlat(at.sum(1)))

    def first_level(x: torch.Tensor) -> torch.Tensor:
        c = torch.linalg.solve(torch.from_numpy(at).mT, x)
        return torch.einsum("ni,nif->nf", c / c.sum(1, keepdim=True), enc.vectors[rows].double())

    expected = torch.func.jacrev(lambda p: first_level(sphere.to_unit_vectors(p)).sum(0))(inside)
    found = torch.func.jacrev(lambda p: enc(p)[:, :3].sum(0))(inside)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_no_vertex_lies_on_a_pole(seed: int):
    _, weights = build("icosphere", levels=6, seed=seed).interpolation(
        torch.tensor([[0.0, 0.0], [90.0, -90.0]]).double()
    )
    assert weights.max() < 0.9999


def test_another_seed_turns_the_icosahedron_and_edges_have_their_length():
    one, other = build("icosphere"), build("icosphere", seed=1)
    assert (one.to_coefficients - other.to_coefficients).abs().max() > 0.1
    corners = np.linalg.inv(other.to_coefficients.numpy()).swapaxes(1, 2)
    np.testing.assert_allclose(np.einsum("fi,fi->f", corners[:, 0], corners[:, 1]), np.cos(EDGE))


def test_files_hold_no_more_than_what_is_learned_and_the_turn():
    assert sorted(s2v.encoder("icosphere").state_dict()) == ["to_coefficients", "vectors"]


def test_a_child_beside_a_clear_corner_is_never_two():
    """In the middle of an edge of a face, one of its coefficients is rounding: -1e-17 would make two corners of it."""
    enc = pyramid()
    for at, _ in faces_of(enc)[:3]:
        middles = np.concatenate([at[:, 0] + at[:, 1], at[:, 1] + at[:, 2], at[:, 2] + at[:, 0]])
        _, weights = enc.interpolation(torch.from_numpy(sphere.to_lonlat(middles)).T)
        assert weights.min() > -1e-12
