"""A real network trains while somebody looks."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import Viewer

from trainvitals_dashboards.number_format import short

pytestmark = pytest.mark.training

SCRIPT = """
import json, sys
import torch
from torch import nn
import trainvitals as tv

torch.manual_seed(0)
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()
run = tv.init(project="pages", name="trained while seen")
run.watch(model, optimizer, criterion, log_freq=2)
print(json.dumps(run.id), flush=True)
for step in range(400):
    x = torch.randn(32, 20)
    loss = criterion(model(x), (x[:, 0] > 0).long())
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    run.log({"loss": loss})
    if step == 99:
        sys.stdin.readline()
run.finish()
"""


def shown_activation_stds(window: Viewer) -> dict[str, str]:
    """The activation std of each layer as the layer table shows it."""
    rows = window.page.locator("table.layers tbody tr").all()
    return {str(row.get_attribute("data-layer")): row.locator("td.number").nth(1).inner_text() for row in rows}


def stored_activation_stds(server: Any, run_id: str) -> dict[str, str]:
    """The last activation std of each layer as the server has it, in the table's columns and format."""
    heatmap = server.get("heatmap", run=run_id, statistic="activation_std", columns=40)
    return {layer: short(values[-1]) for layer, values in zip(heatmap["layers"], heatmap["values"], strict=True)}


def test_the_page_grows_while_a_network_trains_and_a_reload_shows_the_same(
    server: Any, run_script: Callable[..., Any], viewer: Callable[..., Viewer]
) -> None:
    script = run_script(SCRIPT, server)
    run_id = script.said()
    window = viewer()
    window.open(f"/runs/{run_id}")
    window.eventually(lambda: window.page.evaluate("() => trainvitals.charts.size") == 5)
    window.eventually(lambda: window.drawn("loss") == 100)
    window.eventually(lambda: window.drawn("layers") > 10)
    columns = window.drawn("layers")
    window.page.get_by_role("button", name="Activation std").click()
    window.page.evaluate("() => { window.untouched = true; }")
    shown_before = shown_activation_stds(window)
    script.go_on()
    window.eventually(lambda: window.drawn("loss") == 400)
    window.eventually(lambda: window.drawn("layers") > columns)
    script.finish()
    stored = stored_activation_stds(server, run_id)
    assert shown_before.keys() == stored.keys() == {"0", "1", "2"}
    assert shown_before != stored
    window.eventually(lambda: shown_activation_stds(window) == stored)
    assert window.page.evaluate("() => window.untouched")
    window.eventually(lambda: "finished" in window.page.locator("#run-status").inner_text())
    seen = window.trace("loss")
    other = viewer()
    address = urlsplit(window.page.url)
    other.open(f"{address.path}?{address.query}")
    assert other.trace("loss")["x"] == seen["x"]
    assert other.trace("loss")["y"] == pytest.approx(seen["y"])
    assert "Activation std" in other.page.locator(".switch [aria-pressed=true]").all_inner_texts()
