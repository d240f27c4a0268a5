"""`torch.compile` in each order: graphs stay whole, nothing is compiled after the second step, the numbers are true."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

STEPS = 6
X = torch.randn(5, 8, 6, generator=torch.Generator().manual_seed(1))
Y = torch.randint(0, 3, (8,), generator=torch.Generator().manual_seed(2))
CRITERION = nn.CrossEntropyLoss()


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.act = nn.Linear(6, 6), nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.act(self.linear(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.blocks(x))
        return out


LAYERS = ("blocks.0.linear", "blocks.0.act", "blocks.1.linear", "blocks.1.act", "head")
Model = Callable[[torch.Tensor], torch.Tensor]
Watch = Callable[[Any], None]


@pytest.fixture(autouse=True)
def fresh_dynamo() -> Iterator[None]:
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    torch._dynamo.reset()


def compiled(target: Any) -> Any:
    return torch.compile(target, backend="aot_eager", fullgraph=True)


def compile_then_watch(net: Net, watch: Watch) -> Model:
    model: Model = compiled(net)
    watch(model)
    return model


def watch_then_compile(net: Net, watch: Watch) -> Model:
    watch(net)
    model: Model = compiled(net)
    return model


def compile_in_place_then_watch(net: Net, watch: Watch) -> Model:
    net.compile(backend="aot_eager", fullgraph=True)
    watch(net)
    return net


def watch_then_compile_in_place(net: Net, watch: Watch) -> Model:
    watch(net)
    net.compile(backend="aot_eager", fullgraph=True)
    return net


def compile_a_part_then_watch(net: Net, watch: Watch) -> Model:
    net.blocks = compiled(net.blocks)
    watch(net)
    return net


def watch_then_compile_each_block(net: Net, watch: Watch) -> Model:
    watch(net)
    for block in net.blocks:
        block.compile(backend="aot_eager", fullgraph=True)
    return net


def watch_and_compile_a_function_around(net: Net, watch: Watch) -> Model:
    watch(net)
    model: Model = compiled(lambda x: net(x))
    return model


def compile_and_run_then_watch(net: Net, watch: Watch) -> Model:
    model: Model = compiled(net)
    model(X[0]).sum().backward()
    net.zero_grad()
    watch(model)
    return model


WAYS = [
    compile_then_watch,
    watch_then_compile,
    compile_in_place_then_watch,
    watch_then_compile_in_place,
    compile_a_part_then_watch,
    watch_then_compile_each_block,
    watch_and_compile_a_function_around,
    compile_and_run_then_watch,
]


def train(net: Net, model: Model, optimizer: torch.optim.Optimizer, after: Callable[[int], None]) -> list[torch.Tensor]:
    losses = []
    for step in range(STEPS):
        loss = CRITERION(model(X[step % len(X)]), Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        after(step)
    return losses


def graphs() -> tuple[int, dict[str, int]]:
    counters = torch._dynamo.utils.counters
    return counters["stats"]["unique_graphs"], dict(counters["graph_break"])


def twin_of(net: Net) -> tuple[dict[str, list[float]], list[torch.Tensor], Net]:
    """Means of outputs in each step of an eager twin, its losses, and itself when trained."""
    twin = copy.deepcopy(net)
    truth: dict[str, list[float]] = {name: [] for name in LAYERS}

    def told(name: str) -> Callable[..., None]:
        return lambda module, arguments, output: truth[name].append(float(output.detach().double().mean()))

    for name in LAYERS:
        twin.get_submodule(name).register_forward_hook(told(name))
    losses = train(twin, twin, torch.optim.SGD(twin.parameters(), lr=0.1), lambda step: None)
    return truth, losses, twin


# Dynamo itself asks an output of a compiled block for its gradient, with and without a watch.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("way", WAYS)
def test_each_layer_is_seen_in_each_order_without_a_break_or_a_late_compilation(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None], way: Callable[[Net, Watch], Model]
) -> None:
    torch.manual_seed(0)
    net = Net()
    truth, losses, twin = twin_of(net)
    bare = copy.deepcopy(net)
    train(bare, way(bare, lambda model: None), torch.optim.SGD(bare.parameters(), lr=0.1), lambda step: None)
    bare_graphs, bare_breaks = graphs()
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()

    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    model = way(net, lambda model: run.watch(model, optimizer, log_freq=2))
    stances = []

    def after(step: int) -> None:
        settle()
        if step == 1:
            stances.append(torch.compiler.set_stance("fail_on_recompile"))

    try:
        watched_losses = train(net, model, optimizer, after)
    finally:
        torch.compiler.set_stance("default")
    run.finish()
    ran_before = way is compile_and_run_then_watch
    found_graphs, breaks = graphs()
    assert breaks == bare_breaks == {}
    assert found_graphs == 2 * bare_graphs + (1 if ran_before else 0)
    assert all(torch.equal(a, b) for a, b in zip(losses, watched_losses, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), twin.parameters(), strict=True))
    for name in LAYERS:
        expected = {step: truth[name][step] for step in (0, 2, 4)}
        assert transport.values(f"activation_mean/{name}") == pytest.approx(expected, rel=1e-5, abs=1e-6), name
    assert list(transport.values("gradient_norm/head.weight")) == [0, 2, 4]
    assert list(transport.values("update_norm/head.weight")) == [0, 2, 4]
    assert run.dropped == {}
