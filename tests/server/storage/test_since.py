"""What a viewer missed."""

import pytest
from report_sender import Sender, frame
from sqlalchemy import Engine

from trainvitals_server.storage import store as store_module
from trainvitals_server.storage.store import Store
from trainvitals_server.storage.tail import TAIL_REPORTS_MAX
from trainvitals_wire.encoding import encode


def losses(found: object) -> list[float]:
    assert isinstance(found, store_module.Since)
    return [float(value) for part in found.frames for value in part.values[:, 0]]


@pytest.fixture
def sender(store: Store) -> Sender:
    sender = Sender(store)
    for n in range(4):
        sender.send(frame({"loss": [n], "accuracy": [0.5]}, [n]), frame({"other": [1]}, [n]))
    return sender


@pytest.mark.parametrize("cursor", range(5))
def test_memory_and_database_tell_the_same(sender: Sender, store: Store, engine: Engine, cursor: int) -> None:
    afresh = Store(engine)
    for each in (store, afresh):
        found = each.since(sender.run_id, cursor, ["loss"])
        assert losses(found) == list(range(cursor, 4))
        assert found is not None and found.cursor == 4
        assert all(part.keys == ("loss",) for part in found.frames)


def test_frames_of_other_series_are_left_out(sender: Sender, store: Store) -> None:
    found = store.since(sender.run_id, 0, ["nothing"])
    assert found is not None
    assert (found.cursor, found.frames) == (4, ())


@pytest.mark.parametrize("cursor", [-1, 5])
def test_a_cursor_that_was_never_given_means_fetch_again(sender: Sender, store: Store, cursor: int) -> None:
    assert store.since(sender.run_id, cursor, ["loss"]) is None


def test_a_viewer_too_far_behind_fetches_again(sender: Sender, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SINCE_REPORTS_MAX", 3)
    afresh = Store(engine)
    assert afresh.since(sender.run_id, 0, ["loss"]) is None
    assert afresh.since(sender.run_id, 1, ["loss"]) is not None


def test_beyond_what_memory_holds_the_database_answers(store: Store) -> None:
    sender = Sender(store)
    count = TAIL_REPORTS_MAX + 5
    for n in range(count):
        sender.log([n], loss=[float(n)])
    assert losses(store.since(sender.run_id, 2, ["loss"])) == list(range(2, count))


def test_reports_that_another_store_wrote_in_between_are_not_lost(sender: Sender, store: Store, engine: Engine) -> None:
    other = Store(engine)
    other.start()
    other.append(sender.run_id, _encoded(sender, 4)).result(timeout=30)
    other.close()
    assert losses(store.since(sender.run_id, 4, ["loss"])) == [4]
    sender.log([5], loss=[5.0])
    assert losses(store.since(sender.run_id, 2, ["loss"])) == [2, 3, 4, 5]


def _encoded(sender: Sender, step: int) -> bytes:
    return encode(sender.report(frame({"loss": [step]}, [step])))


def test_the_epoch_changes_when_a_run_is_made_again(store: Store) -> None:
    sender = Sender(store)
    before = store.position(sender.run_id)
    store.delete_run(sender.run_id)
    store.create_run(store_module.NewRun("project", "name", id=sender.run_id))
    after = store.position(sender.run_id)
    assert before.cursor == after.cursor == 0
    assert before.epoch != after.epoch
