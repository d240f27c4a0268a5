"""Chunks that are not what they should be are found, and those of an unfinished pass are no problem."""

import contextlib
from typing import Any

import pytest
from report_sender import Sender
from sqlalchemy import Engine, delete, update

from trainvitals_server.storage.compaction import compact
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Axis, Chunk, Compaction
from trainvitals_server.upkeep.verification import verify


@pytest.fixture
def sender(store: Store) -> Sender:
    """A run of two series, compacted in two passes."""
    sender = Sender(store)
    for first in (0, 100):
        sender.log(range(first, first + 100), loss=range(100), accuracy=range(100))
        compact(store.engine, sender.run_id)
    return sender


def test_compacted_runs_have_no_problem(engine: Engine, sender: Sender) -> None:
    found = verify(engine)
    assert found.problems == []
    assert (found.looked_at["chunks"], found.looked_at["numbers"]) == (4, 400)


def test_a_pass_that_broke_off_is_no_problem(engine: Engine, sender: Sender) -> None:
    sender.log(range(50, 300), loss=range(250), accuracy=range(250))
    breaths = iter([None, None])
    with contextlib.suppress(StopIteration):
        compact(engine, sender.run_id, breathe=lambda: next(breaths))
    assert verify(engine).problems == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (update(Chunk).where(Chunk.first_step == 0).values(values=b"\0\0"), "cannot be decoded"),
        (
            update(Chunk).where(Chunk.first_step == 0).values(size=99),
            "99 points announced, 100 steps",
        ),
        (update(Chunk).where(Chunk.first_step == 0).values(last_step=150), "overlaps the one before"),
        (update(Chunk).where(Chunk.first_step == 0).values(fine=None), "of its fine buckets is not that of its points"),
        (delete(Axis), "cannot be decoded"),
        (delete(Chunk).where(Chunk.first_step == 0), "has 100 compacted steps, but 200 were counted"),
        (update(Compaction).values(cursor=9), "compacted up to report 9, of 2"),
    ],
    ids=["values", "size", "overlap", "buckets", "axis", "missing", "cursor"],
)
def test_each_kind_of_damage_is_told(engine: Engine, sender: Sender, damage: Any, words: str) -> None:
    with writing(engine).begin() as connection:
        connection.execute(damage)
    assert any(words in problem for problem in verify(engine).problems)
