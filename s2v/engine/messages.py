"""What the engine tells people when something of the cluster is missing or lost."""

from __future__ import annotations

import ssl

from distributed.comm.core import FatalCommClosedError

from s2v.engine.cluster import CERTIFICATES, CertificateError

LOST_WORKER = (
    "The worker process that trained this run ended before the run did. What had arrived until then is kept; "
    "a new worker is being started: press the button to train again. If that one ends, too, it takes more memory than "
    "there is: choose a smaller network, a smaller batch or fewer places."
)
LOST_CLUSTER = (
    "The connection to the cluster that trained this run was lost. What had arrived until then is kept; "
    "the server is reconnecting: press the button to train again."
)
NO_WORKERS = (
    "The Dask cluster at {address} has no workers. Start some with: dask worker {address}; the race then goes on by "
    "itself."
)
NO_PROCESS = (
    "The worker processes of this server end while they start; its log says why. It keeps starting new ones, and the "
    "race goes on by itself as soon as one stays."
)
NO_GPU = (
    "This run asks for a GPU (device 'cuda'), and no worker here has one. Choose the device 'auto' or 'cpu'. On a Dask "
    "cluster a worker announces its GPU with: dask worker ADDRESS --resources GPU=1."
)
CLOSED = (
    "The server was stopped while this run trained. The maps and scores that had arrived are kept, the network is not: "
    "press the button to train again."
)
NOT_HELD = (
    "This race is on data of your own, which are not open here any more. Open their file again on the page Your data."
)


def no_cluster(address: str | None, error: Exception) -> str:
    """Why there is no cluster, the embedded one or that at ``address``."""
    if isinstance(error, CertificateError):
        return str(error)
    if isinstance(error, ssl.SSLError | FatalCommClosedError):
        return (
            f"The Dask scheduler at {address} and this server do not accept each other's certificates. "
            f"Correct {', '.join(CERTIFICATES.values())}, then start this server again."
        )
    if address:
        return (
            f"The Dask scheduler at {address} cannot be reached ({type(error).__name__}). Start it, or set "
            "S2V_SCHEDULER to the address of one that runs, then press the button again."
        )
    return (
        f"The worker processes could not be started ({type(error).__name__}). The server's log says why; "
        "press the button to try again."
    )
