"""Launches real two-process trainings on gloo against a real server."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("training.py")
SECONDS_MAX = 90

PEACEFUL = ("data_parallel", "bare", "forgotten_wrap", "corrupt_shard", "sound_shards", "sharded", "only_rank_0")
"""Scenarios in which both ranks live; the last leaves the ranks with different numbers of runs."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in held]
    for found in held:
        found.close()
    return ports


@dataclass(frozen=True)
class Launched:
    """Two ranks have run; `folder` holds what they kept."""

    folder: Path

    def told(self, scenario: str) -> list[Any]:
        """What each rank told of a scenario, None for one that died."""
        paths = [self.folder / f"{scenario}.rank{rank}.json" for rank in range(2)]
        return [json.loads(path.read_text()) if path.exists() else None for path in paths]

    def kept(self, name: str) -> list[Any]:
        """The arrays that each rank kept under a name."""
        return [np.load(self.folder / f"{name}.rank{rank}.npz") for rank in range(2)]


def environment(server: Any, folder: Path) -> dict[str, str]:
    """The variables of each rank."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TRAINVITALS_")}
    return {
        **own,
        "TRAINVITALS_SERVER": server.url,
        "TRAINVITALS_DIR": str(folder / "spool"),
        "TRAINVITALS_ON_FAULT": "raise",
        "OMP_NUM_THREADS": "1",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": "0",
        "PORTS": " ".join(map(str, free_ports(len(PEACEFUL)))),
        "WORLD_SIZE": "2",
    }


def launched(server: Any, folder: Path, *scenarios: str, exit_codes: tuple[int, int] = (0, 0)) -> Launched:
    """Start both ranks and wait for them."""
    variables = environment(server, folder)
    ranks = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), *scenarios],
            env={**variables, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        said = [rank.communicate(timeout=SECONDS_MAX)[1] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
            rank.communicate()
    assert tuple(rank.returncode for rank in ranks) == exit_codes, "\n".join(said)
    return Launched(folder)


@pytest.fixture(scope="session")
def ranks(shared_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Launched:
    """One pair of processes that has run the peaceful scenarios: most of their time goes into starting them."""
    return launched(shared_server, tmp_path_factory.mktemp("ranks"), *PEACEFUL)
