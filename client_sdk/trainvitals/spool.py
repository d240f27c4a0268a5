"""The spool: reports on disk until the server has said that it stored them.

A directory a writer: `run.json` (how to make the run, and how it ended) and segments of reports, each record
`u32 bytes | report`. A segment can be read alone: it tells each column list where it first needs it. Replaying is
harmless, because the server knows a report by its writer and sequence.
"""

import contextlib
import json
import os
import struct
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from trainvitals_wire.encoding import decode, encode
from trainvitals_wire.errors import WireError
from trainvitals_wire.frame import columns_id
from trainvitals_wire.report import Report

SEGMENT_BYTES_MAX = 8 * 2**20
REPORTS_IN_MEMORY_MAX = 16
RUN_FILE = "run.json"
LOCK_FILE = "lock"
_LENGTH = struct.Struct("<I")


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int = 0
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    sequence: int
    segment: _Segment
    start: int
    size: int


class SpoolInUse(Exception):
    """Another process writes to this spool."""


class Spool:
    """Reports of one writer, in the order of their sequence; locked against other processes while it is open.

    Raises SpoolInUse, and OSError where the disk says no.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._waiting: deque[_Place] = deque()
        self._recent: OrderedDict[int, Report] = OrderedDict()
        self._segments: list[_Segment] = []
        self._open: BinaryIO | None = None
        self._lock = _locked(directory / LOCK_FILE)
        for path in sorted(directory.glob("*.reports")):
            self._read(path)

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
        """Write a report behind the others; when this returns, it outlives the death of this process."""
        segment = self._writable()
        body = encode(report, segment.columns)
        assert self._open is not None
        self._open.write(_LENGTH.pack(len(body)) + body)
        self._open.flush()
        segment.columns.update({columns_id(frame.keys): frame.keys for frame in report.frames})
        self._place(report.sequence, segment, segment.size + _LENGTH.size, len(body))
        segment.size += _LENGTH.size + len(body)
        self._recent[report.sequence] = report
        while len(self._recent) > REPORTS_IN_MEMORY_MAX:
            self._recent.popitem(last=True)

    def oldest(self) -> Report | None:
        """The first report that the server has not acknowledged."""
        if not self._waiting:
            return None
        place = self._waiting[0]
        known = self._recent.get(place.sequence)
        if known is not None:
            return known
        with place.segment.path.open("rb") as file:
            file.seek(place.start)
            return decode(file.read(place.size), place.segment.columns.get)

    def acknowledge(self) -> None:
        """The oldest report is stored by the server: forget it."""
        place = self._waiting.popleft()
        self._recent.pop(place.sequence, None)
        place.segment.waiting -= 1
        full = place.segment.size >= SEGMENT_BYTES_MAX or place.segment is not self._segments[-1]
        if not place.segment.waiting and full:
            self._remove(place.segment)

    def write_run(self, run: dict[str, Any]) -> None:
        """Keep how to make the run; replaces the file in one move."""
        draft = self.directory / f"{RUN_FILE}.draft"
        draft.write_text(json.dumps(run, allow_nan=False))
        os.replace(draft, self.directory / RUN_FILE)

    def close(self, *, remove: bool) -> None:
        """Close the files; with `remove`, and only where nothing waits, delete the directory."""
        if self._open is not None:
            self._open.close()
            self._open = None
        if remove and not self._waiting:
            for path in (*self.directory.glob("*.reports"), self.directory / RUN_FILE, self.directory / LOCK_FILE):
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.directory.rmdir()
                self.directory.parent.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _writable(self) -> _Segment:
        if self._open is None or self._segments[-1].size >= SEGMENT_BYTES_MAX:
            if self._open is not None:
                self._open.close()
            number = int(self._segments[-1].path.stem) + 1 if self._segments else 1
            segment = _Segment(self.directory / f"{number:08d}.reports")
            self._open = segment.path.open("ab")
            self._segments.append(segment)
        return self._segments[-1]

    def _place(self, sequence: int, segment: _Segment, start: int, size: int) -> None:
        self._waiting.append(_Place(sequence, segment, start, size))
        segment.waiting += 1

    def _remove(self, segment: _Segment) -> None:
        if segment is self._segments[-1] and self._open is not None:
            self._open.close()
            self._open = None
        self._segments.remove(segment)
        segment.path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        """Take up what another process left; a record that its death cut short was never sent, and ends the segment."""
        segment = _Segment(path)
        self._segments.append(segment)
        for start, body in _records(path):
            try:
                report = decode(body, segment.columns.get)
            except WireError:
                break
            segment.columns.update({columns_id(frame.keys): frame.keys for frame in report.frames})
            self._place(report.sequence, segment, start, len(body))
            segment.size = start + len(body)


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


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        while len(prefix := file.read(_LENGTH.size)) == _LENGTH.size:
            start = file.tell()
            body = file.read(_LENGTH.unpack(prefix)[0])
            if len(body) < _LENGTH.unpack(prefix)[0]:
                return
            yield start, body


def read_run(directory: Path) -> dict[str, Any]:
    """What `write_run` kept; raises OSError or ValueError where there is none."""
    value = json.loads((directory / RUN_FILE).read_text())
    if not isinstance(value, dict):
        raise ValueError(f"{directory / RUN_FILE} does not describe a run")
    return value
