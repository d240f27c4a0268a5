"""News of runs: status, last step, warnings, at most once a second a run, to those who watch it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from trainvitals_server.live.messages import control

if TYPE_CHECKING:
    from trainvitals_server.live.viewer import Viewer

logger = logging.getLogger(__name__)

NEWS_SECONDS = 1.0
"""Least time between two news of one run."""

QUIET_RUNS_MAX = 1000
"""Most runs, of which nothing was heard, that are looked at in one second; the others have their turn later."""

Headlines = Callable[[list[str]], Mapping[str, Mapping[str, Any]]]
"""What is shown of each of these runs, of those that are there; blocks."""


class News:
    """Reads watched runs once a second and tells what changed.

    Looking, instead of being told, also finds what another server process changed. Versions start at the time in
    milliseconds, so that they go on growing after a restart.
    """

    def __init__(self, headlines: Headlines, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._headlines = headlines
        self._pause = pause
        self._watchers: dict[str, set[Viewer]] = {}
        self._last: dict[str, Mapping[str, Any]] = {}
        self._version: dict[str, int] = {}
        self._changed: set[str] = set()
        self._looked: dict[str, int] = {}
        self._looks = 0
        self._task: asyncio.Task[None] | None = None

    def watch(self, viewer: "Viewer", runs: Iterable[str]) -> None:
        """Tell this viewer of these runs alone, beginning with what is known."""
        self.forget(viewer)
        for run_id in runs:
            self._watchers.setdefault(run_id, set()).add(viewer)
            if run_id in self._last:
                viewer.tell(run_id, self._message(run_id))

    def forget(self, viewer: "Viewer") -> None:
        """Tell this viewer no more."""
        for run_id in list(self._watchers):
            self._watchers[run_id].discard(viewer)
            if not self._watchers[run_id]:
                del self._watchers[run_id]
                self._last.pop(run_id, None)

    def watches(self, run_id: str) -> bool:
        """Whether anybody watches a run; may be asked in any thread."""
        return run_id in self._watchers

    def changed(self, run_id: str) -> None:
        """Something about a run changed that its row may not show."""
        if run_id in self._watchers:
            self._changed.add(run_id)

    def start(self) -> None:
        """Begin to tell, on the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Tell no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:
                logger.error("news of runs could not be read: %s: %s", type(error).__name__, error)
            await self._pause(NEWS_SECONDS)

    async def look(self) -> None:
        """Read the watched runs once, and tell those who watch one that changed."""
        changed, self._changed = self._changed, set()
        found = await asyncio.to_thread(self._headlines, self._turn(changed))
        for run_id, news in found.items():
            if run_id in self._watchers and (news != self._last.get(run_id) or run_id in changed):
                self._last[run_id] = news
                self._version[run_id] = max(self._version.get(run_id, 0) + 1, int(time.time() * 1000))
                for viewer in self._watchers[run_id]:
                    viewer.tell(run_id, self._message(run_id))

    def _turn(self, changed: set[str]) -> list[str]:
        self._looks += 1
        quiet = sorted(self._watchers.keys() - changed, key=lambda run_id: self._looked.get(run_id, 0))
        chosen = [*(changed & self._watchers.keys()), *quiet[:QUIET_RUNS_MAX]]
        self._looked = {run_id: self._looked.get(run_id, 0) for run_id in self._watchers}
        self._looked |= dict.fromkeys(chosen, self._looks)
        return chosen

    def _message(self, run_id: str) -> str:
        return control("run", run=run_id, **self._last[run_id], version=self._version[run_id])
