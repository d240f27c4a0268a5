"""Adds up neighbouring histograms, so that a long window is read from few sums; what is added stays as it is.

A sum is exactly what lies between its first and last step. A histogram that comes late makes the sums it lies in
wrong: readers see by its cursor that it came later, and the next pass builds them again.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from trainvitals_server.storage.claim import Claim
from trainvitals_server.storage.histogram_parts import Part, added, logged, of_series, sums
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.packing import pack
from trainvitals_server.storage.snapshot import reading
from trainvitals_server.tables import Histogram, HistogramState, HistogramSum, Run
from trainvitals_wire.limits import STEP_MAX

FAN = 16
"""Parts in a sum."""

WIDTHS = (16, 256)
"""Histograms in a sum of each level, where none came late."""

LOGGED_MAX = 1024
"""Histograms added up in one transaction."""


def add_up(engine: Engine, run_id: str, breathe: Callable[[], None] = lambda: None) -> None:
    """Bring the sums of a run up to date; raises Superseded."""
    with reading(engine).connect() as connection:
        cursor = connection.execute(select(Run.cursor).where(Run.id == run_id)).scalar() or 0
        changed = _changed(connection, run_id)
    if not changed:
        return
    claim = Claim(engine, run_id)
    try:
        for series_id, steps in changed.items():
            breathe()
            with claim.transaction() as connection:
                for width in WIDTHS:
                    _renew(connection, run_id, series_id, width, steps)
            more = True
            while more:
                breathe()
                with claim.transaction() as connection:
                    grown = [_extend(connection, run_id, series_id, width) for width in WIDTHS]
                more = any(grown)
            with claim.transaction() as connection:
                _note(connection, run_id, series_id, cursor)
        claim.finish()
    finally:
        claim.give_up()


def forget(connection: Connection, run_id: str, series_id: int) -> None:
    """Drop the sums of a key whose histograms were changed."""
    connection.execute(delete(HistogramSum).where(of_series(HistogramSum, run_id, series_id)))


def _changed(connection: Connection, run_id: str) -> dict[int, list[int]]:
    """The steps of each key that came since it was added up."""
    known = select(HistogramState.series_id, HistogramState.cursor).where(HistogramState.run_id == run_id)
    state = {row.series_id: row.cursor for row in connection.execute(known)}
    keys = select(func.count(Histogram.series_id.distinct())).where(Histogram.run_id == run_id)
    since = min(state.values(), default=0) if len(state) == connection.execute(keys).scalar() else 0
    query = select(Histogram.series_id, Histogram.step, Histogram.cursor).where(
        Histogram.run_id == run_id, Histogram.cursor > since
    )
    found: dict[int, list[int]] = {}
    for series_id, step, cursor in connection.execute(query):
        if cursor > state.get(series_id, 0):
            found.setdefault(series_id, []).append(step)
    return found


def _renew(connection: Connection, run_id: str, series_id: int, width: int, steps: Sequence[int]) -> None:
    """Build the sums again that new histograms lie in."""
    query = select(HistogramSum.first_step, HistogramSum.last_step).where(
        of_series(HistogramSum, run_id, series_id), HistogramSum.width == width
    )
    known = [(row.first_step, row.last_step) for row in connection.execute(query.order_by(HistogramSum.first_step))]
    if not known:
        return
    firsts = [first for first, _ in known]
    reached = known[-1][1]
    # What lies between two sums goes to the one before, what lies before all of them to the first.
    wrong = {max(0, bisect_right(firsts, step) - 1) for step in steps if step <= reached}
    for number in sorted(wrong):
        first = known[number][0] if number else 0
        last = firsts[number + 1] - 1 if number + 1 < len(known) else reached
        which = of_series(HistogramSum, run_id, series_id), HistogramSum.width == width
        connection.execute(delete(HistogramSum).where(*which, HistogramSum.first_step == known[number][0]))
        parts = _below(connection, run_id, series_id, width, (first, last))
        if any(part.edges is not None for part in parts):
            connection.execute(delete(HistogramSum).where(*which, HistogramSum.first_step >= first))
            return
        count = max(1, len(parts) // FAN)
        bounds = [len(parts) * number // count for number in range(count + 1)]
        groups = [parts[first:end] for first, end in pairwise(bounds) if first < end]
        _insert(connection, run_id, series_id, width, [added(group) for group in groups])


def _extend(connection: Connection, run_id: str, series_id: int, width: int) -> bool:
    """Add up what follows the last sum, as far as it makes whole sums; whether there may be more."""
    reached = connection.execute(
        select(func.max(HistogramSum.last_step)).where(
            of_series(HistogramSum, run_id, series_id), HistogramSum.width == width
        )
    ).scalar()
    window = (0 if reached is None else reached + 1, STEP_MAX)
    parts = _below(connection, run_id, series_id, width, window)
    own = next((number for number, part in enumerate(parts) if part.edges is not None), len(parts))
    whole = [parts[first : first + FAN] for first in range(0, own - FAN + 1, FAN)]
    _insert(connection, run_id, series_id, width, [added(group) for group in whole])
    return bool(whole)


def _below(connection: Connection, run_id: str, series_id: int, width: int, window: tuple[int, int]) -> list[Part]:
    """What sums of a level are made of."""
    level = WIDTHS.index(width)
    if level:
        return sums(connection, run_id, series_id, WIDTHS[level - 1], window)
    return logged(connection, run_id, series_id, [window], LOGGED_MAX if window[1] == STEP_MAX else None)


def _insert(connection: Connection, run_id: str, series_id: int, width: int, parts: Sequence[Part]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "run_id": run_id,
            "series_id": series_id,
            "width": width,
            "first_step": part.first_step,
            "last_step": part.last_step,
            "size": part.size,
            "time": part.time,
            "buckets": pack(part.buckets),
            "counts": pack(part.counts),
            "nonfinite": part.nonfinite,
        }
        for part in parts
    ]
    insert_new(connection, HistogramSum, rows)


def _note(connection: Connection, run_id: str, series_id: int, cursor: int) -> None:
    insert_new(connection, HistogramState, [{"run_id": run_id, "series_id": series_id, "cursor": cursor}])
    which = HistogramState.run_id == run_id, HistogramState.series_id == series_id
    connection.execute(update(HistogramState).where(*which).values(cursor=cursor))
