"""The warnings that answer a report, the same for a repeated one."""

from collections import OrderedDict
from threading import Lock

from trainvitals_server.services import Diagnosis
from trainvitals_server.storage.contract import Appended
from trainvitals_wire.encoding import writer_of
from trainvitals_wire.records import WarningEntry

WRITERS_MAX = 4096
"""Writers whose last answer is remembered; a writer silent for longer gets no warnings twice."""


class ReportAnswers:
    """Remembers the last answer to each writer, because the network may lose it."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        self._last: OrderedDict[tuple[str, str], tuple[int, list[WarningEntry]]] = OrderedDict()
        self._lock = Lock()

    def warnings(self, run_id: str, body: bytes, appended: Appended) -> list[WarningEntry]:
        """The warnings new since the last answer to the writer of this body, or those of the answer it did not get."""
        writer_id = writer_of(body)
        writer = (run_id, writer_id)
        with self._lock:
            sequence, last = self._last.get(writer, (0, []))
            if not appended.stored:
                return last if sequence == appended.sequence else []
            found = self._diagnosis.new_warnings(run_id, writer_id)
            self._last[writer] = (appended.sequence, found)
            self._last.move_to_end(writer)
            while len(self._last) > WRITERS_MAX:
                self._last.popitem(last=False)
            return found
