"""An incident: warnings that share a cause and an onset."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Incident(Base):
    """One incident of a run as API.md shows it; `place` is its rank, worst first."""

    __tablename__ = "incident"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    body: Mapped[dict[str, Any]]
