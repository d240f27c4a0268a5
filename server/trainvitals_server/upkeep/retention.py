"""What goes when its time is over: single histograms first, archived runs in the end; metrics and statistics stay."""

from functools import partial

from sqlalchemy import Connection, select

from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.errors import RunNotFound
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Run
from trainvitals_server.upkeep import thinning
from trainvitals_server.upkeep.slices import Slices

DAY_SECONDS = 86_400.0


class Retention:
    """Applies the two settings to a store; None means: keep for ever."""

    def __init__(self, store: Store, histogram_days: float | None, archived_days: float | None) -> None:
        self._store = store
        self._engine = store.engine
        self._writing = writing(store.engine, "meanwhile")
        self._histogram_days = histogram_days
        self._archived_days = archived_days
        self._thinned: set[str] = set()
        """Runs that need no second look while this server runs."""

    def apply(self, slices: Slices) -> None:
        """Let go of what is too old now."""
        if self._archived_days is not None:
            self._delete_archived(self._store.clock() - self._archived_days * DAY_SECONDS)
        if self._histogram_days is not None:
            self._thin(self._store.clock() - self._histogram_days * DAY_SECONDS, slices)

    def _delete_archived(self, before: float) -> None:
        old = select(Run.id).where(Run.archived, Run.archived_at < before)
        with self._engine.connect() as connection:
            run_ids = list(connection.execute(old).scalars())
        for run_id in run_ids:
            try:
                self._store.delete_run(run_id)
            except RunNotFound:
                continue

    def _thin(self, before: float, slices: Slices) -> None:
        for run_id in self._silent_since(before):
            with self._engine.connect() as connection:
                series = thinning.crowded(connection, run_id)
            if not all(slices.run(self._writing.begin, partial(_merge, run_id, series_id)) for series_id in series):
                return
            self._thinned.add(run_id)

    def _silent_since(self, before: float) -> list[str]:
        with self._engine.connect() as connection:
            found = connection.execute(select(Run.id).where(Run.last_seen_at < before).order_by(Run.id)).scalars()
            return [run_id for run_id in found if run_id not in self._thinned]


def _merge(run_id: str, series_id: int, connection: Connection, rows: int) -> bool:
    return thinning.merge_some(connection, run_id, series_id, rows)
