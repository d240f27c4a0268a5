"""What a request can be refused for, in one shape: `{"error": {"code", "message", "hint"}}`.

ApiError
└── BodyTooLarge   the body passes its limit, announced or not
"""

from collections.abc import Mapping

from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse


class ApiError(Exception):
    """A refusal: the HTTP status, a code for programs, and for people what happened and what to do."""

    def __init__(
        self, status: int, code: str, message: str, hint: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.hint = hint
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer that says so."""
        error = {"code": self.code, "message": str(self), "hint": self.hint}
        return JsonResponse({"error": error}, self.status, self.headers)


class BodyTooLarge(ApiError):
    """A body passes its limit."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(
            413,
            "too_large",
            f"The body is larger than {bytes_max / 2**20:g} MiB, the most that is taken here.",
            "Send it in smaller parts.",
        )
