"""Compiled sines and cosines against those of more digits, at every place of a register and every quarter turn."""

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2v.encoders import compiled_waves, waves

TOLERANCE = {np.float32: 1e-7, np.float64: 2.3e-16}  # about one and a half units in the last place of 1


def made(dtype, phases):
    """Sines and cosines (2, n)."""
    out = np.full((2, len(phases)), np.nan, dtype)
    phases = np.asarray(phases, dtype=float)
    compiled_waves.fill(phases, 0, np.ones(1), out[0], 0, out[1], 0, len(phases), *compiled_waves.TERMS[dtype])
    return out


def expected(phases):
    """In the most digits that numpy has; to these the phases are reduced exactly by Python's whole numbers."""
    pi = 31415926535897932384626433832795028841971693993751058209749445923
    rest = []
    for phase in phases:
        above, below = float(phase).as_integer_ratio()
        scale = 10**64
        rest.append(np.longdouble((above * scale // below + pi) % (2 * pi) - pi) / np.longdouble(10) ** 64)
    return np.stack([np.sin(np.array(rest)), np.cos(np.array(rest))])


def assert_exact(dtype, phases):
    error = np.abs(made(dtype, phases) - expected(phases)).max()
    assert error <= TOLERANCE[dtype], error


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_quarter_and_eighth_turns_and_their_neighbours(dtype):
    turns = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000, 4097, 2**20 - 1, 2**26 + 3, 2**27 - 1]
    eighths = np.array([k * math.pi / 4 for k in turns])
    near = np.concatenate([eighths, np.nextafter(eighths, -np.inf), np.nextafter(eighths, np.inf)])
    assert_exact(
        dtype, np.concatenate([near, -near, [5e-324, 1e-300, compiled_waves.MAX_PHASE, -compiled_waves.MAX_PHASE]])
    )


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("highest", [1.0, 100.0, 1e5, compiled_waves.MAX_PHASE])
def test_phases_of_every_size(dtype, highest):
    assert_exact(dtype, np.random.default_rng(0).uniform(-highest, highest, 3000))


@pytest.mark.parametrize("dtype", TOLERANCE)
@given(phases=st.lists(st.floats(-compiled_waves.MAX_PHASE, compiled_waves.MAX_PHASE), min_size=1, max_size=40))
def test_any_phases(dtype, phases):
    assert_exact(dtype, phases)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_wave_does_not_depend_on_its_neighbours(dtype):
    """Registers hold 4 to 16 numbers: the last ones of a row are computed one by one."""
    phases = np.random.default_rng(1).uniform(-1000, 1000, 70)
    alone = np.concatenate([made(dtype, [phase]) for phase in phases], axis=1)
    for count in range(1, len(phases) + 1):
        np.testing.assert_array_equal(made(dtype, phases[:count]), alone[:, :count])


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_rows_lie_where_they_are_told(dtype):
    """Of positions, sines and cosines: interleaved with each other and with memory of others."""
    positions, frequencies = np.random.default_rng(2).uniform(-3, 3, (3, 10)), np.array([1.0, 2.5, 7.0])
    memory = np.full((3, 4, 10), np.nan, dtype)
    flat = memory.reshape(-1)
    terms = compiled_waves.TERMS[dtype]
    compiled_waves.fill(positions.reshape(-1), 10, frequencies, flat[10:], 40, flat[30:], 40, 10, *terms)
    phases = positions * frequencies[:, None]
    np.testing.assert_allclose(memory[:, 1], np.sin(phases), rtol=0, atol=TOLERANCE[dtype])
    np.testing.assert_allclose(memory[:, 3], np.cos(phases), rtol=0, atol=TOLERANCE[dtype])
    assert np.isnan(memory[:, [0, 2]]).all()


@pytest.mark.parametrize("problem", [RuntimeError("no locator available"), OSError("disk full"), EOFError()])
def test_what_cannot_be_kept_is_compiled_nevertheless(monkeypatch, problem):
    """As in a read-only installation of a user without a home."""
    njit = numba.njit

    def nowhere(*args, cache=False, **how):
        if cache:
            raise problem
        return njit(*args, **how)

    monkeypatch.setattr(numba, "njit", nowhere)
    try:
        assert importlib.reload(compiled_waves).fill.targetoptions["nogil"]
    finally:
        monkeypatch.undo()
        importlib.reload(compiled_waves)


def run(code, **environment):
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ENCODE = """
import torch
from s2v.encoders import encoder, waves
encoder("sphereC")(torch.zeros(1, 2))
print(waves._compiled() is not None)"""


def test_what_is_kept_may_be_damaged(tmp_path):
    assert run(ENCODE, NUMBA_CACHE_DIR=str(tmp_path)) == "True"
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) >= 2
    for path in kept:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert run(ENCODE, NUMBA_CACHE_DIR=str(tmp_path)) == "True"


def test_without_its_compiler_torch_makes_the_waves():
    assert run(ENCODE, NUMBA_DISABLE_JIT="1") == "False"


@pytest.mark.parametrize("problem", [ImportError("no module"), OSError("libLLVM.so: cannot open")])
def test_without_a_numba_that_works_torch_makes_the_waves(monkeypatch, caplog, problem):
    monkeypatch.setattr("numba.njit", lambda *args, **how: throw(problem))
    monkeypatch.delitem(sys.modules, "s2v.encoders.compiled_waves")
    monkeypatch.delattr("s2v.encoders.compiled_waves")
    assert waves._compiled.__wrapped__() is None
    assert ("longer" in caplog.text) == isinstance(problem, OSError)


def throw(problem):
    raise problem


def test_numba_waits_for_the_first_waves():
    run("import sys; from s2v.encoders import encoder; encoder('sphereC'); assert 'numba' not in sys.modules")
