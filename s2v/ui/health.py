"""Whether the lab of this container answers: ``python -m s2v.ui.health`` ends with 0 if it does, as HEALTHCHECK asks.

Its port and base path are those of the environment, as in the Dockerfile and compose.yaml.
"""

from __future__ import annotations

import os
import sys
import urllib.request

WAIT_SECONDS = 4.0


def main() -> int:
    """0 if the lab answers, else 1 after one sentence on stderr."""
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    address = f"http://127.0.0.1:{os.environ.get('STREAMLIT_SERVER_PORT', '8501')}/{base + '/' if base else ''}"
    try:
        with urllib.request.urlopen(f"{address}_stcore/health", timeout=WAIT_SECONDS):
            return 0
    except OSError as error:
        print(f"The lab at {address} does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
