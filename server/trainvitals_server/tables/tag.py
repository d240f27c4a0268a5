"""A tag of a run, for finding runs by tag."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Tag(Base):
    """The same tags as in `run.tags`, one a row."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "tag", "run_id"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
