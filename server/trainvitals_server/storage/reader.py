"""Reading what is stored, as `trainvitals_wire.reader.Reader` says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, select

from trainvitals_server.storage import facts, heatmap, mutes, ranges, run_list, run_record, snapshot, warnings
from trainvitals_server.storage.cold import Cold, Wanted
from trainvitals_server.storage.curves import curves
from trainvitals_server.storage.histogram_columns import histogram_columns
from trainvitals_server.storage.histogram_window import histogram_window
from trainvitals_server.storage.recent import Recent
from trainvitals_server.storage.series_list import series_list
from trainvitals_server.storage.series_values import EMPTY
from trainvitals_server.storage.snapshot import NOTHING, Compacted
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Layers, Run, Series, Writer
from trainvitals_wire.limits import STEP_MAX
from trainvitals_wire.reader import NotFound
from trainvitals_wire.records import (
    Fact,
    Heatmap,
    HistogramColumns,
    Layer,
    Mute,
    Points,
    RunDetail,
    RunPage,
    SeriesEntry,
    Warnings,
)

_ROW = (Run.id, Run.epoch, Run.cursor, Run.frame_bytes, Run.last_step)


class StorageReader:
    """Blocking reads of the database behind a store; `run_url` gives the address of a run's page."""

    def __init__(self, store: Store, run_url: Callable[[str], str]) -> None:
        self._engine = snapshot.reading(store.engine)
        self._run_url = run_url
        self._recent = Recent()

    def runs(
        self,
        *,
        project: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        group: str | None = None,
        search: str | None = None,
        archived: bool = False,
        sort: str = "-created_at",
        limit: int = 100,
        cursor: str | None = None,
    ) -> RunPage:
        """A page of the run list; raises InvalidSort and InvalidCursor."""
        chosen = run_list.RunFilter(project, status, tag, group, search, archived)
        with self._engine.connect() as connection:
            page = run_list.page(connection, chosen, sort, limit, cursor)
        records = [run_record.run_record(row, self._run_url) for row in page.rows]
        return {"runs": records, "next_cursor": page.next_cursor, "total": page.total}

    def run(self, run_id: str) -> RunDetail:
        """One run, whole; `dropped` sums the counters of its writers, and counts values replaced by later ones."""
        with self._run(run_id, *run_record.COLUMNS, Run.environment, Run.error) as (connection, row):
            writers = connection.execute(
                select(Writer.dropped, Writer.capture)
                .where(Writer.run_id == run_id)
                .order_by(Writer.created_at, Writer.writer_id)
            ).all()
            state = self._compacted(connection, run_id)
            replaced = ranges.replaced(connection, row, state, self._recent.ranges(connection, row, state))
        dropped, capture = _merged(writers)
        if replaced:
            dropped["replaced"] = dropped.get("replaced", 0) + replaced
        record = run_record.run_record(row, self._run_url)
        return {**record, "environment": row.environment, "dropped": dropped, "error": row.error, "capture": capture}

    def series(self, run_id: str) -> list[SeriesEntry]:
        """Every series of a run, in the order in which they first came."""
        with self._run(run_id) as (connection, row):
            state, ids = self._compacted(connection, run_id), ranges.series_ids(connection, run_id)
            blocks = self._recent.ranges(connection, row, state)
            return series_list(connection, run_id, ranges.series_ranges(connection, row, state, blocks, ids))

    def data(
        self,
        run_id: str,
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> Points:
        """Series in at most `points` buckets over an inclusive window.

        Raises NotFound naming an unknown key, and AnswerTooLarge.
        """
        with self._run(run_id) as (connection, row):
            wanted = self._wanted(connection, {run_id: row}, keys)
            for key in keys:
                if (run_id, key) not in wanted:
                    raise _no_series(run_id, key)
            cold = Cold(connection, [wanted[run_id, key] for key in keys], _window(first_step, last_step))
            return {"series": curves(cold, keys, points), "last_step": row.last_step}

    def data_of_runs(
        self,
        run_ids: Sequence[str],
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> dict[str, Points]:
        """The same series of several runs, by run; a run that lacks one goes without. Raises as `data` does."""
        with self._runs(run_ids) as (connection, rows):
            wanted = self._wanted(connection, rows, keys)
            names = [(run_id, key) for run_id in rows for key in keys if (run_id, key) in wanted]
            cold = Cold(connection, [wanted[name] for name in names], _window(first_step, last_step))
            found = curves(cold, [key for _, key in names], points)
        answer: dict[str, Points] = {run_id: {"series": [], "last_step": rows[run_id].last_step} for run_id in rows}
        for (run_id, _), series in zip(names, found, strict=True):
            answer[run_id]["series"].append(series)
        return answer

    def histograms(
        self,
        run_id: str,
        key: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 200,
    ) -> HistogramColumns:
        """The histograms of one key, in at most `columns` columns; raises NotFound naming an unknown key."""
        with self._run(run_id) as (connection, _):
            name = select(Series.series_id).where(
                Series.run_id == run_id, Series.kind == "histogram", Series.key == key
            )
            series_id = connection.execute(name).scalar()
            if series_id is None:
                raise _no_series(run_id, key)
            found = histogram_window(connection, run_id, series_id, _window(first_step, last_step), columns)
        return histogram_columns(key, found, columns)

    def heatmap(
        self,
        run_id: str,
        statistic: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 500,
    ) -> Heatmap:
        """One statistic of all layers that have it; of a parameter statistic, that of the largest parameter.

        Raises NotFound where no layer or parameter can have such a statistic.
        """
        if not heatmap.is_statistic(statistic):
            raise NotFound("series_not_found", f"{statistic!r} is no statistic of a layer or parameter")
        candidates = [(layer["name"], heatmap.keys_of(statistic, layer)) for layer in self.layers(run_id)]
        with self._run(run_id) as (connection, row):
            wanted = self._wanted(connection, {run_id: row}, [key for _, keys in candidates for key in keys])
            found = []
            for layer, keys in candidates:
                key = next((key for key in keys if (run_id, key) in wanted), None)
                if key is not None:
                    found.append((layer, wanted[run_id, key]))
            cold = Cold(connection, [series for _, series in found], _window(first_step, last_step))
            return heatmap.heatmap(statistic, [layer for layer, _ in found], cold, columns)

    def layers(self, run_id: str) -> list[Layer]:
        """The layers of a run in forward order."""
        with self._run(run_id) as (connection, _):
            found = connection.execute(select(Layers.body).where(Layers.run_id == run_id)).scalar()
        return sorted(found or [], key=lambda layer: layer["order"])

    def facts(self, run_id: str, kind: str, *, owner: str | None = None) -> list[Fact]:
        """The newest facts of one kind (of one owner), in the order in which they came."""
        with self._run(run_id) as (connection, _):
            return facts.facts(connection, run_id, kind, owner)

    def warnings(self, run_id: str) -> Warnings:
        """The warnings and incidents of a run, worst first, then by onset."""
        with self._run(run_id) as (connection, _):
            return warnings.shown(connection, run_id)

    def mutes(self, run_id: str) -> list[Mute]:
        """The mutes of a run, the oldest first."""
        with self._run(run_id) as (connection, _):
            return mutes.read(connection, run_id)

    @contextmanager
    def _run(self, run_id: str, *columns: Any) -> Iterator[tuple[Connection, Row[Any]]]:
        with self._runs([run_id], *columns) as (connection, rows):
            yield connection, rows[run_id]

    @contextmanager
    def _runs(self, run_ids: Sequence[str], *columns: Any) -> Iterator[tuple[Connection, dict[str, Row[Any]]]]:
        """One moment of the database, and the rows of these runs."""
        with self._engine.connect() as connection:
            chosen = {column.key: column for column in (*_ROW, *columns)}.values()
            found = {row.id: row for row in connection.execute(select(*chosen).where(Run.id.in_(run_ids)))}
            for run_id in run_ids:
                if run_id not in found:
                    raise NotFound("run_not_found", f"there is no run {run_id!r}; it may have been deleted")
            yield connection, found

    def _compacted(self, connection: Connection, run_id: str) -> Compacted:
        return snapshot.compacted(connection, [run_id]).get(run_id, NOTHING)

    def _wanted(
        self, connection: Connection, rows: Mapping[str, Row[Any]], keys: Sequence[str]
    ) -> dict[tuple[str, str], Wanted]:
        """Of these runs and keys the series there are, by run and key."""
        states = snapshot.compacted(connection, list(rows))
        query = select(Series.run_id, Series.key, Series.series_id).where(
            Series.run_id.in_(rows), Series.key.in_(keys), Series.kind != "histogram"
        )
        found = {}
        for run_id, key, series_id in connection.execute(query):
            state = states.get(run_id, NOTHING)
            blocks = self._recent.values(connection, rows[run_id], state, set(keys))
            hot = blocks.series(key) if key in blocks else EMPTY
            found[run_id, key] = Wanted(run_id, series_id, state.version, hot)
        return found


def _window(first_step: int | None, last_step: int | None) -> tuple[int, int]:
    return 0 if first_step is None else first_step, STEP_MAX if last_step is None else last_step


def _merged(writers: Sequence[Row[Any]]) -> tuple[dict[str, int], dict[str, Any]]:
    dropped: dict[str, int] = {}
    capture: dict[str, Any] = {}
    for row in writers:
        for reason, count in row.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
        capture |= row.capture
    return dropped, capture


def _no_series(run_id: str, key: str) -> NotFound:
    return NotFound("series_not_found", f"run {run_id} has no series {key!r}")
