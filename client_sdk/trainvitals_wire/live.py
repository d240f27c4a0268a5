"""The messages of the live channel (`WS /api/v1/live`).

The viewer sends JSON text, the server answers JSON text for control and binary for points. The conversation:

- viewer `{"type": "subscribe", "id": "a", "run": ID, "series": [key, ...], "cursor": null|int, "epoch": null|text}`;
  server `{"type": "subscribed", "id": "a", "run": ID, "cursor": int, "epoch": text}`. Without a cursor the
  subscription starts at the present: the viewer then fetches what came before over HTTP, and drops what it has twice by
  step. With a cursor it gets all since then, or `{"type": "reset", ...}` with the present cursor where the server
  cannot tell any more (another epoch, or too long ago): fetch again.
- viewer `{"type": "unsubscribe", "id": "a"}`; `{"type": "watch", "runs": [ID, ...]}` for news of runs alone.
- server `{"type": "run", "run": ID, "status", "last_step", "last_seen_at", "warnings": {...}, "version": int}` at most
  once a second a run; `version` grows with each change that the cards and tables show.
- server binary: points. `u32 header bytes | JSON header padded with spaces to 8 | float64 steps [n] | float64 times [n]
  | float32 values [n x k], row by row`; header `{"id": subscription, "run", "epoch", "cursor", "series": [k keys],
  "steps": n}`. Remember `cursor`: it is what a reconnect sends.
- either side `{"type": "ping"}`, answered `{"type": "pong"}`; server `{"type": "error", "code", "message"}`.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainvitals_wire.errors import MalformedReport
from trainvitals_wire.frame import Frame


@dataclass(frozen=True, slots=True)
class Points:
    """The numbers of one binary live message."""

    id: str
    run: str
    epoch: str
    cursor: int
    frame: Frame


def encode_points(points: Points) -> bytes:
    """The bytes of one live message; values travel as float32, which is all that drawing needs."""
    frame = points.frame
    header: dict[str, Any] = {
        "id": points.id,
        "run": points.run,
        "epoch": points.epoch,
        "cursor": points.cursor,
        "series": list(frame.keys),
        "steps": len(frame.steps),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    # The length and the header together fill a multiple of 8, so that the browser can view the arrays in place.
    text += b" " * (-(len(text) + 4) % 8)
    with np.errstate(over="ignore"):
        values = frame.values.astype("<f4")
    return b"".join(
        [
            struct.pack("<I", len(text)),
            text,
            frame.steps.astype("<f8").tobytes(),
            frame.times.astype("<f8").tobytes(),
            values.tobytes(),
        ]
    )


def decode_points(message: bytes) -> Points:
    """Read a live message; raises MalformedReport."""
    try:
        (size,) = struct.unpack_from("<I", message)
        header = json.loads(message[4 : 4 + size])
        keys, n = tuple(header["series"]), int(header["steps"])
        place = 4 + size
        steps = np.frombuffer(message, "<f8", n, place).astype(np.int64)
        times = np.frombuffer(message, "<f8", n, place + 8 * n)
        values = np.frombuffer(message, "<f4", n * len(keys), place + 16 * n).reshape(n, len(keys))
        return Points(
            header["id"], header["run"], header["epoch"], int(header["cursor"]), Frame(keys, steps, times, values)
        )
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise MalformedReport(f"not a live message: {error}") from error
