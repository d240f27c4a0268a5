"""What `/settings` says of the server."""

import json
from typing import Any

from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages.settings import layout
from trainvitals_dashboards.settings import PagesSettings


def shown(reader: Any, **settings: Any) -> str:
    page = layout(PageContext(reader, PagesSettings(**settings)))
    return json.dumps(page, default=lambda part: part.to_plotly_json())


def test_it_shows_what_the_server_was_started_with(reader: Any) -> None:
    text = shown(reader, server_settings=(("thin_histograms_after_days", "30", "Of a run silent for so long"),))
    for words in ("This server", "thin_histograms_after_days", "30", "Of a run silent for so long"):
        assert words in text


def test_where_nothing_is_told_of_the_server_there_is_no_empty_table(reader: Any) -> None:
    assert "This server" not in shown(reader)
