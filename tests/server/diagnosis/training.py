"""Real, short, seeded trainings and what the diagnosis says of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport
from trainvitals_server.diagnosis import Judge
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Warnings
from trainvitals_wire.report import Report

Batch = tuple[Tensor, Tensor]
SAMPLED_EACH_STEPS = 5
"""A fixed interval, so that what is seen does not hang on how fast this machine is."""
STEPS_A_PIECE = 5
VALIDATED_EACH_STEPS = 20
CLASSES = 10


@dataclass
class Training:
    """One training: `seen_at` is the step at which each rule first showed a warning or worse."""

    warnings: Warnings
    judge: Judge
    reports: list[Report]
    seen_at: dict[str, int]

    @property
    def alarms(self) -> list[str]:
        """What is more than a note, in words."""
        return [
            f"{entry['severity']} {entry['rule']} {entry['layer']}: {entry['summary']}"
            for entry in self.warnings["warnings"]
            if entry["severity"] != "note"
        ]

    @property
    def causes(self) -> list[str]:
        """The causes of the worst incident, root first."""
        incidents = self.warnings["incidents"]
        return [cause["cause"] for cause in incidents[0]["causes"]] if incidents else []

    def rules(self, *severities: str) -> set[str]:
        """The rules that found something of these severities."""
        return {entry["rule"] for entry in self.warnings["warnings"] if entry["severity"] in severities}


def pieces(report: Report) -> Iterator[Report]:
    """The same report in stretches of a few steps, so that nothing hangs on how fast this machine trains."""
    last = max((int(frame.steps.max()) for frame in report.frames), default=-1)
    first = min((int(frame.steps.min()) for frame in report.frames), default=0)
    yield replace(report, frames=())
    for start in range(first, last + 1, STEPS_A_PIECE):
        yield replace(report, frames=tuple(_cut(report.frames, start)), layers=None, facts=())


def _cut(frames: tuple[Frame, ...], start: int) -> Iterator[Frame]:
    for frame in frames:
        rows = (frame.steps >= start) & (frame.steps < start + STEPS_A_PIECE)
        if rows.any():
            yield Frame(frame.keys, frame.steps[rows], frame.times[rows], frame.values[rows])


def judged(reports: list[Report]) -> Training:
    """Judge reports as the server would: an evaluation every few steps."""
    judge = Judge()
    seen_at: dict[str, int] = {}
    for piece in (piece for report in reports for piece in pieces(report)):
        judge.add(piece)
        for entry in judge.evaluate()["warnings"]:
            if entry["severity"] != "note":
                seen_at.setdefault(entry["rule"], judge.signals.step)
    return Training(judge.evaluate(), judge, reports, seen_at)


@cache
def digits() -> tuple[Tensor, Tensor]:
    """Standardised images [1797, 64] and labels [1797]."""
    source = load_digits()
    images = torch.tensor(source.data, dtype=torch.float32)
    return (images - images.mean()) / images.std(), torch.tensor(source.target)


def batches(batch_size: int = 64, reshape: tuple[int, ...] = (64,)) -> Iterator[Batch]:
    """Shuffled batches without end."""
    images, labels = digits()
    generator = torch.Generator().manual_seed(0)
    while True:
        for chosen in torch.randperm(len(labels), generator=generator).split(batch_size):
            yield images[chosen].reshape(-1, *reshape), labels[chosen]


def numbers() -> Iterator[Batch]:
    """Batches whose target is the digit as a standardised number [n, 1]."""
    return ((inputs, (labels[:, None].float() - 4.5) / 2.87) for inputs, labels in batches())


def validation_loss(model: nn.Module) -> float:
    """The cross-entropy on the last images."""
    images, labels = digits()
    return float(nn.functional.cross_entropy(model(images[-300:]), labels[-300:]))


def _validated(model: nn.Module, step: int, validate: Callable[[nn.Module], float] | None) -> dict[str, float]:
    if validate is None or step % VALIDATED_EACH_STEPS:
        return {}
    model.eval()
    with torch.no_grad():
        found = validate(model)
    model.train()
    return {"val_loss": found}


def fit(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Iterator[Batch],
    steps: int = 300,
    criterion: nn.Module | None = None,
    scheduler: Callable[[int], None] = lambda step: None,
    validate: Callable[[nn.Module], float] | None = None,
) -> Training:
    """Train as a user does, with the SDK watching, and judge the reports."""
    torch.set_num_threads(1)
    criterion = criterion or nn.CrossEntropyLoss()
    transport = MemoryTransport()
    with tv.init(project="tests", transport=transport) as run:
        run.watch(model, optimizer, criterion, log_freq=SAMPLED_EACH_STEPS)
        for step, (inputs, targets) in zip(range(steps), data, strict=False):
            loss = criterion(model(inputs), targets)
            optimizer.zero_grad()
            if loss.requires_grad:
                loss.backward()
            optimizer.step()
            scheduler(step)
            run.log({"loss": loss.detach(), **_validated(model, step, validate)})
    return judged(transport.reports)
