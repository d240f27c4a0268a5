"""Threads that want to write to one SQLite file: who is called when."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from report_sender import Sender
from sqlalchemy import Engine, select, text

from trainvitals_server.storage.claim import Claim
from trainvitals_server.storage.engine import open_engine, writing
from trainvitals_server.storage.store import Store
from trainvitals_server.storage.turns import Turns, Urgency
from trainvitals_server.tables import Run

PATIENCE_SECONDS = 30.0


def waiting(turns: Turns, count: int) -> bool:
    return sum(map(len, turns._waiting.values())) == count


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    tick = threading.Event()
    while not condition():
        tick.wait(0.001)


def test_who_wants_it_now_goes_before_all_others_and_equals_in_their_order() -> None:
    turns, order = Turns(), []
    assert turns.take("now", 0)

    def work(name: str, urgency: Urgency) -> None:
        assert turns.take(urgency, PATIENCE_SECONDS)
        order.append(name)
        turns.give()

    threads = []
    wanted: list[tuple[str, Urgency]] = [("a", "meanwhile"), ("b", "meanwhile"), ("c", "now"), ("d", "now")]
    for number, one in enumerate(wanted, start=1):
        threads.append(threading.Thread(target=work, args=one))
        threads[-1].start()
        until(lambda number=number: waiting(turns, number))  # type: ignore[misc]
    turns.give()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert order == ["c", "d", "a", "b"]


def test_who_waited_in_vain_does_not_keep_the_others_waiting() -> None:
    turns = Turns()
    assert turns.take("now", 0)
    assert not turns.take("now", 0.001)
    turns.give()
    assert turns.take("meanwhile", 0)


def test_a_transaction_has_its_turn_until_its_connection_is_given_back(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    order = []

    def work(urgency: Urgency) -> None:
        with writing(engine, urgency).begin() as connection:
            connection.execute(text("SELECT 1"))
            order.append(urgency)

    with writing(engine).begin():
        threads = [threading.Thread(target=work, args=(urgency,)) for urgency in ("meanwhile", "now")]
        for thread in threads:
            thread.start()
        assert order == []
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(order) == ["meanwhile", "now"]
    engine.dispose()


def test_a_transaction_that_fails_ends_its_turn(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine).begin():
        raise ZeroDivisionError
    with writing(engine, "meanwhile").begin() as connection:
        assert connection.execute(select(Run.id)).all() == []


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_on_postgres_a_report_does_not_wait_for_the_compaction_of_its_run(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.log([0], loss=[1.0])
    claim = Claim(engine, sender.run_id)
    with claim.transaction():
        sender.log([1], loss=[1.0])
        store.heartbeat(sender.run_id, 1, 0)
    claim.give_up()
