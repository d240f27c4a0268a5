"""The training script dies: what the server acknowledged stays, and the run is seen to be stale, then crashed."""

SCRIPT = """
import json, sys
import trainvitals as tv

run = tv.init(project="end to end", name="trainer killed")
print(json.dumps(run.id), flush=True)
for step in range(10**9):
    run.log({"square": step * step})
    if step % 500 == 499:
        print(json.dumps(step), flush=True)
        sys.stdin.readline()
"""


def test_what_was_acknowledged_stays_and_the_run_is_called_crashed(start_server, run_script, eventually) -> None:
    server = start_server(TRAINVITALS_STALE_AFTER_SECONDS="6", TRAINVITALS_CRASHED_AFTER_MINUTES="0.15")
    script = run_script(SCRIPT, server)
    run_id = script.said()
    for _ in range(3):
        script.said()
        script.go_on()
    eventually(lambda: server.get(f"runs/{run_id}")["last_step"] == 1999)
    assert server.get(f"runs/{run_id}")["status"] == "running"

    script.kill()
    eventually(lambda: server.get(f"runs/{run_id}")["status"] == "stale")
    eventually(lambda: server.get(f"runs/{run_id}")["status"] == "crashed")
    (square,) = server.get(f"runs/{run_id}/data", key="square", points=20_000)["series"]
    assert square["steps"] == list(range(2000))
    assert square["mean"] == [step * step for step in range(2000)]
    assert set(square["count"]) == {1}


def test_a_run_that_nobody_hears_of_again_survives_a_restart_of_the_server(
    start_server, run_script, eventually
) -> None:
    server = start_server(TRAINVITALS_STALE_AFTER_SECONDS="1")
    script = run_script(SCRIPT, server)
    run_id = script.said()
    script.said()
    eventually(lambda: server.get(f"runs/{run_id}")["last_step"] == 499)
    script.kill()
    server.kill()
    server.start()
    eventually(lambda: server.get(f"runs/{run_id}")["status"] == "stale")
    (square,) = server.get(f"runs/{run_id}/data", key="square", points=1000)["series"]
    assert square["mean"] == [step * step for step in range(500)]
