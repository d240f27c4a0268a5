"""Weights that are computed from other parameters."""

from collections.abc import Callable, Generator

import pytest
from networks_small import CLASSES, WIDTH, batch, sgd
from scene import Loss, Scene, prove
from torch import nn
from torch.nn.utils import parametrizations, prune


def parametrized(scene: Scene, change: Callable[..., object]) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Linear(WIDTH, 8), nn.Tanh(), nn.Linear(8, CLASSES))
    change(model[0])
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "0", "2")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm`:FutureWarning")
@pytest.mark.parametrize(
    "change",
    [
        parametrizations.weight_norm,
        parametrizations.spectral_norm,
        parametrizations.orthogonal,
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        lambda module: prune.l1_unstructured(module, "weight", amount=0.5),
    ],
    ids=["weight_norm", "spectral_norm", "orthogonal", "old weight_norm", "old spectral_norm", "pruned"],
)
def test_parametrized_weights_show_the_parameters_behind_them(change: Callable[..., object]) -> None:
    proof = prove(lambda scene: parametrized(scene, change), rel=1e-4)
    assert set(proof.values("activation_std/0")) == {0, 1, 2}
    assert any(key.startswith("gradient_norm/0.") for key in proof.series)


def pruned_on_the_way(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Linear(WIDTH, 8), nn.Tanh(), nn.Linear(8, CLASSES))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for step in range(12):
        if step == 3:
            prune.l1_unstructured(model[0], "weight", amount=0.5)
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        yield loss


def test_a_layer_that_is_pruned_on_the_way_goes_on_under_its_new_names() -> None:
    proof = prove(pruned_on_the_way)
    assert 11 in proof.values("gradient_norm/0.weight_orig") and 11 in proof.values("activation_std/0")
