"""The decoded frames of the runs that were read last."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row

from trainvitals_server.storage import replay
from trainvitals_server.storage.blocks import Blocks
from trainvitals_wire.frame import Frame

RECENT_BYTES_MAX = 512 * 2**20
"""Memory for decoded runs."""

RECENT_RUN_BYTES_MAX = 192 * 2**20
"""A larger run is decoded anew for each question, and only the series asked for."""


class Recent:
    """Keeps the blocks of runs that are read again and again (a live page), and adds what came since."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Blocks] = OrderedDict()
        self._lock = threading.Lock()

    def blocks(self, connection: Connection, run: Row[Any], keys: Collection[str] | None = None) -> Blocks:
        """The blocks of a run as of its row (`id`, `epoch`, `cursor`, `frame_bytes`), at least those of `keys`."""
        if run.frame_bytes > RECENT_RUN_BYTES_MAX:
            blocks = Blocks(run.epoch)
            blocks.extend(_narrowed(replay.frames(connection, run.id, 0, run.cursor), keys), run.cursor)
            return blocks
        blocks = self._kept(run)
        with blocks.lock:
            if blocks.cursor < run.cursor:
                self._extend(connection, run, blocks)
        self._shrink()
        return blocks

    def _extend(self, connection: Connection, run: Row[Any], blocks: Blocks) -> None:
        found = replay.frames(connection, run.id, blocks.cursor, run.cursor)
        try:
            blocks.extend((frame for _, frame in found), run.cursor)
        except Exception:
            # Half extended, they would hold some rows twice the next time.
            with self._lock:
                self._runs.pop(run.id, None)
            raise

    def _kept(self, run: Row[Any]) -> Blocks:
        with self._lock:
            blocks = self._runs.get(run.id)
            if blocks is None or blocks.epoch != run.epoch:
                blocks = self._runs[run.id] = Blocks(run.epoch)
            self._runs.move_to_end(run.id)
            return blocks

    def _shrink(self) -> None:
        with self._lock:
            while len(self._runs) > 1 and sum(blocks.nbytes for blocks in self._runs.values()) > RECENT_BYTES_MAX:
                self._runs.popitem(last=False)


def _narrowed(found: Iterator[tuple[Row[Any], Frame]], keys: Collection[str] | None) -> Iterator[Frame]:
    for _, frame in found:
        chosen = frame if keys is None else frame.select([key for key in frame.keys if key in keys])
        if chosen is not None:
            yield chosen
