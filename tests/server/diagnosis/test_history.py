"""The remembered steps of a run."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainvitals_server.diagnosis.block import FIRST_ROWS, LAST_ROWS, Block
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import sustained
from trainvitals_wire.frame import Frame


def frame(keys: tuple[str, ...], steps: np.ndarray, values: np.ndarray) -> Frame:
    return Frame(keys, steps.astype(np.int64), steps.astype(np.float64), values)


def test_the_start_and_the_end_of_a_long_run_are_kept_in_bounded_memory() -> None:
    block = Block(("loss",))
    for start in range(0, 50_000, 100):
        steps = np.arange(start, start + 100)
        block.add(frame(("loss",), steps, steps[:, None] * 2.0))
    history = block.column("loss")
    steps, values = history.steps, history.values
    assert steps[:FIRST_ROWS].tolist() == list(range(FIRST_ROWS))
    assert steps[-LAST_ROWS:].tolist() == list(range(50_000 - LAST_ROWS, 50_000))
    assert len(steps) <= FIRST_ROWS + 2 * LAST_ROWS
    assert (values == 2.0 * steps).all()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1000)), min_size=1, max_size=60))
def test_the_last_write_of_a_step_wins_in_any_order(points: list[tuple[int, int]]) -> None:
    parts = [(np.array([step], np.int64), np.array([float(value)])) for step, value in points]
    history = History.of(parts)
    expected = dict(points)
    assert dict(zip(history.steps.tolist(), history.values.tolist(), strict=True)) == expected
    assert (np.diff(history.steps) > 0).all()


def test_a_state_is_sustained_only_when_most_of_the_last_points_show_it() -> None:
    steps = np.arange(40)
    values = np.where(steps >= 25, 3.0, 1.0)
    values[30] = 1.0
    history = History(steps, values)
    stretch = sustained(Signals(), history, history.values > 2)
    assert stretch is not None
    assert (stretch.first_step, stretch.last_step, stretch.value) == (25, 39, 3.0)
    assert sustained(Signals(), history.between(0, 30), history.between(0, 30).values > 2) is None
