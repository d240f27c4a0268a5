"""Reading the facts of a run by kind and owner."""

from trainvitals_server.storage import facts


def test_facts_of_one_kind_come_back_in_their_order(talk, monkeypatch):
    monkeypatch.setattr(facts, "FACTS_MAX", 3)

    async def conversation(client):
        run = await client.new_run()
        told = [
            {"kind": "filters", "step": step, "owner": owner, "details": {"values": "AA=="}}
            for step in range(3)
            for owner in ("a", "b")
        ]
        report = run.report(1, facts=({"kind": "skipped_step", "step": 0}, *told))
        assert (await client.report(run.run_id, report)).status_code == 202
        address = f"/api/v1/runs/{run.run_id}/facts"
        found = (await client.get(f"{address}?kind=filters&owner=b")).json()["facts"]
        assert found == [fact for fact in told if fact["owner"] == "b"]
        assert (await client.get(f"{address}?kind=filters&owner=")).json()["facts"] == told[-3:]
        assert (await client.get(f"{address}?kind=unknown")).json() == {"facts": []}
        assert (await client.get(address)).status_code == 422
        assert (await client.get("/api/v1/runs/nothing/facts?kind=filters")).status_code == 404

    talk(conversation)
