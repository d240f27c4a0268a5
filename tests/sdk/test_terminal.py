"""What a run says on the terminal, as much as it was asked to."""

import pytest
from server_double import ServerDouble

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport
from trainvitals_wire.records import WarningEntry

WARNING = WarningEntry(id="w", rule="r", severity="warning", summary="It is sick", incident="i")  # type: ignore[typeddict-item]


def said_by(terminal: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    transport = MemoryTransport()
    with tv.init(name="quiet-one", transport=transport, terminal=terminal) as run:
        transport.answers.append([WARNING])
        run.log({"loss": 1.0, "name": "text"})
    return capsys.readouterr().err.splitlines()


def test_all_is_said_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_by("all", capsys)
    assert [line.split()[1] for line in said] == ["view", "name:", "WARNING:", "run", "view"]
    assert all(line.startswith("trainvitals: ") for line in said)


def test_warnings_leave_out_where_a_run_starts_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[1] for line in said_by("warnings", capsys)] == ["name:", "WARNING:"]


def test_nothing_is_said_where_nothing_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert said_by("nothing", capsys) == []


def test_the_environment_can_ask_for_it_and_a_wrong_wish_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINVITALS_TERMINAL", "nothing")
    with tv.init(transport=MemoryTransport()):
        pass
    assert capsys.readouterr().err == ""
    with pytest.raises(tv.Error, match="terminal='loud'"):
        tv.init(terminal="loud")


def test_a_refusing_server_is_a_warning_not_news(capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerDouble()
    server.stop()
    with tv.init(server=server.address, terminal="warnings") as run:
        run.log({"loss": 1.0})
        run.finish(timeout_seconds=0.01)
    said = capsys.readouterr().err
    assert said.count("no server yet") == 1 and said.count("trainvitals sync") == 1
