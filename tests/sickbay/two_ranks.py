"""Two processes that train without a wrapper, with a server of their own: no recording of one process shows it."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trainvitals_command.demo.background_server import background_server

from .recording import ROOT

SCRIPT = ROOT / "tests" / "sdk" / "distributed" / "training.py"
SCENARIO = "forgotten_wrap"
WAIT_SECONDS_MAX = 20.0

Answer = dict[str, Any]


def train_two_ranks(key: str) -> tuple[list[Answer], list[Answer]]:
    """The series `key` of rank 0 and of rank 1 as the server answers them, and the run's warnings and notes."""
    with (
        TemporaryDirectory() as folder,
        background_server(database=f"sqlite:///{folder}/runs.db", port=0) as server,
    ):
        processes = [_started(folder, rank, server.url) for rank in range(2)]
        if [process.wait() for process in processes] != [0, 0]:
            raise RuntimeError(f"a rank of {SCENARIO} failed; its own words stand above")
        run = f"{server.url}/api/v1/runs/{json.loads(Path(folder, f'{SCENARIO}.rank0.json').read_text())['id']}"
        until = time.monotonic() + WAIT_SECONDS_MAX
        while not (warnings := _answer(f"{run}/warnings")["warnings"]) and time.monotonic() < until:
            time.sleep(0.1)
        return [_answer(f"{run}/data?key={own}")["series"][0] for own in (key, f"rank1/{key}")], warnings


def _started(folder: str, rank: int, url: str) -> subprocess.Popen[bytes]:
    variables = {
        "TRAINVITALS_SERVER": url,
        "TRAINVITALS_DIR": f"{folder}/spool",
        "OMP_NUM_THREADS": "1",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": "29517",
        "PORTS": "29517",
        "WORLD_SIZE": "2",
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
    }
    return subprocess.Popen([sys.executable, str(SCRIPT), folder, SCENARIO], env=os.environ | variables)


def _answer(url: str) -> Answer:
    with urllib.request.urlopen(url) as response:
        found: Answer = json.load(response)
        return found
