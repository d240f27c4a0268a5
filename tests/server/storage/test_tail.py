"""What is kept in memory for viewers is bounded in all, however many runs there are."""

import numpy as np

from trainvitals_server.storage.contract import Committed
from trainvitals_server.storage.tail import TAIL_REPORTS_MAX, TAIL_RUNS_MAX, TAILS_BYTES_MAX, Tail
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report

ROWS = 1000
SERIES = 250


def report(sequence: int, rows: int = ROWS) -> Report:
    """About a megabyte of float32."""
    keys = tuple(f"s{n}" for n in range(SERIES))
    frame = Frame(keys, np.arange(rows), np.zeros(rows), np.zeros((rows, SERIES), np.float32))
    return Report("w", sequence, (frame,))


def kept(tail: Tail, run_id: str, newest: int) -> int:
    """How many of the last commits are there."""
    return max((newest - start for start in range(newest) if tail.since(run_id, start)), default=0)


def test_of_one_run_the_last_commits_are_kept() -> None:
    tail = Tail()
    for cursor in range(1, 2 * TAIL_REPORTS_MAX):
        tail.add(Committed("run", cursor, report(cursor, rows=1)))
    assert kept(tail, "run", 2 * TAIL_REPORTS_MAX - 1) == TAIL_REPORTS_MAX


def test_of_many_runs_less_of_each() -> None:
    tail = Tail()
    for cursor in range(1, 9):
        for run in range(TAIL_RUNS_MAX):
            tail.add(Committed(f"run{run}", cursor, report(cursor)))
    sizes = [kept(tail, f"run{run}", 8) for run in range(TAIL_RUNS_MAX)]
    assert sum(sizes) * ROWS * SERIES * 4 <= TAILS_BYTES_MAX
    few = Tail()
    for cursor in range(1, 9):
        for run in range(4):
            few.add(Committed(f"run{run}", cursor, report(cursor)))
    assert [kept(few, f"run{run}", 8) for run in range(4)] == [6] * 4
