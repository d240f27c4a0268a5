"""The spool: reports on disk until the server has said that it stored them.

A directory a writer: `run.json` (how to make the run, and how it ended) and segments of reports, each record
`u32 bytes | report`. A segment can be read alone: it tells each column list where it first needs it. Replaying is
harmless, because the server knows a report by its writer and sequence. Where the disk takes no more, reports wait in
memory, within a bound.
"""

import contextlib
import json
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from trainvitals.segment import Segment
from trainvitals.spooled import Spooled
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import columns_id
from trainvitals_wire.report import Report

SEGMENT_BYTES_MAX = 8 * 2**20
MEMORY_BYTES_MAX = 4 * 2**20
"""Reports that are on disk, kept in memory as well: while the server keeps up nothing is read back."""
HOMELESS_BYTES_MAX = 64 * 2**20
"""Reports that no disk would take."""
RUN_FILE = "run.json"
LOCK_FILE = "lock"


@dataclass(slots=True)
class _Waiting:
    """A report that the server has not acknowledged: `body` in memory, or at `start` of a segment, or both."""

    writer_id: str
    sequence: int
    segment: Segment
    size: int
    start: int | None
    body: bytes | None


class SpoolInUse(Exception):
    """Another process writes to this spool."""


class SpoolFull(Exception):
    """The disk takes no more, and neither does the memory; the message is the disk's."""


class Spool:
    """Reports of one writer, in the order of their sequence; locked against other processes while it is open.

    Raises SpoolInUse, and OSError where the disk says no.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.disk_error: OSError | None = None
        self._waiting: deque[_Waiting] = deque()
        self._segments: list[Segment] = []
        self._in_memory = 0
        self._homeless = 0
        self._lock = _locked(directory / LOCK_FILE)
        for path in sorted(directory.glob("*.reports")):
            self._read(Segment(path))

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *error: object) -> None:
        self.close(remove=False)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def last_sequence(self) -> int:
        """The sequence of the newest waiting report, 0 where none waits."""
        return self._waiting[-1].sequence if self._waiting else 0

    def append(self, report: Report) -> None:
        """Keep a report behind the others; on disk it outlives the death of this process.

        Where the disk says no it waits in memory, and `disk_error` says why. Raises SpoolFull past the bound.
        """
        segment = self._writable()
        body = encode(report, segment.columns)
        start = self._written(segment, body)
        if start is None and self._homeless + len(body) > HOMELESS_BYTES_MAX:
            raise SpoolFull(str(self.disk_error))
        # A record that stands nowhere tells nobody its columns: the next one on disk must tell them again.
        if start is not None:
            segment.columns.update({columns_id(frame.keys): frame.keys for frame in report.frames})
        else:
            self._homeless += len(body)
        kept = body if start is None or self._in_memory + len(body) <= MEMORY_BYTES_MAX else None
        self._in_memory += len(kept or b"") if start is not None else 0
        self._waiting.append(_Waiting(report.writer_id, report.sequence, segment, len(body), start, kept))
        segment.waiting += 1

    def oldest(self) -> Spooled | None:
        """The first report that the server has not acknowledged."""
        if not self._waiting:
            return None
        first = self._waiting[0]
        body = first.body if first.body is not None else first.segment.read(first.start or 0, first.size)
        return Spooled(first.writer_id, first.sequence, body, first.segment.columns.get)

    def acknowledge(self) -> None:
        """The oldest report is stored by the server: forget it."""
        first = self._waiting.popleft()
        segment = first.segment
        segment.waiting -= 1
        if first.start is None:
            self._homeless -= first.size
        elif first.body is not None:
            self._in_memory -= first.size
        if not segment.waiting and (segment.size >= SEGMENT_BYTES_MAX or segment is not self._segments[-1]):
            self._segments.remove(segment)
            segment.remove()

    def write_run(self, run: dict[str, Any]) -> None:
        """Keep how to make the run; replaces the file in one move."""
        draft = self.directory / f"{RUN_FILE}.draft"
        draft.write_text(json.dumps(run, allow_nan=False))
        os.replace(draft, self.directory / RUN_FILE)

    def close(self, *, remove: bool) -> None:
        """Close the files; with `remove`, and only where nothing waits, delete the directory."""
        for segment in self._segments:
            segment.close()
        if remove and not self._waiting:
            own = (RUN_FILE, f"{RUN_FILE}.draft", LOCK_FILE)
            for path in (*self.directory.glob("*.reports"), *(self.directory / name for name in own)):
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.directory.rmdir()
                self.directory.parent.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _written(self, segment: Segment, body: bytes) -> int | None:
        try:
            start = segment.append(body)
        except OSError as error:
            self.disk_error = error
            return None
        self.disk_error = None
        return start

    def _writable(self) -> Segment:
        if not self._segments or self._segments[-1].size >= SEGMENT_BYTES_MAX or self._segments[-1].broken:
            if self._segments:
                self._segments[-1].close()
            number = int(self._segments[-1].path.stem) + 1 if self._segments else 1
            self._segments.append(Segment(self.directory / f"{number:08d}.reports"))
        return self._segments[-1]

    def _read(self, segment: Segment) -> None:
        """Take up what another process left; a record that its death cut short was never sent, and ends the segment."""
        self._segments.append(segment)
        for start, size, report in segment.records():
            self._waiting.append(_Waiting(report.writer_id, report.sequence, segment, size, start, None))
            segment.waiting += 1


def _locked(path: Path) -> BinaryIO | None:
    """The open lock file; the system lets go of it when the process dies, however it dies."""
    try:
        import fcntl
    except ImportError:
        return None
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise SpoolInUse(f"{path.parent} is written to by another process") from error
    return file


def read_run(directory: Path) -> dict[str, Any]:
    """What `write_run` kept; raises OSError or ValueError where there is none."""
    value = json.loads((directory / RUN_FILE).read_text())
    if not isinstance(value, dict):
        raise ValueError(f"{directory / RUN_FILE} does not describe a run")
    return value
