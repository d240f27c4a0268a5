"""What can be set: one frozen object, built once at the edge from arguments, then the environment, then defaults."""

import ipaddress
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def default_database() -> str:
    """The URL of a file in the user's data directory."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return f"sqlite:///{base / 'trainvitals' / 'trainvitals.db'}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address reaches this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


class Settings(BaseSettings):
    """The settings of a server; each can be given as `TRAINVITALS_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TRAINVITALS_", frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address to listen on; one other than loopback needs an API key.")
    port: int = Field(8765, ge=0, le=65_535, description="Port to listen on; 0 picks a free one.")
    database: str = Field(
        default_factory=default_database, description="Where runs are kept: sqlite:///PATH or postgresql://..."
    )
    public_url: str | None = Field(
        None, description="The address people reach the server at, when a proxy stands before it; may have a path."
    )
    api_key: str | None = Field(None, min_length=8, repr=False, description="The key that every request must show.")
    stale_after_seconds: float = Field(15.0, gt=0, description="A run without a sign of life for so long is stale.")
    crashed_after_minutes: float = Field(10.0, gt=0, description="A stale run silent for so long counts as crashed.")
    thin_histograms_after_days: float | None = Field(
        None, gt=0, description="Of a run silent for so long only sums of histograms are kept; never by default."
    )
    delete_archived_after_days: float | None = Field(
        None, gt=0, description="A run archived for so long is deleted; never by default."
    )
    rules: Path | None = Field(None, description="A YAML file that changes or mutes rules of the diagnosis.")
    log_level: str = Field("warning", description="Least level that is logged: debug, info, warning or error.")

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("is not a web address such as https://example.org/trainvitals")
        return url.rstrip("/")

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, level: str) -> str:
        if level.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("is none of debug, info, warning, error")
        return level.lower()

    @property
    def url(self) -> str:
        """The address that links start with, without a slash at its end."""
        if self.public_url is not None:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_path(self) -> str:
        """The path of the public address: empty, or `/prefix`."""
        return urlsplit(self.url).path

    def run_url(self, run_id: str) -> str:
        """The address of a run's page."""
        return f"{self.url}/runs/{run_id}"
