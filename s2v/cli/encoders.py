"""``python -m s2v encoders``: what there is."""

from __future__ import annotations

import argparse

from s2v.encoders.registry import ENCODERS
from s2v.errors import shown


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", nargs="?", help="one encoder; without it, all of them")


def work(options: argparse.Namespace) -> None:
    """Lists encoders with their parameters: range, default, and what each one does to the picture."""
    if options.name is not None and options.name not in ENCODERS:
        raise ValueError(f"there is no encoder {shown(options.name)}; there are: {', '.join(ENCODERS)}.")
    for spec in ENCODERS.values() if options.name is None else [ENCODERS[options.name]]:
        print(f"{spec.name}: {spec.title}. {spec.summary}\n    {spec.reference}")
        for parameter in spec.parameters:
            print(f"    {parameter.name}={parameter.default}  ({parameter.allowed})  {parameter.help}")
