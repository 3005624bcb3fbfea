"""Location encoders: places in, features out.  One family a file; ``registry`` says what there is."""

import os

from s2v.encoders.registry import ENCODERS, EncoderSpec, Setting, encoder, spec

__all__ = ["ENCODERS", "EncoderSpec", "Setting", "encoder", "spec"]

# Large results in memory pages of 2 MiB: to take 100 MB from the system in pages of 4 KiB costs more than to fill them.
# Torch, which is imported with the first encoder, reads this at its first allocation; where the kernel has no such
# pages it changes nothing.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
