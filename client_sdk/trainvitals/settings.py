"""The settings of a run, built once from arguments, then the environment, then defaults."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from trainvitals.errors import Error
from trainvitals.guard import OnFault
from trainvitals.terminal import Says

Mode = Literal["online", "offline", "disabled"]
Resume = Literal["never", "allow", "must"]
OnCritical = Literal["continue", "stop"]
_SAYS = ("all", "warnings", "nothing")
DEFAULT_SERVER = "http://127.0.0.1:8765"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a run reports to, and how."""

    mode: Mode
    server: str
    api_key: str | None
    directory: Path
    on_critical: OnCritical
    on_fault: OnFault
    says: Says


def resolve(
    *,
    mode: str,
    server: str | None,
    api_key: str | None,
    directory: str | os.PathLike[str] | None,
    on_critical: str,
    terminal: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Arguments before `TRAINVITALS_*` variables before defaults; raises Error for a value that is not allowed."""
    for name, text in (("api_key", api_key), ("dir", directory)):
        if text is not None and not isinstance(text, str | os.PathLike):
            raise Error(f"{name}={text!r} is no text")
    chosen = environment.get("TRAINVITALS_MODE", mode) if mode == "online" else mode
    return Settings(
        mode=cast(Mode, one_of("mode", chosen, ("online", "offline", "disabled"))),
        server=server_address(server, environment),
        api_key=api_key or environment.get("TRAINVITALS_API_KEY") or None,
        directory=Path(directory or environment.get("TRAINVITALS_DIR") or user_directory() / "spool"),
        on_critical=cast(OnCritical, one_of("on_critical", on_critical, ("continue", "stop"))),
        says=cast(Says, one_of("terminal", terminal or environment.get("TRAINVITALS_TERMINAL", "all"), _SAYS)),
        on_fault=cast(OnFault, one_of("TRAINVITALS_ON_FAULT", environment.get("TRAINVITALS_ON_FAULT", "count"))),
    )


def server_address(server: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The server's address without a slash at its end; raises Error where it is no http address."""
    if server is not None and not isinstance(server, str):
        raise Error(f"server={server!r} is no text: write it like {DEFAULT_SERVER!r}")
    address = (server or environment.get("TRAINVITALS_SERVER") or DEFAULT_SERVER).rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise Error(f"server={address!r} is no address: write it like {DEFAULT_SERVER!r}")
    return address


def one_of(name: str, value: object, allowed: tuple[str, ...] = ("count", "raise")) -> str:
    """The value where it is allowed; raises Error that names the choices."""
    if value not in allowed:
        raise Error(f"{name}={value!r} is not known; choose one of {', '.join(map(repr, allowed))}")
    return str(value)


def user_directory() -> Path:
    """The user's own data directory for trainvitals on this system."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "trainvitals"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home)) / "trainvitals"
    return Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share")) / "trainvitals"
