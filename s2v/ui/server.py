"""The lab's server, in this process."""

from __future__ import annotations

from s2v.assets import APP

ALL_INTERFACES = ("0.0.0.0", "::")


def serve(
    port: int | None = None, host: str | None = None, base_path: str | None = None, scheduler: str | None = None
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
    """
    # `streamlit.App.run` would ignore .streamlit/config.toml beside app.py; the command line reads it.
    from streamlit.web import cli

    options = {"server.port": port, "server.address": host, "server.baseUrlPath": base_path}
    if host not in (None, *ALL_INTERFACES):
        options["browser.serverAddress"] = host  # the address that is printed and opened
    arguments = [f"--{name}={value}" for name, value in options.items() if value is not None]
    after = [] if scheduler is None else ["--", "--scheduler", scheduler]  # see s2v.ui.session_race.scheduler_of
    cli.main(["run", str(APP / "app.py"), *arguments, *after], prog_name="streamlit", standalone_mode=False)
