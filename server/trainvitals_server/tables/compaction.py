"""How far a run is compacted."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class Compaction(Base):
    """Chunks and histogram chunks hold everything up to `cursor`; frames up to there count no more.

    A pass writes its chunks under `version + 1`, in as many transactions as it likes, then shows all of them at once
    by raising `version`.
    """

    __tablename__ = "compaction"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    cursor: Mapped[int]
    owner: Mapped[str | None]
    """The pass that is on its way, or broke off: what it left is to be swept away before the next."""
    frame_bytes: Mapped[int]
    """Size of the compacted frames once decoded."""
    totals: Mapped[bytes]
    """What is known of each compacted series (`storage.totals`)."""
