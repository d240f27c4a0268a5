"""Builds the wheel once, and installs it where nothing else of this repository can be seen."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree; needs no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@dataclass
class Installed:
    """A virtual environment of its own with the wheel in it."""

    python: Path
    trainvitals: Path

    def run(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment, out of reach of the source tree."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [str(argument) for argument in arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.python.parent, env=environment)


Install = Callable[[str], Installed]


@pytest.fixture(scope="session")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Installs the wheel in a bare environment that sees the packages named in a list, or all that are installed here.

    A `.pth` line lends the environment the dependencies of this one, in place of a download of half a gigabyte. This
    environment's own editable `trainvitals` is no folder of packages but an import hook of another `.pth` file, which
    is not read from there: what is imported is the wheel's.
    """

    def make(name: str, *, dependencies: bool) -> Installed:
        folder = tmp_path_factory.mktemp(name)
        venv.create(folder, with_pip=True, symlinks=True)
        python = folder / "bin" / "python"
        offline = ["--no-index", "--no-deps", "--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *offline, wheel], check=True, capture_output=True)
        site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
        here = Path(sysconfig.get_path("purelib"))
        if dependencies:
            (site / "dependencies.pth").write_text(f"{here}\n", encoding="utf-8")
        else:
            for path in here.glob("numpy*"):
                (site / path.name).symlink_to(path)
        return Installed(python, folder / "bin" / "trainvitals")

    return make


@pytest.fixture(scope="session")
def names_in_wheel(wheel: Path) -> list[str]:
    """The files of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()
