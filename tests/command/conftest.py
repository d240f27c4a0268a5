"""Runs the command line as a person does: in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Trainvitals = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def trainvitals(tmp_path: Path) -> Trainvitals:
    """Runs `trainvitals ARGUMENTS` in `tmp_path` until it ends."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "trainvitals_command", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)

    return run
