"""`unwatch` leaves no trace: no hook, no attribute, no reference, and the model can be watched again."""

import gc
import weakref
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import layers, settled
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport


def traces(model: nn.Module, *others: Any) -> dict[str, Any]:
    """Everything on modules, parameters, optimizers that a hook or an attribute could hang on."""
    found: dict[str, Any] = {}
    for name, module in (*model.named_modules(), *((f"other {at}", other) for at, other in enumerate(others))):
        for attribute, value in vars(module).items():
            if "hook" in attribute and not callable(value):
                found[f"{name}.{attribute}"] = dict(value) if isinstance(value, dict) else value
            elif attribute.startswith("_optimizer"):
                found[f"{name}.{attribute}"] = dict(value)
        found[f"{name}.attributes"] = sorted(vars(module))
        found[f"{name}.forward"] = module.__class__.__dict__.get("forward")
    for name, parameter in model.named_parameters():
        found[f"{name} hooks"] = [*(parameter._backward_hooks or ()), *(parameter._post_accumulate_grad_hooks or ())]
        found[f"{name} attributes"] = sorted(vars(parameter))
    return found


def trained(run: tv.Run, model: nn.Module, optimizer: Any, count: int = 2) -> None:
    for _ in range(count):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
        settled(run)


@pytest.mark.parametrize("with_optimizer", [True, False])
def test_nothing_is_left_on_model_optimizer_and_criterion(run: tv.Run, with_optimizer: bool) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    optimizer.zero_grad()
    before = traces(model, optimizer, criterion)
    run.watch(model, optimizer if with_optimizer else None, criterion)
    assert traces(model, optimizer, criterion) != before
    trained(run, model, optimizer)
    with torch.no_grad():
        model(batch()[0])
    run.unwatch(model)
    assert traces(model, optimizer, criterion) == before


def test_what_is_in_the_middle_of_a_step_leaves_nothing_either(run: tv.Run) -> None:
    model = small()
    optimizer = sgd(model)
    before = traces(model, optimizer)
    run.watch(model, optimizer)
    nn.functional.cross_entropy(model(batch()[0]), batch()[1]).backward()
    run.unwatch()
    optimizer.step()
    assert traces(model, optimizer) == before


def test_a_finished_run_leaves_nothing_either(transport: MemoryTransport) -> None:
    model = small()
    optimizer = sgd(model)
    before = traces(model, optimizer)
    run = tv.init(project="ended", transport=transport)
    run.watch(model, optimizer)
    trained(run, model, optimizer)
    run.finish()
    assert traces(model, optimizer) == before


@pytest.mark.parametrize("end", ["unwatch", "finish"])
def test_the_model_is_freed_when_nobody_else_holds_it(end: str) -> None:
    run = tv.init(project="freed", transport=MemoryTransport())
    model = small()
    optimizer = sgd(model)
    run.watch(model, optimizer, nn.CrossEntropyLoss())
    trained(run, model, optimizer)
    known = [weakref.ref(model), weakref.ref(model.first.weight), weakref.ref(optimizer)]
    run.unwatch(model) if end == "unwatch" else run.finish()
    del model, optimizer
    gc.collect()
    assert [reference() for reference in known] == [None, None, None]
    run.finish()


def test_an_unwatched_model_can_be_watched_again(run: tv.Run, transport: MemoryTransport) -> None:
    model = small()
    optimizer = sgd(model)
    for _ in range(2):
        run.watch(model, optimizer)
        trained(run, model, optimizer)
        run.unwatch(model)
    run.finish()
    assert set(transport.values("weight_norm/first.weight")) == {0, 1, 2, 3}
    assert set(transport.values("loss")) == {0, 1, 2, 3}
    assert [layer["name"] for layer in layers(transport).values()] == ["first", "act", "last"]


def test_hooks_of_the_user_stay_in_their_order(run: tv.Run) -> None:
    model = small()
    optimizer = sgd(model)
    told: list[str] = []
    for name in ("one", "two"):
        model.first.register_forward_hook(lambda *_, name=name: told.append(name))
        model.first.weight.register_post_accumulate_grad_hook(lambda *_, name=name: told.append(name))
    run.watch(model)
    trained(run, model, optimizer, 1)
    run.unwatch()
    trained(run, model, optimizer, 1)
    assert told == ["one", "two"] * 4


def test_unwatching_a_model_that_is_not_watched_says_so(run: tv.Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.unwatch(small())
    assert "not watched" in capsys.readouterr().err
