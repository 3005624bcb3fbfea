"""The lab in Jupyter: jupyter-server-proxy finds ``server`` by its entry point and makes it a tile of the launcher.

This is loaded by Jupyter's own process, so it imports nothing.
"""

from __future__ import annotations

import sys
from typing import Any

NAME = "sphere2vec-lab"  # of the entry point, thus the last part of the lab's address
START_SECONDS = 120  # on a busy machine; jupyter-server-proxy gives up after 5 otherwise


def server() -> dict[str, Any]:
    """How jupyter-server-proxy starts the lab of a user and passes requests on to it."""
    return {
        "command": [sys.executable, "-m", "s2v", "lab", "--port", "{port}", "--base-path", "{base_url}" + NAME],
        "environment": {"STREAMLIT_SERVER_HEADLESS": "true"},
        "absolute_url": True,  # requests keep the base path
        # Jupyter has checked who asks and from which website.  The lab, which listens on this machine alone, does not
        # know the hub's name and would refuse it.
        "request_headers_override": {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
        "timeout": START_SECONDS,
        "launcher_entry": {"title": "Sphere2Vec Lab"},
    }
