"""What the writer remembers of a run between reports, so that it need not ask the database each time."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from trainvitals_server.storage import metrics
from trainvitals_server.tables import Columns, Series
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.names import Kind, kind_of

SeriesName = tuple[str, str]
"""Kind and key."""


@dataclass(slots=True)
class KnownRun:
    """The series and column lists of a run that are stored; valid for one epoch."""

    epoch: str
    series: dict[SeriesName, int] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    identifiers: dict[tuple[str, ...], str] = field(default_factory=dict)
    kinds: dict[str, list[Kind]] = field(default_factory=dict)
    metrics: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: Connection, run_id: str, epoch: str) -> "KnownRun":
        """Read what is stored, seen from within the transaction that holds the run's row."""
        series = connection.execute(select(Series.kind, Series.key, Series.series_id).where(Series.run_id == run_id))
        columns = connection.execute(select(Columns.columns_id).where(Columns.run_id == run_id))
        return cls(epoch, {(kind, key): number for kind, key, number in series}, set(columns.scalars()))

    def columns_id(self, frame: Frame) -> str:
        """The identifier of a frame's column list, hashed once."""
        found = self.identifiers.get(frame.keys)
        if found is None:
            found = self.identifiers[frame.keys] = columns_id(frame.keys)
        return found

    def kinds_of(self, identifier: str, keys: tuple[str, ...]) -> list[Kind]:
        """The kind of each series of a column list."""
        found = self.kinds.get(identifier)
        if found is None:
            found = self.kinds[identifier] = [kind_of(key) for key in keys]
        return found

    def metrics_of(self, identifier: str, keys: tuple[str, ...]) -> list[tuple[int, str]]:
        """Where the metrics stand in a column list."""
        found = self.metrics.get(identifier)
        if found is None:
            found = self.metrics[identifier] = metrics.places(keys)
        return found
