"""The layers of a run."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Layers(Base):
    """All layers of a run in forward order; a report that names layers replaces them."""

    __tablename__ = "layers"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[list[Any]]
