"""The histograms of one key inside a window, from sums where there are many."""

from bisect import bisect_left, bisect_right

from sqlalchemy import Connection, func, select

from trainvitals_server.storage.histogram_parts import Part, Steps, logged, of_series, sums
from trainvitals_server.storage.histogram_sums import WIDTHS
from trainvitals_server.tables import Histogram, HistogramState

LATE_MAX = 256
"""With more late histograms in a window than this all are read as they were logged, until the next pass."""


def histogram_window(connection: Connection, run_id: str, series_id: int, window: Steps, columns: int) -> list[Part]:
    """Parts by ascending step, of which `columns` columns can be made."""
    first, last = window
    inside = of_series(Histogram, run_id, series_id), Histogram.step >= first, Histogram.step <= last
    count = connection.execute(select(func.count(Histogram.step.distinct())).where(*inside)).scalar() or 0
    width = max((width for width in WIDTHS if count >= width * columns), default=1)
    if width == 1:
        return logged(connection, run_id, series_id, [window])
    of_key = HistogramState.run_id == run_id, HistogramState.series_id == series_id
    known = connection.execute(select(HistogramState.cursor).where(*of_key)).scalar() or 0
    later = select(Histogram.step).where(*inside, Histogram.cursor > known).order_by(Histogram.step)
    steps = list(connection.execute(later).scalars())
    known_sums = sums(connection, run_id, series_id, width, window)
    wrong = [part for part in known_sums if _holds(part, steps)]
    rest = [(part.first_step, part.last_step) for part in wrong] + _outside(known_sums, window, steps)
    if len(rest) > LATE_MAX:
        return logged(connection, run_id, series_id, [window])
    right = [part for part in known_sums if not _holds(part, steps)]
    return sorted([*right, *logged(connection, run_id, series_id, rest)], key=lambda part: part.first_step)


def _holds(part: Part, steps: list[int]) -> bool:
    place = bisect_left(steps, part.first_step)
    return place < len(steps) and steps[place] <= part.last_step


def _outside(parts: list[Part], window: Steps, late: list[int]) -> list[Steps]:
    """Where histograms of a window lie that are in none of these sums: before, behind, and, come late, between."""
    if not parts:
        return [window]
    first, last = parts[0].first_step, parts[-1].last_step
    firsts = [part.first_step for part in parts]
    between = [step for step in dict.fromkeys(late) if first < step < last]
    lost = [(step, step) for step in between if parts[bisect_right(firsts, step) - 1].last_step < step]
    return [*lost, (window[0], first - 1), (last + 1, window[1])]
