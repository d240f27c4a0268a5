"""Is it alive, can it serve, how is it doing; and what stands nowhere."""

import logging

import pytest
from sqlalchemy.exc import OperationalError


def test_healthz_answers_while_the_process_lives(talk):
    async def conversation(client):
        answer = await client.get("/healthz")
        assert answer.status_code == 200
        assert set(answer.json()) == {"status", "version", "wire"}
        assert answer.json()["status"] == "ok"

    talk(conversation, ready=lambda: "the database is away")


def test_readyz_tells_why_it_is_not_ready_until_it_is(talk):
    reasons = ["the database lacks migrations", None]

    async def conversation(client):
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["error"]["message"] == "the database lacks migrations"
        assert (await client.get("/readyz")).status_code == 200

    talk(conversation, ready=lambda: reasons.pop(0))


def test_metrics_count_what_came_in(talk):
    async def conversation(client):
        run = await client.new_run()
        await client.report(run.run_id, run.losses(1))
        await client.report(run.run_id, run.losses(1))
        await client.report(run.run_id, b"garbage")
        text = (await client.get("/metrics")).text
        assert 'trainvitals_ingest_reports_total{result="stored"} 1.0' in text
        assert 'trainvitals_ingest_reports_total{result="repeated"} 1.0' in text
        assert 'trainvitals_ingest_reports_total{result="refused"} 1.0' in text
        assert "trainvitals_ingest_points_total 10.0" in text
        assert "trainvitals_reports_waiting 0.0" in text
        assert "trainvitals_viewers 0.0" in text
        route = 'method="POST",route="/api/v1/runs/{run_id}/reports",status="202"'
        assert f"trainvitals_request_seconds_count{{{route}}} 2.0" in text
        assert run.run_id not in text

    talk(conversation)


@pytest.mark.parametrize("path", ["/api/v1/typo", "/api", "/api/v2/runs", "/api/v1/runs/x/y/z", "/nothing", "/docs"])
def test_an_unknown_address_is_a_404_in_the_one_shape(talk, path):
    async def conversation(client):
        answer = await client.get(path)
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint"}
        assert all(error.values())

    talk(conversation)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/runs", {"GET", "POST"}),
        ("POST", "/api/v1/runs/x", {"GET", "PATCH", "DELETE"}),
        ("GET", "/api/v1/runs/x/reports", {"POST"}),
        ("DELETE", "/healthz", {"GET"}),
    ],
)
def test_another_method_is_a_405_that_names_those_allowed(talk, method, path, allowed):
    async def conversation(client):
        answer = await client.request(method, path)
        assert answer.status_code == 405
        assert answer.json()["error"]["code"] == "method_not_allowed"
        assert set(answer.headers["allow"].split(", ")) >= allowed

    talk(conversation)


def test_what_nobody_foresaw_is_one_line_on_the_log_and_says_nothing_of_the_inside(talk, make_app, monkeypatch, caplog):
    app = make_app()

    def fail(run_id):
        raise ZeroDivisionError("secret detail")

    async def conversation(client):
        monkeypatch.setattr(app.state.services.reader, "run", fail)
        answer = await client.get("/api/v1/runs/x")
        assert answer.status_code == 500
        assert answer.json()["error"]["code"] == "internal_error"
        assert "secret" not in answer.text

    with caplog.at_level(logging.WARNING):
        talk(conversation, app=app)
    lines = [record for record in caplog.records if record.name.startswith("trainvitals")]
    assert [record.getMessage() for record in lines] == ["a request failed: ZeroDivisionError: secret detail"]
    assert lines[0].exc_info is None or lines[0].exc_info is False


def test_while_the_database_is_away_the_process_still_says_that_it_lives(talk, make_app, monkeypatch, caplog):
    app = make_app()

    def away():
        raise OperationalError("SELECT 1", {}, Exception("connection refused\nis the server running?"))

    async def conversation(client):
        monkeypatch.setattr(app.state.services.store.api_keys, "any", away)
        for path in ("/api/v1/runs", "/", "/metrics"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
        assert (await client.get("/healthz")).status_code == 200

    with caplog.at_level(logging.WARNING):
        talk(conversation, app=app)
    lines = {record.getMessage() for record in caplog.records if record.name.startswith("trainvitals")}
    assert lines == {"the database does not answer: connection refused"}


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/api/v1/runs", "/api/v1/runs/nowhere", "/nothing"]
)
def test_head_is_get_without_the_body(talk, path):
    async def conversation(client):
        answer, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (answer.status_code, b"")
        assert head.headers["content-type"] == answer.headers["content-type"]

    talk(conversation)


def test_the_metrics_tell_head_from_get_by_the_same_route(talk):
    async def conversation(client):
        await client.head("/api/v1/runs/some-run")
        text = (await client.get("/metrics")).text
        assert 'method="HEAD",route="/api/v1/runs/{run_id}",status="404"' in text

    talk(conversation)
