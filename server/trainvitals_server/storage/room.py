"""Room in memory that several share, counted in bytes."""

import threading

from trainvitals_wire.report import Report

REPORT_BYTES_MIN = 1024
"""What a report takes besides its arrays."""


class Room:
    """How much may be held in all; threads take of it and give back."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._lock = threading.Lock()

    def take(self, size_bytes: int) -> bool:
        """Take so much, if there is room."""
        with self._lock:
            fits = self._bytes + size_bytes <= self._bytes_max
            self._bytes += size_bytes if fits else 0
            return fits

    def give(self, size_bytes: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._bytes -= size_bytes


def report_bytes(report: Report) -> int:
    """About what a decoded report takes."""
    frames = sum(frame.values.nbytes + frame.steps.nbytes + frame.times.nbytes for frame in report.frames)
    histograms = sum(REPORT_BYTES_MIN + entry.buckets.nbytes + entry.counts.nbytes for entry in report.histograms)
    return REPORT_BYTES_MIN + frames + histograms
