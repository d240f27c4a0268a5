"""Small neighbouring chunks become one larger: as a tree of logs does, each point is written again once a tier."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, and_, select

from trainvitals_server.storage import chunks, stretch, sweeping
from trainvitals_server.storage.chunks import ListedChunk
from trainvitals_server.storage.claim import Claim
from trainvitals_server.storage.compaction import SLICE_BYTES_MAX, Breathe
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.snapshot import reading
from trainvitals_server.tables import Axis, Chunk

FAN = 16
"""Chunks of a tier that become one of the next: so a series has few chunks, and each point is written few times."""

Neighbours = list[ListedChunk]


def join(engine: Engine, run_id: str, *, all_small: bool = False, breathe: Breathe = lambda: None) -> int:
    """Join the small chunks of a run where a tier is full; returns how many chunks were replaced.

    With `all_small` also where it is not: for a run that has ended. Raises Superseded.
    """
    claim = Claim(engine, run_id)
    try:
        replaced = 0
        for alike in _joinable(engine, claim, all_small):
            for slice_ in _sliced(alike):
                breathe()
                _join(engine, claim, slice_)
                replaced += sum(map(len, slice_))
        claim.finish()
        return replaced
    finally:
        claim.give_up()


def full_tiers(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Which neighbours `first <= place < end` become one: `FAN` or more of the lowest tier that has so many."""
    tiers = [_tier(size) for size in sizes]
    for tier in sorted(set(tiers)):
        found = []
        place = 0
        for low, run in groupby(tiers, key=lambda own: own <= tier):
            count = len(list(run))
            if low and count >= FAN:
                found.append((place, place + count))
            place += count
        if found:
            return found
    return []


def _tier(size: int) -> int:
    tier = 0
    while size >= FAN:
        size //= FAN
        tier += 1
    return tier


def _joinable(engine: Engine, claim: Claim, all_small: bool) -> list[list[Neighbours]]:
    """Neighbours to be joined, of several series together where they share their axes."""
    version = claim.before.version
    alike: dict[tuple[str, ...], list[Neighbours]] = {}
    with reading(engine).connect() as connection:
        full = _full(connection, claim.run_id, version)
        small = and_(Chunk.run_id == claim.run_id, chunks.shown(version), Chunk.size < stretch.POINTS_MAX)
        for _, group in groupby(chunks.listed(connection, small), key=lambda chunk: chunk.series_id):
            listed = list(group)
            sizes = [chunk.size for chunk in listed]
            bounds = [(0, len(sizes))] if all_small else full_tiers(sizes)
            for first, end in bounds:
                for some in _apart(listed[first:end], full.get(listed[0].series_id, [])):
                    alike.setdefault(tuple(chunk.axis_id for chunk in some), []).append(some)
    return list(alike.values())


def _full(connection: Connection, run_id: str, version: int) -> dict[int, list[int]]:
    """Where the full chunks of each series begin, in order.

    All in one query: one for each series would keep the interpreter from who stores reports for a fifth of a second.
    """
    which = Chunk.run_id == run_id, chunks.shown(version), Chunk.size >= stretch.POINTS_MAX
    query = select(Chunk.series_id, Chunk.first_step).where(*which).order_by(Chunk.series_id, Chunk.first_step)
    found: dict[int, list[int]] = {}
    for series_id, first_step in connection.execute(query).all():
        found.setdefault(series_id, []).append(first_step)
    return found


def _apart(listed: Neighbours, full: Sequence[int]) -> list[Neighbours]:
    """Chunks with none that is full between them; `full`: where those begin, in order."""
    if len(listed) < 2:
        return []
    parts = groupby(listed, key=lambda chunk: bisect_left(full, chunk.first_step))
    return [some for some in (list(part) for _, part in parts) if len(some) > 1]


def _sliced(alike: list[Neighbours]) -> list[list[Neighbours]]:
    points = sum(chunk.size for chunk in alike[0])
    width = max(1, SLICE_BYTES_MAX // (8 * points))
    return [alike[first : first + width] for first in range(0, len(alike), width)]


def _join(engine: Engine, claim: Claim, alike: list[Neighbours]) -> None:
    series_ids = [neighbours[0].series_id for neighbours in alike]
    with reading(engine).connect() as connection:
        columns: list[list[ListedChunk]] = [list(column) for column in zip(*alike, strict=True)]
        whole = stretch.concatenated([chunks.stretch_of(connection, column) for column in columns])
    written: list[tuple[Any, list[Any]]] = [
        stretch.rows(claim.run_id, series_ids, part, claim.before.version) for part in whole.cut()
    ]
    with claim.transaction() as connection:
        sweeping.remove(connection, [chunk for neighbours in alike for chunk in neighbours])
        insert_new(connection, Axis, [axis for axis, _ in written])
        insert_new(connection, Chunk, [row for _, rows in written for row in rows])
