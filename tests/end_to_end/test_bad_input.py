"""Bad input gets a clear error over the real wire, and nothing that was stored before is lost or changed."""

import struct

import httpx
import pytest

import trainvitals as tv
from trainvitals_wire.encoding import CONTENT_TYPE

KEY = "a key that is long enough"
REPORT_HEADERS = {"Content-Type": CONTENT_TYPE}


@pytest.fixture
def server(shared_server):
    return shared_server


@pytest.fixture
def run(server):
    """A run with ten stored points, which every test must leave as they are."""
    with tv.init(project="bad input", name="before", server=server.url) as run:
        for step in range(10):
            run.log({"square": step * step})
    yield run
    (square,) = server.get(f"runs/{run.id}/data", key="square")["series"]
    assert square["mean"] == [step * step for step in range(10)]


def error_of(answer: httpx.Response, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    error: dict[str, str] = answer.json()["error"]
    assert error["message"]
    assert error["hint"]
    return error


@pytest.mark.parametrize("key", ["wrong", "", "tv_wrong_wrong"])
def test_a_wrong_key_is_refused_in_words_by_init(start_server, key: str) -> None:
    server = start_server(TRAINVITALS_API_KEY=KEY)
    with pytest.raises(tv.Error, match="TRAINVITALS_API_KEY"):
        tv.init(server=server.url, api_key=key)
    assert server.get("runs")["total"] == 0


def test_the_right_key_opens(start_server) -> None:
    server = start_server(TRAINVITALS_API_KEY=KEY)
    tv.init(server=server.url, api_key=KEY, name="let in").finish()
    assert [run["name"] for run in server.get("runs")["runs"]] == ["let in"]


def test_a_page_without_a_key_leads_to_the_login(start_server) -> None:
    server = start_server(TRAINVITALS_API_KEY=KEY)
    answer = httpx.get(f"{server.url}/", headers={"Accept": "text/html"})
    assert answer.status_code in {302, 303, 307}
    assert "/login" in answer.headers["location"]


@pytest.mark.parametrize("path", ["", "/data?key=loss", "/warnings", "/series", "/layers"])
def test_an_unknown_run_is_named(server, path: str) -> None:
    answer = httpx.get(f"{server.url}/api/v1/runs/nowhere{path}")
    assert error_of(answer, 404)["code"] == "run_not_found"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/typo", "/api/v1/typo", "/api/v1/runs/"])
def test_a_misspelt_address_of_the_api_gets_no_page(server, path: str) -> None:
    assert error_of(httpx.get(f"{server.url}{path}"), 404)["code"] == "not_found"


def test_a_100_megabyte_body_that_announces_no_length_is_refused(server, run) -> None:
    chunks = (bytes(2**20) for _ in range(100))
    answer = httpx.post(
        f"{server.url}/api/v1/runs/{run.id}/reports", content=chunks, headers=REPORT_HEADERS, timeout=60
    )
    assert error_of(answer, 413)["code"] == "too_large"


def test_a_report_for_an_unknown_run_is_refused(server) -> None:
    answer = httpx.post(f"{server.url}/api/v1/runs/nowhere/reports", content=b"TVR1", headers=REPORT_HEADERS)
    assert error_of(answer, 404)["code"] == "run_not_found"


def test_a_run_that_must_be_there_and_is_not_is_refused_in_words(server) -> None:
    with pytest.raises(tv.Error, match="resume"):
        tv.init(server=server.url, id="nowhere", resume="must")


def test_config_values_that_json_does_not_know_are_kept_as_text(server) -> None:
    config = {"lr": float("nan"), "limit": float("inf"), "depth": 3}
    tv.init(server=server.url, name="odd config", config=config).finish()
    (run,) = server.get("runs", search="odd config")["runs"]
    assert run["config"]["depth"] == 3
    assert str(run["config"]["lr"]).lower() == "nan"
    assert "inf" in str(run["config"]["limit"]).lower()


def test_a_name_with_html_in_it_is_text_everywhere(server) -> None:
    name = "<script>alert(1)</script><b>bold"
    tv.init(server=server.url, name=name).finish()
    (run,) = server.get("runs", search="alert(1)")["runs"]
    assert run["name"] == name
    for path in ("/", f"/runs/{run['id']}"):
        assert "<script>alert(1)" not in httpx.get(server.url + path).text


def test_a_body_of_100_megabytes_is_refused_before_it_is_read(server, run) -> None:
    answer = httpx.post(
        f"{server.url}/api/v1/runs/{run.id}/reports", content=bytes(100 * 2**20), headers=REPORT_HEADERS, timeout=60
    )
    assert error_of(answer, 413)["code"] == "too_large"


def test_a_report_of_another_version_is_refused_with_the_version_that_is_spoken(server, run) -> None:
    body = struct.pack("<4sHHII", b"TVR1", 99, 0, 0, 0)
    answer = httpx.post(f"{server.url}/api/v1/runs/{run.id}/reports", content=body, headers=REPORT_HEADERS)
    error = error_of(answer, 409)
    assert error["code"] == "unsupported_version"
    assert "99" in error["message"]
    assert "version 1" in error["message"] + error["hint"]


@pytest.mark.parametrize("body", [b"", b"garbage", b"TVR1" + bytes(8), b"TVR1\x01\x00" + bytes(10) + b"{}"])
def test_a_body_that_is_no_report_is_refused(server, run, body: bytes) -> None:
    answer = httpx.post(f"{server.url}/api/v1/runs/{run.id}/reports", content=body, headers=REPORT_HEADERS)
    assert error_of(answer, 422)["message"]


OTHER_VERSION = """
import sys
import trainvitals_wire.version
trainvitals_wire.version.WIRE_VERSION = 99
from trainvitals_command.entry import main
sys.exit(main())
"""


def test_a_server_of_another_version_costs_no_point(start_server, tmp_path, capsys) -> None:
    server = start_server(program=("-c", OTHER_VERSION))
    run = tv.init(server=server.url, name="too old", dir=tmp_path / "spool")
    run.log({"square": 4.0})
    run.finish(timeout_seconds=10)
    assert "version" in capsys.readouterr().err

    server.stop()
    server.program = ("-m", "trainvitals_command")
    server.start()
    assert tv.sync(tmp_path / "spool", server.url).runs == 1
    (square,) = server.get(f"runs/{run.id}/data", key="square")["series"]
    assert square["mean"] == [4.0]
