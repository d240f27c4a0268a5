"""A run that was deleted, and whose numbers are not yet gone."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Deletion(Base):
    """A tombstone: the run is gone for everybody, its rows go slice by slice (`trainvitals_server.upkeep.sweep`)."""

    __tablename__ = "deletion"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    deleted_at: Mapped[float]
