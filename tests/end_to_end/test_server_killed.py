"""The server dies in the middle of training and comes back: every logged point is there exactly once."""

import math

import pytest

pytestmark = pytest.mark.training

SCRIPT = """
import json, sys
import torch
from torch import nn
import trainvitals as tv

torch.manual_seed(0)
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()
run = tv.init(project="end to end", name="server killed")
run.watch(model, optimizer, criterion)
print(json.dumps(run.id), flush=True)
losses = []
for step in range(1200):
    x = torch.randn(32, 20)
    loss = criterion(model(x), (x[:, 0] > 0).long())
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    run.log({"loss": loss, "square": step * step})
    losses.append(loss.item())
    if step in (300, 600, 900):
        print(json.dumps(step), flush=True)
        sys.stdin.readline()
run.finish()
print(json.dumps(losses), flush=True)
"""


def test_every_point_is_there_once_after_the_server_was_killed(start_server, run_script, eventually) -> None:
    server = start_server()
    script = run_script(SCRIPT, server)
    run_id = script.said()
    assert script.said() == 300
    eventually(lambda: server.get(f"runs/{run_id}")["last_step"])
    script.go_on()
    server.kill()
    assert script.said() == 600
    server.start()
    script.go_on()
    assert script.said() == 900
    server.kill()
    script.go_on()
    server.start()
    losses = script.said()
    script.finish()

    run = server.get(f"runs/{run_id}")
    assert (run["status"], run["last_step"]) == ("finished", 1199)
    # Samples that found no free buffer are counted; what the user logs is never dropped.
    assert set(run["dropped"]) <= {"capture_busy"}
    loss, square = server.get(f"runs/{run_id}/data", key=["loss", "square"], points=20_000)["series"]
    assert loss["steps"] == square["steps"] == list(range(1200))
    assert set(loss["count"]) == {1}
    assert square["mean"] == [step * step for step in range(1200)]
    assert all(math.isclose(stored, logged, rel_tol=1e-6) for stored, logged in zip(loss["mean"], losses, strict=True))
