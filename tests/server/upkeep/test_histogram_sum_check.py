"""Sums of histograms that are not what they should be are found."""

from typing import Any

import numpy as np
import pytest
from report_sender import Sender
from sqlalchemy import Engine, delete, update

from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.histogram_sums import FAN, add_up
from trainvitals_server.storage.packing import pack
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Histogram, HistogramSum
from trainvitals_server.upkeep.verification import verify
from trainvitals_wire.histogram import Histogram as WireHistogram

STEPS = FAN * FAN


def histogram(step: int) -> WireHistogram:
    return WireHistogram.of("weight/w", step, 0.0, np.random.default_rng(step).normal(size=9).astype(np.float32))


@pytest.fixture
def sender(store: Store) -> Sender:
    """A run of one key, added up on both levels."""
    sender = Sender(store)
    sender.send(histograms=tuple(histogram(2 * step) for step in range(STEPS)))
    add_up(store.engine, sender.run_id)
    return sender


def test_sums_that_are_right_are_no_problem(engine: Engine, sender: Sender) -> None:
    found = verify(engine)
    assert (found.problems, found.looked_at["histogram sums"]) == ([], FAN + 1)


def test_a_histogram_that_came_late_is_no_problem(engine: Engine, sender: Sender) -> None:
    sender.send(histograms=(histogram(5), histogram(2)))
    assert verify(engine).problems == []
    add_up(engine, sender.run_id)
    assert verify(engine).problems == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (update(HistogramSum).where(HistogramSum.first_step == 0).values(buckets=b"\7"), "cannot be decoded"),
        (update(HistogramSum).where(HistogramSum.width == 16).values(nonfinite=7), "is not what 16 parts come to"),
        (
            update(HistogramSum)
            .where(HistogramSum.width == 256)
            .values(buckets=pack(np.zeros(1, np.uint16)), counts=pack(np.ones(1, np.uint64))),
            "is not what 16 parts come to",
        ),
        (delete(Histogram).where(Histogram.step == 4), "is not what 15 parts come to"),
        (update(HistogramSum).where(HistogramSum.first_step == 0).values(last_step=35), "overlaps the one before"),
        (update(HistogramSum).where(HistogramSum.width == 16).values(width=17), "there is no such width"),
    ],
    ids=["undecodable", "not finite", "counts", "lost", "overlap", "width"],
)
def test_each_kind_of_damage_is_told(engine: Engine, sender: Sender, damage: Any, words: str) -> None:
    with writing(engine).begin() as connection:
        connection.execute(damage)
    assert any(words in problem for problem in verify(engine).problems)
