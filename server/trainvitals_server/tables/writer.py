"""A writer: one process that sends the reports of a run."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Writer(Base):
    """Which sequences of a writer are stored, so that a repeat stores nothing, and what it last said of itself."""

    __tablename__ = "writer"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    writer_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[float]
    sequences: Mapped[list[Any]]
    """The stored sequences as inclusive intervals `[[first, last], ...]`; one interval unless reports came late."""
    dropped: Mapped[dict[str, Any]]
    capture: Mapped[dict[str, Any]]
