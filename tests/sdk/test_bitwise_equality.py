"""Watching changes nothing: weights and random states are bitwise those of an unwatched run."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from networks import cnn, gpt, mlp
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

NETWORKS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Any]]] = {
    "mlp": (mlp.Mlp, mlp.batch),
    "cnn": (lambda: cnn.Cnn(width=8), lambda: cnn.batch(4)),
    "gpt": (lambda: gpt.Gpt(width=64), lambda: gpt.batch(2, 32)),
}
STEPS = 6


def trained(name: str, watched: bool) -> tuple[dict[str, torch.Tensor], Any, set[str]]:
    make, batch = NETWORKS[name]
    for seed in (torch.manual_seed, np.random.seed, random.seed):
        seed(7)
    transport = MemoryTransport()
    model, criterion = make(), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run = tv.init(project="equality", transport=transport) if watched else None
    if run is not None:
        run.watch(model, optimizer, criterion)
    for _ in range(STEPS):
        inputs, targets = batch()
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if run is not None:
            run.log({"loss": loss})
    model.eval()
    with torch.no_grad():
        model(batch()[0])
    if run is not None:
        run.finish()
    states = (torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate())  # type: ignore[index]
    return {key: value.clone() for key, value in model.state_dict().items()}, states, transport.series()


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_and_random_states_are_bitwise_those_of_an_unwatched_run(name: str) -> None:
    bare, bare_states, _ = trained(name, watched=False)
    watched, watched_states, keys = trained(name, watched=True)
    assert all(torch.equal(bare[key], watched[key]) for key in bare)
    assert watched_states == bare_states
    assert {"update_ratio", "activation_std", "gradient_norm"} <= {key.partition("/")[0] for key in keys}
