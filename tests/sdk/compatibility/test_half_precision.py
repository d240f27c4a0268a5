"""Models whose weights are of half or double precision."""

from collections.abc import Generator

import pytest
import torch
from networks_small import batch, sgd, small
from scene import ROUNDED, Loss, Scene, prove
from torch import nn


def narrow(scene: Scene, kind: torch.dtype) -> Generator[Loss, None, None]:
    model = small().to(kind)
    optimizer = sgd(model)
    scene.watch(model, optimizer, nn.CrossEntropyLoss())
    scene.expect_outputs(model, "first", "act", "last")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x.to(kind)).float(), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_models_of_other_precision_are_captured_as_they_are(kind: torch.dtype) -> None:
    proof = prove(lambda scene: narrow(scene, kind), rel=1e-5 if kind == torch.float64 else ROUNDED)
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2}
    assert proof.layers["first"]["parameters"][0]["dtype"] == str(kind).removeprefix("torch.")
