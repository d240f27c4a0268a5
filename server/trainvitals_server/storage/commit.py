"""One transaction: the reports that waited, written together; on Postgres those of one run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, bindparam, select, update

from trainvitals_server.storage import metrics
from trainvitals_server.storage.contract import Appended
from trainvitals_server.storage.errors import RunNotFound
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.known import KnownRun, SeriesName
from trainvitals_server.storage.packing import pack
from trainvitals_server.storage.sequences import Sequences
from trainvitals_server.tables import Base, Columns, Fact, Frame, Histogram, Layers, Run, Series, Writer
from trainvitals_wire import frame as wire_frame
from trainvitals_wire.histogram import Histogram as WireHistogram
from trainvitals_wire.report import Report

Rows = list[dict[str, Any]]
Anything = tuple[Any, ...]
_TABLES = (Writer, Series, Columns, Frame, Histogram, Fact)
_RUN_TABLE, _WRITER_TABLE = (Base.metadata.tables[table.__tablename__] for table in (Run, Writer))
_RUN = _RUN_TABLE.c
_WRITER = _WRITER_TABLE.c

# Made once: to build a statement takes longer than to execute it.
_READ_RUNS: Select[*Anything] = (
    select(
        _RUN.id,
        _RUN.cursor,
        _RUN.epoch,
        _RUN.status,
        _RUN.series_count,
        _RUN.metrics,
        _RUN.overhead_fraction,
        _RUN.last_step,
        _RUN.stored_step,
        _RUN.frame_bytes,
    )
    .where(_RUN.id.in_(bindparam("runs", expanding=True)))
    # As strong as writers need against each other and against deletion; compaction, which holds the row, may go on.
    .with_for_update(key_share=True)
)
_READ_WRITERS: Select[*Anything] = select(
    _WRITER.run_id, _WRITER.writer_id, _WRITER.sequences, _WRITER.dropped, _WRITER.capture
).where(
    _WRITER.run_id.in_(bindparam("runs", expanding=True)), _WRITER.writer_id.in_(bindparam("writers", expanding=True))
)
_WRITE_RUN = (
    update(_RUN_TABLE)
    .where(_RUN.id == bindparam("run"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "cursor",
                "series_count",
                "metrics",
                "overhead_fraction",
                "stored_step",
                "last_step",
                "frame_bytes",
                "last_seen_at",
                "status",
            )
        }
    )
)
_WRITE_WRITER = (
    update(_WRITER_TABLE)
    .where(_WRITER.run_id == bindparam("run"), _WRITER.writer_id == bindparam("writer"))
    .values({name: bindparam(f"new_{name}") for name in ("sequences", "dropped", "capture")})
)


def commit_reports(
    connection: Connection, reports: Mapping[str, Sequence[Report]], known: Mapping[str, KnownRun | None], now: float
) -> dict[str, tuple[list[Appended], KnownRun]]:
    """Write the reports of each run inside the open transaction; what was stored before changes nothing.

    The rows of the runs are locked first, so cursors are given in the order of commits even with several servers on one
    database. `known` is what an earlier commit returned; it holds only once this transaction is committed too.
    Raises RunNotFound.
    """
    commits = _begin(connection, sorted(reports), known, now)
    writer_ids = sorted({report.writer_id for found in reports.values() for report in found})
    for row in connection.execute(_READ_WRITERS, {"runs": list(commits), "writers": writer_ids}):
        commits[row.run_id].read_writer(row)
    appended = {run_id: [commits[run_id].add(report) for report in found] for run_id, found in reports.items()}
    _write(connection, list(commits.values()))
    return {run_id: (found, commits[run_id].known) for run_id, found in appended.items()}


def _begin(
    connection: Connection, run_ids: list[str], known: Mapping[str, KnownRun | None], now: float
) -> dict[str, "_Commit"]:
    rows = {row.id: row for row in connection.execute(_READ_RUNS, {"runs": run_ids})}
    commits = {}
    for run_id in run_ids:
        row = rows.get(run_id)
        if row is None:
            raise RunNotFound(f"there is no run {run_id}")
        knowledge = known.get(run_id)
        if knowledge is None or knowledge.epoch != row.epoch or len(knowledge.series) != row.series_count:
            knowledge = KnownRun.load(connection, run_id, row.epoch)
        commits[run_id] = _Commit(run_id, knowledge, row, now)
    return commits


def _write(connection: Connection, commits: "list[_Commit]") -> None:
    """Write everything that was taken up: each table once."""
    for table in _TABLES:
        insert_new(connection, table, [row for commit in commits for row in commit.rows[table]])
    for commit in commits:
        if commit.layers is not None:
            write_layers(connection, commit.run_id, commit.layers)
    if writers := [row for commit in commits for row in commit.writer_rows()]:
        connection.execute(_WRITE_WRITER, writers)
    connection.execute(_WRITE_RUN, [commit.run_row() for commit in commits])


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
        self.rows: dict[Callable[..., Any], Rows] = {table: [] for table in _TABLES}

    def read_writer(self, row: Row[Any]) -> None:
        """Take up what a writer has stored."""
        sequences = Sequences(row.sequences)
        newest = sequences.intervals[-1][1] if row.sequences else 0
        self.writers[row.writer_id] = _Stored(sequences, row.dropped, row.capture, newest)

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
        metrics.update(self.metrics, frame, self.known.metrics_of(identifier, frame.keys))
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

    def writer_rows(self) -> Rows:
        """What its writers have stored now."""
        return [
            {
                "run": self.run_id,
                "writer": writer_id,
                "new_sequences": writer.sequences.intervals,
                "new_dropped": writer.dropped,
                "new_capture": writer.capture,
            }
            for writer_id, writer in self.writers.items()
        ]

    def run_row(self) -> dict[str, Any]:
        """The row of the run now."""
        stored_step = None if self.stored_step < 0 else self.stored_step
        steps = [step for step in (stored_step, self.run.last_step) if step is not None]
        return {
            "run": self.run_id,
            "new_cursor": self.cursor,
            "new_series_count": len(self.known.series),
            "new_metrics": self.metrics,
            "new_overhead_fraction": self.overhead_fraction,
            "new_stored_step": stored_step,
            "new_last_step": max(steps, default=None),
            "new_frame_bytes": self.frame_bytes,
            "new_last_seen_at": self.now,
            "new_status": "running" if self.run.status in ("stale", "crashed") else self.run.status,
        }


def write_layers(connection: Connection, run_id: str, layers: list[Any]) -> None:
    """Replace the layers of a run."""
    insert_new(connection, Layers, [{"run_id": run_id, "body": layers}])
    connection.execute(update(Layers).where(Layers.run_id == run_id).values(body=layers))
