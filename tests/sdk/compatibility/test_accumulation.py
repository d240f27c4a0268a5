"""Several backward passes before one optimizer step."""

from collections.abc import Generator

from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn

PARTS = 4


def accumulating(scene: Scene) -> Generator[Loss, None, None]:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    scene.watch(model, optimizer, criterion)
    scene.expect_outputs(model, "first", "last")
    for _ in range(3):
        optimizer.zero_grad()
        losses = []
        for _ in range(PARTS):
            x, y = batch()
            loss = criterion(model(x), y)
            (loss / PARTS).backward()
            losses.append(float(loss.detach()))
        scene.expect("criterion_loss", sum(losses) / PARTS)
        scene.step(optimizer)
        yield loss


def test_accumulation_is_one_step_with_the_summed_gradient() -> None:
    proof = prove(accumulating)
    assert list(proof.values("criterion_loss")) == [0, 1, 2]
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2}
