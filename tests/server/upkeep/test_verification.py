"""`verify` finds what is damaged, and nothing in what is whole."""

from typing import Any

import numpy as np
import pytest
from report_sender import Sender, frame
from sqlalchemy import Engine, delete, insert, update

from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.packing import pack
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Columns, Fact, Frame, Histogram, Run, Series, Tag, Writer
from trainvitals_server.upkeep.verification import PROBLEMS_MAX, find_checks, verify
from trainvitals_wire.histogram import Histogram as WireHistogram


@pytest.fixture
def sender(store: Store) -> Sender:
    """A run with everything that is checked."""
    sender = Sender(store, NewRun("project", "name", tags=("a", "b")))
    histogram = WireHistogram.of("weight/w", 0, 0.0, np.arange(9, dtype=np.float32))
    sender.send(frame({"loss": [1.0, 2.0]}, [0, 1]), histograms=(histogram,), facts=({"kind": "x", "step": 0},))
    sender.resend(sender.report(frame({"loss": [3.0], "acc": [0.5]}, [2])))
    return sender


def test_what_was_stored_has_no_problem(engine: Engine, sender: Sender) -> None:
    found = verify(engine)
    assert found.problems == []
    assert {what: found.looked_at[what] for what in ("runs", "frames", "numbers", "histograms", "facts", "series")} == {
        "runs": 1,
        "frames": 2,
        "numbers": 4,
        "histograms": 1,
        "facts": 1,
        "series": 3,
    }


DAMAGE: dict[str, tuple[Any, str]] = {
    "cursor": (update(Run).values(cursor=9), "9 reports were counted, but its writers have 2"),
    "sequences": (update(Writer).values(sequences=[[2, 3], [1, 1]]), "out of order"),
    "values": (update(Frame).values(values=b"\x80nonsense"), "frame 0 of report 1 cannot be decoded"),
    "size": (update(Frame).values(values=pack(np.zeros(9))), "9 values of 2 x 1"),
    "range": (update(Frame).values(last_step=77), "not 0 to 77"),
    "beyond": (update(Frame).where(Frame.cursor == 2).values(cursor=5), "beyond the 2 reports"),
    "columns": (delete(Columns), "there is no column list"),
    "keys": (update(Columns).values(keys="other"), "does not fit its keys"),
    "series": (delete(Series).where(Series.key == "acc"), "names 1 series that are not listed, such as 'acc'"),
    "counts": (update(Histogram).values(counts=pack(np.zeros(1, np.uint64))), "cannot be decoded"),
    "fact": (update(Fact).values(cursor=7), "a fact lies at report 7"),
    "tag": (delete(Tag).where(Tag.tag == "b"), "found by ['a']"),
    "orphan": (insert(Tag).values(run_id="gone", tag="x"), "table tag has rows of 1 runs that are not there"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told(engine: Engine, sender: Sender, name: str) -> None:
    statement, words = DAMAGE[name]
    with engine.begin() as connection:
        connection.execute(statement)
    assert words in "\n".join(verify(engine).problems)


def test_a_deleted_run_whose_rows_are_not_gone_yet_is_no_problem(engine: Engine, store: Store, sender: Sender) -> None:
    store.delete_run(sender.run_id)
    assert verify(engine).problems == []


def test_of_many_problems_of_one_kind_only_some_are_told(engine: Engine, store: Store) -> None:
    sender = Sender(store)
    for step in range(PROBLEMS_MAX + 5):
        sender.log([step], loss=[0.0])
    with engine.begin() as connection:
        connection.execute(update(Frame).values(last_step=99))
    problems = verify(engine).problems
    assert len(problems) == PROBLEMS_MAX + 1
    assert problems[-1].endswith("and 5 more problems of its frames")


def test_a_check_that_fails_itself_is_a_problem(
    engine: Engine, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no")

    found = {**find_checks(), "frames": fails}
    monkeypatch.setattr("trainvitals_server.upkeep.verification.find_checks", lambda: found)
    assert verify(engine).problems == [f"run {sender.run_id}: the check of its frames failed: RuntimeError: no"]
