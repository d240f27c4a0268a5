"""The last reports of each run, kept in memory for viewers who are only a little behind."""

import threading
from collections import OrderedDict, deque

from trainvitals_server.storage.contract import Committed
from trainvitals_server.storage.room import report_bytes

TAIL_REPORTS_MAX = 128
"""Reports kept of a run."""

TAIL_RUNS_MAX = 64
"""Runs kept; the one that was quiet longest goes first."""

TAIL_BYTES_MAX = 8 * 2**20
"""Bytes of numbers kept of a run."""

TAILS_BYTES_MAX = 24 * 2**20
"""The same of all runs together: of many runs less is kept of each."""


class Tail:
    """Recent commits by run, without gaps in their cursors."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, deque[tuple[Committed, int]]] = OrderedDict()
        self._bytes: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, committed: Committed) -> None:
        """Remember a commit; one that does not follow the last (another server's came between) starts afresh."""
        size = report_bytes(committed.report)
        run_id = committed.run_id
        with self._lock:
            commits = self._runs.setdefault(run_id, deque())
            self._runs.move_to_end(run_id)
            if commits and commits[-1][0].cursor + 1 != committed.cursor:
                commits.clear()
                self._bytes[run_id] = 0
            commits.append((committed, size))
            self._bytes[run_id] = self._bytes.get(run_id, 0) + size
            room = min(TAIL_BYTES_MAX, TAILS_BYTES_MAX // len(self._runs))
            while commits and (len(commits) > TAIL_REPORTS_MAX or self._bytes[run_id] > room):
                self._bytes[run_id] -= commits.popleft()[1]
            if len(self._runs) > TAIL_RUNS_MAX:
                self._bytes.pop(self._runs.popitem(last=False)[0], None)

    def since(self, run_id: str, cursor: int) -> list[Committed]:
        """The commits after a cursor; empty where memory does not reach back that far, or knows of none."""
        with self._lock:
            commits = self._runs.get(run_id)
            if not commits or cursor < commits[0][0].cursor - 1:
                return []
            return [committed for committed, _ in commits if committed.cursor > cursor]

    def forget(self, run_id: str) -> None:
        """Drop what is kept of a run."""
        with self._lock:
            self._runs.pop(run_id, None)
            self._bytes.pop(run_id, None)
