"""How far the histograms of a key are added up."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class HistogramState(Base):
    """Sums of this key hold what came up to `cursor`; a histogram that came later makes those it lies in wrong."""

    __tablename__ = "histogram_state"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cursor: Mapped[int]
