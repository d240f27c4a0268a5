"""A chunk: a stored, compacted stretch of one series with its pyramid."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Chunk(Base):
    """The points of one series between two steps, each step once, and their buckets (`storage.pyramid`).

    The chunks of a series that a version shows (`born <= version < died`) share no step range.
    """

    __tablename__ = "chunk"
    __table_args__ = (Index(None, "run_id", "axis_id"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    born: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The version of the run's compaction that shows it first."""
    died: Mapped[int]
    """The first version that shows it no more."""
    last_step: Mapped[int]
    size: Mapped[int]
    """Its number of points."""
    axis_id: Mapped[str]
    summary: Mapped[bytes]
    """One bucket of all points."""
    coarse: Mapped[bytes | None]
    middle: Mapped[bytes | None]
    fine: Mapped[bytes | None]
    """Buckets of a level; None where one bucket would hold all points."""
    values: Mapped[bytes]
    """float32 where that loses nothing, else float64 [size], in pieces."""
