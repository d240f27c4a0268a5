"""A row of the run list is read anew where the run has changed, and not more often than the list looks."""

from trainvitals_dashboards.row_cache import FRESH_SECONDS, KEPT_MAX, RowCache


def test_what_did_not_change_is_read_once_and_what_did_once_a_while() -> None:
    now, reads = [0.0], [0]
    cache: RowCache[int] = RowCache(lambda: now[0])

    def read() -> int:
        reads[0] += 1
        return reads[0]

    assert [cache.get("run", 1, read), cache.get("run", 1, read)] == [1, 1]
    assert cache.get("run", 2, read) == 1
    now[0] += FRESH_SECONDS
    assert cache.get("run", 1, read) == 1
    assert cache.get("run", 2, read) == 2
    assert cache.get("other", 2, read) == 3


def test_it_forgets_what_was_shown_longest_ago() -> None:
    cache: RowCache[int] = RowCache(lambda: 0.0)
    for run in range(KEPT_MAX + 1):
        cache.get(run, 0, lambda run=run: run)  # type: ignore[misc]
    assert cache.get(0, 0, lambda: -1) == -1
    assert cache.get(KEPT_MAX, 0, lambda: -1) == KEPT_MAX
