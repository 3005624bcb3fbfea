"""``python -m s2v bench``: measurements, see ``s2v.bench``."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from pathlib import Path

SUITES = ("encoders", "learning", "live", "pages", "precision", "step")  # modules of s2v.bench


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("suite", metavar="SUITE", choices=SUITES, help=f"one of {', '.join(SUITES)}")
    command.add_argument("--points", type=int, help="places in a call, in an epoch (10000), or to learn from")
    command.add_argument(
        "--repeat", type=int, help="repetitions, of which the median counts (9), or seeds (learning 3, precision 5)"
    )
    command.add_argument("--steps", type=int, help="of a training: in learning, precision and live")
    command.add_argument("--sessions", type=_numbers, metavar="N,N,...", help="live: visitors at once (1,5,20)")
    command.add_argument("--rounds", type=int, help="live: races of each visitor, one after another (3)")
    command.add_argument("--threads", type=int, help="threads of torch; without it torch decides")
    command.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: processor time; with --threads 1 the ratios hold on a machine that others use, too",
    )
    command.add_argument("--out", type=Path, metavar="FOLDER", help="write SUITE.json and SUITE.md there, too")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def work(options: argparse.Namespace) -> None:
    """Measures encoders and steps beside the published code, learning, pages, or a class; see ``s2v.bench``."""
    import torch  # slow to load, and no other command needs it

    from s2v.bench.measure import CLOCKS

    if options.threads is not None:
        if options.threads < 1:
            raise ValueError(f"threads={options.threads} is not a whole number of at least 1.")
        torch.set_num_threads(options.threads)
    run = importlib.import_module(f"s2v.bench.{options.suite}").run
    sizes = ("points", "repeat", "steps", "sessions", "rounds")
    given = {key: value for key in sizes if (value := getattr(options, key)) is not None}
    for key in given:
        if key not in inspect.signature(run).parameters:
            raise ValueError(f"the suite {options.suite} has no --{key}.")
    report = run(**given, clock=CLOCKS[options.clock], tell=lambda line: print(line, file=sys.stderr, flush=True))
    print(report.markdown())
    if options.out is not None:
        print("Written:", *report.write(options.out), file=sys.stderr)
