"""`trainvitals sync` sends what runs left on disk, once."""

from pathlib import Path

import pytest

import trainvitals as tv


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    with tv.init(project="offline", name="left behind", mode="offline", dir=tmp_path / "spool") as run:
        for step in range(50):
            run.log({"square": step * step})
    return tmp_path / "spool"


def test_an_offline_run_arrives_whole_and_leaves_the_disk(shared_server, trainvitals, spool: Path) -> None:
    done = trainvitals("sync", str(spool), "--server", shared_server.url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Sent 1 run with ")
    (run,) = shared_server.get("runs", project="offline")["runs"]
    (square,) = shared_server.get(f"runs/{run['id']}/data", key="square")["series"]
    assert (run["name"], run["status"]) == ("left behind", "finished")
    assert square["mean"] == [step * step for step in range(50)]
    assert not [path for path in spool.rglob("*") if path.is_file()]


def test_without_a_server_nothing_is_lost(trainvitals, spool: Path) -> None:
    before = set(spool.rglob("*.reports"))
    done = trainvitals("sync", str(spool), "--server", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("trainvitals: ")
    assert set(spool.rglob("*.reports")) == before


def test_a_folder_without_a_run_is_wrong_use(trainvitals, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("other things")
    done = trainvitals("sync", str(tmp_path))
    assert done.returncode == 2
    assert "no spooled run" in done.stderr


def test_a_folder_from_which_all_is_sent_is_done(trainvitals, tmp_path: Path) -> None:
    done = trainvitals("sync", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "Sent 0 runs with 0 reports.\n")
