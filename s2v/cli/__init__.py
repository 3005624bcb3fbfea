"""The command line.  A new command is one file and one line: ``describe`` adds its arguments, ``work`` runs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from s2v import __version__
from s2v.assets import AssetError
from s2v.cli import bench, compare, encoders, exporting, finding, importing, lab, map, train, variogram
from s2v.errors import clipped


def main(arguments: Sequence[str] | None = None, prog: str = "python -m s2v", description: str = "") -> int:
    """Runs a command and returns 0, or 2 after one sentence on stderr about what is wrong, or 130 after Ctrl-C.

    ``SystemExit`` with 1 where a measurement found what must not be.
    """
    parser = _Parser(prog=prog, description=f"Sphere2Vec Lab on the command line. {description}")
    parser.add_argument("--version", action="version", version=f"sphere2vec-lab {__version__}")
    name_in_errors = prog.split()[-1]
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(work=module.work)
        module.describe(command)
    try:
        options = parser.parse_args(arguments)
        options.work(options)
    except (ValueError, OSError, AssetError) as error:
        print(clipped(f"{name_in_errors}: {error}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{name_in_errors}: stopped.", file=sys.stderr)
        return 130
    return 0


def console() -> int:
    """The installed command ``sphere2vec-lab``: as ``python -m s2v``, but without a command it opens the lab."""
    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "--version")):
        arguments = ["lab", *arguments]
    return main(arguments, prog="sphere2vec-lab", description="Without a command it opens the lab.")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse would print the whole usage and exit
        raise ValueError(f"{message}. See: {self.prog} --help")


COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "lab": (lab, "open the lab in a browser"),
    "encoders": (encoders, "list the encoders and their parameters"),
    "compare": (compare, "compare encoders in numbers"),
    "variogram": (variogram, "compare how fast codes and data grow apart with distance"),
    "train": (train, "train a model and write it with its scores and maps"),
    "find": (finding, "find the encoder that suits your points best"),
    "map": (map, "draw or export what a model predicts"),
    "export": (exporting, "write a model as ONNX, for other programs"),
    "import": (importing, "import a checkpoint of TorchSpatial, sphere2vec, SINR or geo_prior"),
    "bench": (bench, "measure encoders, training, learning or pages"),
}
