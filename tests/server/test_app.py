"""The application as a whole: whatever is sent, it answers in its one shape and does not break."""

import contextlib

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from trainvitals_server.routing import find_routers
from trainvitals_wire.encoding import CONTENT_TYPE

EXAMPLES = 12
OPERATIONS = {
    "DELETE /api/v1/runs/{run_id}",
    "DELETE /api/v1/runs/{run_id}/mutes/{mute_id}",
    "GET /api/v1/data",
    "GET /api/v1/heatmap",
    "GET /api/v1/runs",
    "GET /api/v1/runs/{run_id}",
    "GET /api/v1/runs/{run_id}/data",
    "GET /api/v1/runs/{run_id}/facts",
    "GET /api/v1/runs/{run_id}/histograms",
    "GET /api/v1/runs/{run_id}/layers",
    "GET /api/v1/runs/{run_id}/mutes",
    "GET /api/v1/runs/{run_id}/series",
    "GET /api/v1/runs/{run_id}/since",
    "GET /api/v1/runs/{run_id}/warnings",
    "GET /healthz",
    "GET /metrics",
    "GET /readyz",
    "PATCH /api/v1/runs/{run_id}",
    "POST /api/v1/runs",
    "POST /api/v1/runs/{run_id}/alerts",
    "POST /api/v1/runs/{run_id}/heartbeat",
    "POST /api/v1/runs/{run_id}/mutes",
    "POST /api/v1/runs/{run_id}/reports",
}


@schemathesis.serializer(CONTENT_TYPE)
def report_bytes(_, value):
    """How schemathesis sends a made-up report: as the bytes it made up."""
    return value if isinstance(value, bytes) else str(value).encode()


def ask_made_up(cases, run_id, address):
    """Send made-up cases, of an existing run where they name one."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case):
        if "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = run_id
        answer = case.call(base_url=address)
        assert answer.status_code < 500, (answer.status_code, case.as_curl_command())
        if answer.status_code >= 400 and answer.headers.get("content-type") == "application/json":
            error = answer.json()["error"]
            assert set(error) == {"code", "message", "hint"}
            assert all(error.values())

    # A route that takes nothing cannot be asked wrongly.
    with contextlib.suppress(Unsatisfiable):
        ask()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_made_up_from_the_routes_own_description_breaks_them(make_app, serve, writer, mode):
    app = make_app()
    schema = schemathesis.openapi.from_dict(app.openapi())
    asked = set()
    with serve(app) as address, httpx.Client(base_url=f"http://{address}") as client:

        def existing_run():
            run = writer(client.post("/api/v1/runs", json={"project": "p", "name": "n"}).json())
            client.post(
                f"/api/v1/runs/{run.run_id}/reports",
                content=run.rich(),
                headers={"content-type": CONTENT_TYPE},
            )
            return run.run_id

        for found in schema.get_all_operations():
            operation = found.ok()
            run_id = existing_run()
            asked.add(f"{operation.method.upper()} {operation.path}")

            ask_made_up(operation.as_strategy(generation_mode=mode), run_id, f"http://{address}")
    assert asked == OPERATIONS


def test_every_file_of_routes_is_found():
    assert len(list(find_routers())) == 15
