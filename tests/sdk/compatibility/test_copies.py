"""Copies of a watched model: unwatched, and free of the SDK."""

import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn

import trainvitals as tv


def saved(model: nn.Module) -> Any:
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


def copying(scene: Scene, copied: Callable[[Any], Any], by_log: bool) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, None if by_log else optimizer, nn.CrossEntropyLoss())
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        told = copied(model)(x * 1000).sum()
        scene.expect("activation_mean/first", model.first(x).detach().double().mean())
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss + told.detach()


@pytest.mark.parametrize("by_log", [False, True])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), saved])
def test_a_copy_computes_the_same_and_is_silent(copied: Callable[[Any], Any], by_log: bool) -> None:
    proof = prove(lambda scene: copying(scene, copied, by_log))
    assert set(proof.values("activation_mean/first")) == {0, 1, 2}


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
def test_an_optimizer_and_a_criterion_are_copied_without_their_hooks_too(run: tv.Run, kind: Any) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = kind(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        twin.step()
    copy.deepcopy(criterion)(torch.randn(2, 2), torch.tensor([0, 1]))
    run.log({"loss": 1.0})
    assert run._clock.coming == 0


def test_a_saved_model_loads_where_the_sdk_is_not_installed(run: tv.Run, tmp_path: Path) -> None:
    model = small()
    run.watch(model, sgd(model))
    torch.save(model, tmp_path / "model.pt")
    program = (
        "import sys; sys.modules['trainvitals'] = None; import torch; "
        f"model = torch.load({str(tmp_path / 'model.pt')!r}, weights_only=False); print(model(torch.ones(1, 6)).shape)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
