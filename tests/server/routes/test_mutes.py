"""Muting a rule, on a run that goes on and on one that is over."""

SICK = [
    {
        "name": name,
        "type": "Linear",
        "order": order,
        "output_shape": [32, 16],
        "parameters": [
            {
                "name": f"{name}.weight",
                "shape": [16, 16],
                "dtype": "float32",
                "trainable": True,
                "in_optimizer": name == "head",
            }
        ],
    }
    for order, name in enumerate(("blocks.0", "head"))
]
MUTE = {"rule": "frozen_parameters", "layers": "blocks.*", "reason": "stage two trains them"}


async def sick_run(client, sequence=1):
    run = await client.new_run(layers=SICK)
    answer = await client.report(run.run_id, run.losses(sequence, 30))
    assert answer.status_code == 202, answer.text
    await client.patch(f"/api/v1/runs/{run.run_id}", json={"status": "finished"})
    return run, f"/api/v1/runs/{run.run_id}"


async def state(client, address):
    (warning,) = [w for w in (await client.get(f"{address}/warnings")).json()["warnings"] if w["rule"] == MUTE["rule"]]
    counts = (await client.get(address)).json()["warnings"]
    return warning["state"], counts["warning"], warning.get("mute")


def test_a_mute_holds_at_once_for_a_finished_run_and_can_be_taken_back(talk):
    async def conversation(client):
        _, address = await sick_run(client)
        assert await state(client, address) == ("firing", 1, None)
        answer = await client.post(f"{address}/mutes", json=MUTE)
        assert answer.status_code == 201
        entry = answer.json()
        assert {**entry, **MUTE} == entry and set(entry) == {*MUTE, "id", "created_at"}
        assert await state(client, address) == ("muted", 0, {"id": entry["id"], "reason": MUTE["reason"]})
        found = (await client.get(f"{address}/warnings")).json()
        assert [incident["state"] for incident in found["incidents"]] == ["muted"]
        assert {"rule": MUTE["rule"], "state": "muted", "why": "1 warning is muted"} in found["rules"]
        assert (await client.get(f"{address}/mutes")).json() == {"mutes": [entry]}
        assert (await client.delete(f"{address}/mutes/{entry['id']}")).status_code == 204
        assert await state(client, address) == ("firing", 1, None)
        assert (await client.get(f"{address}/mutes")).json() == {"mutes": []}

    talk(conversation, judged=True)


def test_what_is_muted_before_it_is_found_is_never_said_to_the_script(talk):
    async def conversation(client):
        run = await client.new_run(layers=SICK)
        address = f"/api/v1/runs/{run.run_id}"
        await client.post(f"{address}/mutes", json={**MUTE, "layers": "*"})
        for sequence in range(1, 4):
            answer = await client.report(run.run_id, run.losses(sequence, 30))
            assert [w["rule"] for w in answer.json()["warnings"] if w["rule"] == MUTE["rule"]] == []
        await client.patch(address, json={"status": "finished"})
        assert (await state(client, address))[:2] == ("muted", 0)

    talk(conversation, judged=True)


def test_mistakes_are_named(talk):
    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}/mutes"
        for body, status, code in (
            ({**MUTE, "rule": "frozen"}, 422, "unknown_rule"),
            ({"rule": MUTE["rule"]}, 422, "invalid_request"),
            ({**MUTE, "reason": "  "}, 422, "invalid_request"),
        ):
            answer = await client.post(address, json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        for answer, code in (
            (await client.delete(f"{address}/nothing"), "mute_not_found"),
            (await client.post("/api/v1/runs/nobody/mutes", json=MUTE), "run_not_found"),
            (await client.get("/api/v1/runs/nobody/mutes"), "run_not_found"),
            (await client.delete("/api/v1/runs/nobody/mutes/x"), "run_not_found"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)

    talk(conversation)


def test_without_layers_a_mute_is_about_the_whole_run(talk):
    async def conversation(client):
        _, address = await sick_run(client)
        entry = (await client.post(f"{address}/mutes", json={"rule": MUTE["rule"], "reason": "r"})).json()
        assert entry["layers"] == "*"
        assert (await state(client, address))[0] == "muted"

    talk(conversation, judged=True)
