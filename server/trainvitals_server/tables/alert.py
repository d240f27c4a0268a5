"""An alert that the user's script raised."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Alert(Base):
    """A message of the training script to its watcher."""

    __tablename__ = "alert"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[float]
    title: Mapped[str]
    text: Mapped[str]
    level: Mapped[str]
    step: Mapped[int | None]
