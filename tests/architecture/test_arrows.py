"""The packages import each other along the arrows of DESIGN.md section 1 alone."""

import subprocess
import sys
from pathlib import Path

from source_tree import ROOT


def test_import_linter_finds_every_arrow_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
