"""Reports over HTTP, by the standard library's client on one kept-alive connection."""

import json
import math
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trainvitals.spooled import Spooled
from trainvitals.transport.connection import Answer, Connection
from trainvitals.transport.contract import Busy, Created, Refused, Request, Unacceptable, Unreachable
from trainvitals_wire.encoding import CONTENT_TYPE, compressed, encode
from trainvitals_wire.records import WarningEntry

REQUEST_SECONDS_MAX = 20.0
WAIT_SECONDS_DEFAULT = 1.0
WAIT_SECONDS_MAX = 60.0
"""However long a server, or a proxy before it, asks to wait."""
COMPRESSED_BYTES_MIN = 64 * 1024
"""Smaller reports leave as they are: packing them costs more than sending them."""


class HttpTransport:
    """Speaks `/api/v1` (API.md). A server that forgot a column list is sent the report again with its keys."""

    def __init__(self, server: str, api_key: str | None = None) -> None:
        self._connection = Connection(server, api_key)
        self._lock = threading.Lock()

    def create(self, request: Request, *, timeout_seconds: float) -> Created:
        body = asdict(request) | {"tags": list(request.tags)}
        answer = checked(self._json("POST", "/runs", body, timeout_seconds)).value
        return Created(
            id=str(answer["id"]),
            url=str(answer["url"]),
            writer_id=str(answer["writer_id"]),
            next_sequence=int(answer.get("next_sequence", 1)),
            next_step=int(answer.get("next_step", 0)),
        )

    def send(self, run_id: str, report: Spooled) -> Sequence[WarningEntry]:
        answer = self._post_report(run_id, report.body)
        if answer.status == 422 and answer.code == "unknown_columns":
            answer = self._post_report(run_id, encode(report.report()))
        return list(checked(answer).value.get("warnings", ()))

    def heartbeat(self, run_id: str, queued: int, last_step: int | None) -> None:
        checked(self._json("POST", f"/runs/{run_id}/heartbeat", {"queued": queued, "last_step": last_step}))

    def alert(self, run_id: str, alert: dict[str, Any]) -> None:
        checked(self._json("POST", f"/runs/{run_id}/alerts", alert))

    def change(self, run_id: str, fields: dict[str, Any]) -> None:
        checked(self._json("PATCH", f"/runs/{run_id}", fields))

    def close(self) -> None:
        self._connection.close()

    def _post_report(self, run_id: str, body: bytes) -> Answer:
        if len(body) >= COMPRESSED_BYTES_MIN:
            body = compressed(body)
        with self._lock:
            return self._connection.ask(
                "POST", f"/api/v1/runs/{run_id}/reports", body, CONTENT_TYPE, timeout_seconds=REQUEST_SECONDS_MAX
            )

    def _json(self, method: str, path: str, body: Any, timeout_seconds: float = REQUEST_SECONDS_MAX) -> Answer:
        text = json.dumps(body, allow_nan=False).encode()
        with self._lock:
            return self._connection.ask(
                method, f"/api/v1{path}", text, "application/json", timeout_seconds=timeout_seconds
            )


def checked(answer: Answer) -> Answer:
    """The answer where it is a yes; otherwise the TransportError that says what to do next."""
    if answer.status < 300:
        return answer
    if answer.status == 429:
        raise Busy(_wait_seconds(answer.retry_after))
    if answer.status >= 500 or answer.status in (408, 425):
        raise Unreachable(f"the server answers {answer.status}: {answer.message}")
    kind = Unacceptable if answer.status in (400, 413, 415, 422) else Refused
    raise kind(answer.status, answer.code, answer.message, answer.hint)


def _wait_seconds(retry_after: str | None) -> float:
    """The seconds of a Retry-After; the default where it is none, or a date."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return WAIT_SECONDS_DEFAULT
    return min(seconds, WAIT_SECONDS_MAX) if math.isfinite(seconds) and seconds >= 0 else WAIT_SECONDS_DEFAULT
