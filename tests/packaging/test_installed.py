"""The installed wheel works: the SDK on numpy alone, the server with its dependencies."""

import json
import sqlite3
import subprocess
import urllib.request
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
import trainvitals as tv
run = tv.init(mode="offline", dir=sys.argv[1])
run.log({"loss": 1.0})
run.finish()
print(json.dumps([tv.__file__, "torch" in sys.modules, "fastapi" in sys.modules]))
"""


@pytest.fixture(scope="module")
def sdk_alone(install):
    return install("sdk", dependencies=False)


@pytest.fixture(scope="module")
def server(install):
    return install("server", dependencies=True)


def test_the_sdk_runs_on_numpy_alone(sdk_alone, tmp_path: Path) -> None:
    done = sdk_alone.run(sdk_alone.python, "-c", PROGRAM, tmp_path)
    assert done.returncode == 0, done.stderr
    place, torch, fastapi = json.loads(done.stdout)
    assert "site-packages" in place
    assert (torch, fastapi) == (False, False)


@pytest.mark.parametrize("command", ["serve", "demo", "upgrade", "keys"])
def test_without_the_server_a_command_says_what_to_install(sdk_alone, command: str) -> None:
    done = sdk_alone.run(sdk_alone.trainvitals, command)
    assert done.returncode == 2
    assert 'pip install "trainvitals[server]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_migrates_and_serves_from_the_wheel(server, tmp_path: Path) -> None:
    database = tmp_path / "installed.db"
    command = [server.trainvitals, "serve", "--port", "0", "--database", f"sqlite:///{database}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            url = process.stdout.readline().removeprefix("trainvitals ready at ").strip()
            with urllib.request.urlopen(f"{url}/", timeout=10) as page:
                assert "trainvitals" in page.read().decode()
            with urllib.request.urlopen(f"{url}/readyz", timeout=10) as ready:
                assert json.load(ready) == {"status": "ready"}
        finally:
            process.terminate()
    tables = sqlite3.connect(database).execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert ("alembic_version",) in tables
    place = server.run(server.python, "-c", "import trainvitals_server; print(trainvitals_server.__file__)")
    assert str(server.python.parents[1]) in place.stdout
