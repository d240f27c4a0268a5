"""A fact that the SDK saw."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Fact(Base):
    """Something that is no number of a series (`trainvitals_wire.records.Fact`)."""

    __tablename__ = "fact"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    writer_id: Mapped[str]
    sequence: Mapped[int]
    body: Mapped[dict[str, Any]]
