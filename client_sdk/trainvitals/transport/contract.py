"""What a transport does, and the ways in which it can fail.

TransportError
├── Unreachable   nobody answers, or the server is ill (5xx): try again later, lose nothing
├── Busy          429: try again after `seconds`
├── Refused       401, 404, 409: the server says no to all of this run; the data stays in the spool
└── Unacceptable  413, 415, 422: the server says no to this one report
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trainvitals.spooled import Spooled
from trainvitals_wire.records import WarningEntry


class TransportError(Exception):
    """A request did not reach its aim."""


class Unreachable(TransportError):
    """Nobody answers; the message says who was asked."""


class Busy(TransportError):
    """The server asks to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the server asks to wait {seconds:g} s")
        self.seconds = seconds


class Refused(TransportError):
    """The server says no; `status` and `code` are those of the HTTP answer."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.status = status
        self.code = code


class Unacceptable(Refused):
    """The server says no to one report; the others may pass."""


@dataclass(frozen=True, slots=True)
class Created:
    """The answer of `POST /runs`."""

    id: str
    url: str
    writer_id: str
    next_sequence: int = 1
    next_step: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """The body of `POST /runs`."""

    project: str
    name: str
    id: str
    resume: str = "never"
    config: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    group: str | None = None
    notes: str | None = None
    environment: dict[str, Any] = field(default_factory=dict)


class Transport(Protocol):
    """Blocking calls, made from one thread at a time; each raises TransportError."""

    def create(self, request: Request, *, timeout_seconds: float) -> Created: ...

    def send(self, run_id: str, report: Spooled) -> Sequence[WarningEntry]: ...

    def heartbeat(self, run_id: str, queued: int, last_step: int | None) -> None: ...

    def alert(self, run_id: str, alert: dict[str, Any]) -> None: ...

    def change(self, run_id: str, fields: dict[str, Any]) -> None: ...

    def close(self) -> None: ...
