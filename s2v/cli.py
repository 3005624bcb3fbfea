"""The command line.  A new command is one function that adds its arguments, one that does the work, and one line."""

from __future__ import annotations

import argparse
import inspect
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from s2v.encoders.registry import ENCODERS


class UsageError(Exception):
    """Something the person who typed the command can put right: one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0, or 2 after one sentence on stderr about what is wrong with it."""
    parser = _Parser(prog="python -m s2v", description="Sphere2Vec Lab on the command line.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (describe, work, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(work=work)
        describe(command)
    try:
        options = parser.parse_args(arguments)
        options.work(options)
    except (UsageError, ValueError, OSError) as error:
        print(f"s2v: {error}", file=sys.stderr)
        return 2
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse prints the whole usage and leaves
        raise UsageError(f"{message}. See: {self.prog} --help")


def describe_encoders(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", nargs="?", help="one encoder; without it, all of them")


def encoders(options: argparse.Namespace) -> None:
    """Lists encoders with their parameters: range, default, and what each one does to the picture."""
    if options.name is not None and options.name not in ENCODERS:
        raise UsageError(f"there is no encoder {options.name!r}; there are: {', '.join(ENCODERS)}.")
    for spec in ENCODERS.values() if options.name is None else [ENCODERS[options.name]]:
        print(f"{spec.name}: {spec.title}. {spec.summary}\n    {spec.reference}")
        for parameter in spec.parameters:
            print(f"    {parameter.name}={parameter.default}  ({parameter.allowed})  {parameter.help}")


def describe_import(command: argparse.ArgumentParser) -> None:
    command.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a file that TorchSpatial's trainer wrote")
    command.add_argument("--out", metavar="MODEL.safetensors", type=Path, required=True, help="the file to write")


def import_(options: argparse.Namespace) -> None:
    """Turns a published checkpoint into a model of this lab, says what it is, and writes it."""
    from s2v import checkpoints, torchspatial  # slow to load: torch

    if options.out.exists() and options.checkpoint.exists() and options.out.samefile(options.checkpoint):
        raise UsageError(f"--out {options.out} is the checkpoint itself; name another file.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = torchspatial.import_torchspatial(options.checkpoint)
    recipe = model.recipe
    network = [f"{name}={getattr(recipe, name)}" for name in ("hidden", "layers", "dropout")]
    network += [f"activation={recipe.activation}"] if recipe.network == "ffn" else []
    encoder = [f"{name}={value}" for name, value in recipe.encoder_params.items()]
    print("encoder:", recipe.encoder, *encoder)
    print("network:", recipe.network, *network)
    print(f"classes: {len(model.classes)}, each with a probability of its own ({model.task})")
    for warning in caught:
        print("note:", warning.message, file=sys.stderr)
    written = "Replaced:" if options.out.exists() else "Written:"
    checkpoints.save(model, options.out)
    print(written, options.out, file=sys.stderr)


def describe_bench(command: argparse.ArgumentParser) -> None:
    suites = ("encoders", "learning", "live", "pages", "step")
    command.add_argument("suite", metavar="SUITE", choices=suites, help=f"one of {', '.join(suites)}")
    command.add_argument("--points", type=int, help="places in a call, in an epoch (10000), or to learn from")
    command.add_argument("--repeat", type=int, help="repetitions, of which the median counts (9), or seeds (3)")
    command.add_argument("--steps", type=int, help="of a training: in learning and live")
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


def bench(options: argparse.Namespace) -> None:
    """Times encoders or a training step beside the published code, learning, pages, or a class; see ``s2v.bench``."""
    import torch  # slow to load, and no other command needs it

    from s2v.bench import encoders as encoders_suite
    from s2v.bench import learning as learning_suite
    from s2v.bench import live as live_suite
    from s2v.bench import pages as pages_suite
    from s2v.bench import step as step_suite
    from s2v.bench.measure import CLOCKS

    if options.threads is not None:
        if options.threads < 1:
            raise UsageError(f"threads={options.threads} is not a whole number of at least 1.")
        torch.set_num_threads(options.threads)
    suites = {
        "encoders": encoders_suite,
        "learning": learning_suite,
        "live": live_suite,
        "pages": pages_suite,
        "step": step_suite,
    }
    run = suites[options.suite].run
    sizes = ("points", "repeat", "steps", "sessions", "rounds")
    given = {key: value for key in sizes if (value := getattr(options, key)) is not None}
    for key in given:
        if key not in inspect.signature(run).parameters:
            raise UsageError(f"the suite {options.suite} has no --{key}.")
    report = run(**given, clock=CLOCKS[options.clock], tell=lambda line: print(line, file=sys.stderr, flush=True))
    print(report.markdown())
    if options.out is not None:
        print("Written:", *report.write(options.out), file=sys.stderr)


Describe = Callable[[argparse.ArgumentParser], None]
Work = Callable[[argparse.Namespace], None]

COMMANDS: dict[str, tuple[Describe, Work, str]] = {
    "encoders": (describe_encoders, encoders, "list the encoders and their parameters"),
    "import": (describe_import, import_, "turn a checkpoint of TorchSpatial into a model of this lab"),
    "bench": (
        describe_bench,
        bench,
        "time encoders, a training step, learning, pages' answers or a class at work",
    ),
}
