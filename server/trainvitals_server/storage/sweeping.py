"""Deleting chunks that are in sight no more, and the axes that only they had."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from trainvitals_server.storage.chunks import ListedChunk
from trainvitals_server.storage.stretch import NEVER
from trainvitals_server.tables import Axis, Chunk


def sweep(connection: Connection, run_id: str, version: int) -> None:
    """Undo what a pass left that broke off: chunks not shown yet, marks of death, chunks shown no more."""
    of_run = Chunk.run_id == run_id
    connection.execute(delete(Chunk).where(of_run, (Chunk.born > version) | (Chunk.died <= version)))
    connection.execute(update(Chunk).where(of_run, Chunk.died < NEVER).values(died=NEVER))
    used = select(Chunk.axis_id).where(Chunk.run_id == Axis.run_id, Chunk.axis_id == Axis.axis_id)
    connection.execute(delete(Axis).where(Axis.run_id == run_id, ~used.exists()))


def mark(connection: Connection, chunks: Sequence[ListedChunk], version: int) -> None:
    """From a version on these chunks are shown no more."""
    for chunk in chunks:
        connection.execute(update(Chunk).where(*_is(chunk)).values(died=version))


def remove(connection: Connection, chunks: Sequence[ListedChunk]) -> None:
    """Delete chunks of one run, and the axes that no other chunk has."""
    for chunk in chunks:
        connection.execute(delete(Chunk).where(*_is(chunk)))
    run_id, names = chunks[0].run_id, {chunk.axis_id for chunk in chunks}
    used = select(Chunk.axis_id).where(Chunk.run_id == run_id, Chunk.axis_id.in_(names)).distinct()
    left = names - set(connection.execute(used).scalars())
    connection.execute(delete(Axis).where(Axis.run_id == run_id, Axis.axis_id.in_(left)))


def _is(chunk: ListedChunk) -> Iterator[Any]:
    yield Chunk.run_id == chunk.run_id
    yield Chunk.series_id == chunk.series_id
    yield Chunk.first_step == chunk.first_step
    yield Chunk.born == chunk.born
