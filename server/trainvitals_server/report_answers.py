"""The warnings that answer a report, the same for a repeated one."""

from threading import Lock

from trainvitals_server.services import Diagnosis
from trainvitals_server.storage.bounded import Bounded
from trainvitals_server.storage.contract import Appended
from trainvitals_wire.encoding import writer_of
from trainvitals_wire.records import WarningEntry

ANSWERS_MAX = 4096
"""Answers with warnings that are remembered; most answers hold none, and a repeated report then gets none."""


class ReportAnswers:
    """Remembers the answers that held warnings, because the network may lose them."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        self._told: Bounded[tuple[str, str, int], list[WarningEntry]] = Bounded(ANSWERS_MAX)
        self._lock = Lock()

    def warnings(self, run_id: str, body: bytes, appended: Appended) -> list[WarningEntry]:
        """The warnings new since the last answer to the writer of this body, or those of the answer it had before.

        Quick: mostly nothing was judged since.
        """
        writer_id = writer_of(body)
        name = (run_id, writer_id, appended.sequence)
        with self._lock:
            if not appended.stored:
                return self._told.get(name) or []
            found = self._diagnosis.new_warnings(run_id, writer_id)
            if found:
                self._told.put(name, found)
            return found
