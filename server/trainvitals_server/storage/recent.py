"""The decoded frames, of the runs that were read last, that are not compacted yet."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row

from trainvitals_server.storage import replay
from trainvitals_server.storage.blocks import Blocks
from trainvitals_server.storage.snapshot import Compacted
from trainvitals_wire.frame import Frame

RECENT_BYTES_MAX = 96 * 2**20
"""Memory for decoded runs."""

RECENT_RUN_BYTES_MAX = 64 * 2**20
"""Of a run with more that is not compacted only the steps are kept; its values are decoded anew for each question."""


class Recent:
    """Keeps the blocks of runs that are read again and again (a live page), and adds what came since."""

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[str, bool], Blocks] = OrderedDict()
        self._lock = threading.Lock()

    def values(self, connection: Connection, run: Row[Any], compacted: Compacted, keys: Collection[str]) -> Blocks:
        """The blocks of a run as of its row (`id`, `epoch`, `cursor`, `frame_bytes`), at least those of `keys`."""
        if _is_small(run, compacted):
            return self._up_to_date(connection, run, compacted, keep_values=True)
        blocks = Blocks(run.epoch, compacted.cursor)
        found = replay.frames(connection, run.id, compacted.cursor, run.cursor)
        blocks.extend(_narrowed(found, keys), run.cursor)
        return blocks

    def ranges(self, connection: Connection, run: Row[Any], compacted: Compacted) -> Blocks:
        """Blocks that know the range of every series; where there is very much they have no values."""
        return self._up_to_date(connection, run, compacted, keep_values=_is_small(run, compacted))

    def _up_to_date(self, connection: Connection, run: Row[Any], compacted: Compacted, *, keep_values: bool) -> Blocks:
        if compacted.cursor == run.cursor:
            return Blocks(run.epoch, compacted.cursor)
        blocks = self._kept(run, compacted, keep_values)
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
                self._runs.pop((run.id, blocks.keep_values), None)
            raise

    def _kept(self, run: Row[Any], compacted: Compacted, keep_values: bool) -> Blocks:
        name = (run.id, keep_values)
        with self._lock:
            self._runs.pop((run.id, not keep_values), None)
            blocks = self._runs.get(name)
            if blocks is None or (blocks.epoch, blocks.start) != (run.epoch, compacted.cursor):
                blocks = self._runs[name] = Blocks(run.epoch, compacted.cursor, keep_values=keep_values)
            self._runs.move_to_end(name)
            return blocks

    def _shrink(self) -> None:
        with self._lock:
            while len(self._runs) > 1 and sum(blocks.nbytes for blocks in self._runs.values()) > RECENT_BYTES_MAX:
                self._runs.popitem(last=False)


def _is_small(run: Row[Any], compacted: Compacted) -> bool:
    waiting: int = run.frame_bytes - compacted.frame_bytes
    return waiting <= RECENT_RUN_BYTES_MAX


def _narrowed(found: Iterator[tuple[Row[Any], Frame]], keys: Collection[str]) -> Iterator[Frame]:
    for _, frame in found:
        chosen = frame.select([key for key in frame.keys if key in keys])
        if chosen is not None:
            yield chosen
