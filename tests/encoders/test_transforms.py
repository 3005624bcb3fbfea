"""Encoders in several threads, and with a learned buffer; s2v.testing has the rest."""

import time
from concurrent.futures import ThreadPoolExecutor

import torch

from s2v import sphere
from s2v.testing.cases import build, places


def test_threads_keep_their_number_of_cores():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        enc = build("sphereC", scales=32)
        lonlat = torch.from_numpy(sphere.random_points(20_000)).float()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: enc(lonlat), range(8)))
            counts = list(pool.map(lambda _: (time.sleep(0.02), torch.get_num_threads())[1], range(8)))
        assert counts == [2] * 8
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_buffer_that_is_learned_gets_its_gradient():
    enc = build("plane_waves")
    enc.directions.requires_grad_()
    enc(places(20)).square().sum().backward()
    assert enc.directions.grad is not None
