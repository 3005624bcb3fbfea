"""Random streams by name."""

import numpy as np

from s2v.data.streams import stream


def test_a_stream_repeats_and_another_name_or_seed_is_another_stream() -> None:
    streams = [("tides",), ("tides", 1), ("waves", 1), ("test places",), ("mixture", 1)]
    drawn = [stream(*which).random() for which in streams]
    assert drawn == [stream(*which).random() for which in streams]
    assert len(set(drawn)) == len(drawn)


def test_the_first_streams_keep_the_numbers_that_they_had_before_names() -> None:
    assert stream("training places", 7).random() == np.random.default_rng([0, 7]).random()
    assert stream("held-out blocks").random() == np.random.default_rng([4]).random()
