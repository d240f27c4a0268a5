"""The live channel, viewed over real WebSockets."""

import json

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from trainvitals_wire.frame import Frame


def steps_of(messages):
    return [step for points in messages for step in points.frame.steps.tolist()]


def test_a_viewer_gets_what_is_stored_after_it_subscribed(site):
    run = site.new_run()
    site.report(run, run.losses(1))
    with site.viewer() as viewer:
        answer = viewer.subscribe(run.run_id)
        assert (answer["type"], answer["id"], answer["run"], answer["cursor"]) == ("subscribed", "a", run.run_id, 1)
        site.report(run, run.losses(2))
        (points,) = viewer.points(10)
        assert (points.id, points.run, points.epoch, points.cursor) == ("a", run.run_id, answer["epoch"], 2)
        assert points.frame.keys == ("loss",)
        assert points.frame.steps.tolist() == list(range(10, 20))
        assert points.frame.values[:, 0].tolist() == list(range(10, 20))


def test_nothing_is_missing_or_doubled_over_many_cut_connections(site):
    run = site.new_run()
    with site.viewer() as viewer:
        place = viewer.subscribe(run.run_id)
    cursor, epoch, steps = place["cursor"], place["epoch"], []
    for sequence in range(1, 31):
        site.report(run, run.losses(sequence))
        if sequence % 3 == 0:
            with site.viewer() as viewer:
                assert viewer.subscribe(run.run_id, cursor=cursor, epoch=epoch)["type"] == "subscribed"
                messages = viewer.points(30)
                cursor = messages[-1].cursor
                steps += steps_of(messages)
    assert steps == list(range(300))
    assert cursor == 30


def test_nothing_is_missing_or_doubled_over_a_restart_of_the_server(open_site):
    with open_site() as site, site.viewer() as viewer:
        run = site.new_run()
        place = viewer.subscribe(run.run_id)
        site.report(run, run.losses(1))
        first = viewer.points(10)
    with open_site() as site:
        site.report(run, run.losses(2))
        with site.viewer() as viewer:
            answer = viewer.subscribe(run.run_id, cursor=first[-1].cursor, epoch=place["epoch"])
            assert (answer["type"], answer["epoch"]) == ("subscribed", place["epoch"])
            assert steps_of(first + viewer.points(10)) == list(range(20))


def test_a_viewer_sees_what_another_server_on_the_same_database_stores(open_site):
    with open_site() as here, open_site() as there, here.viewer() as viewer:
        run = here.new_run()
        viewer.subscribe(run.run_id)
        for sequence in range(1, 13):
            (there if sequence % 3 else here).report(run, run.losses(sequence))
        assert steps_of(viewer.points(120)) == list(range(120))
        there.report(run, run.losses(13))
        assert steps_of(viewer.points(10)) == list(range(120, 130))


def test_points_stored_while_viewers_come_and_go_are_all_seen(site):
    run = site.new_run()
    with site.viewer() as viewer, site.viewer() as other:
        viewer.subscribe(run.run_id)
        for sequence in range(1, 41):
            site.report(run, run.losses(sequence))
            other.subscribe(run.run_id, id=str(sequence))
            other.say(type="unsubscribe", id=str(sequence))
        assert steps_of(viewer.points(400)) == list(range(400))


@pytest.mark.parametrize("place", [{"cursor": 0, "epoch": "another"}, {"cursor": 99}, {"cursor": 0}])
def test_a_cursor_that_means_nothing_here_is_reset(site, place):
    run = site.new_run()
    site.report(run, run.losses(1))
    with site.viewer() as viewer:
        epoch = viewer.subscribe(run.run_id)["epoch"]
        if place["cursor"] == 99:
            place = {**place, "epoch": epoch}
        answer = viewer.subscribe(run.run_id, **place)
        assert (answer["type"], answer["id"], answer["cursor"], answer["epoch"]) == ("reset", "a", 1, epoch)
        site.report(run, run.losses(2))
        assert steps_of(viewer.points(10)) == list(range(10, 20))


def test_a_viewer_too_far_behind_is_told_to_fetch_again(site, monkeypatch):
    run = site.new_run()
    site.report(run, run.losses(1))
    monkeypatch.setattr(site.app.state.services.store, "since", lambda *_: None)
    with site.viewer() as viewer:
        epoch = viewer.subscribe(run.run_id)["epoch"]
        viewer.say(type="subscribe", id="b", run=run.run_id, series=["loss"], cursor=0, epoch=epoch)
        assert viewer.expect("subscribed")["id"] == "b"
        answer = viewer.expect("reset")
        assert (answer["id"], answer["cursor"], answer["epoch"]) == ("b", 1, epoch)


def test_viewers_of_the_same_range_share_one_reading_of_it(site, monkeypatch):
    run = site.new_run()
    store = site.app.state.services.store
    asked, since = [], store.since

    def counted(run_id, cursor, keys):
        asked.append(cursor)
        return since(run_id, cursor, keys)

    monkeypatch.setattr(store, "since", counted)
    with site.viewer() as one, site.viewer() as two, site.viewer() as three:
        for viewer in (one, two, three):
            viewer.subscribe(run.run_id)
        for sequence in range(1, 6):
            site.report(run, run.losses(sequence))
            for viewer in (one, two, three):
                assert steps_of(viewer.points(10)) == list(range((sequence - 1) * 10, sequence * 10))
    assert asked == [0, 1, 2, 3, 4]


def test_series_of_several_frames_come_each_with_their_own_steps(site):
    run = site.new_run()
    steps = np.array([0, 5])
    statistics = Frame(("a/x", "a/y"), steps, steps + 1.7e9, np.array([[1, 2], [np.nan, np.inf]], dtype=np.float32))
    with site.viewer() as viewer:
        viewer.subscribe(run.run_id, "loss", "a/y", "nothing")
        site.report(run, run.report(1, statistics, Frame(("loss",), steps, steps + 1.7e9, np.ones((2, 1)))))
        found = {points.frame.keys: points for points in viewer.points(4)}
        assert set(found) == {("a/y",), ("loss",)}
        assert found["a/y",].frame.values[:, 0].tolist() == [2, np.inf]
        # Only the last message of a range moves the cursor, so that a cut between the two loses nothing.
        assert [points.cursor for points in found.values()] == [0, 1]


def test_a_change_of_series_takes_the_place_of_the_subscription(site):
    run = site.new_run()
    frame = Frame(("loss", "accuracy"), np.array([0]), np.array([1.7e9]), np.zeros((1, 2), dtype=np.float32))
    with site.viewer() as viewer:
        viewer.subscribe(run.run_id, "loss")
        viewer.subscribe(run.run_id, "accuracy")
        site.report(run, run.report(1, frame))
        (points,) = viewer.points(1)
        assert points.frame.keys == ("accuracy",)


def test_news_of_a_run_come_with_a_version_that_grows(site):
    run = site.new_run()
    with site.viewer() as viewer:
        viewer.say(type="watch", runs=[run.run_id, "nobody"])
        first = viewer.expect("run")
        assert set(first) == {"type", "run", "status", "last_step", "last_seen_at", "warnings", "version"}
        assert (first["run"], first["status"], first["last_step"]) == (run.run_id, "running", None)
        site.report(run, run.losses(1))
        second = viewer.expect("run")
        assert (second["last_step"], second["version"] > first["version"]) == (9, True)
        site.http.patch(f"/api/v1/runs/{run.run_id}", json={"status": "finished"})
        third = viewer.expect("run")
        assert (third["status"], third["version"] > second["version"]) == ("finished", True)


def test_a_subscription_brings_the_news_of_its_run_as_well(site):
    run = site.new_run()
    with site.viewer() as viewer:
        viewer.subscribe(run.run_id)
        assert viewer.expect("run")["run"] == run.run_id


def test_a_ping_is_answered(site):
    with site.viewer() as viewer:
        viewer.say(type="ping")
        assert viewer.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "garbage",
        "[]",
        "[" * 100_000,
        '{"type": "shout"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "a", "run": "r", "series": []}',
        '{"type": "subscribe", "id": "a", "run": "r", "series": [1]}',
        '{"type": "subscribe", "id": "a", "run": "r", "series": ["loss"], "cursor": -1}',
        '{"type": "watch", "runs": "all"}',
        '{"type": "watch", "runs": ["\\u0000"]}',
        "x" * (2**20 + 1),
        b"\x00\xff",
    ],
)
def test_a_message_that_means_nothing_is_refused_and_the_channel_lives_on(site, message):
    with site.viewer() as viewer:
        viewer.socket.send(message)
        error = viewer.hear()
        assert (error["type"], error["code"]) == ("error", "malformed_message")
        viewer.say(type="ping")
        assert viewer.hear() == {"type": "pong"}


def test_an_unknown_run_is_refused_and_forgotten(site):
    with site.viewer() as viewer:
        answer = viewer.subscribe("nobody")
        assert (answer["type"], answer["code"], answer["id"]) == ("error", "run_not_found", "a")
    assert site.app.state.services.hub._runs == {}


def test_more_subscriptions_than_anyone_needs_are_refused(site):
    run = site.new_run()
    with site.viewer() as viewer:
        for place in range(256):
            assert viewer.subscribe(run.run_id, id=str(place))["type"] == "subscribed"
        assert viewer.subscribe(run.run_id, id="one too many")["code"] == "too_many_subscriptions"
        assert viewer.subscribe(run.run_id, id="0")["type"] == "subscribed"


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {"origin": "https://evil.example"}, 403),
        ({"api_key": "long enough"}, {}, 401),
        ({"api_key": "long enough"}, {"authorization": "Bearer wrong"}, 401),
        ({"api_key": "long enough"}, {"cookie": "trainvitals_session=forged"}, 401),
    ],
)
def test_the_channel_is_refused_to_whom_the_rest_is_refused(open_site, settings, headers, status):
    with open_site(settings=settings) as site, pytest.raises(InvalidStatus) as refused, site.viewer(**headers):
        pass
    assert refused.value.response.status_code == status
    assert set(json.loads(refused.value.response.body)["error"]) == {"code", "message", "hint"}


def test_a_key_a_session_or_our_own_page_opens_the_channel(open_site):
    with open_site(settings={"api_key": "long enough"}) as site:
        site.http.post("/login", data={"key": "long enough"})
        cookie = site.http.cookies["trainvitals_session"]
        for headers in (
            {"authorization": "Bearer long enough"},
            {"cookie": f"trainvitals_session={cookie}", "origin": f"http://{site.address}"},
        ):
            with site.viewer(**headers) as viewer:
                viewer.say(type="ping")
                assert viewer.hear() == {"type": "pong"}


def test_warnings_that_change_are_news_though_no_report_came(open_site):
    with open_site(judged=True) as site, site.viewer() as viewer:
        run = site.new_run()
        viewer.say(type="watch", runs=[run.run_id])
        first = viewer.expect("run")
        site.app.state.services.diagnosis._changed(run.run_id, {"warnings": [], "incidents": []})
        second = viewer.expect("run")
        assert second["version"] > first["version"]
        assert {**second, "version": 0} == {**first, "version": 0}


def test_viewers_of_a_deleted_run_are_told_and_those_of_others_live_on(site):
    gone, other = site.new_run(), site.new_run()
    with site.viewer() as viewer:
        viewer.subscribe(gone.run_id, id="gone")
        viewer.subscribe(other.run_id, id="other")
        site.http.delete(f"/api/v1/runs/{gone.run_id}")
        error = viewer.expect("error")
        assert (error["code"], error["id"]) == ("run_not_found", "gone")
        site.report(other, other.losses(1))
        assert steps_of(viewer.points(10)) == list(range(10))


def test_viewers_of_a_run_made_again_under_its_id_fetch_it_again(site):
    with site.viewer() as viewer:
        run = site.new_run(id="again")
        for sequence in (1, 2, 3):
            site.report(run, run.losses(sequence))
        place = viewer.subscribe("again")
        site.app.state.services.store.delete_run("again")
        run = site.new_run(id="again")
        site.report(run, run.losses(1))
        reset = viewer.expect("reset")
        assert (reset["id"], reset["cursor"]) == ("a", 1)
        assert reset["epoch"] != place["epoch"]
        site.report(run, run.losses(2))
        (points,) = viewer.points(10)
        assert (points.epoch, points.cursor) == (reset["epoch"], 2)
