"""A segment: one file of the spool, records `u32 bytes | report` one behind the other."""

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trainvitals_wire.encoding import decode
from trainvitals_wire.errors import WireError
from trainvitals_wire.frame import columns_id
from trainvitals_wire.report import Report

_LENGTH = struct.Struct("<I")


class Segment:
    """`columns` are the column lists that its records tell, `waiting` how many of them the server does not have."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.columns: dict[str, tuple[str, ...]] = {}
        self.waiting = 0
        self.broken = False
        self._open: Any = None

    def append(self, body: bytes) -> int:
        """Write a record; gives the place of its report. Raises OSError, and then the file is as it was before."""
        if self._open is None:
            self._open = self.path.open("ab", buffering=0)
        record = _LENGTH.pack(len(body)) + body
        try:
            while record:
                record = record[self._open.write(record) :]
        except OSError:
            self._cut()
            raise
        start = self.size + _LENGTH.size
        self.size = start + len(body)
        return start

    def read(self, start: int, size: int) -> bytes:
        """The bytes of one report."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(size)

    def records(self) -> Iterator[tuple[int, int, Report]]:
        """Place, size and report of each record that is whole, from the first on; learns their columns."""
        with self.path.open("rb") as file:
            while len(prefix := file.read(_LENGTH.size)) == _LENGTH.size:
                start, (size,) = file.tell(), _LENGTH.unpack(prefix)
                try:
                    report = decode(file.read(size), self.columns.get)
                except WireError:
                    break
                self.columns.update({columns_id(frame.keys): frame.keys for frame in report.frames})
                self.size = start + size
                yield start, size, report
        # What lies behind the last whole record would hide what is written behind it.
        self.broken = self.path.stat().st_size != self.size

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def _cut(self) -> None:
        """Take the part of a record off again; where even that fails, nothing more goes into this file."""
        self.broken = True
        with contextlib.suppress(OSError):
            os.ftruncate(self._open.fileno(), self.size)
            self.broken = False
