"""Reports over HTTP: what each answer of a server does, with nothing lost and nothing doubled."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_double import ServerDouble, refusal

import trainvitals as tv


@pytest.fixture
def server() -> Iterator[ServerDouble]:
    double = ServerDouble()
    yield double
    double.hold.set()
    double.stop()


def start(server: ServerDouble, **options: Any) -> tv.Run:
    return tv.init(project="http", server=server.address, **options)


def log(run: tv.Run, steps: range) -> None:
    for step in steps:
        run.log({"loss": float(step)}, step=step)


def expected(count: int) -> list[tuple[int, float]]:
    return [(step, float(step)) for step in range(count)]


def heard_by(run: tv.Run) -> threading.Event:
    """Set when the run has heard of warnings."""
    heard, hear = threading.Event(), run._sender._on_warnings
    run._sender._on_warnings = lambda found: (hear(found), found and heard.set())[0]
    return heard


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_run_arrives_whole_with_its_key_and_its_end(server: ServerDouble, tmp_path: Path) -> None:
    run = start(server, name="<b>bold</b>", config={"lr": 0.1}, api_key="secret", dir=tmp_path / "own")
    log(run, range(50))
    run.alert("look", "here", level="warn", step=3)
    run.finish()
    assert server.values("loss") == expected(50)
    assert server.runs[0]["name"] == "<b>bold</b>" and server.runs[0]["config"] == {"lr": 0.1}
    assert server.changes[-1]["status"] == "finished"
    assert run.summary["loss"] == {"last": 49.0, "min": 0.0, "max": 49.0}
    assert server.alerts == [{"title": "look", "text": "here", "level": "warn", "step": 3}]
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer secret"}
    assert list((tmp_path / "own").iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (refusal(401, "unauthorized", "The key is wrong."), "TRAINVITALS_API_KEY"),
        (refusal(409, "run_exists", "There is such a run."), 'resume="allow"'),
        (refusal(404, "run_not_found", "There is no such run."), 'resume="must"'),
    ],
)
def test_init_says_what_to_do_where_the_server_says_no(server: ServerDouble, answer: Any, says: str) -> None:
    server.script.append(answer)
    with pytest.raises(tv.Error, match=says):
        start(server)


def test_a_server_that_forgot_the_columns_gets_them_again(server: ServerDouble) -> None:
    run = start(server)
    log(run, range(3))
    server.got_report.wait(10)
    server.columns.clear()
    log(run, range(3, 6))
    run.finish()
    assert server.values("loss") == expected(6)


def test_a_busy_server_is_asked_again_after_the_time_it_says(server: ServerDouble) -> None:
    run = start(server)
    server.script.append(refusal(429, "busy", "Later.", {"Retry-After": "0.01"}))
    log(run, range(4))
    run.finish()
    assert server.values("loss") == expected(4)
    assert server.changes[-1]["status"] == "finished"


def test_a_cut_after_storing_doubles_nothing(server: ServerDouble) -> None:
    run = start(server)
    server.script.append(refusal(503, "restarting", "Stored or not, who knows."))
    log(run, range(4))
    run.finish()
    assert server.values("loss") == expected(4)


@pytest.mark.parametrize("status", [409, 401, 404])
def test_a_server_that_refuses_the_run_leaves_its_data_on_disk(
    server: ServerDouble, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start(server, dir=tmp_path)
    refused = threading.Event()
    server.answer = lambda *_: (refused.set(), refusal(status, "no", "Not this one."))[1]  # type: ignore[method-assign]
    log(run, range(3))
    refused.wait(10)
    log(run, range(3, 6))
    run.finish()
    said = capsys.readouterr().err
    assert said.count("refuses the run") == 1 and "trainvitals sync" in said
    del server.answer
    assert tv.sync(tmp_path, server.address).runs == 1
    assert server.values("loss") == expected(6)


def test_one_report_that_is_refused_is_counted_and_the_others_pass(server: ServerDouble) -> None:
    run = start(server)
    server.script.append(refusal(422, "malformed", "Byte 7."))
    dropped, drop = threading.Event(), run._guard.drop
    run._guard.drop = lambda reason, count=1: (drop(reason, count), dropped.set())[0]  # type: ignore[method-assign]
    log(run, range(2))
    assert dropped.wait(10)
    log(run, range(2, 4))
    run.finish()
    assert server.values("loss") == expected(4)[2:]


def test_no_server_at_the_start_is_no_error_and_all_arrives_when_it_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    run = tv.init(project="away", server=f"http://127.0.0.1:{port}", dir=tmp_path)
    assert "no server yet" in capsys.readouterr().err
    log(run, range(10))
    server = ServerDouble(port)
    run.finish()
    assert server.values("loss") == expected(10)
    assert server.runs[0]["id"] == run.id and server.runs[0]["resume"] == "allow"
    assert list(tmp_path.iterdir()) == []
    server.stop()


def test_a_server_that_dies_in_the_middle_loses_and_doubles_nothing(server: ServerDouble, tmp_path: Path) -> None:
    run = start(server, dir=tmp_path)
    log(run, range(5))
    server.got_report.wait(10)
    server.stop()
    log(run, range(5, 10))
    again = ServerDouble(server.port)
    again.reports, again.runs = server.reports, server.runs
    run.finish()
    assert again.values("loss") == expected(10)
    again.stop()
    server._server.server_close = server._server.shutdown = server._thread.join = lambda: None  # type: ignore[method-assign]


def test_a_slow_server_does_not_slow_the_training(server: ServerDouble) -> None:
    run = start(server)
    server.hold.clear()
    log(run, range(5))
    server.got_report.wait(10)
    log(run, range(5, 1000))
    assert len(server.reports) == 1
    server.hold.set()
    run.finish()
    assert server.values("loss") == expected(1000)
    assert run.dropped == {}


def test_the_end_waits_no_longer_than_its_bound(server: ServerDouble, tmp_path: Path) -> None:
    run = start(server, dir=tmp_path)
    server.hold.clear()
    log(run, range(5))
    server.got_report.wait(10)
    run.finish(timeout_seconds=0.05)
    assert run.status == "finished" and server.changes == []
    server.hold.set()


def test_new_warnings_are_told_and_a_critical_one_stops_who_asked_for_it(
    server: ServerDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    critical = {
        "rule": "nonfinite",
        "severity": "critical",
        "state": "firing",
        "summary": "The loss is NaN",
        "remedy": "Stop.",
    }
    quiet = {"rule": "std", "severity": "note", "state": "firing", "summary": "A quiet note"}
    run = start(server, on_critical="stop")
    server.warnings.append([quiet, critical])
    heard = heard_by(run)
    run.log({"loss": 1.0})
    assert heard.wait(10)
    with pytest.raises(tv.TrainingStopped, match="The loss is NaN"):
        run.log({"loss": 1.0})
    run.finish()
    said = capsys.readouterr().err
    assert "CRITICAL: The loss is NaN. Stop." in said and "A quiet note" not in said


def test_an_offline_run_is_sent_later_once(server: ServerDouble, tmp_path: Path) -> None:
    run = tv.init(project="offline", mode="offline", dir=tmp_path, config={"lr": 1})
    log(run, range(20))
    run.alert("hello")
    run.finish()
    assert server.runs == []
    done = tv.sync(tmp_path, server.address)
    assert (done.runs, server.values("loss")) == (1, expected(20))
    assert server.changes[-1]["status"] == "finished" and server.alerts[0]["title"] == "hello"
    assert tv.sync(tmp_path, server.address).runs == 0
    for wrong in (tmp_path / "elsewhere", Path(__file__).parent):
        with pytest.raises(tv.Error, match="no spooled run"):
            tv.sync(wrong, server.address)


def test_a_sync_that_is_cut_goes_on_where_it_was(server: ServerDouble, tmp_path: Path) -> None:
    run = tv.init(project="offline", mode="offline", dir=tmp_path)
    log(run, range(20))
    run.finish()
    created = server.answer("POST", "/api/v1/runs", b'{"id": "x"}')
    server.script.extend([created, refusal(503, "down", "Down.")])
    with pytest.raises(tv.Error, match="not sent whole"):
        tv.sync(tmp_path, server.address)
    tv.sync(tmp_path, server.address)
    assert server.values("loss") == expected(20)
    assert len({writer for writer, _ in server.reports}) == 1


def test_a_run_that_still_writes_is_left_alone_by_sync(server: ServerDouble, tmp_path: Path) -> None:
    run = tv.init(project="offline", mode="offline", dir=tmp_path)
    log(run, range(3))
    assert tv.sync(tmp_path, server.address).in_use == 1
    run.finish()


def test_the_reader_asks_as_the_contract_says(server: ServerDouble) -> None:
    api = tv.Api(server.address)
    asked = api.data("r1", ["loss", "activation_std/conv 1"], first_step=3, points=10)
    assert asked["asked"] == "/api/v1/runs/r1/data?key=loss&key=activation_std%2Fconv+1&from=3&points=10"  # type: ignore[typeddict-item]
    assert "archived=false" in api.runs(tag="a b")["asked"]  # type: ignore[typeddict-item]
    server.script.append(refusal(404, "series_not_found", "No series x."))
    from trainvitals_wire.reader import NotFound

    with pytest.raises(NotFound, match="No series x") as found:
        api.data("r1", ["x"])
    assert found.value.code == "series_not_found"
    server.script.append(refusal(401, "unauthorized", "A key is needed."))
    with pytest.raises(tv.Error, match="A key is needed"):
        api.run("r1")
    api.close()
