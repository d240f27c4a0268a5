import json

import pytest
from sample_reader import SampleReader, SampleRun, detail

from trainvitals_dashboards import PagesSettings, run_pages
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages import runs
from trainvitals_dashboards.view import parse


@pytest.fixture(scope="module")
def many() -> SampleReader:
    made = []
    for place in range(250):
        fields = {"project": f"project {place // 100}", "tags": [f"tag {place // 50}"]}
        made.append(SampleRun(detail(f"{place:03}", f"run {place:03}", **fields)))
    return SampleReader(*made)


def _names(reader: SampleReader, query: str) -> list[str]:
    return [run["name"] for run in run_pages.shown(reader, parse(query))["runs"]]


def test_a_hundred_runs_are_shown_first_and_more_on_demand(many) -> None:
    assert len(_names(many, "")) == 100
    assert len(_names(many, "rows=200")) == 200
    assert len(_names(many, "rows=300")) == 250


def test_the_order_is_in_the_address(many) -> None:
    assert _names(many, "sort=name")[0] == "run 000"
    assert _names(many, "sort=-name")[:2] == ["run 249", "run 248"]
    assert parse("sort=config").sort == "-created_at"


def test_the_table_says_how_many_there_are_and_offers_more(many) -> None:
    context = PageContext(many, PagesSettings())
    text = runs.panels(context, parse(""))[0]
    assert "100 of 250 runs" in text and "Show 100 more" in text and '"data-value":"200"' in text
    text = runs.panels(context, parse("rows=300"))[0]
    assert "250 runs" in text and "more" not in text.replace("quiet more", "")


def test_one_can_filter_by_what_only_old_runs_have(many) -> None:
    context = PageContext(many, PagesSettings())
    text = json.dumps(runs.layout(context, parse("")), default=lambda part: part.to_plotly_json())
    assert all(word in text for word in ("project 0", "project 2", "tag 0", "tag 4"))


@pytest.mark.parametrize(("text", "rows"), [("5", 100), ("200", 200), ("-3", 100), ("9" * 17, 100), ("5000", 1000)])
def test_how_many_rows_a_page_has_is_bounded(text, rows) -> None:
    assert parse(f"rows={text}").rows == rows
