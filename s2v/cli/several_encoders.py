"""Encoders that a command is given, one after the other."""

from __future__ import annotations

import argparse

from s2v.encoders.registry import EncoderConfig


def describe(command: argparse.ArgumentParser) -> None:
    """Adds the argument."""
    command.add_argument(
        "encoders",
        nargs="+",
        metavar="ENCODER",
        help="name, with parameters after a colon: sphereM:scales=8,min_radius=0.03 (see: python -m s2v encoders)",
    )


def parse(options: argparse.Namespace) -> list[EncoderConfig]:
    """The encoders with their parameters; ``ValueError`` for a mistake in one."""
    return [EncoderConfig.parse(text) for text in options.encoders]
