"""A series of a run."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Series(Base):
    """A series or a histogram key; `series_id` counts within the run, in the order in which they came."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("run_id", "kind", "key"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    key: Mapped[str]
