"""An API key."""

from sqlalchemy.orm import Mapped, mapped_column

from trainvitals_server.tables.base import Base


class ApiKey(Base):
    """A key that opens the server; its token is stored as a hash alone."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str]
    created_at: Mapped[float]
    revoked_at: Mapped[float | None]
