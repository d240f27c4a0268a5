"""A frame as it came: numbers not yet compacted."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Frame(Base):
    """One [steps x series] block; the arrays are packed by `storage.packing`."""

    __tablename__ = "frame"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The frame's place in its report."""
    writer_id: Mapped[str]
    sequence: Mapped[int]
    columns_id: Mapped[str]
    first_step: Mapped[int]
    last_step: Mapped[int]
    rows: Mapped[int]
    steps: Mapped[bytes]
    """int64 [rows]"""
    times: Mapped[bytes]
    """float64 [rows], seconds since 1970"""
    values: Mapped[bytes]
    """float32 or float64 [rows x series]"""
