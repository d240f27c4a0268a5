"""One run under diagnosis: its judge, the commits that wait to be added, and what each writer was told."""

import logging
import math
from collections import OrderedDict
from collections.abc import Iterator
from operator import is_
from threading import Lock
from typing import Protocol

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX
from trainvitals_server.diagnosis.judge import Judge
from trainvitals_server.diagnosis.outline import Place, outline, place, spoken
from trainvitals_server.diagnosis.rulebook import rulebook
from trainvitals_server.diagnosis.rules_file import RulesFile
from trainvitals_server.muting import Muting, muted
from trainvitals_server.storage.contract import Committed, Listener, Position, RunTraits
from trainvitals_server.storage.mutes import mutings
from trainvitals_server.storage.room import Room, report_bytes
from trainvitals_wire.records import Mute, RunStatus, Severity, WarningEntry, Warnings
from trainvitals_wire.report import Report

WAITING_MAX = 512
"""Commits that may wait for one run; when more come the judge is rebuilt from the store, so that memory is bounded."""
WAITING_BYTES_MAX = 24 * 2**20
"""The same for all runs together, in bytes."""
WRITERS_MAX = 64

logger = logging.getLogger(__name__)


class Reports(Protocol):
    """What diagnosis needs of the store."""

    def listen(self, listener: Listener) -> None: ...

    def position(self, run_id: str) -> Position: ...

    def reports(self, run_id: str) -> Iterator[Report]: ...

    def warnings(self, run_id: str) -> Warnings: ...

    def replace_warnings(self, run_id: str, found: Warnings) -> None: ...

    def mutes(self, run_id: str) -> list[Mute]: ...

    def traits(self, run_id: str) -> RunTraits: ...

    def silent_runs(self, seconds: float, statuses: tuple[RunStatus, ...]) -> list[str]: ...


class Ward:
    """Takes commits from the store's thread, and is judged in the diagnosis' own."""

    def __init__(self, run_id: str, store: Reports, rules: RulesFile | None = None, room: Room | None = None) -> None:
        self.run_id = run_id
        self.cells_max = BLOCK_CELLS_MAX
        """Bounds what the next judge remembers of a column list."""
        self.lags = False
        """More came than could wait: the judge is to be rebuilt, when there is time for that."""
        self.passed_over = 0
        """Commits that were not judged as they came."""
        self.warnings: Warnings = {"warnings": [], "incidents": []}
        self.due_at = 0.0
        self.written_at = -math.inf
        self.unwritten = False
        self._store = store
        self._rules = rules
        self._mutes: list[Muting] = []
        self._lock = Lock()
        self._waiting: list[Committed] = []
        self._room = room or Room(WAITING_BYTES_MAX)
        self._overflowed = False
        self._judge: Judge | None = None
        self._seen = False
        """Whether the warnings are those of this judge; all it says afterwards is told beside them."""
        self._cursor = 0
        self._ended = False
        """The run had ended, as it was planned, when the judge was made: what comes now comes late."""
        self._known: set[Place] = set()
        self._told: OrderedDict[str, dict[str, Severity]] = OrderedDict()
        self._answered: dict[str, tuple[Warnings, list[Muting]]] = {}
        """What stood when each writer was answered last."""

    @property
    def waits(self) -> bool:
        """Whether commits wait to be judged."""
        return bool(self._waiting) or self._overflowed

    def put(self, committed: Committed) -> None:
        """Take a commit; called in the store's thread, so it does next to nothing."""
        with self._lock:
            if self.lags:
                self.passed_over += 1
            elif len(self._waiting) < WAITING_MAX and self._room.take(report_bytes(committed.report)):
                self._waiting.append(committed)
            else:
                self.passed_over += len(self._waiting) + 1
                self._take_waiting()
                self.lags = self._overflowed = True

    def rebuild(self) -> None:
        """Have the run judged from what is stored, without waiting for a report."""
        with self._lock:
            self._overflowed = True

    def narrow(self, cells_max: int) -> None:
        """Let go of the judge; the next one, built from the store, remembers less. In the diagnosis' thread."""
        self.cells_max = cells_max
        self._judge = None
        self.rebuild()

    def judge(self, now: float, ended: bool = False) -> bool:
        """Add what waits and evaluate; whether there is news. Without news `unwritten` says that numbers moved.

        `ended`: the run is over, as it was planned.
        """
        with self._lock:
            waiting = self._take_waiting()
            overflowed, self._overflowed, self.lags = self._overflowed, False, False
        if overflowed:
            self._judge = None
        for committed in waiting:
            self._add(committed)
        if self._judge is None:
            self._rebuild()
        assert self._judge is not None
        if ended or self._ended:
            self._judge.end()
        if not self._judge.look(now) and self._seen:
            self.unwritten = self.unwritten or self._judge.moves
            return False
        self._seen = True
        found = self._judge.written()
        news = outline(found) != outline(self.warnings)
        self.unwritten = self.unwritten or found != self.warnings
        # Before the warnings: an answer to a writer in between must not pass over what is new.
        self._known &= {place(entry) for entry in spoken(found)}
        self.warnings = found
        return news

    def write(self) -> None:
        """Store the warnings as they read now; in the diagnosis' thread."""
        if self._judge is not None:
            self.warnings = self._judge.written()
        self._store.replace_warnings(self.run_id, self.warnings)
        self.read_mutes()
        self.unwritten = False

    @property
    def nbytes(self) -> int:
        """Memory that the judge takes, in bytes."""
        judge = self._judge
        return 0 if judge is None else judge.signals.nbytes

    def release(self) -> None:
        """Give back the room of what waits; for a run that is let go."""
        with self._lock:
            self._take_waiting()

    def _take_waiting(self) -> list[Committed]:
        waiting, self._waiting = self._waiting, []
        self._room.give(sum(report_bytes(committed.report) for committed in waiting))
        return waiting

    def read_mutes(self) -> None:
        """Take the mutes of the run as they are stored now."""
        self._mutes = mutings(self._store.mutes(self.run_id))

    def news(self, writer_id: str) -> list[WarningEntry]:
        """The firing warnings that this writer was not told of at their present severity, and those that ended since.

        What only follows from an incident's root is not told on its own, nor what was stored before a restart, nor
        what is muted.
        """
        state = (self.warnings, self._mutes)
        if (before := self._answered.get(writer_id)) is not None and all(map(is_, before, state)):
            # Nothing was judged since: most reports are answered here.
            return []
        self._answered[writer_id] = state
        told = self._told.setdefault(writer_id, {})
        self._told.move_to_end(writer_id)
        while len(self._told) > WRITERS_MAX:
            self._answered.pop(self._told.popitem(last=False)[0], None)
        found = muted(self.warnings, self._mutes)
        firing = spoken(found)
        new = [e for e in firing if told.get(e["id"]) != e["severity"] and place(e) not in self._known]
        ended = [e for e in found["warnings"] if e["id"] in told and e["state"] != "firing"]
        alive = {entry["id"] for entry in found["warnings"] if entry["state"] == "firing"}
        self._told[writer_id] = {
            **{identity: severity for identity, severity in told.items() if identity in alive},
            **{entry["id"]: entry["severity"] for entry in new},
        }
        return [*new, *ended]

    def _add(self, committed: Committed) -> None:
        if self._judge is not None and committed.cursor <= self._cursor:
            return
        # The first look reads the store, which also has the layers that the run was created with.
        # A gap means that another server process stored the reports between.
        if self._judge is None or committed.cursor != self._cursor + 1:
            self._rebuild()
            return
        self._judge.follow(committed.report)
        self._cursor = committed.cursor

    def _rebuild(self) -> None:
        """Judge the run anew from what is stored. A report read here and committed again meanwhile does no harm."""
        self.read_mutes()
        if not self._told:
            stored = self._store.warnings(self.run_id)
            self._known = {place(entry) for entry in spoken(stored)}
            self.warnings = stored
        position = self._store.position(self.run_id)
        self._cursor, self._ended = position.cursor, position.status == "finished"
        self._judge, self._seen = self._new_judge(), False
        for report in self._store.reports(self.run_id):
            self._judge.follow(report)

    def _new_judge(self) -> Judge:
        book = None if self._rules is None else rulebook(self._rules, self._store.traits(self.run_id))
        return Judge(book, on_error=self._failed, cells_max=self.cells_max)

    def _failed(self, rule: str, error: Exception) -> None:
        logger.error("rule %s failed on run %s", rule, self.run_id, exc_info=error)
