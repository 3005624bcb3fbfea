"""A search for the best encoder on a cluster: its tries run on the workers, one at a time on each, in turns with the
trainings of others."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from s2v.data import held
from s2v.engine import tasks
from s2v.engine.cluster import Connection
from s2v.engine.runs import Status
from s2v.engine.spread import LostError, spread
from s2v.errors import user_message
from s2v.models.halving import search
from s2v.models.standings import Standings
from s2v.models.tries import Outcome, Try

log = logging.getLogger("s2v.engine")

MAX_SEARCHES = 4  # live on a server at one time: each keeps all workers busy

SEARCHES_FULL = "{live} searches go on here, the most that this server takes at a time. Try again in a minute or two."
LOST = "The worker processes of this server ended again and again during this search. What it had found is kept."


class Search:
    """A search for the best encoder of a data set, as a page sees it: read from any thread.

    ``status`` is as that of a run; ``standings`` the newest, None before the first; ``message`` a sentence for people
    where it did not end well.
    """

    def __init__(
        self,
        data: str,
        owner: str,
        connection: Callable[[], Connection | None],
        workers: Callable[[], Sequence[str]],
        settings: Mapping[str, Any],
    ) -> None:
        self.id = uuid.uuid4().hex[:16]
        self.data = data
        self.owner = owner
        self.seed = int(settings.get("seed", 0))
        self.own_data = held.find(data)  # of the user, if it is such: held for as long as the search
        self.standings: Standings | None = None
        self.message = ""
        self.status: Status = "waiting"
        self._settings = settings
        self._connection, self._workers = connection, workers
        self._failure = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._search, name="s2v-search", daemon=True)

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.status in ("waiting", "running")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End it soon, and keep what it has found."""
        self._stop.set()

    def fail(self, message: str) -> None:
        """End it soon; ``message`` says why, for people."""
        self._failure = message
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; False if ``timeout`` seconds were not enough."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _search(self) -> None:
        try:
            for standings in search(self.data, run=self._run, should_stop=self._stop.is_set, **self._settings):
                self.status, self.standings = "running", standings
            if self.standings and self.standings.done:
                self.status = "finished"
            else:
                self.message, self.status = self._failure, "failed" if self._failure else "stopped"
        except LostError:
            self.message, self.status = LOST, "interrupted"
        except Exception as error:
            if not user_message(error):
                log.exception("Search %s failed", self.id)
            self.message = user_message(error) or (
                f"The search ended with an unexpected error ({type(error).__name__}). The server's log has the details."
            )
            self.status = "failed"

    def _run(self, tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
        calls = [(each, self.id, self.own_data) for each in tries]
        return spread(tasks.run_try, calls, self._connection, self._workers, self._stop.is_set)
