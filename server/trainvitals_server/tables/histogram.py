"""A histogram as it came."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Histogram(Base):
    """Sparse counts of one tensor at one step; the arrays are packed by `storage.packing`.

    Of several rows for one series and step the one with the greatest cursor stands.
    """

    __tablename__ = "histogram"
    __table_args__ = (Index(None, "run_id", "cursor"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    writer_id: Mapped[str]
    sequence: Mapped[int]
    time: Mapped[float]
    buckets: Mapped[bytes]
    counts: Mapped[bytes]
    nonfinite: Mapped[int]
    edges: Mapped[bytes | None]
    """The user's own edges; None for the fixed buckets."""
