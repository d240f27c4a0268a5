"""An axis: the steps and times that chunks of several series share."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Axis(Base):
    """Steps and wall times, written once for all series that were logged together; the identifier follows from them."""

    __tablename__ = "axis"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    axis_id: Mapped[str] = mapped_column(primary_key=True)
    steps: Mapped[bytes]
    """int64 [size], ascending, in pieces."""
    times: Mapped[bytes]
    """float64 [size], seconds since 1970, in pieces."""
