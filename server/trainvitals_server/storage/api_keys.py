"""The API keys that open a server."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, exists, select, update

from trainvitals_server.storage import plain
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.identity import new_id
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.tables import ApiKey

TOKEN_PREFIX = "tv_"
_SECRET_BYTES = 32
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKeyEntry:
    """What may be shown of a key."""

    id: str
    name: str
    created_at: float
    revoked_at: float | None


class ApiKeys:
    """Keys by name. A token is `tv_<id>_<secret>`; 256 random bits need no slow hash."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, name: str) -> str:
        """Make a key; the token returned is shown this once and stored as a hash."""
        key_id = new_id(self._clock)
        token = f"{TOKEN_PREFIX}{key_id}_{secrets.token_hex(_SECRET_BYTES)}"
        row = {"id": key_id, "name": plain.text(name), "token_hash": _hash(token), "created_at": self._clock()}
        with writing(self._engine).begin() as connection:
            insert_new(connection, ApiKey, [{**row, "revoked_at": None}])
        return token

    def list(self) -> list[ApiKeyEntry]:
        """All keys, the oldest first, revoked ones included."""
        columns = (ApiKey.id, ApiKey.name, ApiKey.created_at, ApiKey.revoked_at)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(ApiKey.created_at, ApiKey.id))
            return [ApiKeyEntry(*row) for row in rows]

    def revoke(self, key: str) -> bool:
        """Revoke a key by its id or name; whether there was one that still opened."""
        where = ((ApiKey.id == key) | (ApiKey.name == key)) & ApiKey.revoked_at.is_(None)
        with writing(self._engine).begin() as connection:
            changed = connection.execute(update(ApiKey).where(where).values(revoked_at=self._clock()))
        return cast(CursorResult[Any], changed).rowcount > 0

    def verify(self, token: str) -> bool:
        """Whether a token opens the server; takes the same time for every wrong secret."""
        key_id = token.removeprefix(TOKEN_PREFIX).partition("_")[0]
        query = select(ApiKey.token_hash).where(ApiKey.id == plain.text(key_id), ApiKey.revoked_at.is_(None))
        with self._engine.connect() as connection:
            stored = connection.execute(query).scalar()
        return hmac.compare_digest(stored or _NO_HASH, _hash(token)) and stored is not None

    def any(self) -> bool:
        """Whether a key exists that still opens."""
        with self._engine.connect() as connection:
            return bool(connection.execute(select(exists().where(ApiKey.revoked_at.is_(None)))).scalar())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
