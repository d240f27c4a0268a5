"""The ends of a process: what was logged is on its way or on disk, and the run says how the script ended."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_double import ServerDouble

import trainvitals as tv

START = """
import os, signal, sys, threading, time
import trainvitals as tv
run = tv.init(project="ends", server=sys.argv[1], dir=sys.argv[2])
for step in range(10):
    run.log({"loss": float(step)})
"""


@pytest.fixture
def server() -> Iterator[ServerDouble]:
    double = ServerDouble()
    yield double
    double.stop()


def script(server: ServerDouble, folder: Path, end: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START + end, server.address, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def everything(server: ServerDouble) -> bool:
    return server.values("loss") == [(step, float(step)) for step in range(10)]


def test_a_script_that_just_ends_has_finished(server: ServerDouble, tmp_path: Path) -> None:
    done = script(server, tmp_path, "")
    assert everything(server) and server.changes[-1]["status"] == "finished"
    assert "view the run at" in done.stderr and "finished" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_exception_marks_the_run_failed_with_its_traceback(server: ServerDouble, tmp_path: Path) -> None:
    done = script(server, tmp_path, "def deep(): raise RuntimeError('no memory')\ndeep()")
    change = server.changes[-1]
    assert everything(server) and change["status"] == "failed"
    assert change["error"]["type"] == "RuntimeError" and change["error"]["message"] == "no memory"
    assert "in deep" in change["error"]["traceback"]
    assert done.returncode == 1 and "RuntimeError: no memory" in done.stderr


def test_an_exception_inside_with_marks_the_run_failed(server: ServerDouble, tmp_path: Path) -> None:
    script(server, tmp_path, "with run:\n    1 / 0")
    assert [change["status"] for change in server.changes] == ["failed"]


@pytest.mark.parametrize(("end", "status"), [("sys.exit()", "finished"), ("sys.exit(2)", "failed")])
def test_a_script_that_leaves_by_exit_is_judged_by_its_code(
    server: ServerDouble, tmp_path: Path, end: str, status: str
) -> None:
    script(server, tmp_path, f"with run:\n    {end}")
    assert everything(server) and [change["status"] for change in server.changes] == [status]


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        ("sys.exit(3)", "failed", 3),
        ("sys.exit('no data')", "failed", 1),
        ("sys.exit(0)", "finished", 0),
        ("sys.exit()", "finished", 0),
        ("import argparse; argparse.ArgumentParser().parse_args(['--what'])", "failed", 2),
    ],
)
def test_the_code_of_an_exit_outside_with_is_known(
    server: ServerDouble, tmp_path: Path, end: str, status: str, code: int
) -> None:
    done = script(server, tmp_path, end)
    assert done.returncode == code
    assert everything(server) and [change["status"] for change in server.changes] == [status]


def test_an_exit_that_was_caught_and_gone_on_from_is_no_failure(server: ServerDouble, tmp_path: Path) -> None:
    script(server, tmp_path, "try:\n    sys.exit(2)\nexcept SystemExit:\n    run.log({'after': 1.0})")
    assert len(server.values("after")) == 1 and server.changes[-1]["status"] == "finished"


@pytest.mark.parametrize(("rest", "status"), [("", "failed"), ("run.log({'after': 1.0})", "finished")])
def test_an_exception_that_ended_the_training_thread_marks_the_run_failed(
    server: ServerDouble, tmp_path: Path, rest: str, status: str
) -> None:
    dying = "training = threading.Thread(target=lambda: 1 / 0)\ntraining.start()\ntraining.join()\n"
    done = script(server, tmp_path, dying + rest)
    assert done.returncode == 0 and "ZeroDivisionError" in done.stderr
    assert server.changes[-1]["status"] == status
    assert (server.changes[-1].get("error") or {}).get("type") == ("ZeroDivisionError" if status == "failed" else None)


def test_a_process_that_leaves_without_cleaning_up_has_its_values_on_disk(server: ServerDouble, tmp_path: Path) -> None:
    held = "while not run._sender.queued: threading.Event().wait(0.01)\nos._exit(7)"
    server.hold.clear()
    done = script(server, tmp_path, held)
    server.hold.set()
    assert done.returncode == 7
    tv.sync(tmp_path, server.address)
    assert everything(server)


def test_control_c_aborts_the_run(server: ServerDouble, tmp_path: Path) -> None:
    script(server, tmp_path, "os.kill(os.getpid(), signal.SIGINT)\nthreading.Event().wait(30)")
    assert everything(server) and server.changes[-1]["status"] == "aborted"
    assert "error" not in server.changes[-1]


def test_sigterm_aborts_the_run_and_still_ends_the_process(server: ServerDouble, tmp_path: Path) -> None:
    done = script(server, tmp_path, "os.kill(os.getpid(), signal.SIGTERM)\nthreading.Event().wait(30)")
    assert everything(server) and server.changes[-1]["status"] == "aborted"
    assert done.returncode == -signal.SIGTERM


def test_sigterm_ends_a_process_that_waits_in_native_code(server: ServerDouble, tmp_path: Path) -> None:
    wait = """
import ctypes
libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
libc.pthread_mutex_init(mutex, None)
libc.pthread_mutex_lock(mutex)
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
libc.pthread_mutex_lock(mutex)
"""
    done = script(server, tmp_path, wait)
    assert everything(server) and server.changes[-1]["status"] == "aborted"
    assert done.returncode == -signal.SIGTERM


def test_a_forked_worker_ended_by_sigterm_leaves_its_parent_alone(server: ServerDouble, tmp_path: Path) -> None:
    fork = """
import ctypes
reads, writes = os.pipe()
child = os.fork()
if child == 0:
    os.write(writes, b"!")
    threading.Event().wait(30)
os.read(reads, 1)
os.kill(child, signal.SIGTERM)
os.waitpid(child, 0)
end = time.monotonic() + 3
while time.monotonic() < end:
    ctypes.CDLL(None).usleep(100_000)
"""
    done = script(server, tmp_path, fork)
    assert everything(server) and server.changes[-1]["status"] == "finished"
    assert done.returncode == 0


def test_a_sigterm_handler_of_the_script_still_runs(server: ServerDouble, tmp_path: Path) -> None:
    before = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: (print('mine'), sys.exit(3)))\n"
    command = [
        sys.executable,
        "-c",
        before + START + "os.kill(os.getpid(), signal.SIGTERM)",
        server.address,
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (3, "mine")
    assert server.changes[-1]["status"] == "aborted"


def test_a_killed_process_leaves_on_disk_what_was_not_sent_and_doubles_nothing(
    server: ServerDouble, tmp_path: Path
) -> None:
    held = "while not run._sender.queued: threading.Event().wait(0.01)\nos.kill(os.getpid(), signal.SIGKILL)"
    server.hold.clear()
    script(server, tmp_path, held)
    server.hold.set()
    tv.sync(tmp_path, server.address)
    assert everything(server)


def test_a_forked_child_is_silent_and_the_parent_goes_on(server: ServerDouble, tmp_path: Path) -> None:
    fork = """
child = os.fork()
if child == 0:
    run.log({"loss": 99.0}); run.alert("child"); run.finish(); sys.exit(0)
os.waitpid(child, 0)
run.log({"after": 1.0})
"""
    done = script(server, tmp_path, fork)
    assert everything(server) and server.alerts == []
    assert len(server.values("after")) == 1
    assert [change["status"] for change in server.changes] == ["finished"]
    assert done.stderr.count("view it at") == 1
