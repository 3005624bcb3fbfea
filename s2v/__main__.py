"""``python -m s2v``: see ``s2v.cli``."""

import sys

from s2v.cli import main

if __name__ == "__main__":
    sys.exit(main())
