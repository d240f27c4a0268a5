"""A throw-away Postgres for tests: the system's own binaries, an unprivileged user, a free loopback port.

One cluster a test process, started by the first test that asks and stopped at exit. Use it from a `conftest.py`::

    sys.path.insert(0, str(Path(__file__).parents[N] / "postgres"))
    from postgres_cluster import shared_cluster

    url = shared_cluster().new_database()
"""

import atexit
import functools
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

USERS = ("postgres", "nobody")
"""Postgres refuses to run as root: the first of these that exists runs it then."""

SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class PostgresMissing(RuntimeError):
    """There are no Postgres binaries here; CI must have them, elsewhere deselect with `-m "not postgres"`."""


class PostgresCluster:
    """A running Postgres with an empty data folder of its own; `settings` as in postgresql.conf."""

    def __init__(self, settings: dict[str, str] = SETTINGS) -> None:
        self._binaries = find_binaries()
        self._as_user: dict[str, Any] = _unprivileged()
        self.port = _free_port()
        self._databases = itertools.count()
        # Short, because a socket's path may have 107 characters at most.
        self._folder = Path(tempfile.mkdtemp(prefix="tvpg", dir="/tmp"))
        if "user" in self._as_user:
            shutil.chown(self._folder, self._as_user["user"])
        self._run("initdb", "-U", "trainvitals", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder}
        words = " ".join(f"-c {name}={value}" for name, value in {**options, **settings}.items())
        self._run("pg_ctl", "-w", "-o", words, "-l", str(self._folder / "log"), "start")

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://trainvitals@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Create a database, empty or a copy of `template` (a name), and return its URL."""
        name = f"test_{next(self._databases)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, closing what is still connected to it."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._folder / "data"), *arguments]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
            **self._as_user,
        )
        if done.returncode:
            log = self._folder / "log"
            raise RuntimeError(f"{program} failed: {done.stderr}{log.read_text() if log.exists() else ''}")


@functools.cache
def shared_cluster() -> PostgresCluster:
    """The cluster of this test process. Raises PostgresMissing."""
    cluster = PostgresCluster()
    atexit.register(cluster.stop)
    return cluster


def find_binaries() -> Path:
    """The folder of `initdb` and `pg_ctl`, the newest version there is. Raises PostgresMissing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise PostgresMissing(PostgresMissing.__doc__)
    return Path(os.path.realpath(on_path)).parent


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next((names[name] for name in USERS if name in names), None)
    if user is None:
        raise PostgresMissing(f"running as root, and there is none of the users {USERS} to run Postgres")
    return {"user": user.pw_name, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
