"""A process of the embedded cluster, which ends when its server ends: ``python -m s2v.engine.process PID FOLDER SPEC``.

A server that ends in order closes its cluster itself; one that is killed cannot, and its workers would train on.
Workers also run at a lower priority than the server, so that on a machine with few cores no page waits for training.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import threading
import time

CHECK_SECONDS = 1.0
NICENESS = 5  # of the workers


def main(server: int, folder: str, spec: str) -> None:
    """Be the scheduler or worker of ``spec`` (class and options, in JSON) until the process ``server`` ends.

    ``folder``, the private one of the cluster, is removed then.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: each process has a core at most
    threading.Thread(target=_watch, args=(server, folder), name="s2v-watchdog", daemon=True).start()
    if json.loads(spec)["cls"] == "distributed.Worker" and hasattr(os, "nice"):
        os.nice(NICENESS)

    from distributed.cli import dask_spec

    from s2v.engine.gpu import announced

    dask_spec.main(["--spec", json.dumps(announced(json.loads(spec)))])


def _watch(server: int, folder: str) -> None:
    while os.getppid() == server:  # an orphan gets another parent
        time.sleep(CHECK_SECONDS)
    logging.disable()  # that the other processes of the cluster end is no news
    time.sleep(CHECK_SECONDS)  # until they all know
    shutil.rmtree(folder, ignore_errors=True)  # others may still write there; the last process to end removes it all
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
