"""Creating, listing, changing and deleting runs."""

import pytest

RUN = {
    "id", "project", "name", "status", "group", "tags", "notes", "archived", "pinned", "created_at", "last_seen_at",
    "finished_at", "last_step", "config", "summary", "warnings", "overhead_fraction", "url",
}  # fmt: skip
DETAIL = RUN | {"environment", "dropped", "error", "capture"}


def test_a_created_run_can_be_read_back_whole(talk):
    async def conversation(client):
        run = await client.new_run(config={"lr": 0.1}, tags=["a", "a", "b"], group="g", environment={"python": "3"})
        assert set(run.created) == {"id", "url", "writer_id", "next_sequence", "next_step"}
        assert run.created["url"] == f"http://127.0.0.1:8765/runs/{run.run_id}"
        assert (run.created["next_sequence"], run.created["next_step"]) == (1, 0)
        found = (await client.get(f"/api/v1/runs/{run.run_id}")).json()
        assert set(found) == DETAIL
        assert found["tags"] == ["a", "b"]
        assert found["config"] == {"lr": 0.1}
        assert found["environment"] == {"python": "3"}
        assert found["status"] == "running"

    talk(conversation)


def test_the_list_shows_runs_without_their_details(talk):
    async def conversation(client):
        await client.new_run()
        page = (await client.get("/api/v1/runs")).json()
        assert set(page) == {"runs", "next_cursor", "total"}
        assert page["total"] == 1
        assert set(page["runs"][0]) == RUN

    talk(conversation)


def test_the_list_goes_on_where_the_last_page_ended(talk):
    async def conversation(client):
        runs = [(await client.new_run(name=f"run {place}")).run_id for place in range(5)]
        found, cursor = [], None
        while True:
            query = {"limit": 2, "sort": "name"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/runs", params=query)).json()
            found += [run["id"] for run in page["runs"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == runs

    talk(conversation)


@pytest.mark.parametrize("query", ["project=other", "status=failed", "tag=x", "group=x", "search=zz", "archived=true"])
def test_each_filter_leaves_out_what_does_not_pass(talk, query):
    async def conversation(client):
        await client.new_run()
        assert (await client.get(f"/api/v1/runs?{query}")).json()["runs"] == []

    talk(conversation)


@pytest.mark.parametrize(
    "query", ["projet=x", "status=dead", "limit=0", "limit=1001", "limit=x", "sort=colour", "cursor=nonsense"]
)
def test_a_list_query_that_means_nothing_is_refused(talk, query):
    async def conversation(client):
        answer = await client.get(f"/api/v1/runs?{query}")
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint"}
        assert all(error.values())

    talk(conversation)


def test_resume_never_refuses_a_run_that_is_there(talk):
    async def conversation(client):
        await client.new_run(id="mine")
        answer = await client.post("/api/v1/runs", json={"project": "p", "name": "n", "id": "mine"})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "run_exists"

    talk(conversation)


def test_resume_must_refuses_a_run_that_is_not_there(talk):
    async def conversation(client):
        body = {"project": "p", "name": "n", "id": "mine", "resume": "must"}
        answer = await client.post("/api/v1/runs", json=body)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "run_not_found"

    talk(conversation)


def test_resume_allow_goes_on_with_a_new_writer_after_the_last_step(talk):
    async def conversation(client):
        first = await client.new_run(id="mine")
        assert (await client.report("mine", first.losses(1))).status_code == 202
        second = await client.new_run(id="mine", resume="allow")
        assert second.writer_id != first.writer_id
        assert second.created["next_step"] == 10

    talk(conversation)


def test_a_name_with_html_in_it_is_kept_as_it_is(talk):
    async def conversation(client):
        name = "<script>alert('x')</script> \u202e"
        run = await client.new_run(name=name)
        assert (await client.get(f"/api/v1/runs/{run.run_id}")).json()["name"] == name

    talk(conversation)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"project": "p", "name": "n", "config": {"lr": NaN}}', "invalid_json"),
        (b'{"project": "p", "name": "n", "config": {"lr": Infinity}}', "invalid_json"),
        (b'{"project": "p", "name": "n", "config": {"lr": -Infinity}}', "invalid_json"),
        (b'{"project": "p", "name": "n", "config": {"lr": 1e999}}', "invalid_request"),
        (b'{"project": "p"', "invalid_json"),
        (b"", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[]", "invalid_request"),
        (b"[" * 100_000, "invalid_request"),
        (b'{"project": "p", "name": "n", "config": ' + b'{"a":' * 5_000, "invalid_json"),
        (b'{"name": "n"}', "invalid_request"),
        (b'{"project": "", "name": "n"}', "invalid_request"),
        (b'{"project": "p", "name": 3}', "invalid_request"),
        (b'{"project": "p", "name": "n", "config": []}', "invalid_request"),
        (b'{"project": "p", "name": "n", "tags": [1]}', "invalid_request"),
        (b'{"project": "p", "name": "n", "id": "a/b"}', "invalid_request"),
        (b'{"project": "p", "name": "n", "id": "a\\n"}', "invalid_request"),
        (b'{"project": "p", "name": "n", "resume": "perhaps"}', "invalid_request"),
        (b'{"project": "p", "name": "n", "resume": "must"}', "invalid_request"),
        (b'{"project": "p", "name": "n", "layers": [{"type": "x"}]}', "invalid_request"),
        (b'{"project": "p", "name": "' + b"n" * 257 + b'"}', "invalid_request"),
    ],
)
def test_a_body_that_cannot_be_a_run_is_refused_and_changes_nothing(talk, body, code):
    async def conversation(client):
        answer = await client.post("/api/v1/runs", content=body)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == code
        assert (await client.get("/api/v1/runs")).json()["total"] == 0

    talk(conversation)


def test_the_hint_says_why_nan_is_refused(talk):
    async def conversation(client):
        answer = await client.post("/api/v1/runs", content=b'{"project": "p", "name": "n", "config": {"lr": NaN}}')
        assert "NaN" in answer.json()["error"]["hint"]

    talk(conversation)


def test_any_json_may_stand_in_a_config_and_unknown_fields_are_ignored(talk):
    async def conversation(client):
        config = {"a": [1, 2.5, None, True, {"b": "ü\u2028"}], "big": 2**80, "": ""}
        run = await client.new_run(config=config, colour="blue")
        assert (await client.get(f"/api/v1/runs/{run.run_id}")).json()["config"] == config

    talk(conversation)


def test_a_patch_changes_only_what_it_names(talk):
    async def conversation(client):
        run = await client.new_run(notes="first", tags=["a"])
        address = f"/api/v1/runs/{run.run_id}"
        changes = {"name": "new", "archived": True, "pinned": True, "summary": {"best": 0.9}, "group": None}
        answer = await client.patch(address, json=changes)
        assert answer.status_code == 200
        assert set(answer.json()) == RUN
        found = (await client.get(address)).json()
        assert (found["name"], found["archived"], found["pinned"]) == ("new", True, True)
        assert found["summary"]["best"] == 0.9
        assert (found["notes"], found["tags"]) == ("first", ["a"])

    talk(conversation)


def test_a_failed_run_tells_its_error(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}"
        error = {"type": "ValueError", "message": "no", "traceback": "line 1"}
        await client.patch(address, json={"status": "failed", "error": error})
        found = (await client.get(address)).json()
        assert (found["status"], found["error"]) == ("failed", error)
        assert found["finished_at"] is not None

    talk(conversation)


@pytest.mark.parametrize("changes", [{"status": "dead"}, {"name": None}, {"name": ""}, {"archived": "yes"}, [], "x"])
def test_a_patch_that_makes_no_sense_is_refused(talk, changes):
    async def conversation(client):
        run = await client.new_run()
        assert (await client.patch(f"/api/v1/runs/{run.run_id}", json=changes)).status_code == 422

    talk(conversation)


def test_a_deleted_run_is_gone(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}"
        answer = await client.delete(address)
        assert (answer.status_code, answer.content) == (204, b"")
        for gone in (await client.get(address), await client.delete(address), await client.patch(address, json={})):
            assert gone.status_code == 404
            assert gone.json()["error"]["code"] == "run_not_found"
        assert (await client.report(run.run_id, run.losses(1))).status_code == 404

    talk(conversation)
