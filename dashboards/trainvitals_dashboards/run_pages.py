"""The runs that the table shows, read page by page."""

from collections.abc import Iterator

from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import Run, RunPage

PAGE_RUNS = 100
FILTER_PAGE_RUNS, FILTER_PAGES_MAX = 1000, 5
"""Projects and tags to choose from are those of the newest 5,000 runs."""


def shown(reader: Reader, view: View) -> RunPage:
    """The first `view.rows` runs that fit the view's filters, in its order."""
    found: list[Run] = []
    cursor: str | None = None
    while True:
        page = reader.runs(
            search=view.search or None, project=view.project or None, status=view.status or None,
            tag=view.tag or None, sort=view.sort, limit=PAGE_RUNS, cursor=cursor,
        )  # fmt: skip
        found += page["runs"]
        cursor = page["next_cursor"]
        if cursor is None or len(found) >= view.rows:
            return {"runs": found, "next_cursor": cursor, "total": page["total"]}


def newest(reader: Reader) -> Iterator[Run]:
    """The newest runs of all, for what one can filter by."""
    cursor: str | None = None
    for _ in range(FILTER_PAGES_MAX):
        page = reader.runs(limit=FILTER_PAGE_RUNS, cursor=cursor)
        yield from page["runs"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
