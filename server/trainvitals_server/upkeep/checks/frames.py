"""Every frame decodes and is what its row says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from trainvitals_server.storage.packing import unpack
from trainvitals_server.storage.replay import column_lists
from trainvitals_server.storage.sequences import Sequences
from trainvitals_server.tables import Frame, Writer

PAGE_FRAMES = 64


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """Arrays of the announced size, steps in the announced range, a report that its writer has."""
    columns = column_lists(connection, run.id)
    writers = {
        writer_id: Sequences(intervals)
        for writer_id, intervals in connection.execute(
            select(Writer.writer_id, Writer.sequences).where(Writer.run_id == run.id)
        )
    }
    query = select(Frame.__table__).where(Frame.run_id == run.id).order_by(Frame.cursor, Frame.place)
    for row in connection.execute(query, execution_options={"yield_per": PAGE_FRAMES}):
        looked_at["frames"] += 1
        place = f"frame {row.place} of report {row.cursor}"
        if not 1 <= row.cursor <= run.cursor:
            yield f"{place} lies beyond the {run.cursor} reports of the run"
        if row.writer_id not in writers or row.sequence not in writers[row.writer_id]:
            yield f"{place}: its writer {row.writer_id} has no sequence {row.sequence}"
        if row.columns_id not in columns:
            yield f"{place}: there is no column list {row.columns_id}"
            continue
        try:
            looked_at["numbers"] += _size(row, len(columns[row.columns_id]))
        except Exception as error:
            yield f"{place} cannot be decoded: {error}"


def _size(row: Row[Any], series: int) -> int:
    """How many numbers the frame holds; ValueError where it is not what its row says."""
    steps, times, values = unpack(row.steps), unpack(row.times), unpack(row.values)
    if not row.rows == len(steps) == len(times) or len(values) != row.rows * series:
        raise ValueError(f"{len(steps)} steps, {len(times)} times and {len(values)} values of {row.rows} x {series}")
    if (int(steps.min()), int(steps.max())) != (row.first_step, row.last_step):
        raise ValueError(f"steps {steps.min()} to {steps.max()}, not {row.first_step} to {row.last_step}")
    if not np.isfinite(times).all():
        raise ValueError("a time that is not finite")
    return len(values)
