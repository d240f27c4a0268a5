"""Watches for runs that fall silent: running -> stale -> crashed. A sign of life makes a run running again."""

import asyncio
import logging
from typing import TYPE_CHECKING

from trainvitals_server.settings import Settings

if TYPE_CHECKING:
    from trainvitals_server.storage.store import Store

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.5
"""Time between two looks for silent runs."""


class States:
    """Marks the runs that gave no sign of life; the store makes them running again when they do."""

    def __init__(self, store: "Store", settings: Settings) -> None:
        self._store = store
        self._stale_seconds = settings.stale_after_seconds
        self._crashed_seconds = settings.crashed_after_minutes * 60
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch, on the running event loop."""
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def check(self) -> None:
        """Look once; blocks."""
        self._store.mark_silent(stale_after_seconds=self._stale_seconds, crashed_after_seconds=self._crashed_seconds)

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.check)
            except Exception as error:
                logger.error("silent runs could not be looked for: %s: %s", type(error).__name__, error)
            await asyncio.sleep(CHECK_SECONDS)
