import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2v.encoders.frequencies import are_multiples, frequencies

radii = st.tuples(st.integers(1, 64), st.floats(1e-6, 0.9), st.floats(1.0, 20.0))


@given(radii)
def test_geometric_scales_run_from_the_finest_to_the_coarsest_radius_in_equal_ratios(given_radii):
    scales, low, high = given_radii
    values = frequencies(scales, low, high)
    assert len(values) == scales
    assert values[-1] == pytest.approx(1 / high)
    if scales > 1:
        assert values[0] == pytest.approx(1 / low)
        np.testing.assert_allclose(np.diff(np.log(values)), math.log(low / high) / (scales - 1), rtol=1e-6, atol=1e-9)


@given(radii, st.sampled_from([1.0, math.pi / 180, math.pi / 90]))
def test_repaired_frequencies_are_distinct_multiples_near_the_published_ones(given_radii, step):
    scales, low, high = given_radii
    low, high = low / step, high / step
    published = np.array(frequencies(scales, low, high))
    for kind, spacing in (("integer", 1), ("odd", 2)):
        values = np.array(frequencies(scales, low, high, kind, step))
        assert (np.diff(values) < 0).all()
        assert are_multiples(tuple(values), step, odd=kind == "odd")
        # Nearest where there is room; pushed up only by scales below that need the places.
        multiples = values / step
        assert (multiples <= np.maximum(published / step + spacing, 1 + spacing * np.arange(scales)[::-1]) + 1e-6).all()
        assert (multiples >= published / step - spacing).all()


def test_one_scale_is_the_coarsest():
    assert frequencies(1, 0.01, 1.0) == (1.0,)
    assert frequencies(1, 0.01, 0.5) == (2.0,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 0.1, 1.0), "scales=0"),
        ((4, 0.0, 1.0), "min_radius=0.0 must be above 0"),
        ((4, 1.0, 1.0), "min_radius=1 must be below max_radius=1"),
        ((4, 0.1, 1.0, "even"), "geometric, integer, odd"),
    ],
)
def test_impossible_scales_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        frequencies(*arguments)


def test_multiples():
    assert are_multiples((3.0, 2.0, 1.0), 1.0)
    assert not are_multiples((3.0, 2.0, 1.0), 1.0, odd=True)
    assert not are_multiples((2.5, 1.0), 1.0)
