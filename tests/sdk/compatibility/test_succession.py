"""Optimizers that come after the watched one, beside it, around it: the clock goes with the one that trains."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from networks_small import batch, small
from torch import nn
from torch.optim.optimizer import _global_optimizer_post_hooks

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

FIRST, SECOND = 4, 8
Settle = Callable[[], None]


class Sharp(torch.optim.Optimizer):
    """Wraps another optimizer and shares its groups, as sharpness-aware ones do."""

    def __init__(self, inner: torch.optim.Optimizer) -> None:
        super().__init__(inner.param_groups, {})
        self.base_optimizer = inner

    def step(self, closure: Any = None) -> None:
        self.base_optimizer.step(closure)


@pytest.fixture
def steps(run: tv.Run, settle: Settle) -> Callable[..., None]:
    def train(model: nn.Module, optimizer: torch.optim.Optimizer, count: int, *, closure: bool = False) -> None:
        for _ in range(count):
            x, y = batch()

            def loss(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
                optimizer.zero_grad()
                value = nn.functional.cross_entropy(model(x), y)
                value.backward()
                return value

            found = optimizer.step(loss) if closure else loss()
            if not closure:
                optimizer.step()
            run.log({"loss": found})
            settle()

    return train


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=0.01)


SUCCESSORS = {
    "made anew": adam,
    "another kind": lambda model: torch.optim.SGD(model.parameters(), lr=0.1),
    "of a part": lambda model: torch.optim.SGD(model.last.parameters(), lr=0.1),
    "with closures": lambda model: torch.optim.LBFGS(model.parameters(), max_iter=2),
}


@pytest.mark.parametrize("log", ["all", "activations"])
@pytest.mark.parametrize("kind", SUCCESSORS)
def test_each_step_of_a_later_optimizer_is_a_step_of_the_run(
    kind: str,
    log: Any,
    run: tv.Run,
    transport: MemoryTransport,
    steps: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = small()
    first, second = adam(model), SUCCESSORS[kind](model)
    run.watch(model, first, log=log)
    steps(model, first, FIRST)
    steps(model, second, SECOND, closure=kind == "with closures")
    run.finish()
    assert sorted(transport.values("loss")) == list(range(FIRST + SECOND))
    assert sorted(transport.values("activation_std/first"))[-1] == FIRST + SECOND - 1
    assert transport.values("learning_rate")[FIRST + 1] == pytest.approx(second.param_groups[0]["lr"])
    assert transport.facts("optimizer")[-1]["type"] == type(second).__name__
    assert capsys.readouterr().err.count("another optimizer") == 1 and run.dropped == {}


def test_without_forward_passes_the_second_step_tells(
    run: tv.Run, transport: MemoryTransport, steps: Callable[..., None]
) -> None:
    model = small()
    first, second = adam(model), adam(model)
    run.watch(model, first, log="gradients")
    steps(model, first, FIRST)
    steps(model, second, SECOND)
    run.finish()
    assert sorted(transport.values("loss")) == list(range(FIRST + SECOND - 1))
    assert run.dropped == {"replaced": 1}


def test_an_optimizer_around_the_watched_one_takes_no_place(
    run: tv.Run, transport: MemoryTransport, steps: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    model = small()
    wrapped = Sharp(adam(model))
    run.watch(model, wrapped)
    steps(model, wrapped, SECOND)
    run.finish()
    assert sorted(transport.values("gradient_norm_total")) == sorted(transport.values("loss")) == list(range(SECOND))
    assert "another optimizer" not in capsys.readouterr().err


def test_optimizers_that_take_turns_change_places_once(
    run: tv.Run, steps: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    model = small()
    both = adam(model), adam(model)
    run.watch(model, both[0])
    watched = [run._watches[0]]
    for turn in range(SECOND):
        steps(model, both[turn % 2], 1)
        watched.append(run._watches[0])
    assert len(set(map(id, watched))) == 2
    assert capsys.readouterr().err.count("another optimizer") == 1


def test_a_critic_that_steps_more_often_is_no_successor(run: tv.Run, transport: MemoryTransport) -> None:
    both = nn.ModuleDict({"generator": nn.Linear(2, 2), "critic": nn.Linear(2, 1)})
    generator, critic = adam(both["generator"]), adam(both["critic"])
    run.watch(both, generator)
    for _ in range(3):
        for optimizer in (*[critic] * 5, generator):
            both["critic"](both["generator"](torch.randn(4, 2))).mean().backward()
            optimizer.step()
        run.log({"loss": 1.0})
    run.finish()
    assert sorted(transport.values("loss")) == [0, 1, 2]


def test_no_hook_stays_on_the_optimizers_of_torch(run: tv.Run, steps: Callable[..., None]) -> None:
    before = dict(_global_optimizer_post_hooks)
    model, other = small(), small()
    run.watch(model, adam(model))
    run.watch(other, adam(other), name="other")
    assert len(_global_optimizer_post_hooks) == len(before) + 1
    run.unwatch(model)
    run.unwatch(other)
    assert dict(_global_optimizer_post_hooks) == before
    run.watch(model, adam(model))
    run.finish()
    assert dict(_global_optimizer_post_hooks) == before
