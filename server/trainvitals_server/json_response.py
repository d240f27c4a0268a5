"""JSON answers without NaN: a number that is not finite is written as null."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response


class JsonResponse(Response):
    """Plain records, TypedDicts and lists, encoded by msgspec, which writes NaN and the infinities as null."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)
