"""kill -9 in the middle of ingest: nothing acknowledged is lost, nothing is doubled."""

import signal
import subprocess
import sys
from pathlib import Path

from report_sender import frame

from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.encoding import encode
from trainvitals_wire.report import Report

ACKNOWLEDGED_BEFORE_KILL = 40
INGEST = """
import sys
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.store import Store
sys.path.insert(0, sys.argv[3])
from test_kill import body

store = Store(open_engine(sys.argv[1]))
store.start()
run_id, writer_id = sys.argv[2].split()
sequence = 0
while True:
    futures = [store.append(run_id, body(writer_id, sequence + n + 1)) for n in range(5)]
    for future in futures:
        print(future.result().sequence, flush=True)
    sequence += 5
"""


def body(writer_id: str, sequence: int) -> bytes:
    steps = [2 * sequence, 2 * sequence + 1]
    report = Report(writer_id, sequence, (frame({"loss": [sequence, sequence]}, steps),))
    return encode(report)


def test_after_kill_9_every_acknowledged_report_is_there_and_resending_doubles_none(database_url: str) -> None:
    store = Store(open_engine(database_url))
    created = store.create_run(NewRun("project", "name"))
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, database_url, f"{created.id} {created.writer_id}", str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(ACKNOWLEDGED_BEFORE_KILL)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout.read().split("\n") if line.strip()]
    process.wait(timeout=30)
    process.stdout.close()

    store.start()
    stored = store.position(created.id).cursor
    assert stored >= len(acknowledged)
    last = stored + 5
    answers = [store.append(created.id, body(created.writer_id, n)).result(timeout=30) for n in range(1, last + 1)]
    assert [answer.sequence for answer in answers if answer.stored] == list(range(stored + 1, last + 1))
    reader = StorageReader(store, str)
    (series,) = reader.data(created.id, ["loss"], points=10_000)["series"]
    assert series["steps"] == list(range(2, 2 * last + 2))
    assert "replaced" not in reader.run(created.id)["dropped"]
    store.close()
    store.engine.dispose()
