"""A report: one wire message, several steps of one run."""

from dataclasses import dataclass, field
from typing import Any

from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.records import Fact, Layer


@dataclass(frozen=True, slots=True)
class Report:
    """Several steps of one run, as one writer sends them.

    `sequence` counts a writer's reports from 1. `layers` replaces the run's layers where it is not None. `dropped`
    and `capture` are the writer's state so far, not increments.
    """

    writer_id: str
    sequence: int
    frames: tuple[Frame, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    layers: tuple[Layer, ...] | None = None
    facts: tuple[Fact, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    capture: dict[str, Any] = field(default_factory=dict)
