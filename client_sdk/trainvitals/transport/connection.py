"""One kept-alive HTTP connection, opened when it is first needed and again when it was cut."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from trainvitals.transport.contract import Unreachable

ANSWER_BYTES_MAX = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; `code`, `message` and `hint` are filled where the server says no."""

    status: int
    value: dict[str, Any]
    retry_after: str | None = None
    code: str = ""
    message: str = ""
    hint: str = ""


class Connection:
    """Asks one server. Raises Unreachable where nobody answers; every other answer is an Answer."""

    def __init__(self, server: str, api_key: str | None) -> None:
        parts = urlsplit(server)
        self.server = server
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname or "", parts.port
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._open: HTTPConnection | None = None

    def ask(
        self, method: str, path: str, body: bytes | None, content_type: str | None, *, timeout_seconds: float
    ) -> Answer:
        """One request, tried a second time where a kept-alive connection turns out to be cut."""
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        fresh = self._open is None
        try:
            return self._ask_once(method, path, body, headers, timeout_seconds)
        except TimeoutError as error:
            self.close()
            raise Unreachable(f"{self.server} did not answer within {timeout_seconds:g} s") from error
        except (OSError, HTTPException) as error:
            self.close()
            if fresh:
                raise Unreachable(f"{self.server} cannot be reached: {error}") from error
        return self._ask_again(method, path, body, headers, timeout_seconds)

    def _ask_again(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout_seconds: float
    ) -> Answer:
        try:
            return self._ask_once(method, path, body, headers, timeout_seconds)
        except (OSError, HTTPException) as error:
            self.close()
            raise Unreachable(f"{self.server} cannot be reached: {error}") from error

    def _ask_once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout_seconds: float
    ) -> Answer:
        if self._open is None:
            self._open = self._kind(self._host, self._port, timeout=timeout_seconds)
        elif self._open.sock is not None:
            self._open.sock.settimeout(timeout_seconds)
        self._open.request(method, self._prefix + path, body, headers)
        return _answer(self._open.getresponse())

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _answer(response: HTTPResponse) -> Answer:
    body = response.read(ANSWER_BYTES_MAX)
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        value = {}
    value = value if isinstance(value, dict) else {"value": value}
    error = value.get("error") if response.status >= 300 else None
    error = error if isinstance(error, dict) else {}
    return Answer(
        status=response.status,
        value=value,
        retry_after=response.getheader("Retry-After"),
        code=str(error.get("code", "")),
        message=str(error.get("message") or f"{response.status} {response.reason}"),
        hint=str(error.get("hint") or ""),
    )
