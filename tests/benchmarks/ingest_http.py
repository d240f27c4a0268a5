"""Durable ingest over HTTP through the real server: points a second of 8 clients, beside a row a point.

A report is 10 steps of 1000 series (float32), acknowledged after the commit. The server is a process of its own, with
house-keeping and merging of ranks as in life; `rules on` adds the diagnosis. The rival (`ingest.rows`) commits the same
numbers as rows, without HTTP, which is to its favour.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ingest import postgres, rows, sqlite
from senders import SERIES, STEPS, send_prepared
from sqlalchemy import Engine

import trainvitals_migrations

CLIENTS = 8
REPORTS = 150
"""Reports of each client."""


@contextmanager
def server(url: str, *, rules: bool) -> Iterator[tuple[str, int]]:
    """Address and process id of a server on a database."""
    command = [sys.executable, Path(__file__).with_name("bare_server.py"), url, "on" if rules else "off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process.pid
        finally:
            process.terminate()


def measure(name: str, engine: Engine, rival: float, *, rules: bool) -> None:
    """Print one line."""
    url = engine.url.render_as_string(hide_password=False)
    with server(url, rules=rules) as (address, _):
        seconds, sent = send_prepared(address, CLIENTS, REPORTS)
    points = sent.answers[202] * SERIES * STEPS / seconds
    p50, p99 = np.percentile(np.array(sent.seconds) * 1e3, [50, 99])
    design = f"{name}, rules {'on' if rules else 'off'}"
    print(
        f"{design:20} {points:14,.0f} points/s  {points / rival:6.1f} x a row a point   "
        f"answer p50 {p50:.1f} ms, p99 {p99:.1f} ms, 429: {sent.answers[429]}",
        flush=True,
    )


def main() -> None:
    """Print points a second on SQLite and, where it is installed, Postgres."""
    print(f"Ingest over HTTP, durable: {CLIENTS} clients, {SERIES} series x {STEPS} steps a report")
    for name, databases in (("SQLite", sqlite), ("Postgres", postgres)):
        if len(sys.argv) > 1 and name.lower() not in sys.argv[1:]:
            continue
        try:
            with databases() as new_engine:
                rival = rows(new_engine())
                print(f"{name + ', a row a point':20} {rival:14,.0f} points/s", flush=True)
                for rules in (False, True):
                    engine = new_engine()
                    trainvitals_migrations.upgrade(engine)
                    measure(name, engine, rival, rules=rules)
                    engine.dispose()
        except (ImportError, RuntimeError) as error:
            print(f"{name} not measured: {error}")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
