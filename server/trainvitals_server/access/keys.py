"""Which API keys open the server."""

import hmac
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainvitals_server.storage.store import Store

REMEMBERED_SECONDS = 1.0
"""A key that was created or revoked counts after so long at the latest."""

REMEMBERED_MAX = 1024
"""Most answers that are remembered."""

CONFIGURED = "configured"
"""The identifier of the key in the settings."""


class Keys:
    """The key of the settings and those of the database; the database is asked at most once a second for each."""

    def __init__(self, configured: str | None, store: "Store", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._configured = configured
        self._keys = store.api_keys
        self._clock = clock
        self._answers: dict[tuple[str, str], tuple[float, bool]] = {}

    def any(self) -> bool:
        """Whether there is a key at all; blocks."""
        return self._configured is not None or self._remembered("any", "", lambda _: self._keys.any())

    def recall_any(self) -> bool | None:
        """The same from memory, None where the database must be asked; never blocks."""
        return True if self._configured is not None else self._recalled("any", "")

    def verify(self, key: str) -> bool:
        """Whether this key opens the server; blocks."""
        return self._is_configured(key) or self._remembered("verify", key, self._keys.verify)

    def recall_verify(self, key: str) -> bool | None:
        """The same from memory, None where the database must be asked; never blocks."""
        return True if self._is_configured(key) else self._recalled("verify", key)

    def identify(self, key: str) -> str:
        """What a session remembers of a key that opens: `tv_<id>_<secret>` without its secret."""
        return CONFIGURED if self._is_configured(key) else key.split("_")[1]

    def alive(self, key_id: str) -> bool:
        """Whether a key that a session began with still opens; blocks."""
        if key_id == CONFIGURED:
            return self._configured is not None
        return self._remembered("alive", key_id, self._listed)

    def _is_configured(self, key: str) -> bool:
        configured = self._configured
        return configured is not None and hmac.compare_digest(key.encode(), configured.encode())

    def _listed(self, key_id: str) -> bool:
        return any(entry.id == key_id and entry.revoked_at is None for entry in self._keys.list())

    def _remembered(self, question: str, about: str, ask: Callable[[str], bool]) -> bool:
        recalled = self._recalled(question, about)
        if recalled is not None:
            return recalled
        if len(self._answers) >= REMEMBERED_MAX:
            self._answers.clear()
        now = self._clock()
        answer = ask(about)
        self._answers[question, about] = now, answer
        return answer

    def _recalled(self, question: str, about: str) -> bool | None:
        answer = self._answers.get((question, about))
        return answer[1] if answer is not None and self._clock() - answer[0] < REMEMBERED_SECONDS else None
