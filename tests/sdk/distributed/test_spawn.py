"""`torch.multiprocessing.spawn`: `init` before there is a process group."""

import subprocess
import sys
from pathlib import Path

from distributed.conftest import SCRIPT, SECONDS_MAX, Launched, environment


def test_spawned_ranks_come_to_one_run(shared_server, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "spawned"],
        env=environment(shared_server, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = Launched(tmp_path).told("spawned")
    assert first["id"] == second["id"]
    keys = {entry["key"] for entry in shared_server.get(f"runs/{first['id']}/series")["series"]}
    assert {"loss", "rank1/loss"} <= keys
