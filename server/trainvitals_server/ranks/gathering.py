"""The shares of one run's ranks, held until every rank that takes part has told its own of a step."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from trainvitals_server.ranks.merge import TOTAL, merged, merged_histogram
from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.names import EVALUATION_PREFIX, split_key
from trainvitals_wire.ranks import COUNTS, split_rank
from trainvitals_wire.report import Report

PATIENCE_SECONDS = 3.0
"""How long a step waits for the shares of a rank that takes part; ranks of one training are in step."""
CELLS_KEPT_MAX = 400_000
"""Numbers of merged steps that are kept, some 40 MB, for a share that comes late."""
WRITER_PREFIX = "ranks-"
"""Begins the writer of merged reports."""


@dataclass(slots=True)
class Step:
    """The shares of one step so far."""

    since: float
    time: float = 0.0
    shares: dict[int, dict[str, float]] = field(default_factory=dict)
    histograms: dict[str, dict[int, Histogram]] = field(default_factory=dict)
    told: bool = False
    values: dict[str, float] = field(default_factory=dict)
    """What was told of it."""

    def whole(self, rank: int) -> bool:
        """Whether a rank has told all that any rank has told: one sample may take several reports."""
        shares, histograms = self.shares.values(), self.histograms.values()
        known = self.shares.get(rank, {})
        return all(share.keys() <= known.keys() for share in shares) and all(rank in found for found in histograms)

    def news(self, values: dict[str, float]) -> dict[str, float]:
        """Of the merged values those that were not told so before."""
        new = {key: value for key, value in values.items() if repr(self.values.get(key)) != repr(value)}
        self.values.update(new)
        return new

    @property
    def cells(self) -> int:
        """Numbers held."""
        return sum(map(len, self.shares.values())) + 64 * sum(map(len, self.histograms.values()))

    @property
    def ranks(self) -> set[int]:
        """Who has told a share."""
        return {*self.shares, *(rank for of_rank in self.histograms.values() for rank in of_rank)}


class Gathering:
    """`add` takes a stored report; `ready` gives what can be told of the run since."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: float | None = None
        self._count = 0
        self._rank_of: dict[str, int] = {}
        self._reached: dict[int, int] = {}
        self._gone: set[int] = set()
        self._sizes: dict[str, int] = {}
        self._steps: dict[int, Step] = {}

    @property
    def waits(self) -> bool:
        """Whether a step is not merged yet."""
        return any(not step.told for step in self._steps.values())

    def add(self, report: Report) -> None:
        """Take up the shares in a report, and how far its rank is."""
        if report.writer_id.startswith(WRITER_PREFIX):
            self._take_merged(report)
            return
        self._meet(report)
        if report.layers is not None:
            parameters = [parameter for layer in report.layers for parameter in layer["parameters"]]
            self._sizes = {p["name"]: int(np.prod(p["shape"])) for p in parameters if p.get("sharded")}
        for frame in report.frames:
            self._add_frame(frame)
        for histogram in report.histograms:
            self._add_histogram(histogram)
        rank = self._rank_of.get(report.writer_id)
        if rank is not None and report.frames:
            self._gone.discard(rank)
            self._reached[rank] = max(self._reached[rank], *(int(frame.steps.max()) for frame in report.frames))

    def ready(self, *, everything: bool = False) -> tuple[list[Frame], list[Histogram]]:
        """The merged frames and histograms of the steps that are complete, or have waited long enough."""
        now = self._clock()
        rows: dict[tuple[str, ...], list[tuple[int, float, list[float]]]] = {}
        histograms: list[Histogram] = []
        for number in sorted(self._steps):
            step = self._steps[number]
            if step.told or not (everything or self._is_ready(number, step, now)):
                continue
            step.told = True
            missing = set(range(self._count)) - step.ranks
            silent = all(rank in self._gone or rank not in self._reached for rank in missing)
            values = merged(step.shares, self._sizes, complete=silent) if step.shares else {}
            if values := step.news(values):
                rows.setdefault(tuple(values), []).append((number, step.time, list(values.values())))
            histograms += [merged_histogram(key, list(found.values())) for key, found in step.histograms.items()]
        self._let_go()
        return [_frame(keys, found) for keys, found in rows.items()], histograms

    def _is_ready(self, number: int, step: Step, now: float) -> bool:
        late = now - step.since >= PATIENCE_SECONDS
        if late:
            self._gone |= {rank for rank, reached in self._reached.items() if reached < number} - step.ranks
        everyone_met = len(self._reached) >= self._count or now - (self._began or now) >= PATIENCE_SECONDS
        open_ranks = self._reached.keys() - self._gone
        return late or (everyone_met and all(self._reached[rank] > number or step.whole(rank) for rank in open_ranks))

    def _meet(self, report: Report) -> None:
        for fact in report.facts:
            if fact["kind"] == "rank":
                details = fact.get("details", {})
                rank, self._count = int(details["rank"]), int(details["world_size"])
                self._rank_of[report.writer_id] = rank
                # A process that was started again may begin at an earlier step.
                self._reached[rank] = -1
                self._began = self._clock() if self._began is None else self._began

    def _add_frame(self, frame: Frame) -> None:
        rank, first = split_rank(frame.keys[0])
        if rank is None or first.startswith("system/"):
            return
        keys = [split_rank(key)[1] for key in frame.keys]
        chosen = _shares(keys)
        # What a rank tells of itself alone is no share of anything.
        if not chosen:
            return
        for step, time, row in zip(frame.steps.tolist(), frame.times.tolist(), frame.values.tolist(), strict=True):
            found = self._step(step, time)
            found.shares.setdefault(rank, {}).update((keys[place], row[place]) for place in chosen)

    def _add_histogram(self, histogram: Histogram) -> None:
        rank, key = split_rank(histogram.key)
        if rank is not None and histogram.edges is None:
            found = self._step(histogram.step, histogram.time)
            found.histograms.setdefault(key, {})[rank] = histogram

    def _step(self, number: int, time: float) -> Step:
        found = self._steps.get(number)
        if found is None:
            found = self._steps[number] = Step(since=self._clock(), time=time)
        found.told = False
        return found

    def _take_merged(self, report: Report) -> None:
        """After a restart: these steps were told."""
        for number in [step for frame in report.frames for step in frame.steps.tolist()]:
            if number in self._steps:
                self._steps[number].told = True

    def _let_go(self) -> None:
        room = CELLS_KEPT_MAX
        for number in sorted(self._steps, reverse=True):
            room -= self._steps[number].cells
            if room < 0 and self._steps[number].told:
                del self._steps[number]


def _shares(keys: list[str]) -> list[int]:
    """The places of what is merged: the rank told how many elements it stands for."""
    counted = {split_key(key)[1] for key in keys if _is_count(key)}
    return [at for at, key in enumerate(keys) if key == TOTAL or (split_key(key)[0] and split_key(key)[1] in counted)]


def _is_count(key: str) -> bool:
    return split_key(key)[0].removeprefix(EVALUATION_PREFIX) in COUNTS


def _frame(keys: tuple[str, ...], rows: list[tuple[int, float, list[float]]]) -> Frame:
    with np.errstate(over="ignore"):
        values = np.array([row for _, _, row in rows]).astype(np.float32)
    steps = np.array([step for step, _, _ in rows], np.int64)
    return Frame(keys, steps, np.array([time for _, time, _ in rows], np.float64), values)
