"""A mute: a rule that is to be silent."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Mute(Base):
    """A rule of a run that is silent for the layers that a shell pattern fits, and why."""

    __tablename__ = "mute"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[float]
    rule: Mapped[str]
    layers: Mapped[str]
    reason: Mapped[str]
