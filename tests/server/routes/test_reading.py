"""Reading what is stored: series, data, histograms, heat map, layers, warnings, since."""

import re

import pytest

from trainvitals_server.storage import curves
from trainvitals_wire.live import decode_points


def test_every_route_reads_back_what_a_report_brought(talk):
    async def conversation(client):
        run = await client.new_run()
        assert (await client.report(run.run_id, run.rich())).status_code == 202
        address = f"/api/v1/runs/{run.run_id}"

        async def get(path):
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.json()

        series = {entry["key"]: entry for entry in (await get(f"{address}/series"))["series"]}
        assert {key: entry["kind"] for key, entry in series.items()} == {
            "loss": "metric",
            "activation_std/conv": "statistic",
            "gradient_norm/conv.weight": "statistic",
            "weight/conv.weight": "histogram",
        }
        data = await get(f"{address}/data?key=loss&key=activation_std/conv&from=1&to=2")
        assert [(entry["key"], entry["steps"]) for entry in data["series"]] == [
            ("loss", [1, 2]),
            ("activation_std/conv", [1, 2]),
        ]
        assert set(data["series"][0]) == {"key", "steps", "times", "min", "max", "mean", "last", "count", "nonfinite"}
        few = await get(f"{address}/data?key=loss&points=4")
        assert len(few["series"][0]["steps"]) <= 4
        assert sum(few["series"][0]["count"]) == 20
        histogram = await get(f"{address}/histograms?key=weight/conv.weight")
        assert sum(histogram["counts"][0]) == 100
        assert len(histogram["edges"]) == len(histogram["counts"][0]) + 1
        layers = await get(f"{address}/layers")
        assert [layer["name"] for layer in layers["layers"]] == ["conv"]
        heatmap = await get(f"/api/v1/heatmap?run={run.run_id}&statistic=gradient_norm")
        assert (heatmap["layers"], heatmap["values"]) == (["conv"], [[1.0, 1.0, 1.0]])
        assert await get(f"{address}/warnings") == {"warnings": [], "incidents": []}
        detail = await get(address)
        assert detail["dropped"] == {"queue_full": 2}

    talk(conversation)


def test_an_unknown_key_is_named(talk):
    async def conversation(client):
        run = await client.new_run()
        for path in ("data?key=nothing/here", "histograms?key=nothing/here"):
            answer = await client.get(f"/api/v1/runs/{run.run_id}/{path}")
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "series_not_found"
            assert "nothing/here" in answer.json()["error"]["message"]

    talk(conversation)


@pytest.mark.parametrize(
    "path", ["", "/series", "/data?key=loss", "/histograms?key=w", "/layers", "/warnings", "/since?key=loss"]
)
def test_an_unknown_run_is_not_found_by_any_route(talk, path):
    async def conversation(client):
        answer = await client.get(f"/api/v1/runs/nobody{path}")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "run_not_found"

    talk(conversation)


@pytest.mark.parametrize(
    "path",
    [
        "/runs/{run}?x=1",
        "/runs/{run}/series?x=1",
        "/runs/{run}/layers?x=1",
        "/runs/{run}/warnings?x=1",
        "/runs/{run}/data?key=loss&pionts=3",
        "/runs/{run}/data",
        "/runs/{run}/data?key=",
        "/runs/{run}/data?key=loss&points=0",
        "/runs/{run}/data?key=loss&points=20001",
        "/runs/{run}/data?key=loss&from=-1",
        "/runs/{run}/data?key=loss&from=1.5",
        "/runs/{run}/data?key=loss&to=9007199254740993",
        "/runs/{run}/data?key=loss&from=5&to=4",
        "/runs/{run}/histograms",
        "/runs/{run}/histograms?key=w&columns=2001",
        "/runs/{run}/since?key=loss&cursor=-1",
        "/heatmap?run={run}",
        "/heatmap?run={run}&statistic=colour",
        "/heatmap?run={run}&statistic=activation_std&columns=0",
    ],
)
def test_a_query_that_means_nothing_is_refused(talk, path):
    async def conversation(client):
        run = await client.new_run()
        answer = await client.get("/api/v1" + path.format(run=run.run_id))
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint"}
        assert all(error.values())

    talk(conversation)


def test_a_nul_in_the_address_is_refused_before_it_reaches_a_database(talk):
    async def conversation(client):
        for path in ("/api/v1/runs/%00", "/api/v1/runs?search=%00"):
            assert (await client.get(path)).status_code == 400

    talk(conversation)


def test_since_brings_each_point_once_as_the_live_channel_would(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}/since?key=loss"
        place = (await client.get(address)).json()
        assert (place["type"], place["cursor"]) == ("subscribed", 0)
        steps, cursor = [], place["cursor"]
        for sequence in (1, 2, 3):
            await client.report(run.run_id, run.losses(sequence))
            if sequence == 2:
                continue
            answer = await client.get(f"{address}&cursor={cursor}&epoch={place['epoch']}")
            assert len(answer.content) % 8 == 0
            points = decode_points(answer.content)
            assert points.cursor == int(answer.headers["trainvitals-cursor"]) == sequence
            steps += points.frame.steps.tolist()
            cursor = points.cursor
        assert steps == list(range(30))
        nothing = await client.get(f"{address}&cursor={cursor}&epoch={place['epoch']}")
        assert nothing.content == b""

    talk(conversation)


def test_since_starts_again_where_the_cursor_means_nothing(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}/since?key=loss"
        epoch = (await client.get(address)).json()["epoch"]
        for query in ("cursor=0&epoch=other", f"cursor=99&epoch={epoch}", "cursor=0"):
            answer = (await client.get(f"{address}&{query}")).json()
            assert (answer["type"], answer["cursor"], answer["epoch"]) == ("reset", 0, epoch)

    talk(conversation)


@pytest.mark.parametrize(
    "path",
    [
        "/runs?project=&status=&tag=&group=&search=&archived=false&sort=-created_at&limit=100&cursor=",
        "/runs/{run}/data?key=loss&from=&to=&points=1000",
        "/runs/{run}/histograms?key=weight/conv.weight&from=&to=&columns=200",
        "/runs/{run}/since?key=loss&cursor=&epoch=",
        "/heatmap?run={run}&statistic=activation_std&from=&to=&columns=500",
    ],
)
def test_an_empty_query_value_says_the_same_as_none(talk, path):
    async def conversation(client):
        run = await client.new_run()
        await client.report(run.run_id, run.rich())
        full = "/api/v1" + path.format(run=run.run_id)
        short = re.sub(r"(?<=[?&])\w+=(&|$)", "", full)
        answers = [await client.get(address) for address in (full, short)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert answers[0].json() != {"runs": [], "next_cursor": None, "total": 0}

    talk(conversation)


def test_an_answer_has_a_greatest_size_which_only_what_it_holds_counts_towards(talk, monkeypatch):
    monkeypatch.setattr(curves, "DATA_BUCKETS_MAX", 40)

    async def conversation(client):
        run = await client.new_run()
        await client.report(run.run_id, run.rich())
        address = f"/api/v1/runs/{run.run_id}/data?points=1000&key=loss&key=loss"
        assert (await client.get(address)).status_code == 200
        refused = await client.get(f"{address}&key=activation_std/conv")
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "answer_too_large")

    talk(conversation)


def test_the_same_series_of_several_runs_come_in_one_answer(talk):
    async def conversation(client):
        runs = [await client.new_run() for _ in range(2)]
        await client.report(runs[0].run_id, runs[0].losses(1))
        address = f"/api/v1/data?run={runs[0].run_id}&run={runs[1].run_id}&key=loss"
        answer = (await client.get(address)).json()["runs"]
        alone = (await client.get(f"/api/v1/runs/{runs[0].run_id}/data?key=loss")).json()
        assert answer == {runs[0].run_id: alone, runs[1].run_id: {"series": [], "last_step": None}}
        assert (await client.get("/api/v1/data?run=nobody&key=loss")).status_code == 404

    talk(conversation)
