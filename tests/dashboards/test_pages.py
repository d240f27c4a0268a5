import asyncio
import json
import logging

import pytest
from fastapi import FastAPI

from trainvitals_dashboards import PagesSettings, attach, script_hashes
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.router import page
from trainvitals_dashboards.shared import Shared


def _page(reader, path: str, query: str = "", **settings: str) -> str:
    return json.dumps(
        page(PageContext(reader, PagesSettings(**settings)), path, query), default=lambda part: part.to_plotly_json()
    )


@pytest.mark.parametrize("path", ["/", "/runs/sick", "/runs/sick/layers/blocks.0.ln_1", "/compare", "/settings"])
def test_every_page_can_be_built(reader, path) -> None:
    assert "Not found" not in _page(reader, path)


@pytest.mark.parametrize("path", ["/runs/nothing", "/runs/sick/layers/nothing", "/nowhere", "/runs"])
def test_what_is_not_there_gets_a_page_that_says_so(reader, path) -> None:
    assert "Not found" in _page(reader, path)


def test_filters_narrow_the_runs(reader) -> None:
    assert "/runs/sick" not in _page(reader, "/", "search=twin")
    assert "No run fits" in _page(reader, "/", "search=zzz")


def test_links_stay_behind_the_path_prefix(reader) -> None:
    assert "/vitals/runs/sick" in _page(reader, "/vitals/", path_prefix="/vitals")


def test_a_prefix_must_look_like_a_path() -> None:
    with pytest.raises(ValueError, match="start with a slash"):
        PagesSettings(path_prefix="vitals/")


def test_a_figure_is_served_as_json(ask) -> None:
    answer = ask("/figures/loss?runs=sick")
    assert answer.json()["data"][0]["meta"]["series"] == "loss"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/figures/nothing?runs=sick", 404, "chart_not_found"),
        ("/figures/loss", 422, "run_missing"),
        ("/figures/loss?runs=nothing", 404, "run_not_found"),
    ],
)
def test_a_figure_that_cannot_be_drawn_says_why(ask, path, status, code) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_page_asks_for_our_plotly_first_and_for_no_other_host(ask) -> None:
    text = ask("/").text
    assert text.index("00_plotly_cartesian") < text.index("10_view")
    assert "http://" not in text.replace("http://127.0.0.1", "") and "https://" not in text


def test_the_inline_scripts_have_hashes(reader) -> None:
    app = FastAPI()
    hashes = script_hashes(attach(app, reader, PagesSettings()))
    assert hashes and all(text.startswith("'sha256-") for text in hashes)


def test_no_page_opens_a_socket_of_dash(reader) -> None:
    app = FastAPI()
    attach(app, reader, PagesSettings())
    assert not any("_dash-ws" in getattr(route, "path", "") for route in app.routes)


def test_a_page_that_fails_leaves_its_traceback_in_the_log(reader, caplog) -> None:
    dash_app = attach(FastAPI(), reader, PagesSettings())
    with caplog.at_level(logging.ERROR):
        dash_app._on_error(ValueError("broken"))
    assert "broken" in caplog.text and caplog.records[0].exc_info


def test_an_answer_is_made_once_for_all_who_wait_and_errors_are_not_kept() -> None:
    made: list[int] = []

    def build() -> int:
        made.append(1)
        if len(made) == 1:
            raise ValueError("first")
        return 7

    async def talk() -> None:
        shared = Shared()
        with pytest.raises(ValueError):
            await shared.get("key", build)
        assert await asyncio.gather(*(shared.get("key", build) for _ in range(5))) == [7] * 5

    asyncio.run(talk())
    assert len(made) == 2
