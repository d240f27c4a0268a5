"""JSON bodies: read, checked against a msgspec struct, and refused with the place and the reason."""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.requests import Request

from trainvitals_server.errors import ApiError
from trainvitals_wire.limits import NAME_LENGTH_MAX, STEP_MAX
from trainvitals_wire.records import RunStatus

TEXT_LENGTH_MAX = 65_536
"""Longest notes, alert text or traceback, in characters."""

TAGS_MAX = 100
"""Most tags of a run."""

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]
Text = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
Tags = Annotated[list[Name], Meta(max_length=TAGS_MAX)]
RunId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$(?!\n)")]
"""In Python `$` also matches before a line break at the end; the look-ahead says that none may follow."""
Step = Annotated[int, Meta(ge=0, le=STEP_MAX)]

_Body = TypeVar("_Body")


class CreateRun(Struct, kw_only=True):
    """`POST /runs`."""

    project: Name
    name: Name = "untitled"
    config: dict[str, Any] = {}
    tags: Tags = []
    group: Name | None = None
    notes: Text | None = None
    environment: dict[str, Any] = {}
    id: RunId | None = None
    resume: Literal["never", "allow", "must"] = "never"
    layers: list[dict[str, Any]] | None = None


class RunError(Struct):
    """The exception that ended a run."""

    type: Name
    message: Text = ""
    traceback: Text = ""


class PatchRun(Struct, kw_only=True):
    """`PATCH /runs/{id}`: only what is given changes. `error` goes with the status `failed`."""

    name: Name | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    notes: Text | UnsetType | None = UNSET
    group: Name | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    summary: dict[str, Any] | UnsetType = UNSET
    status: RunStatus | UnsetType = UNSET
    error: RunError | UnsetType | None = UNSET


class Heartbeat(Struct):
    """`POST /runs/{id}/heartbeat`."""

    queued: Annotated[int, Meta(ge=0, le=STEP_MAX)] = 0
    last_step: Step | None = None


class Alert(Struct):
    """`POST /runs/{id}/alerts`."""

    title: Name
    text: Text = ""
    level: Literal["info", "warn", "error"] = "info"
    step: Step | None = None


class Mute(Struct):
    """`POST /runs/{id}/mutes`; `layers` is a shell pattern on layer names."""

    rule: Name
    reason: Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX, pattern=r"\S")]
    layers: Name = "*"


async def read(request: Request, kind: type[_Body]) -> _Body:
    """The JSON body of a request as a struct; raises ApiError (422) that names the place."""
    body = await request.body()
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise ApiError(422, "invalid_request", str(error), "See docs/api.md for what this route takes.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(422, "invalid_json", f"The body is not JSON: {error}", _hint(body)) from error
    except RecursionError as error:
        raise ApiError(422, "invalid_json", "The body is nested too deeply.", "Flatten it.") from error


def _hint(body: bytes) -> str:
    if any(word in body for word in (b"NaN", b"Infinity")):
        return 'JSON has no NaN or Infinity: send null, or the text "NaN".'
    return "Send one JSON object, in UTF-8."
