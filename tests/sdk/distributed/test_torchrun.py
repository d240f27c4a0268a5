"""torchrun: `init` before there is a process group, restarts, and launches one after the other on one port."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from distributed.conftest import SCRIPT, SECONDS_MAX, Launched, environment


def torchrun(server: Any, folder: Path, port: str, **more: str) -> Launched:
    folder.mkdir()
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--max-restarts", "1"]
    address = ["--master-addr", "127.0.0.1", "--master-port", port]
    done = subprocess.run(
        [*command, *address, str(SCRIPT), str(folder), "early"],
        env={**environment(server, folder), **more},
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Launched(folder)


def test_a_restart_goes_on_with_its_run_and_the_next_launch_makes_another(shared_server, tmp_path: Path) -> None:
    port = environment(shared_server, tmp_path)["PORTS"].split()[0]
    again = torchrun(shared_server, tmp_path / "first", port, FAIL_ONCE="1").told("early")
    assert [rank["attempt"] for rank in again] == [1, 1]
    fresh = torchrun(shared_server, tmp_path / "second", port).told("early")
    assert again[0]["id"] == again[1]["id"] != fresh[0]["id"] == fresh[1]["id"]

    stored = {run["id"]: run for run in shared_server.get("runs", project="early")["runs"]}
    assert set(stored) == {again[0]["id"], fresh[0]["id"]}
    assert [run["status"] for run in stored.values()] == ["finished", "finished"]
    # The first attempt's steps, then those of the second behind them.
    steps = shared_server.get(f"runs/{again[0]['id']}/data", key="loss")["series"][0]["steps"]
    assert len(steps) > 8
    assert "rank1/attempt" in {entry["key"] for entry in shared_server.get(f"runs/{again[0]['id']}/series")["series"]}
