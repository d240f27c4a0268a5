"""Reports become durable exactly once, in order, within bounds."""

import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_sender import Sender, frame
from sqlalchemy import Engine, func, select

from trainvitals_server.storage import commit
from trainvitals_server.storage.contract import Appended, Committed, NewRun
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.errors import QueueFull, RunNotFound, StorageError
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Fact, Frame, Histogram
from trainvitals_wire.encoding import encode
from trainvitals_wire.errors import MalformedReport, UnknownColumns
from trainvitals_wire.frame import columns_id
from trainvitals_wire.histogram import Histogram as WireHistogram
from trainvitals_wire.report import Report


def stored_rows(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (Frame, Fact)]


def test_a_report_is_stored_and_gets_the_next_cursor(store: Store) -> None:
    sender = Sender(store)
    assert sender.log([0], loss=[1.0]) == Appended(1, stored=True, cursor=1)
    assert sender.log([1], loss=[1.0]) == Appended(2, stored=True, cursor=2)
    assert store.position(sender.run_id).cursor == 2


def test_a_repeated_report_stores_nothing(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    report = sender.report(frame({"loss": [1.0]}, [0]), facts=({"kind": "criterion", "step": 0},))
    assert sender.resend(report).stored
    before = stored_rows(engine)
    assert sender.resend(report) == Appended(1, stored=False, cursor=1)
    assert stored_rows(engine) == before == [1, 1]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_sequence_is_stored_once_in_whatever_order_it_comes(
    store: Store, reader: StorageReader, sequences: list[int]
) -> None:
    sender = Sender(store)
    seen: set[int] = set()
    for sequence in sequences:
        report = Report(sender.created.writer_id, sequence, frames=(frame({"loss": [sequence]}, [sequence]),))
        assert sender.resend(report).stored == (sequence not in seen)
        seen.add(sequence)
    (series,) = reader.data(sender.run_id, ["loss"])["series"]
    assert series["steps"] == sorted(seen)
    assert "replaced" not in reader.run(sender.run_id)["dropped"]


def test_two_writers_have_sequences_of_their_own(store: Store) -> None:
    first = Sender(store)
    second = Sender(store, NewRun("project", "name", id=first.run_id, resume="must"))
    assert first.log([0], loss=[1.0]).stored
    assert second.log([1], loss=[1.0]).stored


def test_a_report_acknowledged_or_not_is_found_once_after_a_crash(database_url: str) -> None:
    """The writer commits, and the process dies before its sender hears of it: the sender sends again."""
    engine = open_engine(database_url)
    store = Store(engine)
    store.start()
    sender = Sender(store)
    report = sender.report(frame({"loss": [1.0, 2.0]}, [0, 1]))
    sender.resend(report)
    # No close, no goodbye: a second store opens the same database.
    other_engine = open_engine(database_url)
    other = Store(other_engine)
    other.start()
    answer = other.append(sender.run_id, encode(report)).result(timeout=30)
    (series,) = StorageReader(other, str).data(sender.run_id, ["loss"])["series"]
    assert (answer.stored, series["steps"], series["count"]) == (False, [0, 1], [1, 1])
    for each in (other, store):
        each.close()
        each.engine.dispose()


def test_what_waits_is_written_when_the_store_closes(engine: Engine) -> None:
    store = Store(engine)
    created = store.create_run(NewRun("project", "name"))
    bodies = [encode(Report(created.writer_id, n, frames=(frame({"loss": [n]}, [n]),))) for n in range(1, 101)]
    futures = [store.append(created.id, body) for body in bodies]
    store.start()
    store.close()
    assert [future.result(timeout=0).cursor for future in futures] == list(range(1, 101))
    with pytest.raises(StorageError, match="closed"):
        store.append(created.id, bodies[0])


def test_a_full_queue_refuses_and_says_when_to_come_back(engine: Engine) -> None:
    store = Store(engine, queue_reports_max=2)
    created = store.create_run(NewRun("project", "name"))
    waiting: list[Future[Appended]] = []
    with pytest.raises(QueueFull) as caught:
        for n in range(1, 4):
            waiting.append(store.append(created.id, encode(Report(created.writer_id, n))))
    assert caught.value.retry_after_seconds > 0
    assert (len(waiting), store.queued()) == (2, 2)
    store.start()
    store.close()
    assert all(future.result(timeout=0).stored for future in waiting)


def test_an_unknown_run_is_refused_at_once(store: Store) -> None:
    with pytest.raises(RunNotFound, match="nobody"):
        store.append("nobody", encode(Report("writer", 1)))


def test_bytes_that_are_no_report_change_nothing(store: Store) -> None:
    sender = Sender(store)
    with pytest.raises(MalformedReport):
        store.append(sender.run_id, b"not a report")
    assert store.position(sender.run_id).cursor == 0


@pytest.mark.parametrize("text", ["\udc80", "a\x00b"])
def test_a_name_that_no_database_takes_is_refused_as_malformed(store: Store, text: str) -> None:
    sender = Sender(store)
    with pytest.raises(MalformedReport):
        store.append(sender.run_id, encode(Report(text, 1)))


def test_half_a_surrogate_pair_in_a_series_key_is_refused_as_malformed(store: Store) -> None:
    sender = Sender(store)
    body = encode(sender.report(frame({"loss": [1.0]}, [0])))
    header_bytes = int.from_bytes(body[8:12], "little")
    header = body[16 : 16 + header_bytes].replace(b'"loss"', b'"\\udc80"')
    rest = header + body[16 + header_bytes :]
    with pytest.raises(MalformedReport, match="Unicode"):
        store.append(
            sender.run_id,
            body[:8] + len(header).to_bytes(4, "little") + zlib.crc32(rest).to_bytes(4, "little") + rest,
        )


def test_a_fact_with_odd_text_is_stored_readably(store: Store) -> None:
    sender = Sender(store)
    sender.send(facts=({"kind": "criterion", "step": 0, "type": "a\x00b\ud800"},))
    (report,) = store.reports(sender.run_id)
    assert report.facts[0]["type"] == "a\ufffdb\ufffd"


def test_a_run_deleted_while_its_report_waits_is_told_and_harms_no_other(engine: Engine) -> None:
    store = Store(engine)
    gone, stays = store.create_run(NewRun("project", "gone")), store.create_run(NewRun("project", "stays"))
    lost = store.append(gone.id, encode(Report(gone.writer_id, 1)))
    kept = store.append(stays.id, encode(Report(stays.writer_id, 1)))
    store.delete_run(gone.id)
    store.start()
    store.close()
    assert isinstance(lost.exception(timeout=0), RunNotFound)
    assert kept.result(timeout=0).stored


def test_a_column_list_is_known_after_it_travelled_once_also_to_another_store(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    numbers = frame({"loss": [1.0], "accuracy": [0.5]}, [0])
    known = {columns_id(numbers.keys)}
    short = encode(sender.report(numbers), known)
    with pytest.raises(UnknownColumns):
        store.append(sender.run_id, short)
    assert store.append(sender.run_id, encode(Report(sender.created.writer_id, 9, (numbers,)))).result(30).stored
    assert store.append(sender.run_id, short).result(30).stored
    other = Store(engine)
    other.start()
    assert other.append(sender.run_id, encode(sender.report(numbers), known)).result(30).stored
    other.close()


def test_listeners_hear_of_each_report_once_in_cursor_order(store: Store) -> None:
    heard: list[Committed] = []
    all_heard = threading.Event()

    def listener(committed: Committed) -> None:
        heard.append(committed)
        if len(heard) == 50:
            all_heard.set()

    store.listen(listener)
    sender = Sender(store)
    bodies = [encode(sender.report(frame({"loss": [n]}, [n]))) for n in range(50)]
    futures = [store.append(sender.run_id, body) for body in (*bodies, bodies[0])]
    assert all_heard.wait(timeout=30)
    assert [future.result(timeout=30).cursor for future in futures[:50]] == list(range(1, 51))
    assert [committed.cursor for committed in heard] == list(range(1, 51))
    assert heard[7].report.frames[0].steps.tolist() == [7]


def test_a_listener_that_fails_stops_neither_the_writer_nor_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    heard = threading.Event()

    def fails(_: Committed) -> None:
        raise RuntimeError("broken listener")

    store.listen(fails)
    store.listen(lambda _: heard.set())
    sender = Sender(store)
    assert sender.log([0], loss=[1.0]).stored
    assert heard.wait(timeout=30)
    assert sender.log([1], loss=[1.0]).stored
    assert "broken listener" in caplog.text


def test_a_report_that_cannot_be_written_fails_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[object], bytes] = commit.pack  # type: ignore[assignment]

    def refuse_thirteen(array: np.ndarray) -> bytes:  # type: ignore[type-arg]
        if array.dtype == np.float64 and 13.0 in array:
            raise OSError("disk is full")
        return real(array)

    monkeypatch.setattr(commit, "pack", refuse_thirteen)
    store = Store(engine)
    created = store.create_run(NewRun("project", "name"))
    values = [1.0, 13.0, 2.0]
    reports = [Report(created.writer_id, n + 1, (frame({"loss": [v]}, [n]),)) for n, v in enumerate(values)]
    futures = [store.append(created.id, encode(report)) for report in reports]
    store.start()
    store.close()
    assert isinstance(futures[1].exception(timeout=0), OSError)
    (series,) = StorageReader(store, str).data(created.id, ["loss"])["series"]
    assert series["last"] == [1.0, 2.0]


def test_a_caller_who_goes_away_does_not_stop_the_writer(engine: Engine) -> None:
    store = Store(engine)
    created = store.create_run(NewRun("project", "name"))
    left = store.append(created.id, encode(Report(created.writer_id, 1)))
    assert not left.cancel()
    stays = store.append(created.id, encode(Report(created.writer_id, 2)))
    store.start()
    store.close()
    assert left.result(timeout=0).stored and stays.result(timeout=0).stored


def test_a_run_that_the_writer_forgot_goes_on_as_before(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, reader: StorageReader
) -> None:
    monkeypatch.setattr("trainvitals_server.storage.writer.KNOWN_RUNS_MAX", 1)
    monkeypatch.setattr("trainvitals_server.storage.store.KNOWN_RUNS_MAX", 1)
    store = Store(engine)
    store.start()
    first, second = Sender(store), Sender(store)
    for n in range(3):
        for sender in (first, second):
            assert sender.log([n], loss=[float(n)], **{f"metric{n}": [1.0]}).stored
    store.close()
    for sender in (first, second):
        assert {entry["key"] for entry in reader.series(sender.run_id)} == {"loss", "metric0", "metric1", "metric2"}
        assert reader.data(sender.run_id, ["loss"])["series"][0]["last"] == [0.0, 1.0, 2.0]


def test_readers_see_whole_reports_while_others_write(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[0.0, 1.0])
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            (series,) = reader.data(sender.run_id, ["loss"], points=10_000)["series"]
            if series["last"] != [float(step) for step in series["steps"]] or len(series["steps"]) % 2:
                wrong.append(series)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(1, 100):
        sender.log([2 * n, 2 * n + 1], loss=[2.0 * n, 2.0 * n + 1])
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(reader.data(sender.run_id, ["loss"], points=10_000)["series"][0]["steps"]) == 200


def test_two_stores_on_one_database_share_the_cursors_of_a_run(store: Store, engine: Engine) -> None:
    other = Store(engine)
    other.start()
    first = Sender(store)
    second = Sender(other, NewRun("project", "name", id=first.run_id, resume="must"))
    answers: list[Appended] = []

    def send(sender: Sender, key: str) -> None:
        # Each brings series of its own, so that both allot series ids at the same time.
        answers.extend(sender.send(frame({f"{key}{n}": [1.0]}, [n])) for n in range(20))

    threads = [threading.Thread(target=send, args=(first, "a")), threading.Thread(target=send, args=(second, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(answer.cursor for answer in answers) == list(range(1, 41))
    keys = {f"{key}{n}" for key in "ab" for n in range(20)}
    assert {entry["key"] for entry in StorageReader(store, str).series(first.run_id)} == keys


def test_of_two_histograms_of_one_key_and_step_in_a_report_the_last_stands(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    both = [WireHistogram.of("weight/w", 3, 0.0, np.full(n, 1.0, np.float32)) for n in (5, 7)]
    sender.send(histograms=tuple(both))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(Histogram)).scalar() == 1
    assert sum(StorageReader(store, str).histograms(sender.run_id, "weight/w")["counts"][0]) == 7
