"""What the architecture tests look at: the tracked files and the packages' sources."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "trainvitals": "client_sdk",
    "trainvitals_wire": "client_sdk",
    "trainvitals_server": "server",
    "trainvitals_command": "server",
    "trainvitals_dashboards": "dashboards",
    "trainvitals_migrations": "migrations",
}


@cache
def sources() -> list[Path]:
    """Every Python file of the packages."""
    return sorted(path for name, folder in PACKAGES.items() for path in (ROOT / folder / name).rglob("*.py"))


@cache
def tracked_files() -> list[Path]:
    """Every file under version control, and those that are about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The classes and functions that a file defines, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def relative(path: Path) -> str:
    """A path as seen from the root."""
    return path.relative_to(ROOT).as_posix()
