"""``python -m s2v.testing [NAME...] [options of pytest]``"""

import sys
from itertools import takewhile
from pathlib import Path

import pytest

if __name__ == "__main__":
    names = list(takewhile(lambda argument: not argument.startswith("-"), sys.argv[1:]))
    chosen = [f"--encoder={name}" for name in names]
    sys.exit(pytest.main([str(Path(__file__).parent), *chosen, *sys.argv[1 + len(names) :]]))
