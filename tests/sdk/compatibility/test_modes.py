"""Switches of torch that change what every operation does, while a model is watched."""

import contextlib
import gc
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, layers, prove, settled
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

ROWS = 64
"""So many that the first layer's output is sampled, not taken whole."""


@contextlib.contextmanager
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


@contextlib.contextmanager
def wide_by_default() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextlib.contextmanager
def elsewhere_by_default() -> Iterator[None]:
    """Stands for `set_default_device("cuda")`: what names no device comes to lie elsewhere."""
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


MODES: dict[str, Callable[[], Any]] = {
    "deterministic": deterministic,
    "anomalies": torch.autograd.detect_anomaly,
    "another default type": wide_by_default,
    "another default device": elsewhere_by_default,
}


def under(scene: Scene, mode: Callable[[], Any]) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    model(torch.zeros(1, 1, 8, 8))
    optimizer = sgd(model)
    scene.expect_outputs(model, "3")
    batches = [(torch.randn(ROWS, 1, 8, 8), torch.randint(0, 2, (ROWS,))) for _ in range(3)]
    with mode():
        criterion = nn.CrossEntropyLoss()
        scene.watch(model, optimizer, criterion)
        for x, y in batches:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            scene.step(optimizer)
            yield loss


@pytest.mark.filterwarnings("ignore:Anomaly Detection:UserWarning")
@pytest.mark.parametrize("mode", MODES)
def test_a_switch_of_torch_is_no_fault_and_changes_no_number(mode: str) -> None:
    proof = prove(lambda scene: under(scene, MODES[mode]), rel=1e-4)
    assert set(proof.values("activation_std/0")) == {0, 1, 2}


class Counting(TorchDispatchMode):
    """Like a counter of operations, or a profiler of memory."""

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
        return function(*arguments, **(options or {}))


def test_a_dispatch_mode_of_the_user_is_no_fault() -> None:
    assert set(prove(lambda scene: under(scene, Counting), rel=1e-4).values("activation_std/0")) == {0, 1, 2}


def test_no_activation_and_no_gradient_is_kept(run: tv.Run) -> None:
    model = small()
    optimizer = sgd(model)
    outputs: list[Any] = []
    model.first.register_forward_hook(lambda module, arguments, output: outputs.append(weakref.ref(output)))
    run.watch(model, optimizer)
    x, y = batch()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    gradient = weakref.ref(model.first.weight.grad)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    del loss
    gc.collect()
    assert outputs[0]() is None and gradient() is None


def test_two_runs_may_watch_one_model() -> None:
    transports = [MemoryTransport(), MemoryTransport()]
    runs = [tv.init(project="both", transport=transport, terminal="nothing") for transport in transports]
    model = small()
    optimizer = sgd(model)
    for run in runs:
        run.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        for run in runs:
            settled(run)
    for run in runs:
        run.finish()
    one, two = (transport.values("gradient_norm/first.weight") for transport in transports)
    assert set(one) == {0, 1, 2} and one == two
    assert all(set(layers(transport)) == {"first", "act", "last"} for transport in transports)


def single(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Linear(6, 2)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        out = model(x)
        scene.expect("activation_std/Linear", out.detach().double().std(correction=0))
        loss = nn.functional.cross_entropy(out, y)
        loss.backward()
        scene.step(optimizer)
        yield loss
        with torch.no_grad():
            model(x)


def test_a_model_that_is_one_layer_is_watched_in_both_phases() -> None:
    proof = prove(single)
    assert "eval/activation_std/Linear" in proof.series
