"""How much of the reports may be on its way at once: what is read, decoded or waits to be stored."""

from collections.abc import Iterator
from contextlib import contextmanager

from trainvitals_server.storage.errors import QueueFull

INTAKE_BYTES_MAX = 32 * 2**20
"""Bytes of bodies from their announcement until they are durable; whoever comes then is asked to come again."""

RETRY_AFTER_SECONDS = 1.0


class Intake:
    """Admits reports on the event loop, before their bodies are read: a server cannot hold what all might send."""

    def __init__(self, bytes_max: int = INTAKE_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0

    @contextmanager
    def admit(self, size_bytes: int) -> Iterator[None]:
        """Hold the room for one report; raises QueueFull where there is none. One alone is always admitted."""
        if self._bytes and self._bytes + size_bytes > self._bytes_max:
            raise QueueFull(RETRY_AFTER_SECONDS)
        self._bytes += size_bytes
        try:
            yield
        finally:
            self._bytes -= size_bytes
