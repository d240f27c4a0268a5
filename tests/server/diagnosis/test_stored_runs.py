"""The diagnosis on a real store: what is committed is judged, and the pages read the verdict."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from trainvitals_server.diagnosis import Diagnosis
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.encoding import encode

from .conftest import MakeReport, linear

SICK = [linear("body", 0, in_optimizer=False), linear("head", 1)]


@pytest.fixture
def store(served_engine: Engine) -> Iterator[Store]:
    store = Store(served_engine)
    store.start()
    yield store
    store.close()


def test_the_verdict_is_stored_with_the_run_and_survives_a_restart(store: Store, report: MakeReport) -> None:
    run_id = store.create_run(NewRun("digits", "sick")).id
    diagnosis = Diagnosis(store)
    store.append(run_id, encode(report({"loss": [1.0] * 30}, layers=SICK))).result()
    diagnosis.settle()
    reader = StorageReader(store, lambda run_id: f"http://127.0.0.1/runs/{run_id}")
    (incident,) = reader.warnings(run_id)["incidents"]
    assert incident["causes"][0]["cause"] == "not_in_optimizer"
    assert reader.run(run_id)["warnings"] == {"critical": 0, "warning": 1, "note": 0}

    restarted = Diagnosis(store)
    store.append(run_id, encode(report({"loss": [1.0] * 30}, first_step=30))).result()
    restarted.settle()
    assert [entry["id"] for entry in reader.warnings(run_id)["incidents"]] == [incident["id"]]
    assert restarted.new_warnings(run_id, "writer") == []
