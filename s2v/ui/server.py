"""The lab's server, in this process.

``python -m s2v.ui.server`` takes the options of ``streamlit run``, and starts the lab as ``serve`` does.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from streamlit.web import cli

from s2v.assets import APP
from s2v.ui import origins

ALL_INTERFACES = ("0.0.0.0", "::")


def serve(
    port: int | None = None,
    host: str | None = None,
    base_path: str | None = None,
    scheduler: str | None = None,
    allow: Sequence[str] = (),
) -> None:
    """Serves the lab until it is interrupted, and opens a browser where there is one.

    Parameters
    ----------
    port : int, optional
        Port to listen on; without it 8501, or the next that is free.
    host : str, optional
        Address to listen on; without it localhost.
    base_path : str, optional
        Path of the lab's address, as behind a proxy; without it the root.
    scheduler : str, optional
        Address of a Dask cluster to train on; without it, processes of this machine.
    allow : sequence of str, optional
        More host names by which browsers may call the lab; see ``s2v.ui.origins``.
    """
    options = {"server.port": port, "server.address": host, "server.baseUrlPath": base_path}
    if host not in (None, *ALL_INTERFACES):
        options["browser.serverAddress"] = host  # the address that is printed and opened
    arguments = [f"--{name}={value}" for name, value in options.items() if value is not None]
    arguments += [f"--server.allowedHosts={name}" for name in allow]
    after = [] if scheduler is None else ["--", "--scheduler", scheduler]  # see s2v.ui.session_race.scheduler_of
    _run([*arguments, *after])


def _run(arguments: Sequence[str], standalone: bool = False) -> None:
    origins.protect()  # before the server listens: app.py only runs once somebody has been let in
    # `streamlit.App.run` would ignore .streamlit/config.toml beside app.py; the command line reads it.
    cli.main(["run", str(APP / "app.py"), *arguments], prog_name="streamlit", standalone_mode=standalone)


if __name__ == "__main__":
    _run(sys.argv[1:], standalone=True)
