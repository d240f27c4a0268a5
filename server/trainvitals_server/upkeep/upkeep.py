"""House-keeping beside ingest, in a thread of its own and in small slices."""

import logging
import time
from collections.abc import Callable
from threading import Event, Thread

from trainvitals_server.storage.store import Store
from trainvitals_server.upkeep.retention import Retention
from trainvitals_server.upkeep.slices import Slices
from trainvitals_server.upkeep.sweeper import Sweeper

LOOK_SECONDS = 1.0
"""How often deleted runs are looked for, also those that another server deleted."""

RETENTION_SECONDS = 3600.0
"""How often what is too old is looked for; the first time soon after the start."""

logger = logging.getLogger(__name__)


class Upkeep:
    """Clears deleted runs away and applies the retention settings. `clock` gives monotonic seconds."""

    def __init__(
        self,
        store: Store,
        *,
        thin_histograms_after_days: float | None = None,
        delete_archived_after_days: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sweeper = Sweeper(store.engine)
        self._retention = Retention(store, thin_histograms_after_days, delete_archived_after_days)
        self._clock = clock
        self._retain_at = clock()
        self._stop = Event()
        self._slices = Slices(self._stop.wait)
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = Thread(target=self._work, name="trainvitals-upkeep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the present slice; the rest is done after the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Do what is due, now, in the caller's thread."""
        if self._clock() >= self._retain_at:
            self._retain_at = self._clock() + RETENTION_SECONDS
            self._retention.apply(self._slices)
        self._sweeper.sweep(self._slices)

    def _work(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception as error:
                logger.error("house-keeping failed and is tried again: %s: %s", type(error).__name__, error)
