"""One transaction: the reports of one run that waited, written together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select, update

from trainvitals_server.storage import metrics
from trainvitals_server.storage.contract import Appended
from trainvitals_server.storage.errors import RunNotFound
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.known import KnownRun, SeriesName
from trainvitals_server.storage.packing import pack
from trainvitals_server.storage.sequences import Sequences
from trainvitals_server.tables import Columns, Fact, Frame, Histogram, Layers, Run, Series, Writer
from trainvitals_wire import frame as wire_frame
from trainvitals_wire.histogram import Histogram as WireHistogram
from trainvitals_wire.report import Report

Rows = list[dict[str, Any]]
_COLUMNS = (
    Run.cursor,
    Run.epoch,
    Run.status,
    Run.series_count,
    Run.metrics,
    Run.overhead_fraction,
    Run.last_step,
    Run.stored_step,
    Run.frame_bytes,
)


def commit_reports(
    connection: Connection, run_id: str, reports: Sequence[Report], known: KnownRun | None, now: float
) -> tuple[list[Appended], KnownRun]:
    """Write the reports of one run inside the open transaction; what was stored before changes nothing.

    The run's row is locked first, so cursors are given in the order of commits even with several servers on one
    database. `known` is what an earlier commit returned; it holds only once this transaction is committed too.
    Raises RunNotFound.
    """
    run = connection.execute(select(*_COLUMNS).where(Run.id == run_id).with_for_update()).one_or_none()
    if run is None:
        raise RunNotFound(f"there is no run {run_id}")
    if known is None or known.epoch != run.epoch or len(known.series) != run.series_count:
        known = KnownRun.load(connection, run_id, run.epoch)
    commit = _Commit(run_id, known, run, now)
    commit.read_writers(connection, {report.writer_id for report in reports})
    appended = [commit.add(report) for report in reports]
    commit.write(connection)
    return appended, known


@dataclass(slots=True)
class _Stored:
    """What a writer has stored, while a transaction is open."""

    sequences: Sequences
    dropped: dict[str, int] = field(default_factory=dict)
    capture: dict[str, Any] = field(default_factory=dict)
    newest: int = 0


class _Commit:
    """Collects the rows of several reports and writes each table once."""

    def __init__(self, run_id: str, known: KnownRun, run: Row[Any], now: float) -> None:
        self.run_id = run_id
        self.known = known
        self.run = run
        self.now = now
        self.cursor: int = run.cursor
        self.metrics: dict[str, Any] = dict(run.metrics)
        self.overhead_fraction: float | None = run.overhead_fraction
        self.stored_step: int = -1 if run.stored_step is None else run.stored_step
        self.frame_bytes: int = run.frame_bytes
        self.layers: Any = None
        self.writers: dict[str, _Stored] = {}
        self.rows: dict[Callable[..., Any], Rows] = {
            table: [] for table in (Writer, Series, Columns, Frame, Histogram, Fact)
        }

    def read_writers(self, connection: Connection, writer_ids: set[str]) -> None:
        found = connection.execute(
            select(Writer.writer_id, Writer.sequences, Writer.dropped, Writer.capture).where(
                Writer.run_id == self.run_id, Writer.writer_id.in_(sorted(writer_ids))
            )
        )
        for writer_id, intervals, dropped, capture in found:
            sequences = Sequences(intervals)
            newest = sequences.intervals[-1][1] if intervals else 0
            self.writers[writer_id] = _Stored(sequences, dropped, capture, newest)

    def add(self, report: Report) -> Appended:
        """Take up one report, or tell that it is stored already."""
        writer = self._writer(report.writer_id)
        if report.sequence in writer.sequences:
            return Appended(report.sequence, stored=False, cursor=self.cursor)
        self.cursor += 1
        writer.sequences.add(report.sequence)
        if report.sequence >= writer.newest:
            writer.newest, writer.dropped, writer.capture = report.sequence, report.dropped, report.capture
        for place, frame in enumerate(report.frames):
            self._add_frame(report, place, frame)
        # Within one report the last histogram of a series and step stands, as across reports.
        for histogram in {(item.key, item.step): item for item in report.histograms}.values():
            self._add_histogram(report, histogram)
        self._add_facts(report)
        if report.layers is not None:
            self.layers = list(report.layers)
        return Appended(report.sequence, stored=True, cursor=self.cursor)

    def _writer(self, writer_id: str) -> _Stored:
        found = self.writers.get(writer_id)
        if found is None:
            found = self.writers[writer_id] = _Stored(Sequences([]))
            row = {"sequences": [], "dropped": {}, "capture": {}, "created_at": self.now}
            self.rows[Writer].append({"run_id": self.run_id, "writer_id": writer_id, **row})
        return found

    def _place(self, report: Report) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "cursor": self.cursor,
            "writer_id": report.writer_id,
            "sequence": report.sequence,
        }

    def _add_frame(self, report: Report, place: int, frame: wire_frame.Frame) -> None:
        identifier = self.known.columns_id(frame)
        kinds = self.known.kinds_of(identifier, frame.keys)
        if identifier not in self.known.columns:
            self._add_columns(identifier, frame.keys)
        last_step = int(frame.steps.max())
        self.rows[Frame].append(
            {
                **self._place(report),
                "place": place,
                "columns_id": identifier,
                "first_step": int(frame.steps.min()),
                "last_step": last_step,
                "rows": len(frame.steps),
                "steps": pack(frame.steps),
                "times": pack(frame.times),
                "values": pack(frame.values),
            }
        )
        metrics.update(self.metrics, frame, kinds)
        if "overhead_fraction" in frame.keys:
            value = float(frame.values[int(np.argmax(frame.steps)), frame.keys.index("overhead_fraction")])
            self.overhead_fraction = value if np.isfinite(value) else None
        self.stored_step = max(self.stored_step, last_step)
        self.frame_bytes += frame.values.nbytes + frame.steps.nbytes + frame.times.nbytes

    def _add_columns(self, identifier: str, keys: tuple[str, ...]) -> None:
        self.known.columns.add(identifier)
        row = {"run_id": self.run_id, "columns_id": identifier, "keys": "\n".join(keys)}
        self.rows[Columns].append(row)
        for kind, key in zip(self.known.kinds_of(identifier, keys), keys, strict=True):
            self._series_id((kind, key))

    def _series_id(self, name: SeriesName) -> int:
        number = self.known.series.get(name)
        if number is None:
            number = self.known.series[name] = len(self.known.series)
            kind, key = name
            self.rows[Series].append({"run_id": self.run_id, "series_id": number, "kind": kind, "key": key})
        return number

    def _add_histogram(self, report: Report, histogram: WireHistogram) -> None:
        self.rows[Histogram].append(
            {
                **self._place(report),
                "series_id": self._series_id(("histogram", histogram.key)),
                "step": histogram.step,
                "time": histogram.time,
                "buckets": pack(histogram.buckets),
                "counts": pack(histogram.counts),
                "nonfinite": histogram.nonfinite,
                "edges": None if histogram.edges is None else pack(histogram.edges),
            }
        )
        self.stored_step = max(self.stored_step, histogram.step)

    def _add_facts(self, report: Report) -> None:
        for place, fact in enumerate(report.facts):
            self.rows[Fact].append({**self._place(report), "place": place, "body": dict(fact)})

    def write(self, connection: Connection) -> None:
        """Write everything that was taken up."""
        for table, rows in self.rows.items():
            insert_new(connection, table, rows)  # type: ignore[arg-type]
        if self.layers is not None:
            write_layers(connection, self.run_id, self.layers)
        self._write_writers(connection)
        self._write_run(connection)

    def _write_writers(self, connection: Connection) -> None:
        for writer_id, writer in self.writers.items():
            connection.execute(
                update(Writer)
                .where(Writer.run_id == self.run_id, Writer.writer_id == writer_id)
                .values(sequences=writer.sequences.intervals, dropped=writer.dropped, capture=writer.capture)
            )

    def _write_run(self, connection: Connection) -> None:
        stored_step = None if self.stored_step < 0 else self.stored_step
        steps = [step for step in (stored_step, self.run.last_step) if step is not None]
        connection.execute(
            update(Run)
            .where(Run.id == self.run_id)
            .values(
                cursor=self.cursor,
                series_count=len(self.known.series),
                metrics=self.metrics,
                overhead_fraction=self.overhead_fraction,
                stored_step=stored_step,
                last_step=max(steps, default=None),
                frame_bytes=self.frame_bytes,
                last_seen_at=self.now,
                status="running" if self.run.status in ("stale", "crashed") else self.run.status,
            )
        )


def write_layers(connection: Connection, run_id: str, layers: list[Any]) -> None:
    """Replace the layers of a run."""
    insert_new(connection, Layers, [{"run_id": run_id, "body": layers}])
    connection.execute(update(Layers).where(Layers.run_id == run_id).values(body=layers))
