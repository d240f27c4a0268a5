"""What every test shares: an environment of its own, and real servers in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

READY = "trainvitals ready at "
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the person who runs the tests counts, and nothing is written into their data directory."""
    for name in [name for name in os.environ if name.startswith("TRAINVITALS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "data-home"))


def others() -> dict[str, str]:
    """The environment without the settings of the person who runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRAINVITALS_")}


@dataclass
class ServerProcess:
    """A real `trainvitals serve`; it can be killed and started again on the same database and port."""

    database: str
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    url: str = ""
    process: "subprocess.Popen[str] | None" = None
    program: tuple[str, ...] = ("-m", "trainvitals_command")

    def start(self) -> "ServerProcess":
        """Start and wait for the line that says it is ready."""
        command = [sys.executable, *self.program, "serve", "--port", str(self.port), "--database", self.database]
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env={**others(), **self.environment}
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(READY), f"the server did not start: {self.log.read_text(encoding='utf-8')}"
        self.url = line.removeprefix(READY).strip()
        self.port = int(self.url.rpartition(":")[2])
        return self

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        with process:
            process.send_signal(number)
            return process.wait(STOP_SECONDS_MAX)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of `GET /api/v1/<path>`."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, headers=self.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        """What a request must carry."""
        key = self.environment.get("TRAINVITALS_API_KEY")
        return {"Authorization": f"Bearer {key}"} if key else {}


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One open server for all tests that neither end it nor count its runs."""
    folder = tmp_path_factory.mktemp("shared-server")
    server = ServerProcess(f"sqlite:///{folder / 'runs.db'}", folder / "log").start()
    yield server
    server.stop()


StartServer = Callable[..., ServerProcess]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers on SQLite files under `tmp_path`; ends them after the test."""
    started: list[ServerProcess] = []

    def start(database: str | None = None, program: tuple[str, ...] | None = None, **environment: str) -> ServerProcess:
        name = f"server{len(started)}"
        server = ServerProcess(database or f"sqlite:///{tmp_path / name}.db", tmp_path / f"{name}.log", environment)
        server.program = program or server.program
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def eventually() -> Eventually:
    """Asks another process again and again until it answers with something true; fails after a minute."""

    def ask(question: Callable[[], Any], seconds_max: float = 60) -> Any:
        pause, end = threading.Event(), time.monotonic() + seconds_max
        while not (answer := question()):
            assert time.monotonic() < end, f"still {answer!r} after {seconds_max} seconds"
            pause.wait(0.05)
        return answer

    return ask


@dataclass
class Script:
    """A training script that runs in a process of its own."""

    path: Path
    process: "subprocess.Popen[str]"

    def finish(self, seconds_max: float = 120) -> str:
        """Wait for its end, which must be a good one; returns what it printed on standard error."""
        _, errors = self.process.communicate(timeout=seconds_max)
        assert self.process.returncode == 0, errors
        return errors

    def kill(self) -> None:
        """End it at once."""
        with self.process:
            self.process.kill()

    def go_on(self) -> None:
        """Give it the line that it waits for."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def said(self) -> Any:
        """The JSON of the next line that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the script ended"
        return json.loads(line)


RunScript = Callable[..., Script]


@pytest.fixture
def run_script(tmp_path: Path) -> Iterator[RunScript]:
    """Runs Python code as a script of its own, with its spool under `tmp_path`."""
    running: list[Script] = []

    def run(code: str, server: ServerProcess, **environment: str) -> Script:
        path = tmp_path / f"script{len(running)}.py"
        path.write_text(code, encoding="utf-8")
        variables = {
            **os.environ,
            "TRAINVITALS_SERVER": server.url,
            "TRAINVITALS_DIR": str(tmp_path / "spool"),
            "TRAINVITALS_ON_FAULT": "raise",
            "OMP_NUM_THREADS": "1",
            **environment,
        }
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen([sys.executable, str(path)], text=True, env=variables, **pipes)
        running.append(Script(path, process))
        return running[-1]

    yield run
    for script in running:
        if script.process.poll() is None:
            script.kill()
        for pipe in (script.process.stdin, script.process.stdout, script.process.stderr):
            pipe.close()
