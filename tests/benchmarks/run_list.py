"""A page of 100 runs out of 10,000 with 100,000 tags: each order and each filter, on SQLite and Postgres."""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from ingest import postgres, sqlite
from sqlalchemy import Engine

import trainvitals_migrations
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.run_list import SORTS
from trainvitals_server.storage.runs import EMPTY
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Run, Tag

RUNS = 10_000
TAGS = 10
REPEATS = 5
GOAL_MS = 50.0

FILTERS: dict[str, dict[str, Any]] = {
    "project": {"project": "project-3"},
    "status": {"status": "running"},
    "tag": {"tag": "tag-17"},
    "group": {"group": "sweep-5"},
    "search": {"search": "brisk-otter-77"},
    "archived": {"archived": True},
    "project and tag": {"project": "project-3", "tag": "tag-17"},
}


def fill(engine: Engine) -> None:
    """Insert the runs with about 3 kB of words each."""
    chance = random.Random(0)
    rows, tags = [], []
    for n in range(RUNS):
        names = [f"tag-{chance.randrange(1000)}" for _ in range(TAGS)]
        run_id = f"{n:032x}"
        rows.append(
            {
                **EMPTY,
                "id": run_id,
                "project": f"project-{n % 20}",
                "name": f"brisk-otter-{n}",
                "group": f"sweep-{n % 50}" if n % 3 else None,
                "tags": sorted(set(names)),
                "notes": "tried again" if n % 7 == 0 else None,
                "archived": n % 10 == 0,
                "config": {f"option_{k}": chance.random() for k in range(30)},
                "environment": {f"package_{k}": "1.2.3" for k in range(60)},
                "metrics": {name: [1.0, n, 0.5, 2.0] for name in ("loss", "accuracy", "val_loss", "val/accuracy")},
                "status": chance.choice(["running", "finished", "failed", "crashed"]),
                "created_at": 1.7e9 + n,
                "last_seen_at": 1.7e9 + n + chance.randrange(1000),
                "last_step": chance.randrange(10**6) if n % 9 else None,
                "overhead_fraction": chance.random() if n % 4 else None,
                "epoch": "e",
            }
        )
        tags += [{"run_id": run_id, "tag": tag} for tag in set(names)]
    with writing(engine).begin() as connection:
        insert_new(connection, Run, rows)
        insert_new(connection, Tag, tags)
        connection.exec_driver_sql("ANALYZE")


def milliseconds(call: Callable[[], Any]) -> float:
    """The median of some calls, after one."""
    call()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1e3)
    return sorted(taken)[REPEATS // 2]


def second_page(reader: StorageReader, **asked: Any) -> None:
    """Two pages, the second by its cursor."""
    reader.runs(**asked, cursor=reader.runs(**asked)["next_cursor"])


def measure(name: str, engine: Engine) -> None:
    """Print the times of each order and filter."""
    trainvitals_migrations.upgrade(engine)
    fill(engine)
    reader = StorageReader(Store(engine), str)
    found = {f"sort={sign}{sort}": {"sort": sign + sort} for sort in SORTS for sign in ("", "-")}
    found |= {f"{name} filter": asked for name, asked in FILTERS.items()}
    times = {words: milliseconds(lambda asked=asked: reader.runs(**asked)) for words, asked in found.items()}  # type: ignore[misc]
    times["two pages"] = milliseconds(lambda: second_page(reader, sort="-last_step"))
    slowest = sorted(times.items(), key=lambda item: -item[1])
    print(f"{name}: slowest of {len(times)} (goal: {GOAL_MS:g} ms)")
    for words, took in slowest[:8]:
        print(f"  {words:28} {took:6.1f} ms")
    print(f"  {'the default':28} {times['sort=-created_at']:6.1f} ms", flush=True)


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
