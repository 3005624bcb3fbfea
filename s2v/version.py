"""The version, which files that the lab writes name."""

__version__ = "0.1.0"
