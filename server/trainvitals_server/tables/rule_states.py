"""Where the rules of a run stand."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class RuleStates(Base):
    """Every rule of a run with its state (`trainvitals_wire.records.RuleEntry`), as of the last evaluation."""

    __tablename__ = "rule_states"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[list[Any]]
