"""`trainvitals backup`, `restore` and `verify` as a person uses them: while the server runs, and after."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from trainvitals_command.serving.assembly import pages_settings
from trainvitals_server.settings import Settings


def new_run(url: str) -> str:
    """A run at a server; its identifier."""
    answer = httpx.post(f"{url}/api/v1/runs", json={"project": "digits", "name": "cnn"})
    identity: str = answer.json()["id"]
    return identity


def test_a_backup_of_a_running_server_becomes_another_server(start_server, trainvitals, tmp_path: Path) -> None:
    server = start_server()
    run_id = new_run(server.url)
    made = trainvitals("backup", "friday", "--database", server.database)
    assert (made.returncode, made.stderr) == (0, "")
    assert "friday holds everything" in made.stdout
    restored = trainvitals("restore", "friday", "--database", "sqlite:///second.db")
    assert (restored.returncode, restored.stderr) == (0, "")
    verified = trainvitals("verify", "--database", "sqlite:///second.db")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "runs 1" in verified.stdout and "no problem" in verified.stdout
    with closing(sqlite3.connect(tmp_path / "second.db")) as connection:
        assert connection.execute("SELECT id FROM run").fetchall() == [(run_id,)]


def test_a_restore_over_a_running_server_is_refused(start_server, trainvitals) -> None:
    server = start_server()
    assert trainvitals("backup", "friday", "--database", server.database).returncode == 0
    run_id = new_run(server.url)
    for options, words in (((), "--overwrite"), (("--overwrite",), "Stop the server")):
        refused = trainvitals("restore", "friday", "--database", server.database, *options)
        assert refused.returncode == 2
        assert words in refused.stderr
    assert httpx.get(f"{server.url}/api/v1/runs/{run_id}").status_code == 200


def test_what_is_wrong_is_the_answer_no(trainvitals, tmp_path: Path) -> None:
    assert trainvitals("upgrade", "--database", "sqlite:///a.db").returncode == 0
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("INSERT INTO tag VALUES ('nobody', 'x')")
        connection.commit()
    told = trainvitals("verify", "--database", "sqlite:///a.db")
    assert told.returncode == 1
    assert "table tag has rows of 1 runs that are not there, such as nobody" in told.stdout
    missing = trainvitals("verify", "--database", "sqlite:///none.db")
    assert missing.returncode == 2
    assert not (tmp_path / "none.db").exists()


def test_the_settings_page_shows_retention_and_no_secret() -> None:
    settings = Settings(
        api_key="long enough", database="postgresql://me:secret@here/runs", thin_histograms_after_days=30
    )
    shown = {name: value for name, value, _ in pages_settings(settings).server_settings}
    assert (shown["thin_histograms_after_days"], shown["delete_archived_after_days"]) == ("30", "none")
    assert not any("secret" in value or "long enough" in value for value in shown.values())
