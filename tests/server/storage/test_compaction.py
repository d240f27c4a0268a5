"""Before, during and after compaction every question has the same answer: that of a plain twin."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_sender import Sender, frame
from sqlalchemy import Engine, func, select
from twin import Twin, Written, check_curve, plain, written

from trainvitals_server.storage import pyramid, stretch
from trainvitals_server.storage.compaction import compact
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Axis, Chunk, Frame

SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The structure of a million steps in some thirty."""
    monkeypatch.setattr(pyramid, "LEVELS", (2, 4, 8))
    monkeypatch.setattr("trainvitals_server.storage.cold.LEVELS", (2, 4, 8))
    monkeypatch.setattr(stretch, "POINTS_MAX", 16)


def rows(engine: Engine, table: type[Frame] | type[Chunk] | type[Axis], run_id: str) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table).where(table.run_id == run_id)).scalar() or 0


windows = st.tuples(*[st.none() | st.integers(0, 40)] * 2)
written_steps = written(st.integers(0, 40) | st.sampled_from([10**12, 2**53]))
acts = st.lists(written_steps | st.sampled_from(["compact", "compact but the last"]), min_size=1, max_size=10)


def check(reader: StorageReader, run_id: str, twin: Twin, points: int, window: tuple[int | None, int | None]) -> None:
    first, last = window
    keys = list(twin.values)
    answer = reader.data(run_id, keys, first_step=first, last_step=last, points=points)
    for entry in answer["series"]:
        check_curve(entry, twin.window(entry["key"], first, last), points)
    for known in reader.series(run_id):
        values = twin.values[known["key"]]
        assert (known["first_step"], known["last_step"], known["count"]) == (min(values), max(values), len(values))
        assert known["last_value"] == plain(values[max(values)])
    assert reader.run(run_id)["dropped"].get("replaced", 0) == twin.replaced


@given(acts=acts, points=st.integers(1, 15), window=windows)
@SMALL
def test_compacted_or_not_data_is_what_a_dictionary_would_give(
    store: Store, reader: StorageReader, acts: list[Written | str], points: int, window: tuple[int | None, int | None]
) -> None:
    sender, twin = Sender(store), Twin()
    for act in acts:
        if isinstance(act, str):
            compact(store.engine, sender.run_id, keep_reports=act == "compact but the last")
        else:
            sender.send(frame(act[1], act[0]))
            twin.log(act)
        check(reader, sender.run_id, twin, points, window)
