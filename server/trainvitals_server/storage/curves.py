"""Series as a chart draws them: in as many buckets as it has pixels for."""

from collections.abc import Sequence

from trainvitals_server.storage import buckets
from trainvitals_server.storage.cold import Cold
from trainvitals_server.storage.errors import AnswerTooLarge
from trainvitals_server.storage.pyramid import level_for
from trainvitals_wire.records import SeriesPoints

DATA_BUCKETS_MAX = 2_000_000
"""Most buckets in one answer, of all its series together: about half a gigabyte while it is encoded."""


def curves(cold: Cold, keys: Sequence[str], points: int) -> list[SeriesPoints]:
    """Each series in at most `points` buckets: each step one where they suffice. Raises AnswerTooLarge."""
    size = sum(min(found.count, points) for found in cold.found)
    if size > DATA_BUCKETS_MAX:
        raise AnswerTooLarge(f"the answer would have {size} buckets; at most {DATA_BUCKETS_MAX} go into one")
    widths = [level_for(found.count, points) for found in cold.found]
    whole = [number for number, width in enumerate(widths) if width == 1]
    exact = dict(zip(whole, cold.values(whole), strict=True))
    answer = [buckets.points(keys[number], series, points) for number, series in exact.items()]
    if len(whole) == len(keys):
        return answer
    rough = [
        buckets.points_of_buckets(key, found, points)
        for key, found, width in zip(keys, cold.buckets(widths), widths, strict=True)
        if width > 1
    ]
    in_turn = iter(answer), iter(rough)
    return [next(in_turn[width > 1]) for width in widths]
