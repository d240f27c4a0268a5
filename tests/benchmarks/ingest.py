"""Durable ingest: points a second of this storage beside a table with a row a point, measured in the same run.

A report is 10 steps of 1000 series (float32), as the SDK sends them. `frames, one at a time` waits for each report to
be durable before it sends the next; `frames, 16 in flight` is what several senders give. The rival commits the same
numbers as 10,000 rows, with COPY on Postgres.

`beside compaction` is one report at a time while a long run of another is compacted without a pause: what is left of
the speed, and how long a report waits (goal: never more than 100 ms).
"""

import gc
import itertools
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

import trainvitals_migrations
from trainvitals_server.storage.compactor import Compactor
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.engine import open_engine, writing
from trainvitals_server.storage.store import Store
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.report import Report

sys.path.insert(0, str(Path(__file__).parents[1] / "postgres"))

SERIES = 1000
STEPS = 10
SECONDS = 3.0
"""How long each design is measured."""

ROW_A_POINT = "CREATE TABLE point (run TEXT, series INTEGER, step BIGINT, value REAL, PRIMARY KEY (run, series, step))"
BACKLOG = 1000
"""Reports of the run that is compacted: 1e7 points."""

KEYS = tuple(f"activation_std/blocks.{n}" for n in range(SERIES))


def values(generator: np.random.Generator) -> np.ndarray:  # type: ignore[type-arg]
    """Numbers like those of a training: series of different size that wander by a few per cent."""
    size = np.exp(np.linspace(-6, 2, SERIES))
    return (size * (1 + 0.03 * generator.normal(size=(STEPS, SERIES)))).astype(np.float32)


def bodies(writer_id: str) -> Iterator[bytes]:
    """Encoded reports; the column list travels with the first."""
    generator = np.random.default_rng(0)
    known: set[str] = set()
    for sequence in itertools.count(1):
        steps = np.arange(STEPS) + (sequence - 1) * STEPS
        frame = Frame(KEYS, steps, 1.7e9 + 0.1 * steps, values(generator))
        yield encode(Report(writer_id, sequence, frames=(frame,)), known)
        known.add(columns_id(KEYS))


def frames(engine: Engine, in_flight: int) -> float:
    """Points a second through `Store.append`, `in_flight` reports waiting at once."""
    store = Store(engine)
    store.start()
    created = store.create_run(NewRun("benchmark", "ingest"))
    prepared = list(itertools.islice(bodies(created.writer_id), 3000))
    store.append(created.id, prepared[0]).result()
    waiting: deque = deque()  # type: ignore[type-arg]
    sent, start = 0, time.perf_counter()
    for body in prepared[1:]:
        if time.perf_counter() - start > SECONDS:
            break
        waiting.append(store.append(created.id, body))
        sent += 1
        if len(waiting) >= in_flight:
            waiting.popleft().result()
    for future in waiting:
        future.result()
    seconds = time.perf_counter() - start
    store.close()
    return sent * SERIES * STEPS / seconds


def beside_compaction(engine: Engine, name: str) -> None:
    """Print how long reports wait, one at a time, while the frames of another run become chunks."""
    store = Store(engine)
    store.start()
    compacted, going_on = (store.create_run(NewRun("benchmark", word)) for word in ("ended", "goes on"))
    waiting = [store.append(compacted.id, body) for body in itertools.islice(bodies(compacted.writer_id), BACKLOG)]
    for future in waiting:
        future.result()
    store.set_status(compacted.id, "finished")
    prepared = bodies(going_on.writer_id)
    # As the server does when it is ready.
    gc.collect()
    gc.freeze()
    quiet = _waits(store, going_on.id, prepared, lambda taken: sum(taken) < SECONDS)
    # That run alone: the one that goes on grows as long as it is compacted.
    compaction = threading.Thread(target=lambda: Compactor(store).compact(compacted.id, ended=True))
    began = time.perf_counter()
    compaction.start()
    busy = _waits(store, going_on.id, prepared, lambda _: compaction.is_alive())
    for words, taken in (("quiet", quiet), ("beside compaction", busy)):
        p50, p99, longest = np.percentile(np.array(taken) * 1e3, [50, 99, 100])
        print(
            f"{name:9} {'one at a time, ' + words:33} {len(taken) * SERIES * STEPS / sum(taken):12,.0f} points/s   "
            f"a report waits p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms",
            flush=True,
        )
    speed = BACKLOG * SERIES * STEPS / (time.perf_counter() - began)
    print(f"{name:9} {'compacted meanwhile':33} {speed:12,.0f} points/s", flush=True)
    store.close()


def _waits(store: Store, run_id: str, prepared: Iterator[bytes], go_on: Callable[[list[float]], bool]) -> list[float]:
    """Seconds that each report waited until it was durable."""
    taken: list[float] = []
    while go_on(taken):
        body = next(prepared)
        sent = time.perf_counter()
        store.append(run_id, body).result()
        taken.append(time.perf_counter() - sent)
    return taken


def rows(engine: Engine) -> float:
    """Points a second with a row a point, one transaction a report."""
    generator = np.random.default_rng(0)
    reports, start = 0, time.perf_counter()
    with writing(engine).begin() as connection:
        connection.exec_driver_sql(ROW_A_POINT)
    while time.perf_counter() - start < SECONDS:
        block = values(generator).T.tolist()
        first = reports * STEPS
        entries = [("run", n, first + m, value) for n, row in enumerate(block) for m, value in enumerate(row)]
        with writing(engine).begin() as connection:
            driver = connection.connection.cursor()
            if engine.dialect.name == "sqlite":
                driver.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", entries)
            else:
                with driver.copy("COPY point FROM STDIN") as copy:  # type: ignore[attr-defined]
                    for entry in entries:
                        copy.write_row(entry)
        reports += 1
    return reports * SERIES * STEPS / (time.perf_counter() - start)


@contextmanager
def sqlite() -> Iterator[Callable[[], Engine]]:
    """Opens fresh SQLite files, durable against a power cut."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = itertools.count()
        yield lambda: open_engine(f"sqlite:///{folder}/{next(numbers)}.db")


@contextmanager
def postgres() -> Iterator[Callable[[], Engine]]:
    """Opens fresh databases of a Postgres with its own default settings (fsync on)."""
    from postgres_cluster import PostgresCluster

    cluster = PostgresCluster(settings={})
    try:
        yield lambda: open_engine(cluster.new_database())
    finally:
        cluster.stop()


def measure(name: str, new_engine: Callable[[], Engine]) -> None:
    """Measure the designs on one database and print a line each."""
    designs: list[tuple[str, Callable[[Engine], float]]] = [
        ("frames, 16 in flight", lambda engine: frames(engine, 16)),
        ("frames, one at a time", lambda engine: frames(engine, 1)),
        ("a row a point", rows),
    ]
    found = {}
    for design, run in designs:
        engine = new_engine()
        trainvitals_migrations.upgrade(engine)
        found[design] = run(engine)
        engine.dispose()
    for design, points in found.items():
        ratio = points / found["a row a point"]
        print(f"{name:9} {design:24} {points:14,.0f} points/s  {ratio:6.1f} x a row a point", flush=True)
    engine = new_engine()
    trainvitals_migrations.upgrade(engine)
    beside_compaction(engine, name)
    engine.dispose()


def main() -> None:
    """Print points a second of durable append, on SQLite and, where it is installed, Postgres."""
    print(f"Ingest, durable: {SERIES} series x {STEPS} steps a report, {SECONDS:g} s each")
    with sqlite() as new_engine:
        measure("SQLite", new_engine)
    try:
        with postgres() as new_engine:
            measure("Postgres", new_engine)
    except (ImportError, RuntimeError) as error:
        print(f"Postgres  not measured: {error}")


if __name__ == "__main__":
    main()
