"""What a report says, between its prefix and its end: the JSON header and the arrays behind it."""

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire import report_check as check
from trainvitals_wire.errors import MalformedReport, UnknownColumns
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.histogram import BUCKETS, Histogram
from trainvitals_wire.limits import COUNT_MAX, REPORT_UNPACKED_BYTES_MAX
from trainvitals_wire.report import Report

Columns = Callable[[str], tuple[str, ...] | None]
"""Gives the keys of a column list by its identifier, None where it is unknown."""

_DTYPES: dict[str, Any] = {"f4": np.dtype("<f4"), "f8": np.dtype("<f8")}
_Number = TypeVar("_Number", bound=np.generic)


def write(report: Report, known_columns: Collection[str]) -> tuple[bytes, bytes]:
    """The padded header and the arrays of a report."""
    arrays = bytearray()
    entry: dict[str, Any] = {
        "writer_id": report.writer_id,
        "sequence": report.sequence,
        "frames": [_write_frame(frame, known_columns, arrays) for frame in report.frames],
        "histograms": [_write_histogram(histogram, arrays) for histogram in report.histograms],
        "facts": list(report.facts),
        "dropped": report.dropped,
        "capture": report.capture,
    }
    if report.layers is not None:
        entry["layers"] = list(report.layers)
    return header(entry), bytes(arrays)


def header(entry: dict[str, Any]) -> bytes:
    """The header as text, padded so that the arrays behind it are aligned."""
    text = json.dumps(entry, separators=(",", ":"), allow_nan=False).encode()
    return text + b" " * (-len(text) % 8)


def _write_frame(frame: Frame, known_columns: Collection[str], arrays: bytearray) -> dict[str, Any]:
    identifier = columns_id(frame.keys)
    code = "f4" if frame.values.dtype == np.float32 else "f8"
    _append(arrays, frame.steps, np.dtype("<i8"))
    _append(arrays, frame.times, np.dtype("<f8"))
    _append(arrays, frame.values, _DTYPES[code])
    entry: dict[str, Any] = {"columns": identifier, "steps": len(frame.steps), "series": len(frame.keys), "type": code}
    if identifier not in known_columns:
        entry["keys"] = list(frame.keys)
    return entry


def _write_histogram(histogram: Histogram, arrays: bytearray) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "key": histogram.key,
        "step": histogram.step,
        "time": histogram.time,
        "nonfinite": histogram.nonfinite,
        "used": len(histogram.buckets),
    }
    _append(arrays, histogram.buckets, np.dtype("<u2"))
    _append(arrays, histogram.counts, np.dtype("<u8"))
    if histogram.edges is not None:
        entry["edges"] = len(histogram.edges)
        _append(arrays, histogram.edges, np.dtype("<f8"))
    return entry


def _append(arrays: bytearray, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
    arrays += np.ascontiguousarray(array, dtype=dtype).tobytes()
    arrays += bytes(-len(arrays) % 8)


class _Arrays:
    """Reads the arrays one after the other and says where they end too early."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._place = 0

    def take(self, dtype: np.dtype[_Number], size: int) -> NDArray[_Number]:
        wanted = dtype.itemsize * size
        if self._place + wanted > len(self._body):
            raise MalformedReport(
                f"arrays end too early: {wanted} bytes wanted at byte {self._place}, {len(self._body)} in all"
            )
        array = np.frombuffer(self._body, dtype, size, self._place)
        self._place += wanted + -wanted % 8
        return array

    def finish(self) -> None:
        if self._place < len(self._body):
            raise MalformedReport(f"{len(self._body) - self._place} bytes too many behind the last array")


def read(text: bytes, body: bytes, columns: Columns) -> Report:
    """The report that a header and its arrays say; raises MalformedReport or UnknownColumns."""
    entry = check.header(text)
    arrays = _Arrays(body)
    frames = tuple(_read_frame(item, arrays, columns) for item in check.entries(entry, "frames"))
    histograms = tuple(_read_histogram(item, arrays) for item in check.entries(entry, "histograms"))
    arrays.finish()
    return Report(
        writer_id=check.text(entry, "writer_id"),
        sequence=check.whole(entry, "sequence", 1),
        frames=frames,
        histograms=histograms,
        layers=check.layers(entry),
        facts=check.facts(entry),
        dropped=check.counts(entry, "dropped"),
        capture=check.mapping(entry, "capture"),
    )


def _read_frame(entry: dict[str, Any], arrays: _Arrays, columns: Columns) -> Frame:
    keys = _keys(entry, columns)
    steps = check.frame_steps(entry)
    dtype = _DTYPES.get(check.text(entry, "type"))
    if dtype is None:
        raise MalformedReport(f"frame of unknown number type {entry['type']!r}; known are f4 and f8")
    if steps * len(keys) * dtype.itemsize > REPORT_UNPACKED_BYTES_MAX:
        raise MalformedReport(f"frame of {steps} steps x {len(keys)} series announced: too large")
    numbers = arrays.take(np.dtype("<i8"), steps)
    times = arrays.take(np.dtype("<f8"), steps)
    values = arrays.take(dtype, steps * len(keys)).reshape(steps, len(keys))
    check.step_range(numbers)
    check.finite(times, "times")
    return Frame(keys, numbers, times, values)


def _keys(entry: dict[str, Any], columns: Columns) -> tuple[str, ...]:
    identifier = check.text(entry, "columns")
    size = check.frame_series(entry)
    if "keys" not in entry:
        known = columns(identifier)
        if known is None:
            raise UnknownColumns(identifier)
        keys = known
    else:
        keys = check.keys(entry["keys"])
        if columns_id(keys) != identifier:
            raise MalformedReport(f"column list {identifier} does not fit its keys")
    if len(keys) != size:
        raise MalformedReport(f"column list {identifier} has {len(keys)} keys, the frame {size} series")
    return keys


def _read_histogram(entry: dict[str, Any], arrays: _Arrays) -> Histogram:
    used = check.whole(entry, "used", 0, 2**16)
    buckets = arrays.take(np.dtype("<u2"), used)
    counts = arrays.take(np.dtype("<u8"), used)
    edges = None
    size = BUCKETS
    if "edges" in entry:
        size = check.whole(entry, "edges", 2, 2**16) - 1
        edges = arrays.take(np.dtype("<f8"), size + 1)
        check.ascending(edges)
    check.buckets(buckets, counts, size)
    return Histogram(
        key=check.key(entry.get("key")),
        step=check.step(entry.get("step")),
        time=check.number(entry, "time"),
        buckets=buckets,
        counts=counts,
        nonfinite=check.whole(entry, "nonfinite", 0, COUNT_MAX),
        edges=edges,
    )
