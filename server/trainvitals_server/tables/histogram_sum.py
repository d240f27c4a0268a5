"""Sums of neighbouring histograms of one tensor."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class HistogramSum(Base):
    """The histograms of a key between two steps, added up; `width` names the level, as in `storage.histogram_levels`.

    What is added stays in `Histogram` for as long as retention says.
    """

    __tablename__ = "histogram_sum"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    width: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_step: Mapped[int]
    size: Mapped[int]
    """Histograms added."""
    time: Mapped[float]
    """That of the first."""
    buckets: Mapped[bytes]
    counts: Mapped[bytes]
    nonfinite: Mapped[int]
