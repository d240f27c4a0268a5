"""`trainvitals serve` starts when it can, and says in one sentence why it cannot."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest


def refusal(done) -> str:
    """The one sentence, after checking that it is one and that the exit code says "could not"."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("trainvitals: ")
    return lines[0]


def test_it_is_ready_when_it_says_so(shared_server) -> None:
    assert httpx.get(f"{shared_server.url}/readyz").json() == {"status": "ready"}
    assert httpx.get(shared_server.url).status_code == 200


def test_a_signal_ends_it_with_exit_code_0(start_server) -> None:
    assert start_server().stop() == 0


def test_logs_go_to_standard_error(start_server) -> None:
    server = start_server(TRAINVITALS_LOG_LEVEL="info")
    process = server.process
    server.process = None
    process.terminate()
    assert process.stdout.read() == ""
    process.wait()
    process.stdout.close()
    assert "INFO uvicorn.error: " in server.log.read_text(encoding="utf-8")


def test_a_variable_counts_where_an_option_is_not_given(start_server) -> None:
    server = start_server(TRAINVITALS_PUBLIC_URL="https://vitals.example.org/here")
    answer = httpx.post(f"{server.url}/api/v1/runs", json={"project": "p", "name": "n"})
    assert answer.json()["url"].startswith("https://vitals.example.org/here/runs/")


def test_an_address_that_others_reach_needs_a_key(trainvitals) -> None:
    assert "TRAINVITALS_API_KEY" in refusal(trainvitals("serve", "--host", "0.0.0.0", "--port", "0"))


def test_a_first_deep_link_gets_a_whole_page_also_behind_a_stored_key(trainvitals, start_server, tmp_path) -> None:
    database = f"sqlite:///{tmp_path}/keyed.db"
    key = trainvitals("keys", "create", "reader", "--database", database).stdout.strip()
    server = start_server(database=database)
    assert httpx.get(f"{server.url}/runs/some-run").status_code == 401
    page = httpx.get(f"{server.url}/runs/some-run", headers={"Authorization": f"Bearer {key}"})
    assert page.status_code == 200
    assert "plotly_cartesian" in page.text


def test_a_port_in_use_is_named(trainvitals) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refusal(trainvitals("serve", "--port", port, "--database", "sqlite:///free.db"))
    assert f"port {port} on 127.0.0.1 is in use" in said
    assert "--port" in said


def test_a_host_of_another_machine_is_refused(trainvitals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINVITALS_API_KEY", "a key that is long enough")
    assert "--host" in refusal(trainvitals("serve", "--host", "203.0.113.1", "--port", "0"))


def test_a_corrupt_database_file_is_left_as_it_is(trainvitals, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.db"
    path.write_bytes(bytes(range(256)) * 64)
    said = refusal(trainvitals("serve", "--port", "0", "--database", f"sqlite:///{path}"))
    assert str(path) in said
    assert path.read_bytes() == bytes(range(256)) * 64
    assert "move it away" in said


def test_a_database_of_another_program_is_left_as_it_is(trainvitals, tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x TEXT)")
        connection.commit()
    before = path.read_bytes()
    assert "another program" in refusal(trainvitals("serve", "--port", "0", "--database", f"sqlite:///{path}"))
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(trainvitals, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = refusal(trainvitals("serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/file/runs.db"))
    assert "file/runs.db" in said


def test_an_unreachable_postgres_is_named_without_its_password(trainvitals) -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/runs"
    said = refusal(trainvitals("serve", "--port", "0", "--database", url))
    assert "127.0.0.1" in said
    assert "secret" not in said


def test_a_database_of_a_newer_version_is_left_as_it_is(trainvitals, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.db'}"
    assert trainvitals("upgrade", "--database", url).returncode == 0
    with sqlite3.connect(tmp_path / "newer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    connection.close()
    assert "newer trainvitals" in refusal(trainvitals("serve", "--port", "0", "--database", url))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--port", "70000"], "--port (or TRAINVITALS_PORT)"),
        (["--public-url", "example.org"], "--public-url (or TRAINVITALS_PUBLIC_URL)"),
        (["--database", "mysql://somewhere/runs"], "mysql"),
    ],
)
def test_a_wrong_option_is_named_with_its_variable(trainvitals, arguments: list[str], named: str) -> None:
    assert named in refusal(trainvitals("serve", *arguments))


def test_a_mistake_in_the_rules_file_is_named_with_its_line(trainvitals, tmp_path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nrules:\n  dead_units: {thresholds: {share: much}}\n")
    message = refusal(trainvitals("serve", "--port", "0", "--rules", "rules.yaml"))
    assert "rules.yaml, line 3: share must be a number, not 'much'." in message
