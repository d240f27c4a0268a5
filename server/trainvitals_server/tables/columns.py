"""A column list: the series of a frame, written once."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Columns(Base):
    """The keys of a column list, one a line; its identifier follows from them (`trainvitals_wire.frame.columns_id`)."""

    __tablename__ = "columns"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    columns_id: Mapped[str] = mapped_column(primary_key=True)
    keys: Mapped[str]
