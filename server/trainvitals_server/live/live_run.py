"""A run that someone looks at right now."""

from dataclasses import dataclass


@dataclass(slots=True)
class LiveRun:
    """Where a run is. `cursor` and `epoch` are None until the store has told them."""

    run_id: str
    cursor: int | None = None
    epoch: str | None = None

    def advance(self, cursor: int) -> None:
        """The run is at least there."""
        self.cursor = cursor if self.cursor is None else max(self.cursor, cursor)
