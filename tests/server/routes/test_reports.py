"""Reports come in."""

import asyncio
import struct
import threading

import numpy as np
import pytest

from trainvitals_server.storage.errors import QueueFull
from trainvitals_wire.frame import Frame


class FoundWarnings:
    """A diagnosis that has one warning for each new report."""

    def __init__(self):
        self.asked = 0
        self.finished, self.planned = None, None
        self.running = False

    def start(self):
        self.running = True

    def close(self):
        self.running = False

    def finish(self, run_id, planned=False):
        self.finished, self.planned = run_id, planned

    passed_over = 0

    def new_warnings(self, run_id, writer_id):
        self.asked += 1
        return [{"id": f"{writer_id} {self.asked}"}]


def test_a_stored_report_is_acknowledged_and_readable(talk):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.report(run.run_id, run.losses(1))
        assert (answer.status_code, answer.json()) == (202, {"sequence": 1, "warnings": []})
        data = (await client.get(f"/api/v1/runs/{run.run_id}/data?key=loss")).json()
        assert data["series"][0]["last"] == list(range(10))

    talk(conversation)


def test_a_repeated_report_is_answered_the_same_and_stored_once(talk):
    diagnosis = FoundWarnings()

    async def conversation(client):
        run = await client.new_run()
        first = await client.report(run.run_id, run.losses(1))
        again = await client.report(run.run_id, run.losses(1))
        assert first.json() == again.json() == {"sequence": 1, "warnings": [{"id": f"{run.writer_id} 1"}]}
        assert again.status_code == 202
        series = (await client.get(f"/api/v1/runs/{run.run_id}/series")).json()["series"]
        assert series[0]["count"] == 10
        later = await client.report(run.run_id, run.losses(2))
        assert later.json()["warnings"] == [{"id": f"{run.writer_id} 2"}]
        old = await client.report(run.run_id, run.losses(1))
        assert old.json() == first.json()

    talk(conversation, diagnosis=lambda _: diagnosis)
    assert not diagnosis.running


@pytest.mark.parametrize("status", ["finished", "aborted"])
def test_a_run_that_ends_is_judged_a_last_time(talk, status):
    diagnosis = FoundWarnings()

    async def conversation(client):
        assert diagnosis.running
        run = await client.new_run()
        await client.patch(f"/api/v1/runs/{run.run_id}", json={"name": "other"})
        assert diagnosis.finished is None
        await client.patch(f"/api/v1/runs/{run.run_id}", json={"status": status})
        assert (diagnosis.finished, diagnosis.planned) == (run.run_id, status == "finished")

    talk(conversation, diagnosis=lambda _: diagnosis)


@pytest.mark.parametrize("body", [b"", b"TVR1", b"garbage " * 100, b"\x00" * 16])
def test_garbage_is_refused_with_a_reason(talk, body):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.report(run.run_id, body)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "malformed_report"

    talk(conversation)


def test_a_truncated_report_changes_nothing(talk):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.report(run.run_id, run.rich()[:-8])
        assert answer.json()["error"]["code"] == "malformed_report"
        assert (await client.get(f"/api/v1/runs/{run.run_id}/series")).json() == {"series": []}

    talk(conversation)


def test_a_report_of_another_version_is_told_which_one_is_spoken(talk):
    async def conversation(client):
        run = await client.new_run()
        body = bytearray(run.losses(1))
        struct.pack_into("<H", body, 4, 9)
        answer = await client.report(run.run_id, bytes(body))
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "unsupported_version"
        assert "version 9" in answer.json()["error"]["message"]
        assert "version 1" in answer.json()["error"]["hint"]

    talk(conversation)


def test_a_column_list_that_was_never_told_is_asked_for(talk):
    async def conversation(client):
        run = await client.new_run()
        frame = Frame(("a", "b"), np.array([0]), np.array([1.0]), np.zeros((1, 2), dtype=np.float32))
        body = run.report(1, frame)
        short = run.report_without_keys(1, frame)
        answer = await client.report(run.run_id, short)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "unknown_columns"
        assert (await client.report(run.run_id, body)).status_code == 202
        assert (await client.report(run.run_id, run.report_without_keys(2, frame))).status_code == 202

    talk(conversation)


@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain; charset=utf-8"])
def test_another_content_type_is_refused(talk, content_type):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.report(run.run_id, run.losses(1), content_type)
        assert answer.status_code == 415
        assert answer.json()["error"]["code"] == "unsupported_media_type"

    talk(conversation)


def test_a_report_for_no_run_is_refused(talk):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.report("nobody", run.losses(1))
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "run_not_found"

    talk(conversation)


def test_a_full_queue_says_when_to_come_back(talk, make_app, monkeypatch):
    app = make_app()

    def full(run_id, body):
        raise QueueFull(2.5)

    async def conversation(client):
        run = await client.new_run()
        monkeypatch.setattr(app.state.services.store, "append", full)
        answer = await client.report(run.run_id, run.losses(1))
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "3"
        assert answer.json()["error"]["code"] == "queue_full"

    talk(conversation, app=app)


def test_a_heartbeat_keeps_the_run_alive_and_tells_its_step(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}"
        answer = await client.post(f"{address}/heartbeat", json={"queued": 3, "last_step": 419})
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await client.get(address)).json()["last_step"] == 419
        assert (await client.post("/api/v1/runs/x/heartbeat", json={})).status_code == 404
        assert (await client.post(f"{address}/heartbeat", json={"queued": -1})).status_code == 422

    talk(conversation)


def test_an_alert_is_stored(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}/alerts"
        answer = await client.post(address, json={"title": "disk", "text": "full", "level": "warn", "step": 3})
        assert answer.status_code == 201
        assert answer.json()["title"] == "disk"
        assert (await client.post(address, json={"title": "x", "level": "loud"})).status_code == 422
        assert (await client.post("/api/v1/runs/x/alerts", json={"title": "x"})).status_code == 404

    talk(conversation)


def test_a_deleted_run_is_let_go_by_the_diagnosis(talk):
    diagnosis = FoundWarnings()

    async def conversation(client):
        run = await client.new_run()
        await client.delete(f"/api/v1/runs/{run.run_id}")
        assert diagnosis.finished == run.run_id

    talk(conversation, diagnosis=lambda _: diagnosis)


def test_a_run_made_again_under_its_id_is_judged_anew(talk, make_app, monkeypatch):
    app = make_app(judged=True)
    store, judged = app.state.services.store, threading.Semaphore(0)
    replace = store.replace_warnings

    def note(run_id, found):
        replace(run_id, found)
        judged.release()

    monkeypatch.setattr(store, "replace_warnings", note)

    async def conversation(client):
        for _ in range(2):
            run = await client.new_run(id="again")
            steps = np.arange(10)
            frame = Frame(("loss",), steps, 1.7e9 + steps, np.full((10, 1), np.nan))
            await client.report("again", run.report(1, frame))
            assert await asyncio.to_thread(judged.acquire, timeout=30)
            found = (await client.get("/api/v1/runs/again/warnings")).json()
            assert [warning["rule"] for warning in found["warnings"]] == ["non_finite"]
            await client.delete("/api/v1/runs/again")

    talk(conversation, app=app)
