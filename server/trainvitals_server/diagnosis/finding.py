"""What a rule returns: a symptom or a fault, where and since when, with the causes that it suspects."""

from collections.abc import Callable
from dataclasses import dataclass, field

from trainvitals_wire.causes import CAUSES
from trainvitals_wire.records import Severity


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause from the fixed list, the observation that speaks for it, and since which step it is seen."""

    cause: str
    why: str
    first_step: int

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise ValueError(f"{self.cause!r} is not in the fixed list of causes (trainvitals_wire.causes)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule saw.

    `worst` is the severity it may reach: by itself where it is wrong `by_definition`, otherwise only while the run
    shows harm (a symptom alone stays a note). A `blocking` one, which by itself keeps layers from
    learning, needs no more harm than a loss that has stalled. `value` is what was measured, `threshold` the band in
    words. `aspect` tells apart two warnings that one series may give (too high, too low).
    """

    first_step: int
    last_step: int
    summary: str
    remedy: str
    expect: str
    causes: tuple[Cause, ...]
    value: float | None = None
    threshold: str = ""
    layer: str | None = None
    series: str | None = None
    worst: Severity = "warning"
    by_definition: bool = False
    blocking: bool = False
    aspect: str = ""
    renewed: "Callable[[], Finding] | None" = field(default=None, compare=False, repr=False)
    """Makes the finding as it reads now, where a rule keeps it: only `last_step`, `value` and the words may differ."""

    @property
    def now(self) -> "Finding":
        """The finding with its latest numbers."""
        return self if self.renewed is None else self.renewed()

    @property
    def place(self) -> str:
        """What the finding is about: two findings of a rule about one place are the same warning at two times."""
        return f"{self.series or self.layer or 'run'} {self.aspect}".rstrip()
