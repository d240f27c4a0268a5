"""`trainvitals demo` takes its server with it, however it ends; `tests/end_to_end` looks at what its runs show."""

import signal
import subprocess
import sys

import httpx
import pytest

pytestmark = pytest.mark.training


def start(tmp_path) -> tuple["subprocess.Popen[str]", str, str]:
    """A demo that trains for long, the address of its server and that of its first run."""
    command = [sys.executable, "-m", "trainvitals_command", "demo", "--port", "0", "--steps", "100000"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    demo = subprocess.Popen(command, text=True, cwd=tmp_path, start_new_session=True, **pipes)
    server = demo.stdout.readline().rpartition(" ")[2].strip()
    run = demo.stdout.readline().rpartition(" ")[2].strip()
    return demo, server, run


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 2)])
def test_whoever_ends_the_demo_ends_its_server(tmp_path, number: signal.Signals, code: int) -> None:
    demo, server, run = start(tmp_path)
    assert httpx.get(run).status_code == 200
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=40)
    assert demo.returncode == code
    assert "Traceback" not in errors
    with pytest.raises(httpx.ConnectError):
        httpx.get(server)
    assert (tmp_path / ".demo" / "trainvitals.db").is_file()


def test_an_interrupted_training_is_called_aborted(tmp_path, start_server) -> None:
    demo, _, run = start(tmp_path)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=40)
    server = start_server(database=f"sqlite:///{tmp_path}/.demo/trainvitals.db")
    assert server.get(f"runs/{run.rpartition('/')[2]}")["status"] == "aborted"
