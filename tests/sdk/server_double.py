"""A tiny server on the standard library that speaks the SDK's part of API.md, and misbehaves as it is told."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from trainvitals_wire.encoding import decode
from trainvitals_wire.errors import UnknownColumns
from trainvitals_wire.report import Report

Scripted = tuple[int, dict[str, Any], dict[str, str]]


class ServerDouble:
    """Keeps reports by (writer, sequence). `script` holds answers that are given instead of the right ones.

    `hold` is an event: while it is cleared, reports are stored and not answered (a slow server).
    """

    def __init__(self, port: int = 0) -> None:
        self.script: deque[Scripted] = deque()
        self.runs: list[dict[str, Any]] = []
        self.reports: dict[tuple[str, int], Report] = {}
        self.changes: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.warnings: deque[list[dict[str, Any]]] = deque()
        self.columns: dict[str, tuple[str, ...]] = {}
        self.hold = threading.Event()
        self.hold.set()
        self.got_report = threading.Event()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                double.headers.append(dict(self.headers))
                status, value, extra = double.answer(self.command, self.path, body)
                text = json.dumps(value).encode() if status != 204 else b""
                self.send_response(status)
                for name, content in extra.items():
                    self.send_header(name, content)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_PATCH = do_GET = do_POST  # noqa: N815

            def log_message(self, *arguments: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def answer(self, method: str, path: str, body: bytes) -> Scripted:
        if self.script:
            return self.script.popleft()
        if path == "/api/v1/runs":
            return self._create(json.loads(body))
        if path.endswith("/reports"):
            return self._store(body)
        if path.endswith("/alerts"):
            self.alerts.append(json.loads(body))
            return 201, {}, {}
        if method == "PATCH":
            self.changes.append(json.loads(body))
            return 200, {}, {}
        return (204, {}, {}) if path.endswith("/heartbeat") else (200, {"asked": path}, {})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def values(self, key: str) -> list[tuple[int, float]]:
        """Every stored (step, value) of a series, in the order of the reports; doubles would show."""
        found: list[tuple[int, float]] = []
        for name in sorted(self.reports, key=lambda name: name[1]):
            for frame in self.reports[name].frames:
                if key in frame.keys:
                    column = frame.values[:, frame.keys.index(key)].tolist()
                    found.extend(zip(frame.steps.tolist(), column, strict=True))
        return found

    def _create(self, request: dict[str, Any]) -> Scripted:
        self.runs.append(request)
        url = f"{self.address}/runs/{request['id']}"
        return (
            201,
            {"id": request["id"], "url": url, "writer_id": f"w{len(self.runs)}", "next_sequence": 1, "next_step": 0},
            {},
        )

    def _store(self, body: bytes) -> Scripted:
        try:
            report = decode(body, self.columns.get)
        except UnknownColumns as error:
            return refusal(422, "unknown_columns", str(error))
        from trainvitals_wire.frame import columns_id

        self.columns.update({columns_id(frame.keys): frame.keys for frame in report.frames})
        self.reports.setdefault((report.writer_id, report.sequence), report)
        self.got_report.set()
        self.hold.wait()
        return 202, {"sequence": report.sequence, "warnings": self.warnings.popleft() if self.warnings else []}, {}


def refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Scripted:
    """An answer in the error shape of API.md."""
    return status, {"error": {"code": code, "message": message, "hint": "Look at the message."}}, headers or {}
