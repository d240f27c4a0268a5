"""The link: one run's standing with its server (made, away, refused), whatever the transport."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from trainvitals.identity import time_ordered
from trainvitals.spool import Spool
from trainvitals.spooled import Spooled
from trainvitals.terminal import Terminal
from trainvitals.transport.contract import Created, Refused, Request, Transport, TransportError
from trainvitals_wire.records import WarningEntry

CREATE_SECONDS_MAX = 3.0
"""How long `init` waits for a server before the run starts without one."""
CREATE_SECONDS_MAX_LATER = 20.0


class Link:
    """Makes the run at the server when it first can, and keeps in the spool how to do so."""

    def __init__(
        self,
        transport: Transport | None,
        request: Request,
        spool: Spool,
        terminal: Terminal | None = None,
        *,
        follows: bool = False,
        first_step: int | None = None,
    ) -> None:
        """`follows`: another rank leads the run, which tells how it ended; `first_step` is then what that rank said."""
        self._transport = transport
        self._request = request
        self._spool = spool
        self._terminal = terminal or Terminal()
        self._follows = follows
        self._first_step = first_step
        self._ending: dict[str, Any] = {}
        self._away = False
        self._disk_told = False
        self.created: Created | None = None
        self.refused: Refused | None = None
        self.writer_id = time_ordered()
        self._remember()

    @property
    def connected(self) -> bool:
        return self.created is not None and self.refused is None

    @property
    def offline(self) -> bool:
        """Nothing can be sent: by choice, or because the server said no for good."""
        return self._transport is None or self.refused is not None

    @property
    def directory(self) -> Path:
        return self._spool.directory

    @property
    def next_sequence(self) -> int:
        return self.created.next_sequence if self.created else 1

    @property
    def next_step(self) -> int:
        if self._first_step is not None:
            return self._first_step
        return self.created.next_step if self.created else 0

    @property
    def url(self) -> str | None:
        return self.created.url if self.created else None

    def connect(self, timeout_seconds: float = CREATE_SECONDS_MAX_LATER) -> None:
        """Make the run where that was not done yet; raises TransportError."""
        if self._transport is None or self.created is not None:
            return
        self.created = self._transport.create(self._request, timeout_seconds=timeout_seconds)
        self.writer_id = self.created.writer_id
        self._remember()
        if self._away:
            self._terminal.news(f"the server is back; view the run at {self.created.url}")

    def abandon(self) -> None:
        """The run never began: leave nothing behind."""
        self.close()
        self._spool.close(remove=True)

    def postpone(self) -> None:
        """The server is away at the start: later the run is made whether or not a cut request had made it."""
        self._away = True
        if self._request.resume == "never" or self._follows:
            self._request = replace(self._request, resume="allow")
        self._remember()

    def refuse(self, refused: Refused) -> None:
        """The server says no to the run: say so once; what was logged stays in the spool."""
        if self.refused is None:
            self.refused = refused
            self._terminal.warn(
                f"the server refuses the run ({refused.status} {refused.code}): {refused} Training goes on; "
                f"the data stays on disk; send it later with `trainvitals sync {self.directory}`"
            )

    def send(self, report: Spooled) -> Sequence[WarningEntry]:
        return self._transport.send(self._id, report.by(self.writer_id)) if self._transport else []

    def heartbeat(self, queued: int, last_step: int | None) -> None:
        if self._transport:
            self._transport.heartbeat(self._id, queued, last_step)

    def alert(self, alert: dict[str, Any]) -> None:
        if self._transport:
            self._transport.alert(self._id, alert)

    def finish(self, fields: dict[str, Any], alerts: Sequence[dict[str, Any]] = ()) -> bool:
        """Tell how the run ended, now or, by way of the spool, later; whether the server knows everything."""
        if self._follows:
            # Of the other ranks only a failure is news: the run ends with rank 0.
            fields = {
                name: value for name, value in fields.items() if fields.get("status") == "failed" and name != "summary"
            }
        self._ending = {"change": fields, "alerts": list(alerts)}
        self._remember()
        if self._transport is None or not self.connected or len(self._spool) or alerts:
            return False
        if not fields:
            return True
        try:
            self._transport.change(self._id, fields)
        except TransportError:
            return False
        return True

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def _id(self) -> str:
        return self.created.id if self.created else self._request.id

    def _remember(self) -> None:
        writer = self.writer_id if self.created else None
        request = asdict(self._request) | {"tags": list(self._request.tags)}
        if self.created:
            request |= {"id": self.created.id, "resume": "allow"}
        try:
            self._spool.write_run({"request": request, "writer_id": writer, "ending": self._ending})
        except OSError as error:
            # What is sent from here on still arrives; `sync` knows the run as it was written last, if ever.
            if not self._disk_told:
                self._disk_told = True
                self._terminal.warn(f"{self.directory} cannot be written ({error}): a cut run could not be sent later")
