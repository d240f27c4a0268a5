"""Runs that fall silent, and come back."""


class Clock:
    def __init__(self):
        self.now = 1.7e9

    def __call__(self):
        return self.now


def test_a_silent_run_is_stale_then_crashed_and_any_sign_of_life_makes_it_running_again(talk, make_app):
    clock = Clock()
    app = make_app(clock=clock)
    states = app.state.services.states

    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}"

        async def status_after(seconds):
            clock.now += seconds
            states.check()
            return (await client.get(address)).json()["status"]

        assert await status_after(14) == "running"
        assert await status_after(2) == "stale"
        await client.post(f"{address}/heartbeat", json={})
        assert await status_after(0) == "running"
        assert await status_after(16) == "stale"
        await client.report(run.run_id, run.losses(1))
        assert await status_after(0) == "running"
        assert await status_after(599) == "stale"
        assert await status_after(2) == "crashed"
        await client.report(run.run_id, run.losses(2))
        assert await status_after(1) == "running"

    talk(conversation, app=app)


def test_a_run_that_ended_stays_as_it_ended(talk, make_app):
    clock = Clock()
    app = make_app(clock=clock)

    async def conversation(client):
        run = await client.new_run()
        address = f"/api/v1/runs/{run.run_id}"
        await client.patch(address, json={"status": "finished"})
        clock.now += 1e6
        app.state.services.states.check()
        assert (await client.get(address)).json()["status"] == "finished"

    talk(conversation, app=app)


def test_the_times_are_settings(talk, make_app):
    clock = Clock()
    app = make_app(clock=clock, settings={"stale_after_seconds": 1, "crashed_after_minutes": 0.1})

    async def conversation(client):
        run = await client.new_run()
        for seconds, status in ((1.5, "stale"), (5, "crashed")):
            clock.now += seconds
            app.state.services.states.check()
            assert (await client.get(f"/api/v1/runs/{run.run_id}")).json()["status"] == status

    talk(conversation, app=app)
