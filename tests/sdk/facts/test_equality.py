"""With everything looked at, training is bitwise what it is unwatched."""

from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

CRITERIA = {
    "classes": (nn.CrossEntropyLoss(), lambda: torch.randint(0, 3, (16,))),
    "regression": (nn.MSELoss(), lambda: torch.randn(16, 3)),
}


def trained(name: str, watched: bool, scaled: bool) -> tuple[dict[str, Any], Any]:
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
    criterion, targets = CRITERIA[name]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, amsgrad=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=256.0, enabled=scaled)
    run = tv.init(project="equality", transport=MemoryTransport()) if watched else None
    if run is not None:
        run.watch(model, optimizer, criterion, log_freq=1)
    for at in range(24):
        optimizer.zero_grad(set_to_none=at % 2 == 0)
        for _ in range(2):
            scaler.scale(criterion(model(torch.randn(16, 6)), targets())).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        scaler.step(optimizer)
        scaler.update()
        if at % 8 == 7:
            model.eval()
            with torch.no_grad():
                criterion(model(torch.randn(16, 6)), targets())
            model.train()
    if run is not None:
        run.finish()
    return {key: value.clone() for key, value in model.state_dict().items()}, torch.get_rng_state()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("name", CRITERIA)
def test_looks_change_neither_weights_nor_random_state(name: str, scaled: bool) -> None:
    bare, bare_state = trained(name, watched=False, scaled=scaled)
    watched, watched_state = trained(name, watched=True, scaled=scaled)
    assert all(torch.equal(bare[key], watched[key]) for key in bare)
    assert torch.equal(bare_state, watched_state)
