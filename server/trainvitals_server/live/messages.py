"""What a viewer may say on the live channel, checked; `trainvitals_wire.live` describes the conversation."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from trainvitals_wire.limits import DATA_KEYS_MAX, KEY_LENGTH_MAX, STEP_MAX

MESSAGE_BYTES_MAX = 2**20
"""Largest message of a viewer."""

SUBSCRIPTIONS_MAX = 256
"""Most subscriptions of one viewer."""

RUNS_MAX = 1000
"""Most runs whose news one viewer may watch."""

_Id = Annotated[str, Meta(min_length=1, max_length=64)]
_RunId = Annotated[str, Meta(max_length=64, pattern="^[^\\u0000]+$")]
"""Without NUL: Postgres takes no text with one, not even to look for it."""

_Key = Annotated[str, Meta(min_length=1, max_length=KEY_LENGTH_MAX)]
Cursor = Annotated[int, Meta(ge=0, le=STEP_MAX)]


class Subscribe(Struct, tag="subscribe"):
    """Send the points of these series from the cursor on, or from now on."""

    id: _Id
    run: _RunId
    series: Annotated[list[_Key], Meta(min_length=1, max_length=DATA_KEYS_MAX)]
    cursor: Cursor | None = None
    epoch: str | None = None


class Unsubscribe(Struct, tag="unsubscribe"):
    """Stop a subscription."""

    id: _Id


class Watch(Struct, tag="watch"):
    """Send the news of these runs, instead of those asked for before."""

    runs: Annotated[list[_RunId], Meta(max_length=RUNS_MAX)]


class Ping(Struct, tag="ping"):
    """Are you there?"""


class Pong(Struct, tag="pong"):
    """I am."""


Message = Subscribe | Unsubscribe | Watch | Ping | Pong
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class MalformedMessage(ValueError):
    """A viewer's message is not one of these."""


def decode(text: str | bytes) -> Message:
    """Read a viewer's message; raises MalformedMessage."""
    if len(text) > MESSAGE_BYTES_MAX:
        raise MalformedMessage(f"message is larger than {MESSAGE_BYTES_MAX} bytes")
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise MalformedMessage(str(error)) from error


def control(kind: str, **fields: Any) -> str:
    """A control message of the server."""
    return msgspec.json.encode({"type": kind, **fields}).decode()
