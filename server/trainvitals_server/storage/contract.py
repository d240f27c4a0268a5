"""What goes into and comes out of the store, for its callers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Layer, RunStatus, WarningCounts
from trainvitals_wire.report import Report

Resume = Literal["never", "allow", "must"]


@dataclass(frozen=True, slots=True)
class NewRun:
    """The body of `POST /runs`, checked."""

    project: str
    name: str
    config: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    group: str | None = None
    notes: str | None = None
    environment: dict[str, Any] = field(default_factory=dict)
    id: str | None = None
    resume: Resume = "never"
    layers: tuple[Layer, ...] | None = None


@dataclass(frozen=True, slots=True)
class CreatedRun:
    """A run that is ready for a new writer; `next_step` is one past the last step stored."""

    id: str
    writer_id: str
    next_sequence: int
    next_step: int


@dataclass(frozen=True, slots=True)
class RunTraits:
    """What of a run a rules file can choose by."""

    project: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


class Headline(TypedDict):
    """What changes about a run while others look at it."""

    status: RunStatus
    last_step: int | None
    last_seen_at: float
    warnings: WarningCounts


@dataclass(frozen=True, slots=True)
class Appended:
    """A report is durable; `stored` is False where the same sequence had been stored before."""

    sequence: int
    stored: bool
    cursor: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What listeners are told after a report was committed, in the order of the run's cursors."""

    run_id: str
    cursor: int
    report: Report


Listener = Callable[[Committed], None]


@dataclass(frozen=True, slots=True)
class Position:
    """The present place in a run: frames up to `cursor` are stored; the cursor means something within its epoch."""

    cursor: int
    epoch: str
    status: RunStatus = "running"


@dataclass(frozen=True, slots=True)
class Since:
    """All frames of the asked series after a cursor, in cursor order, up to and including `cursor`."""

    cursor: int
    frames: tuple[Frame, ...]

    @classmethod
    def of(cls, cursor: int, frames: Iterable[Frame], keys: Sequence[str]) -> "Since":
        """What these frames hold of some series."""
        selected = (frame.select(keys) for frame in frames)
        return cls(cursor, tuple(frame for frame in selected if frame is not None))
