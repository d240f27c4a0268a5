"""News of runs, without a network."""

import asyncio

from trainvitals_server.live import news as module
from trainvitals_server.live.news import News


class Runs:
    """Runs that were never heard of since; counts who is asked for."""

    def __init__(self):
        self.asked = []

    def headlines(self, run_ids):
        self.asked += run_ids
        shown = {"status": "running", "last_step": 1, "last_seen_at": 1.0, "warnings": {}}
        return {run_id: shown for run_id in run_ids if run_id != "gone"}


class Viewer:
    def __init__(self):
        self.told = []

    def tell(self, run_id, message):
        self.told.append(run_id)


def test_a_viewer_of_very_many_runs_makes_few_readings_a_second_and_each_run_has_its_turn(monkeypatch):
    monkeypatch.setattr(module, "QUIET_RUNS_MAX", 10)
    stored, viewer = Runs(), Viewer()
    news = News(stored.headlines)
    runs = [f"run {place:02}" for place in range(35)]
    news.watch(viewer, runs)
    for _ in range(4):
        before = len(stored.asked)
        asyncio.run(news.look())
        assert len(stored.asked) - before == 10
    assert set(stored.asked) == set(runs)
    assert sorted(viewer.told) == runs


def test_a_run_that_changed_is_read_at_once_and_told_even_where_its_row_is_the_same(monkeypatch):
    monkeypatch.setattr(module, "QUIET_RUNS_MAX", 0)
    stored, viewer = Runs(), Viewer()
    news = News(stored.headlines)
    news.watch(viewer, ["a", "b"])
    for _ in range(2):
        news.changed("b")
        asyncio.run(news.look())
    assert viewer.told == ["b", "b"]


def test_a_run_that_is_gone_is_no_news():
    viewer = Viewer()
    news = News(Runs().headlines)
    news.watch(viewer, ["gone", "a"])
    asyncio.run(news.look())
    assert viewer.told == ["a"]
