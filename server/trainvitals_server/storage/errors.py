"""What storage can refuse.

StorageError
├── RunExists       `resume="never"` and the run is there
├── RunNotFound     no such run
├── RunUnclear      several runs are so called
├── MuteNotFound    no such mute of the run
├── TooManyMutes    the run has as many mutes as it may have
├── QueueFull       more reports wait than the limit: come back after `retry_after_seconds`
├── InvalidCursor   a page cursor that this server never gave
├── InvalidSort     a sort that names no field of a run
├── AnswerTooLarge  more numbers asked for than go into one answer
└── DatabaseUnusable  the file or server cannot be opened or is damaged: what to do next
"""


class StorageError(Exception):
    """Storage refuses; the message says why."""


class RunExists(StorageError):
    """A run of this id is there already and `resume` says never."""


class RunNotFound(StorageError):
    """There is no such run."""


class RunUnclear(StorageError):
    """Several runs are so called."""


class MuteNotFound(StorageError):
    """The run has no such mute."""


class TooManyMutes(StorageError):
    """The run has as many mutes as it may have."""


class QueueFull(StorageError):
    """More reports wait than the limit."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__(f"too many reports wait to be stored; try again in {retry_after_seconds:g} seconds")
        self.retry_after_seconds = retry_after_seconds


class InvalidCursor(StorageError):
    """A page cursor that this server never gave."""


class InvalidSort(StorageError):
    """A sort that names no field of a run."""


class AnswerTooLarge(StorageError):
    """More numbers asked for than go into one answer."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened or is damaged."""
