"""The command line.  A new command is one file and one line: ``describe`` adds its arguments, ``work`` does it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from s2v.assets import AssetError
from s2v.cli import bench, encoders, importing, map, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0, or 2 after one sentence on stderr about what is wrong with it, or 130 after Ctrl-C."""
    parser = _Parser(prog="python -m s2v", description="Sphere2Vec Lab on the command line.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(work=module.work)
        module.describe(command)
    try:
        options = parser.parse_args(arguments)
        options.work(options)
    except (ValueError, OSError, AssetError) as error:
        print(f"s2v: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ns2v: stopped.", file=sys.stderr)
        return 130
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse prints the whole usage and leaves
        raise ValueError(f"{message}. See: {self.prog} --help")


COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "encoders": (encoders, "list the encoders and their parameters"),
    "train": (train, "train a model, with its scores and maps"),
    "map": (map, "draw or write what a model predicts"),
    "import": (importing, "turn a checkpoint of TorchSpatial into a model of this lab"),
    "bench": (bench, "time encoders, a training step, learning, pages' answers or a class at work"),
}
