"""A run that someone looks at right now."""

from dataclasses import dataclass

from trainvitals_server.storage.contract import Position


@dataclass(slots=True)
class LiveRun:
    """Where a run is. `cursor` and `epoch` are None until the store has told them."""

    run_id: str
    cursor: int | None = None
    epoch: str | None = None

    def advance(self, cursor: int) -> bool:
        """The run is at least there; whether that is new."""
        if self.cursor is not None and cursor <= self.cursor:
            return False
        self.cursor = cursor
        return True

    def move(self, position: Position) -> bool:
        """The run is there; whether that is new. In another epoch (made again under its id) the cursor may go back."""
        if self.epoch is None or self.epoch == position.epoch:
            return self.advance(position.cursor)
        self.epoch, self.cursor = position.epoch, position.cursor
        return True
