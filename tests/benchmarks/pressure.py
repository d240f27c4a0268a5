"""Memory of the server while 50 clients send as fast as they can: each with a run, a connection and no pause.

Reports are 10 steps of 1000 series, made while they are sent. Rules, ranks and house-keeping are on, and a viewer reads
a run each second. Linux only: the resident memory is read from /proc.
"""

import re
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

from ingest_http import server
from senders import SERIES, STEPS, Sender

import trainvitals_migrations
from trainvitals_server.storage.engine import open_engine

CLIENTS = 50
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
GOAL_MIB = 400


def work(sender: Sender, until: float, answers: "Counter[int]") -> None:
    """Send until the time is over; a report that was put off is sent again after the seconds the server names."""
    while time.monotonic() < until:
        body = sender.body()
        while time.monotonic() < until:
            status, wait = sender.send(body)
            answers[status] += 1
            if status != 429:
                break
            time.sleep(wait)


def view(address: str, run_id: str, until: float) -> None:
    """Read what a page shows, once a second, from when the first reports are there."""
    while time.monotonic() < until:
        time.sleep(1.0)
        for path in ("", "/series", "/data?key=loss", "/warnings"):
            urllib.request.urlopen(f"{address}/api/v1/runs/{run_id}{path}").read()
        for path in (f"/heatmap?run={run_id}&statistic=activation_std", "/runs"):
            urllib.request.urlopen(f"{address}/api/v1{path}").read()


def memory_mib(pid: int, name: str) -> float:
    """VmRSS (now) or VmHWM (most ever) of a process."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Print memory at rest, while the clients send, and in the end."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/runs.db"
        engine = open_engine(url)
        trainvitals_migrations.upgrade(engine)
        engine.dispose()
        with server(url, rules=True) as (address, pid):
            rest = memory_mib(pid, "VmRSS")
            senders = [Sender(address) for _ in range(CLIENTS)]
            answers: Counter[int] = Counter()
            until = time.monotonic() + SECONDS
            jobs = [threading.Thread(target=work, args=(sender, until, answers)) for sender in senders]
            jobs.append(threading.Thread(target=view, args=(address, senders[0].run_id, until)))
            for job in jobs:
                job.start()
            seen = []
            while time.monotonic() < until:
                time.sleep(min(2.0, SECONDS / 5))
                seen.append(memory_mib(pid, "VmRSS"))
            for job in jobs:
                job.join()
            most = memory_mib(pid, "VmHWM")
    points = answers[202] * SERIES * STEPS / SECONDS
    print(f"at rest {rest:.0f} MiB; while {CLIENTS} clients sent: {' '.join(f'{mib:.0f}' for mib in seen)} MiB")
    print(f"most {most:.0f} MiB (goal: below {GOAL_MIB}); {points:,.0f} points/s; answers {dict(answers)}")


if __name__ == "__main__":
    main()
