"""Sentences about bad parameters and places, and the memory of results."""

import numpy as np
import pytest
import torch

from s2v import encoders
from s2v.encoders.blocks import empty_result
from s2v.testing.cases import SPECIAL, build, places

BAD_PARAMETERS = [
    ("sphereM", {"min_radius": 2.0}, "min_radius=2 must be below max_radius=1"),
    ("sphereM", {"scales": 0}, "scales=0 is outside its range; allowed is a whole number from 1 to 128"),
    ("sphereM", {"scales": 2.5}, "scales=2.5 is not a whole number"),
    ("sphereM", {"min_radius": float("nan")}, "not finite"),
    ("sphereM", {"frequencies": "even"}, "geometric, integer, odd"),
    ("sphereM", {"scale": 3}, "no parameter 'scale'"),
    ("spherical_harmonics", {"degree": 101}, "from 1 to 100"),
    ("wrap", {"latitude": "lat"}, "stretched, true"),
    ("sphere", {}, "sphereC"),
]


@pytest.mark.parametrize(("name", "params", "words"), BAD_PARAMETERS)
def test_impossible_parameters_are_named(name, params, words):
    with pytest.raises(ValueError, match=words):
        encoders.encoder(name, **params)


def test_special_places_are_on_the_sphere():
    assert (np.abs(SPECIAL[:, 1]) == 90).sum() >= 4
    assert (np.abs(SPECIAL[:, 0]) == 180).sum() >= 4


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int64, torch.complex64, torch.bool])
def test_other_dtypes_are_named(dtype):
    with pytest.raises(TypeError, match=rf"lonlat has dtype {dtype}; it must be float32 or float64"):
        build("xyz")(torch.zeros(3, 2).to(dtype))


@pytest.mark.parametrize(
    ("lonlat", "words"),
    [
        ([[10.0, 90.00001]], r"row 0 has latitude 90.00001, .* a pole, rounded to beyond it: clip"),
        ([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 98.5]]], r"row 1, 1 has latitude 98.5, .* swapped"),
        ([10.0, 99.0], r"^lonlat has latitude 99.0"),
        ([[200.0, 1.0], [600.0, 400.0]], r"row 1 has latitude 400.0, .* metres"),
    ],
)
def test_the_bad_place_and_the_likely_mistake_are_named(lonlat, words):
    with pytest.raises(ValueError, match=words):
        build("xyz")(torch.tensor(lonlat, dtype=torch.float64))


def test_views_that_torch_evaluates_late_are_read_right():
    lonlat = places(20)
    torch.testing.assert_close(build("sphereM")(torch._neg_view(lonlat)), build("sphereM")(-lonlat), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_memory_of_a_large_result_is_one_piece_that_begins_with_a_large_page(dtype):
    for rows, columns in ((1, 10), (1100, 1000), (1088, 5003), (2000, 4096)):
        made = empty_result(rows, columns, torch.empty(0, dtype=dtype))
        assert (made.shape, made.dtype) == ((rows, columns), dtype)
        assert made.is_contiguous()
        assert made.untyped_storage().nbytes() == rows * columns * dtype.itemsize
        if made.nbytes >= 1 << 24:
            assert made.data_ptr() % (1 << 21) == 0
        made[-1, -1] = 1.0
        assert made[-1, -1] == 1.0
