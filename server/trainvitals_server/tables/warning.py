"""A warning: a finding with a life."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class StoredWarning(Base):
    """One warning of a run as API.md shows it; `place` is its rank, worst first."""

    __tablename__ = "warning"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    body: Mapped[dict[str, Any]]
