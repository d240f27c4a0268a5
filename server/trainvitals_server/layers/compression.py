"""Compression: text that is worth it goes out as gzip, with a strong ETag; static files are compressed once."""

import asyncio
import gzip
import hashlib
import re
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COMPRESSED_BYTES_MIN = 1024
"""Below this a compressed answer saves nothing that matters."""

KEPT_BYTES_MAX = 64 * 2**20
"""Most bytes of compressed static files that are kept."""

_STATIC = re.compile(r"/(assets|_dash-component-suites)/")
_FINGERPRINT = re.compile(r"\.v\d[\w]*m\d+|@[\d.]+|(^|&)(m|v|fingerprint)=")
_TEXT = re.compile(r"text/|application/(json|javascript|manifest\+json|xml)|image/svg")


class Compression:
    """Compresses the answers to GET requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        answer = _Answer(self, scope, send)
        await self._app(scope, receive, answer.send)

    async def compress(self, body: bytes, *, keep: bool) -> bytes:
        """The body as gzip; a static one thoroughly, once, and remembered by what it says."""
        if not keep:
            return await asyncio.to_thread(gzip.compress, body, 1, mtime=0)
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest not in self._kept:
            self._kept[digest] = await asyncio.to_thread(gzip.compress, body, 9, mtime=0)
            while sum(map(len, self._kept.values())) > KEPT_BYTES_MAX:
                self._kept.popitem(last=False)
        return self._kept[digest]


class _Answer:
    """Holds one answer back until it is whole, where it is text that is worth compressing."""

    def __init__(self, compression: Compression, scope: Scope, send: Send) -> None:
        self._compression = compression
        self._send = send
        self._asked = Headers(scope=scope)
        self._static = bool(_STATIC.search(scope["path"]))
        self._fingerprinted = bool(
            self._static and _FINGERPRINT.search(f"{scope['path']}&{scope['query_string'].decode('latin-1')}")
        )
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._takes(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start, bytes(self._body))

    def _takes(self, start: Message) -> bool:
        headers = Headers(raw=start["headers"])
        text = _TEXT.match(headers.get("content-type", ""))
        return start["status"] == 200 and text is not None and "content-encoding" not in headers

    async def _finish(self, start: Message, body: bytes) -> None:
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header("accept-encoding")
        if len(body) >= COMPRESSED_BYTES_MIN and "gzip" in self._asked.get("accept-encoding", ""):
            body = await self._compression.compress(body, keep=self._static)
            headers["content-encoding"] = "gzip"
        if self._static:
            headers["etag"] = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
            headers["cache-control"] = "public, max-age=31536000, immutable" if self._fingerprinted else "no-cache"
            if headers["etag"] in self._asked.get("if-none-match", ""):
                start["status"], body = 304, b""
        headers["content-length"] = str(len(body))
        if start["status"] == 304:
            del headers["content-length"]
        start["headers"] = headers.raw
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
