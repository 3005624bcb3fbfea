"""``python -m s2v bench``: measurements, see ``s2v.bench``, and the benchmark, see ``s2v.benchmark``."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from pathlib import Path

from s2v.bench import SUITES
from s2v.cli import bench_table, benchmark
from s2v.cli.out import make_folder
from s2v.models.choices import DEVICES

OPTIONS = (
    "points",
    "repeat",
    "steps",
    "sessions",
    "rounds",
    "names",
    "minutes",
    "seed",
    "trials",
    "dataset",
    "rungs",
    "batch",
    "device",
    "keep",
)  # arguments of a suite, where it has them


def describe(command: argparse.ArgumentParser) -> None:
    summaries = {name: suite.summary for name, suite in SUITES.items()}
    summaries |= {name: f"the benchmark: {suite.summary}" for name, suite in benchmark.SUITES.items()}
    summaries[bench_table.NAME] = bench_table.SUMMARY
    suites = "; ".join(f"{name}: {summary}" for name, summary in summaries.items())
    command.add_argument("suite", metavar="SUITE", choices=summaries, help=suites)
    bench_table.describe(command)
    command.add_argument("--points", type=int, help="places per call, per epoch, to learn from, or in a file")
    command.add_argument(
        "--repeat",
        "--seeds",
        type=int,
        help="repetitions (9; device 5, files 3), of which the median counts, or seeds (3; variogram 4, precision 5, "
        "first_race 8, scales 1)",
    )
    command.add_argument("--steps", type=int, help="steps of a training")
    command.add_argument(
        "--sessions", type=_numbers, metavar="N,N,...", help="live, soak: visitors at once (1,5,20; 6)"
    )
    command.add_argument(
        "--data",
        dest="dataset",
        metavar="NAME",
        help="variogram: one data set (five); scales, waves, the benchmark: NAME,NAME,... (all of the suite)",
    )
    command.add_argument(
        "--rungs",
        type=benchmark.names_of,
        metavar="SPLIT,...",
        help="scales, waves, the benchmark: only these splits, such as random,buffer:500 (all of the suite)",
    )
    command.add_argument(
        "--minutes", type=float, help="soak: how long the sessions last (30); scales, waves: when to end"
    )
    command.add_argument("--keep", metavar="FILE", type=Path, help="scales, waves: what earlier runs measured; grows")
    command.add_argument("--trials", type=int, help="first_race, the benchmark: trials of each encoder's scale (0; 5)")
    command.add_argument("--seed", type=int, help="soak: what all is drawn from (0)")
    command.add_argument("--batch", type=int, help="step: places per step (1024)")
    command.add_argument(
        "--device", choices=DEVICES, help="encoders, step, device: where it runs (cpu; device cuda); the table names it"
    )
    command.add_argument("--rounds", type=int, help="live: races of each visitor, one after another (3)")
    command.add_argument(
        "--names",
        "--encoders",
        type=benchmark.names_of,
        metavar="NAME,NAME,...",
        help="only these encoders; rows of others in the files of --out are kept. The benchmark: only these encoders "
        "and reference predictors",
    )
    command.add_argument("--threads", type=int, help="threads of torch (learning 1, else torch decides)")
    command.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        help="wall time, or processor time (learning), which with --threads 1 also holds on a busy machine",
    )
    benchmark.describe(command)
    command.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="also write SUITE.json and SUITE.md there; the benchmark: where SUITE.parquet is (this folder)",
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def work(options: argparse.Namespace) -> None:
    """Runs a suite and prints its table; exit code 1 where a figure is not what it must be."""
    if options.suite == bench_table.NAME:
        bench_table.work(options)
        return
    bench_table.refuse(options)
    if options.suite in benchmark.SUITES:
        benchmark.work(options)
        return
    benchmark.refuse(options)
    import torch  # slow to load

    from s2v.bench.measure import CLOCKS

    suite = SUITES[options.suite]
    threads = suite.threads if options.threads is None else options.threads
    if threads is not None:
        if threads < 1:
            raise ValueError(f"threads={threads} is not a whole number of at least 1.")
        torch.set_num_threads(threads)
    run = importlib.import_module(f"s2v.bench.{options.suite}").run
    given = {key: value for key in OPTIONS if (value := getattr(options, key)) is not None}
    for key in given:
        if key not in inspect.signature(run).parameters:
            option = {"dataset": "data"}.get(key, key)
            raise ValueError(f"the suite {options.suite} has no --{option}.")
    if options.out is not None:
        make_folder(options.out, (f"{options.suite}.json", f"{options.suite}.md"))
    clock = CLOCKS[options.clock or suite.clock]
    report = run(**given, clock=clock, on_progress=lambda line: print(line, file=sys.stderr, flush=True))
    print(report.markdown())
    if options.out is not None:
        print("Written:", *report.write(options.out, merge=bool(options.names)), file=sys.stderr)
    if report.failed:
        print("Failed:", ", ".join(report.failed), file=sys.stderr)
        raise SystemExit(1)
