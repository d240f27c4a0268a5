"""Every error that a route can end with, translated at the border into the one shape."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.storage.errors import (
    AnswerTooLarge,
    DatabaseUnusable,
    InvalidCursor,
    InvalidSort,
    MuteNotFound,
    QueueFull,
    RunExists,
    RunNotFound,
    StorageError,
    TooManyMutes,
)
from trainvitals_wire.errors import MalformedReport, TooLarge, UnknownColumns, UnsupportedVersion
from trainvitals_wire.reader import NotFound
from trainvitals_wire.version import WIRE_VERSION

logger = logging.getLogger(__name__)

ROUTES_HINT = "See docs/api.md for the routes and what they take."

_NOT_FOUND_HINTS = {
    "run_not_found": "GET /api/v1/runs lists the runs.",
    "mute_not_found": "GET /api/v1/runs/{id}/mutes lists the mutes of a run.",
    "series_not_found": "GET /api/v1/runs/{id}/series lists the series of a run.",
}


def _not_found(error: NotFound) -> ApiError:
    return ApiError(404, error.code, str(error.args[0]), _NOT_FOUND_HINTS.get(error.code, ROUTES_HINT))


def _run_not_found(error: RunNotFound) -> ApiError:
    return ApiError(404, "run_not_found", str(error) or "There is no such run.", _NOT_FOUND_HINTS["run_not_found"])


def _run_exists(error: RunExists) -> ApiError:
    hint = 'Create it with "resume": "allow" to go on with it, or leave the id out.'
    return ApiError(409, "run_exists", str(error) or "A run of this id is there already.", hint)


def _queue_full(error: QueueFull) -> ApiError:
    seconds = max(1, ceil(error.retry_after_seconds))
    hint = "Nothing was stored; send the same report again after the seconds of Retry-After."
    return ApiError(429, "queue_full", str(error), hint, {"retry-after": str(seconds)})


def _unsupported_version(error: UnsupportedVersion) -> ApiError:
    hint = f"This server speaks wire version {WIRE_VERSION}; install the same trainvitals on both sides."
    return ApiError(409, "unsupported_version", str(error), hint)


def _validation(error: RequestValidationError) -> ApiError:
    first: dict[str, Any] = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return ApiError(422, "invalid_request", f"{place}: {first['msg']}", ROUTES_HINT)


def _database_away(error: OperationalError) -> ApiError:
    logger.error("the database does not answer: %s", str(error.orig).partition("\n")[0])
    return ApiError(503, "database_unavailable", "The database does not answer.", "Try again shortly.")


def _http(error: HTTPException) -> ApiError:
    headers = error.headers
    if error.status_code == 404:
        return ApiError(404, "not_found", "There is nothing at this address.", ROUTES_HINT)
    if error.status_code == 405:
        hint = f"It takes {Headers(headers or {}).get('allow', 'another')}."
        return ApiError(405, "method_not_allowed", "This address does not take this method.", hint, headers)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return ApiError(error.status_code, code, str(error.detail), ROUTES_HINT, headers)


def _unexpected(_: Exception) -> ApiError:
    hint = "The server's log names the fault; TRAINVITALS_LOG_LEVEL=debug adds where it happened."
    return ApiError(500, "internal_error", "The server failed at this request.", hint)


_TRANSLATIONS: dict[type[Exception], Callable[[Any], ApiError]] = {
    ApiError: lambda error: error,
    NotFound: _not_found,
    RunNotFound: _run_not_found,
    RunExists: _run_exists,
    QueueFull: _queue_full,
    MuteNotFound: lambda error: ApiError(404, "mute_not_found", str(error), _NOT_FOUND_HINTS["mute_not_found"]),
    TooManyMutes: lambda error: ApiError(422, "too_many_mutes", str(error), _NOT_FOUND_HINTS["mute_not_found"]),
    InvalidCursor: lambda error: ApiError(422, "invalid_cursor", str(error), "Start again without a cursor."),
    InvalidSort: lambda error: ApiError(422, "invalid_sort", str(error), "The default is sort=-created_at."),
    AnswerTooLarge: lambda error: ApiError(
        422, "answer_too_large", str(error), "Ask for fewer series, fewer points, or a smaller window."
    ),
    DatabaseUnusable: lambda error: ApiError(503, "database_unusable", str(error), "The server's log says more."),
    OperationalError: _database_away,
    StorageError: lambda error: ApiError(503, "storage_unavailable", str(error), "Try again shortly."),
    MalformedReport: lambda error: ApiError(422, "malformed_report", str(error), "Nothing was stored."),
    UnknownColumns: lambda error: ApiError(422, "unknown_columns", str(error), "Send it again with its keys."),
    TooLarge: lambda error: ApiError(413, "too_large", str(error), "Send it in smaller parts."),
    UnsupportedVersion: _unsupported_version,
    RequestValidationError: _validation,
    HTTPException: _http,
    Exception: _unexpected,
}


def translate(error: Exception) -> ApiError:
    """What to answer; nothing of the inside where nobody foresaw the error."""
    kind = next(kind for kind in type(error).__mro__ if kind in _TRANSLATIONS)
    return _TRANSLATIONS[kind](error)


def log_unexpected(error: Exception) -> None:
    """One line on the log for what nobody foresaw, with the place where it happened at the level debug."""
    if any(kind in _TRANSLATIONS for kind in type(error).__mro__ if kind is not Exception):
        return
    logger.error("a request failed: %s: %s", type(error).__name__, error, exc_info=logger.isEnabledFor(logging.DEBUG))


def install(app: FastAPI) -> None:
    """Answer every error of the application in the one shape."""
    for kind, answer in _TRANSLATIONS.items():
        app.add_exception_handler(kind, _answer_with(answer))


def _answer_with(translation: Callable[[Any], ApiError]) -> Callable[[Request, Exception], Response]:
    def answer(_: Request, error: Exception) -> Response:
        return translation(error).response()

    return answer
