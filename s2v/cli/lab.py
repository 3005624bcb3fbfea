"""``python -m s2v lab``, and ``sphere2vec-lab`` without a command: the lab in a browser."""

from __future__ import annotations

import argparse

MAX_PORT = 65535


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, help="port of the server (8501, or the next that is free)")
    command.add_argument(
        "--host", help="address to listen on (localhost); 0.0.0.0 lets others on the network in, without a password"
    )
    command.add_argument(
        "--allow",
        metavar="NAME",
        action="append",
        default=[],
        help="host name by which browsers call the lab, such as a proxy's; may be given several times. This machine's"
        " own name and addresses need no --allow; every other name is refused",
    )
    command.add_argument("--base-path", metavar="PATH", help="serve at http://HOST:PORT/PATH, as behind a proxy")
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="train on this Dask cluster, such as tcp://host:8786, instead of processes on this machine",
    )
    command.epilog = (
        "Streamlit's other settings are environment variables: STREAMLIT_SERVER_HEADLESS=true opens no browser."
    )


def work(options: argparse.Namespace) -> None:
    """Serves the lab until Ctrl-C."""
    if options.port is not None and not 1 <= options.port <= MAX_PORT:
        raise ValueError(f"--port {options.port} is outside its range; allowed is a number from 1 to {MAX_PORT}.")

    from s2v.ui import server  # slow to load: Streamlit

    server.serve(options.port, options.host, options.base_path, options.scheduler, options.allow)
