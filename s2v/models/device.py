"""Where torch computes: what a recipe's ``device`` means on this machine."""

from __future__ import annotations

import torch

from s2v.errors import shown
from s2v.models.choices import DEVICES

CPU = torch.device("cpu")
GPU_ROOM = 16  # times as much is kept or computed at a time on a GPU as on a CPU


class NoGpuError(ValueError):
    """A GPU was asked for, and torch sees none here; the message says why, and what to do."""


def torch_device(name: str = "auto") -> torch.device:
    """The device that a recipe names.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}, default "auto"
        "auto" is a GPU where torch sees one, else the CPU.

    Returns
    -------
    torch.device

    Raises
    ------
    NoGpuError
        For "cuda" where torch sees no GPU.
    ValueError
        For another name.

    Examples
    --------
    >>> torch_device("cpu")
    device(type='cpu')
    """
    if name not in DEVICES:
        raise ValueError(f"device={shown(name)} is unknown; allowed is one of {', '.join(DEVICES)}.")
    there = name != "cpu" and torch.cuda.is_available()
    if name == "cuda" and not there:
        built = "was built without CUDA" if torch.version.cuda is None else "finds no GPU"
        raise NoGpuError(
            f"device='cuda', but torch {torch.__version__} here {built}. Choose 'cpu', or 'auto', which takes a GPU "
            "where there is one; docs/device.md says how to install torch with CUDA."
        )
    return torch.device("cuda" if there else "cpu")


def room(count: int, device: torch.device) -> int:
    """How much is kept or computed at a time on a device where it is ``count`` on a CPU.

    Examples
    --------
    >>> room(4, torch.device("cpu")), room(4, torch.device("cuda"))
    (4, 64)
    """
    return count if device.type == "cpu" else GPU_ROOM * count


def title(device: torch.device) -> str:
    """A device by its name: that of the card, or "CPU"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
