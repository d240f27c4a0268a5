"""Sends reports as the SDK would, for the tests beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainvitals_server.storage.contract import Appended, CreatedRun, NewRun
from trainvitals_server.storage.store import Store
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report

START = 1_700_000_000.0


def frame(values: Mapping[str, Sequence[float]], steps: Sequence[int], dtype: Any = np.float64) -> Frame:
    """A frame of series by key; the time of step n is START + n."""
    numbers = np.array(steps, dtype=np.int64)
    columns = np.array([values[key] for key in values], dtype=dtype).T.reshape(len(numbers), len(values))
    return Frame(tuple(values), numbers, START + numbers, columns)


class Sender:
    """One writer of a run; waits until each report is durable."""

    def __init__(self, store: Store, new: NewRun | None = None) -> None:
        self.store = store
        self.created: CreatedRun = store.create_run(new or NewRun("project", "name"))
        self.run_id = self.created.id
        self.sequence = 0

    def report(self, *frames: Frame, **parts: Any) -> Report:
        """The next report."""
        self.sequence += 1
        return Report(self.created.writer_id, self.sequence, frames=frames, **parts)

    def send(self, *frames: Frame, **parts: Any) -> Appended:
        """Send the next report."""
        return self.resend(self.report(*frames, **parts))

    def resend(self, report: Report) -> Appended:
        """Send a report as it is."""
        return self.store.append(self.run_id, encode(report)).result(timeout=30)

    def log(self, steps: Sequence[int], **values: Sequence[float]) -> Appended:
        """Send one frame of metrics."""
        return self.send(frame(values, steps))
