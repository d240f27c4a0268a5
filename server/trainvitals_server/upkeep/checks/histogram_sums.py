"""Every sum of histograms is what the histograms between its steps come to."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from trainvitals_server.storage.histogram_parts import Part, added, logged, sums
from trainvitals_server.storage.histogram_sums import WIDTHS
from trainvitals_server.tables import Histogram, HistogramState, HistogramSum
from trainvitals_wire.limits import STEP_MAX

PAGE_SUMS = 32
EVERYTHING = (0, STEP_MAX)


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """Sums share no step, and hold exactly what was logged; those with late histograms wait for the next pass."""
    of_run = select(HistogramSum.series_id, HistogramSum.width).where(HistogramSum.run_id == run.id).distinct()
    for series_id, width in connection.execute(of_run.order_by(HistogramSum.series_id, HistogramSum.width)).all():
        place = f"sums of {width} histograms of series {series_id}"
        if width not in WIDTHS:
            yield f"{place}: there is no such width"
            continue
        try:
            yield from _level(connection, run.id, series_id, width, looked_at)
        except Exception as error:
            yield f"{place} cannot be decoded: {error}"


def _level(connection: Connection, run_id: str, series_id: int, width: int, looked_at: "Counter[str]") -> Iterator[str]:
    found = sums(connection, run_id, series_id, width, EVERYTHING)
    late = _late_steps(connection, run_id, series_id)
    looked_at["histogram sums"] += len(found)
    reached = -1
    for start in range(0, len(found), PAGE_SUMS):
        page = found[start : start + PAGE_SUMS]
        parts = _below(connection, run_id, series_id, width, (page[0].first_step, page[-1].last_step))
        steps = [part.first_step for part in parts]
        for one in page:
            place = f"the sum of histograms of series {series_id} from step {one.first_step} to {one.last_step}"
            if one.first_step <= reached or one.last_step < one.first_step:
                yield f"{place} overlaps the one before, which reaches to step {reached}"
            reached = one.last_step
            low, high = bisect_left(steps, one.first_step), bisect_right(steps, one.last_step)
            if not _holds(one, late) and not _same(one, parts[low:high]):
                yield f"{place} is not what {high - low} parts come to"


def _below(connection: Connection, run_id: str, series_id: int, width: int, window: tuple[int, int]) -> list[Part]:
    level = WIDTHS.index(width)
    if level:
        return sums(connection, run_id, series_id, WIDTHS[level - 1], window)
    return logged(connection, run_id, series_id, [window])


def _late_steps(connection: Connection, run_id: str, series_id: int) -> list[int]:
    of_key = HistogramState.run_id == run_id, HistogramState.series_id == series_id
    known = connection.execute(select(HistogramState.cursor).where(*of_key)).scalar() or 0
    which = Histogram.run_id == run_id, Histogram.series_id == series_id, Histogram.cursor > known
    return list(connection.execute(select(Histogram.step).where(*which).order_by(Histogram.step)).scalars())


def _holds(one: Part, late: Sequence[int]) -> bool:
    return bisect_left(late, one.first_step) < bisect_right(late, one.last_step)


def _same(one: Part, parts: Sequence[Part]) -> bool:
    if not parts:
        return False
    wanted = added(parts)
    return (
        (one.first_step, one.last_step, one.size, one.nonfinite)
        == (wanted.first_step, wanted.last_step, wanted.size, wanted.nonfinite)
        and one.buckets.tolist() == wanted.buckets.tolist()
        and one.counts.tolist() == wanted.counts.tolist()
    )
