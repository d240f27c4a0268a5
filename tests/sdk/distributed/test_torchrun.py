"""torchrun: `init` before there is a process group, restarts, and launches one after the other on one port."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from distributed.conftest import SCRIPT, SECONDS_MAX, Launched, environment


def torchrun(server: Any, folder: Path, *options: str, **more: str) -> list[Any]:
    folder.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--nproc-per-node",
            "2",
            *options,
            str(SCRIPT),
            str(folder),
            "early",
        ],
        env={**environment(server, folder), **more},
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Launched(folder).told("early")


def test_a_restart_goes_on_with_its_run(shared_server, tmp_path: Path) -> None:
    options = ("--standalone", "--max-restarts", "1")
    first, second = torchrun(shared_server, tmp_path / "restarted", *options, FAIL_ONCE="1")
    assert (first["attempt"], second["attempt"]) == (1, 1)
    assert first["id"] == second["id"]
    assert shared_server.get(f"runs/{first['id']}")["status"] == "finished"
    # The first attempt's steps, then those of the second behind them.
    series = {entry["key"]: entry for entry in shared_server.get(f"runs/{first['id']}/series")["series"]}
    assert series["loss"]["count"] > 8
    assert "rank1/attempt" in series


def test_the_next_launch_on_the_same_port_makes_another_run(shared_server, tmp_path: Path) -> None:
    port = environment(shared_server, tmp_path)["PORTS"].split()[0]
    options = ("--master-addr", "127.0.0.1", "--master-port", port)
    ids = [[rank["id"] for rank in torchrun(shared_server, tmp_path / name, *options)] for name in ("one", "two")]
    assert ids[0][0] == ids[0][1] != ids[1][0] == ids[1][1]
    assert all(shared_server.get(f"runs/{run_id}")["status"] == "finished" for run_id, _ in ids)
