"""Several models and optimizers in one run, as in adversarial training."""

from collections.abc import Generator

import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


def adversarial(scene: Scene, named: bool) -> Generator[Loss, None, None]:
    generator, critic = nn.Sequential(nn.Linear(4, 6)), nn.Sequential(nn.Linear(6, 1))
    of_generator, of_critic = sgd(generator), torch.optim.Adam(critic.parameters(), lr=0.01)
    scene.watch(generator, of_generator)
    scene.watch(critic, of_critic, name="critic" if named else None)
    judge = nn.functional.binary_cross_entropy_with_logits
    for _ in range(4):
        real, fake = batch()[0], generator(torch.randn(16, 4))
        of_critic.zero_grad()
        loss = judge(critic(real), torch.ones(16, 1)) + judge(critic(fake.detach()), torch.zeros(16, 1))
        loss.backward()
        if named and scene.bare:
            scene.expect("gradient_norm/critic.0.weight", critic[0].weight.grad.double().norm())
        of_critic.step()
        of_generator.zero_grad()
        judge(critic(fake), torch.ones(16, 1)).backward()
        scene.expect("gradient_norm/0.weight", generator[0].weight.grad.double().norm())
        of_generator.step()
        scene.expect("weight_norm/0.weight", generator[0].weight.detach().double().norm())
        scene.current += 1
        yield loss


def test_two_models_share_the_clock_of_the_first_and_both_are_told() -> None:
    proof = prove(lambda scene: adversarial(scene, True))
    assert set(proof.values("loss")) == {0, 1, 2, 3}
    assert {"0", "critic.0"} == set(proof.layers)
    assert set(proof.values("weight_norm/critic.0.weight")) == {0, 1, 2, 3}


def test_a_second_model_without_a_name_gets_a_prefix_of_its_own() -> None:
    proof = prove(lambda scene: adversarial(scene, False))
    assert {"0", "Sequential2.0"} == set(proof.layers)
    assert proof.values("weight_norm/0.weight") != proof.values("weight_norm/Sequential2.0.weight")


def one_model_two_optimizers(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    one = torch.optim.SGD(model.first.parameters(), lr=0.1)
    two = torch.optim.Adam(model.last.parameters(), lr=0.01)
    scene.watch(model.first, one, name="first")
    scene.watch(model.last, two, name="last")
    for _ in range(3):
        x, y = batch()
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.expect("gradient_norm/first.weight", model.first.weight.grad.double().norm())
        scene.expect("gradient_norm/last.weight", model.last.weight.grad.double().norm())
        two.step()
        one.step()
        scene.expect("weight_norm/last.weight", model.last.weight.detach().double().norm())
        scene.current += 1
        yield loss


def test_parts_of_one_model_with_an_optimizer_each_are_watched_as_two() -> None:
    proof = prove(one_model_two_optimizers)
    assert set(proof.values("activation_std/last")) == {0, 1, 2}


def two_whole_optimizers(scene: Scene) -> Generator[Loss, None, None]:
    """Two optimizers move halves of a model of which only the first is told to `watch`."""
    model = small()
    one = torch.optim.SGD(model.first.parameters(), lr=0.1)
    two = torch.optim.Adam(model.last.parameters(), lr=0.01)
    scene.watch(model, one)
    for _ in range(3):
        x, y = batch()
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        two.step()
        scene.expect("gradient_norm/last.weight", model.last.weight.grad.double().norm())
        one.step()
        scene.current += 1
        yield loss


def test_parameters_of_an_optimizer_that_is_not_watched_still_show_their_gradients() -> None:
    proof = prove(two_whole_optimizers)
    assert not any(parameter["in_optimizer"] for parameter in proof.layers["last"]["parameters"])
