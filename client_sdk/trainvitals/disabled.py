"""The run of `mode="disabled"`: the same object to the script, and nothing behind it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trainvitals.run import Run
from trainvitals.summary import Summary


class DisabledRun(Run):
    """Starts no thread, opens no file, sets no hook."""

    def __init__(self, project: str, name: str, config: Mapping[str, Any]) -> None:
        self.project = project
        self.name = name
        self.config = MappingProxyType(dict(config))
        self.summary = Summary()
        self.warnings = []
        self._status = "running"

    @property
    def id(self) -> str:
        return "disabled"

    @property
    def url(self) -> str | None:
        return None

    @property
    def dropped(self) -> dict[str, int]:
        return {}

    def start(self) -> None: ...

    def watch(self, *arguments: Any, **options: Any) -> None: ...

    def unwatch(self, model: Any = None) -> None: ...

    def log(self, values: Mapping[str, Any], step: int | None = None) -> None: ...

    def alert(self, *arguments: Any, **options: Any) -> None: ...

    def finish(self, status: Any = "finished", *, error: Any = None, timeout_seconds: float = 0.0) -> None:
        self._status = status

    def fail(self, error: BaseException, *, timeout_seconds: float = 0.0) -> None:
        self._status = "failed"

    def silence(self) -> None: ...
