"""A sustained state, told of all layers at once as of each alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import stretches, sustained
from trainvitals_server.diagnosis.table import Table

VALUES = st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])
ROWS = st.integers(0, 40).flatmap(lambda n: st.lists(st.lists(VALUES, min_size=n, max_size=n), min_size=1, max_size=4))
STEADY = st.integers(10, 40).flatmap(
    lambda n: st.lists(
        st.lists(st.sampled_from([1.0, 3.0, 3.0, 3.0, 2.5]), min_size=n, max_size=n), min_size=1, max_size=4
    )
)


@given(st.one_of(ROWS, STEADY))
def test_all_at_once_is_the_same_as_each_alone(rows: list[list[float]]) -> None:
    signals, values = Signals(), np.array(rows, np.float64)
    steps = 5 * np.arange(values.shape[1], dtype=np.int64)
    owners = tuple(f"fc{place}" for place in range(len(values)))
    found = stretches(signals, Table(owners, steps, values), values > 2)
    for owner, row in zip(owners, values, strict=True):
        history = History(steps, row).finite()
        assert found.get(owner) == sustained(signals, history, history.values > 2)


def test_histories_of_different_steps_stand_side_by_side() -> None:
    one = History(np.array([0, 2]), np.array([1.0, 2.0]))
    other = History(np.array([1, 2]), np.array([3.0, 4.0]))
    table = Table.of(("a", "b"), [one, other])
    assert table.steps.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(table.values, [[1, np.nan, 2], [np.nan, 3, 4]])
    assert table.start.tolist() == [1.0, 3.0]
    assert table.history(1).values.tolist() == [3.0, 4.0]
