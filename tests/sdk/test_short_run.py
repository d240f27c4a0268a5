"""A run of 300 steps: enough values of every statistic to see something."""

from collections import Counter
from collections.abc import Callable

import pytest
import torch
from networks import mlp
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport
from trainvitals_wire.names import kind_of

STEPS = 300
VALUES_MIN = 30


@pytest.mark.training
def test_a_run_of_300_steps_of_the_tiny_network_has_thirty_values_of_each_statistic(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    torch.manual_seed(0)
    model, criterion = mlp.Mlp(), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    run.watch(model, optimizer, criterion)
    for _ in range(STEPS):
        inputs, targets = mlp.batch()
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
        settle()
    run.finish()
    counts: Counter[str] = Counter()
    for report in transport.reports:
        for frame in report.frames:
            counts.update({key: len(frame.steps) for key in frame.keys if kind_of(key) == "statistic"})
    fewest = {key: count for key, count in counts.items() if count < VALUES_MIN}
    assert not fewest, f"of {len(counts)} statistics these have too few values: {fewest}"
    assert len(counts) > 200
