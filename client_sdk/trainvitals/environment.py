"""What a run was made with and where: interpreter, machine, libraries, script, commit."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

LIBRARIES = ("trainvitals", "numpy", "torch", "torchvision", "transformers", "lightning", "accelerate")


def describe() -> dict[str, Any]:
    """Facts for `POST /runs`; imports nothing that is not imported, starts no process, names no secret."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "host": platform.node(),
        "processors": os.cpu_count(),
        "process": os.getpid(),
        "script": sys.argv[0] if sys.argv else "",
        "versions": {name: version for name in LIBRARIES if (version := _version(name))},
    }
    commit = _commit(Path.cwd())
    if commit:
        found["commit"] = commit
    return found


def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit(folder: Path) -> str | None:
    """The checked-out commit, read from the files of the repository around `folder`."""
    try:
        root = next(path for path in (folder, *folder.parents) if (path / ".git" / "HEAD").is_file())
        head = (root / ".git" / "HEAD").read_text().strip()
        reference = head.removeprefix("ref: ")
        return head if reference == head else (root / ".git" / reference).read_text().strip()
    except (StopIteration, OSError, UnicodeDecodeError):
        return None
