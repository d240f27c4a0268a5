"""Reports read back."""

import numpy as np
import pytest
from report_sender import Sender, frame

from trainvitals_server.storage import replay
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.store import Store
from trainvitals_wire.histogram import Histogram

LAYER = {"name": "a", "type": "Linear", "order": 0, "output_shape": [2], "parameters": []}


@pytest.mark.parametrize(("page", "page_bytes"), [(1, 2**20), (2, 2**20), (256, 2**20), (256, 1), (256, 60)])
def test_reports_come_back_as_they_were_sent(
    store: Store, monkeypatch: pytest.MonkeyPatch, page: int, page_bytes: int
) -> None:
    monkeypatch.setattr(replay, "PAGE_REPORTS", page)
    monkeypatch.setattr(replay, "PAGE_BYTES_MAX", page_bytes)
    monkeypatch.setattr(replay, "FETCHED_FRAMES", min(page, 2))
    sender = Sender(store, NewRun("project", "name", layers=(LAYER,)))  # type: ignore[arg-type]
    edges = np.array([0.0, 1.0, 2.5])
    histogram = Histogram("mine", 1, 2.0, np.array([1], np.uint16), np.array([2**40], np.uint64), 3, edges)
    sent = [
        sender.report(frame({"loss": [1.0, np.nan]}, [0, 1]), frame({"activation_std/a": [2]}, [0], np.float32)),
        sender.report(facts=({"kind": "criterion", "step": 0, "type": "MSELoss"}, {"kind": "optimizer", "step": 1})),
        sender.report(histograms=(histogram, Histogram.of("weight/w", 4, 5.0, np.ones(3, np.float32)))),
        sender.report(frame({"loss": [3.0]}, [2]), dropped={"queue_full": 2}),
    ]
    for report in sent:
        sender.resend(report)
    found = list(store.reports(sender.run_id))
    assert [(report.writer_id, report.sequence) for report in found] == [
        (report.writer_id, report.sequence) for report in sent
    ]
    assert [report.layers for report in found] == [(LAYER,), None, None, None]
    assert all(report.dropped == {"queue_full": 2} for report in found)
    for back, there in zip(found, sent, strict=True):
        assert back.facts == there.facts
        for mine, theirs in zip(back.frames, there.frames, strict=True):
            assert (mine.keys, mine.values.dtype) == (theirs.keys, theirs.values.dtype)
            for name in ("steps", "times", "values"):
                np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
        for one, other in zip(back.histograms, there.histograms, strict=True):
            assert (one.key, one.step, one.time, one.nonfinite) == (other.key, other.step, other.time, other.nonfinite)
            np.testing.assert_array_equal(one.dense(), other.dense())
            np.testing.assert_array_equal(one.edges, other.edges)  # type: ignore[arg-type]


def test_a_run_without_reports_has_none(store: Store) -> None:
    assert list(store.reports(Sender(store).run_id)) == []
