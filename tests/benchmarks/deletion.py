"""Deleting a run of 1e7 points while another is written to: what its user waits, what ingest waits, what comes back."""

import itertools
import sys
import threading
import time
from pathlib import Path

from ingest import SERIES, STEPS, bodies, postgres, sqlite
from sqlalchemy import Engine

import trainvitals_migrations
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.store import Store
from trainvitals_server.upkeep.slices import Slices
from trainvitals_server.upkeep.sweeper import Sweeper

POINTS = 10_000_000


class Ingest:
    """Sends one report after the other, and remembers the longest wait."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.created = store.create_run(NewRun("benchmark", "lives"))
        self.waits: list[float] = []
        self.stop = threading.Event()

    def run(self) -> None:
        """Until it is stopped."""
        for body in bodies(self.created.writer_id):
            if self.stop.is_set():
                return
            began = time.perf_counter()
            self.store.append(self.created.id, body).result()
            self.waits.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.005)


def measure(name: str, engine: Engine) -> None:
    """Print one paragraph."""
    trainvitals_migrations.upgrade(engine)
    store = Store(engine)
    store.start()
    created = store.create_run(NewRun("benchmark", "goes"))
    waiting = [store.append(created.id, next(stream)) for stream in [bodies(created.writer_id)] for _ in range(1)]
    for body in itertools.islice(bodies(created.writer_id), 1, POINTS // SERIES // STEPS):
        waiting.append(store.append(created.id, body))
        if len(waiting) > 200:
            waiting.pop(0).result()
    for future in waiting:
        future.result()
    ingest = Ingest(store)
    thread = threading.Thread(target=ingest.run)
    thread.start()
    time.sleep(1.0)
    quiet = sorted(ingest.waits)
    ingest.waits.clear()
    began = time.perf_counter()
    store.delete_run(created.id)
    user = (time.perf_counter() - began) * 1e3
    Sweeper(engine).sweep(Slices(lambda seconds: time.sleep(seconds) is not None))
    swept = time.perf_counter() - began
    ingest.stop.set()
    thread.join()
    store.close()
    busy = sorted(ingest.waits)
    print(f"{name}: deleted for its user in {user:.1f} ms, all rows gone and space given back in {swept:.2f} s")
    print(f"  a report waited at most {quiet[-1]:.0f} ms before (median {quiet[len(quiet) // 2]:.1f}), ", end="")
    print(f"{busy[-1]:.0f} ms meanwhile (median {busy[len(busy) // 2]:.1f})")
    if engine.url.database and name == "SQLite":
        engine.dispose()
        print(f"  the file is {Path(engine.url.database).stat().st_size / 2**20:.1f} MiB now")


def main() -> None:
    """Measure both databases."""
    for name, databases in (("SQLite", sqlite), ("Postgres", postgres)):
        if len(sys.argv) > 1 and name.lower() not in sys.argv[1:]:
            continue
        try:
            with databases() as new_engine:
                measure(name, new_engine())
        except (ImportError, RuntimeError) as error:
            print(f"{name} not measured: {error}")


if __name__ == "__main__":
    main()
