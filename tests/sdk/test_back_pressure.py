"""A server that cannot keep up: the SDK sends less often, loses nothing, and the training does not notice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from trainvitals.collector import Collector
from trainvitals.guard import Guard
from trainvitals.link import Link
from trainvitals.sender import TICK_SECONDS, Sender
from trainvitals.spool import Spool
from trainvitals.spooled import Spooled
from trainvitals.terminal import Terminal
from trainvitals.transport.connection import Answer
from trainvitals.transport.contract import Busy, Request
from trainvitals.transport.http import WAIT_SECONDS_DEFAULT, WAIT_SECONDS_MAX, checked
from trainvitals.transport.memory import MemoryTransport
from trainvitals_wire.records import WarningEntry


class BusyServer(MemoryTransport):
    """Answers 429 as long as it is busy, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.busy_seconds: float | None = None
        self.asked = 0

    def send(self, run_id: str, report: Spooled) -> "list[WarningEntry]":
        self.asked += 1
        if self.busy_seconds is not None:
            raise Busy(self.busy_seconds)
        return list(super().send(run_id, report))


class Training:
    """A script that logs one loss in each tick of the sender, on a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.step = 0
        self.server = BusyServer()
        self.spool = Spool(folder)
        self.guard = Guard()
        self.collector = Collector(self.guard.drop)
        link = Link(self.server, Request("project", "name", "id"), self.spool, Terminal("nothing"))
        self.sender = Sender(
            collector=self.collector, spool=self.spool, link=link, guard=self.guard, clock=lambda: self.now
        )

    def goes_on(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.collector.metrics(("loss",), self.step, self.now, (float(self.step),))
            self.step += 1
            self.sender.tick()
            self.now += TICK_SECONDS


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "run")
    yield training
    training.spool.close(remove=True)


def test_a_busy_server_is_asked_no_more_often_than_it_says(training: Training) -> None:
    training.goes_on(1)
    assert training.server.asked == 8
    training.server.busy_seconds = 5.0
    training.goes_on(60)
    assert training.server.asked - 8 <= 60 / 5 + 1


def test_what_waited_arrives_whole_in_order_and_in_fewer_reports(training: Training) -> None:
    training.server.busy_seconds = 2.0
    training.goes_on(60)
    training.server.busy_seconds = None
    training.goes_on(5)
    logged = training.step
    assert training.server.values("loss") == {step: float(step) for step in range(logged)}
    steps = [step for report in training.server.reports for frame in report.frames for step in frame.steps.tolist()]
    assert steps == list(range(logged))
    assert len(training.server.reports) < logged / 3
    assert training.guard.counts() == {}
    assert training.sender.queued == 0


def test_signs_of_life_go_on_while_the_server_is_busy(training: Training) -> None:
    training.goes_on(1)
    training.server.busy_seconds = 1.0
    training.goes_on(30)
    assert len(training.server.heartbeats) >= 5
    assert training.server.heartbeats[-1][0] > 0


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        (None, WAIT_SECONDS_DEFAULT),
        ("Wed, 21 Oct 2026 07:28:00 GMT", WAIT_SECONDS_DEFAULT),
        ("nan", WAIT_SECONDS_DEFAULT),
        ("-1", WAIT_SECONDS_DEFAULT),
        ("inf", WAIT_SECONDS_DEFAULT),
        ("86400", WAIT_SECONDS_MAX),
    ],
)
def test_whatever_retry_after_says_the_sdk_asks_again(said: str | None, waits: float) -> None:
    with pytest.raises(Busy) as busy:
        checked(Answer(429, {}, retry_after=said))
    assert busy.value.seconds == waits
