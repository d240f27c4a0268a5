"""The hub: hears what is stored and wakes the viewers, at most once each tick."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from trainvitals_server.live.live_run import LiveRun
from trainvitals_server.live.news import News
from trainvitals_server.live.ranges import Range, encode_range
from trainvitals_server.measures import Measures
from trainvitals_server.storage.contract import Committed, Position
from trainvitals_server.storage.errors import RunNotFound

if TYPE_CHECKING:
    from trainvitals_server.live.viewer import Viewer
    from trainvitals_server.storage.store import Store

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.05
"""Least time between two ranges of one viewer: 20 a second."""

FOLLOW_SECONDS = 1.0
"""How often runs are looked at that another server on the same database may have written."""

Pause = Callable[[float], Awaitable[None]]
_Told = TypeVar("_Told")


class Hub:
    """Keeps the runs that are looked at, and builds each range once for all viewers that need the same.

    The event loop owns all of it; only `_heard` and `warnings_changed` run in other threads.
    """

    def __init__(self, store: "Store", measures: Measures, *, pause: Pause = asyncio.sleep) -> None:
        self._store = store
        self._pause = pause
        self.measures = measures
        self.news = News(store.headlines, pause)
        self._runs: dict[str, LiveRun] = {}
        self._viewers: set[Viewer] = set()
        self._ranges: dict[tuple[str, str, tuple[str, ...], int], asyncio.Task[Range]] = {}
        self._dirty = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        store.listen(self._heard)

    async def start(self) -> None:
        """Begin to tell viewers."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._tick()), asyncio.create_task(self._follow())]
        self.news.start()

    async def close(self) -> None:
        """Stop, and let every viewer go."""
        self._loop = None
        await self.news.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for viewer in list(self._viewers):
            viewer.stop()

    def _heard(self, committed: Committed) -> None:
        # Waking the event loop for nobody would cost each report. Who begins to look names the run first, and reads
        # its position then.
        if committed.run_id in self._runs or self.news.watches(committed.run_id):
            self._on_loop(self._commit, committed)

    def warnings_changed(self, run_id: str, _: object) -> None:
        """The warnings of a run changed: tell its viewers, also where the counts of its row stay the same."""
        self._on_loop(self.changed, run_id)

    def _on_loop(self, call: Callable[[_Told], None], told: _Told) -> None:
        loop = self._loop
        if loop is not None:
            # The loop may close between the two lines; nobody is left to be told then.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(call, told)

    def _commit(self, committed: Committed) -> None:
        self.news.changed(committed.run_id)
        run = self._runs.get(committed.run_id)
        if run is not None:
            run.advance(committed.cursor)
            self._dirty.set()

    def changed(self, run_id: str) -> None:
        """Something that cards and tables show has changed; call it on the event loop."""
        self.news.changed(run_id)

    def join(self, viewer: "Viewer") -> None:
        """A viewer came."""
        self._viewers.add(viewer)
        self.measures.viewers.set(len(self._viewers))

    def leave(self, viewer: "Viewer") -> None:
        """A viewer went; runs that nobody looks at any more are forgotten."""
        self._viewers.discard(viewer)
        self.measures.viewers.set(len(self._viewers))
        self.news.forget(viewer)
        self.release()

    def release(self) -> None:
        """Forget the runs without a subscription."""
        seen = {run_id for viewer in self._viewers for run_id in viewer.runs}
        for run_id in self._runs.keys() - seen:
            del self._runs[run_id]

    async def position(self, run_id: str) -> Position:
        """Where a run is now; from here on its commits are followed. Raises RunNotFound."""
        run = self._runs.setdefault(run_id, LiveRun(run_id))
        if run.epoch is None:
            try:
                position = await asyncio.to_thread(self._store.position, run_id)
            except BaseException:
                self._runs.pop(run_id, None)
                raise
            run.advance(position.cursor)
            run.epoch = position.epoch
        assert run.cursor is not None
        return Position(run.cursor, run.epoch)

    def nudge(self) -> None:
        """Let the viewers look at the next tick."""
        self._dirty.set()

    async def range(self, id_: str, run_id: str, keys: tuple[str, ...], start: int, epoch: str) -> Range | None:
        """What a subscription lacks after `start`; None where it has all. Shared by all who ask the same in a tick."""
        run = self._runs.get(run_id)
        if run is None or run.cursor is None or run.epoch is None:
            return None
        if epoch != run.epoch:
            return Range(run.cursor, run.epoch, reset=True)
        if start >= run.cursor:
            return None
        asked = (id_, run_id, keys, start)
        if asked not in self._ranges:
            building = asyncio.to_thread(self._build, run, id_, keys, start)
            self._ranges[asked] = asyncio.create_task(building)
        try:
            found = await asyncio.shield(self._ranges[asked])
        except RunNotFound:
            # Deleted in between; the next look at the positions tells its viewers.
            return None
        if found.cursor < run.cursor:
            # Another server wrote in between: the rest comes with the next tick.
            self._dirty.set()
        return found

    def _build(self, run: LiveRun, id_: str, keys: tuple[str, ...], start: int) -> Range:
        assert run.cursor is not None and run.epoch is not None
        since = self._store.since(run.run_id, start, keys)
        if since is None:
            return Range(run.cursor, run.epoch, reset=True)
        return encode_range(id_, run.run_id, run.epoch, start, since.cursor, since.frames)

    async def _follow(self) -> None:
        while True:
            await self._pause(FOLLOW_SECONDS)
            try:
                positions = await asyncio.to_thread(self._positions, list(self._runs))
            except Exception as error:
                logger.error("positions of runs could not be read: %s: %s", type(error).__name__, error)
                continue
            for run_id, position in positions.items():
                self._place(run_id, position)

    def _place(self, run_id: str, position: Position | None) -> None:
        run = self._runs.get(run_id)
        if run is None:
            return
        if position is None:
            for viewer in self._viewers:
                viewer.lose(run_id)
            self.release()
        elif run.move(position):
            self._dirty.set()

    def _positions(self, runs: list[str]) -> dict[str, Position | None]:
        found: dict[str, Position | None] = dict.fromkeys(runs)
        for run_id in runs:
            with contextlib.suppress(RunNotFound):
                found[run_id] = self._store.position(run_id)
        return found

    async def _tick(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._ranges.clear()
            for viewer in self._viewers:
                viewer.wake()
            await self._pause(TICK_SECONDS)
