"""A range: everything a subscription has not got yet, as the messages that carry it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from trainvitals_wire.frame import Frame
from trainvitals_wire.live import Points, encode_points


@dataclass(frozen=True, slots=True)
class Range:
    """The messages that bring a viewer to `cursor`; `reset` where the server cannot tell what it lacks."""

    cursor: int
    epoch: str
    messages: tuple[bytes, ...] = ()
    reset: bool = False


def encode_range(id_: str, run_id: str, epoch: str, start: int, cursor: int, frames: Iterable[Frame]) -> Range:
    """One message for each set of keys.

    All but the last carry the cursor the range starts at: a viewer that is cut off between two messages asks for the
    whole range again and loses nothing.
    """
    blocks = join_frames(frames)
    cursors = [start] * (len(blocks) - 1) + [cursor]
    messages = (
        encode_points(Points(id_, run_id, epoch, place, block)) for place, block in zip(cursors, blocks, strict=False)
    )
    return Range(cursor, epoch, tuple(messages))


def join_frames(frames: Iterable[Frame]) -> list[Frame]:
    """The frames joined to one block for each set of keys, in the order they came."""
    groups: dict[tuple[str, ...], list[Frame]] = {}
    for frame in frames:
        groups.setdefault(frame.keys, []).append(frame)
    return [_join(keys, group) for keys, group in groups.items()]


def _join(keys: tuple[str, ...], group: list[Frame]) -> Frame:
    if len(group) == 1:
        return group[0]
    steps = np.concatenate([frame.steps for frame in group])
    times = np.concatenate([frame.times for frame in group])
    return Frame(keys, steps, times, np.concatenate([frame.values for frame in group]))
