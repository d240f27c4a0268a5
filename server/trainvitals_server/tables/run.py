"""A run, with all that the run list shows of it."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base

INDEXED_SORTS = (
    "created_at",
    "last_seen_at",
    "finished_at",
    "last_step",
    "overhead_fraction",
    "name",
    "project",
    "status",
    "group",
    "pinned",
)
"""The orders of the run list that have an index."""


class Run(Base):
    """One execution of a training script.

    The lower half is kept up to date with each report, so that a list of runs reads this table alone.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "project"),
        Index(None, "status", "last_seen_at"),
        *(Index(None, "archived", column, "id") for column in INDEXED_SORTS),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str]
    name: Mapped[str]
    group: Mapped[str | None]
    tags: Mapped[list[Any]]
    notes: Mapped[str | None]
    archived: Mapped[bool]
    archived_at: Mapped[float | None]
    pinned: Mapped[bool]
    config: Mapped[dict[str, Any]]
    environment: Mapped[dict[str, Any]]
    status: Mapped[str]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[float]
    last_seen_at: Mapped[float]
    finished_at: Mapped[float | None]
    summary: Mapped[dict[str, Any]]
    """What the user set; stands over `metrics`."""

    metrics: Mapped[dict[str, Any]]
    """`[last, step of last, min, max]` by metric."""
    warnings: Mapped[dict[str, Any]]
    """How many warnings of each severity fire."""
    overhead_fraction: Mapped[float | None]
    last_step: Mapped[int | None]
    """The greatest step that a report or a heartbeat named."""
    stored_step: Mapped[int | None]
    """The greatest step that is stored."""
    queued: Mapped[int]
    """Reports that wait at the sender, as its last heartbeat said."""
    cursor: Mapped[int]
    """The number of reports stored; each report has the number it was stored under."""
    epoch: Mapped[str]
    series_count: Mapped[int]
    frame_bytes: Mapped[int]
    """Size of the run's numbers once decoded."""
