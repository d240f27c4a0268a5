"""`torch.compile` in each order: graphs stay whole, nothing is compiled after the second step, the numbers are true."""

import copy
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import nn
from torch._dynamo.eval_frame import _debug_get_cache_entry_list
from torch.utils.checkpoint import checkpoint

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


class Checkpointed(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(checkpoint(self.blocks, x, use_reentrant=False))
        return out


class Branching(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        chosen = torch.cond(x.sum() > 0, lambda x: self.blocks(x).clone(), lambda x: x.clone(), (x,))
        out: torch.Tensor = self.head(chosen)
        return out


class Mapped(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.vmap(lambda row: self.blocks(row))(x))
        return out


class Answering(Net):
    """Gives a mapping, as the models of transformers do."""

    def forward(self, x: torch.Tensor, scale: float = 1.0) -> Any:
        return {"hidden": self.blocks(x), "logits": self.head(self.blocks(x)) * scale}


@dataclass
class Compiled:
    """A watched model that was compiled behind its watch, in steps that are sampled alternately."""

    run: tv.Run
    net: Net
    settle: Callable[[], None]
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        self.run.watch(self.net, self.optimizer, log_freq=2)
        self.model = compiled(self.net)

    def step(self, x: torch.Tensor, model: Any = None) -> Any:
        out = (model or self.model)(x)
        logits = out["logits"] if isinstance(out, dict) else out
        loss = CRITERION(logits.float(), Y[: len(x)])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.settle()
        self.losses.append(float(loss.detach()))
        return out


@pytest.mark.parametrize(
    "kind, seen",
    [(Checkpointed, LAYERS), (Answering, LAYERS), (Branching, ("head",)), (Mapped, ("head",))],
)
def test_what_a_graph_may_hold_is_seen_and_the_rest_is_left_aside_without_a_break(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None], kind: type[Net], seen: tuple[str, ...]
) -> None:
    scene = Compiled(run, kind(), settle)
    for step in range(5):
        scene.step(X[step])
    run.finish()
    assert graphs() == (2, {})
    found = {key.removeprefix("activation_mean/") for key in transport.series() if key.startswith("activation_mean/")}
    assert found == set(seen)
    assert list(transport.values("activation_mean/head")) == [0, 2, 4]
    assert run.dropped == {}


def test_one_graph_of_any_size_sees_each_size(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    scene.model = torch.compile(scene.net, backend="aot_eager", fullgraph=True, dynamic=True)
    truth = {}
    for step, size in enumerate((8, 7, 5, 4, 3)):
        truth[step] = float(scene.step(X[step, :size].clone()).detach().double().mean())
    run.finish()
    assert graphs() == (2, {})
    expected = {step: truth[step] for step in (0, 2, 4)}
    assert transport.values("activation_mean/head") == pytest.approx(expected, abs=1e-6)


def test_as_many_shapes_may_be_compiled_as_without_a_watch(run: tv.Run, settle: Callable[[], None]) -> None:
    limit = torch._dynamo.config.recompile_limit
    scene = Compiled(run, Net(), settle)
    scene.model = torch.compile(scene.net, backend="eager", fullgraph=True, dynamic=False)
    for step in range(2 * limit):
        scene.model(torch.ones(2 + step // 2, 6)).sum().backward()
        scene.optimizer.step()
        settle()
    run.unwatch(scene.net)
    scene.model(torch.ones(2, 6))
    assert torch._dynamo.config.recompile_limit == limit


def test_outputs_of_half_precision_are_seen_inside_autocast(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    truth = {}
    for step in range(3):
        with torch.autocast("cpu", torch.bfloat16):
            out = scene.step(X[step])
        assert out.dtype == torch.bfloat16
        truth[step] = float(out.detach().double().mean())
    run.finish()
    assert graphs() == (2, {})
    expected = {step: truth[step] for step in (0, 2)}
    assert transport.values("activation_mean/head") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("around", [False, True], ids=["the module is compiled", "a function around it is compiled"])
def test_an_evaluation_is_seen_once_a_pass(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None], around: bool
) -> None:
    scene = Compiled(run, Net(), settle)
    net = scene.net
    if around:
        scene.model = compiled(lambda x: net(x))
    truth = {}
    for last in (3, 7):
        net.train()
        for step in range(4):
            scene.step(X[step])
        net.eval()
        with torch.no_grad():
            truth[last] = float(scene.model(X[4]).double().mean())
            scene.model(X[3] * 9)
        settle()
    run.finish()
    assert graphs() == (4, {})
    assert transport.values("eval/activation_mean/head") == pytest.approx(truth, abs=1e-6)
    assert list(transport.values("activation_mean/head")) == [0, 2, 4, 6]


def test_deep_steps_look_at_whole_outputs_inside_graphs(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    scene.step(X[0])
    run.finish()
    keys = {histogram.key for report in transport.reports for histogram in report.histograms}
    assert {f"activation/{name}" for name in LAYERS} <= keys


def test_a_model_that_is_compiled_in_the_middle_is_seen_again(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    for step in range(9):
        scene.step(X[step % 5], scene.net if step < 3 else None)
    run.finish()
    # The graph was compiled at step 3, which is not sampled, and so without hooks: step 4 shows it.
    assert list(transport.values("activation_mean/head")) == [0, 2, 6, 8]
    assert run.dropped == {}


def test_a_stack_of_layers_is_seen_though_another_one_was_compiled_before(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    def stack() -> nn.Module:
        return nn.Sequential(nn.Linear(X[0].shape[-1], 4), nn.ReLU())

    compiled(stack())(X[0]).sum().backward()
    net = stack()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    run.watch(net, optimizer, log_freq=1)
    around = compiled(net)
    for _ in range(4):
        around(X[0]).sum().backward()
        optimizer.step()
        settle()
    run.finish()
    assert [list(transport.values(f"activation_mean/{name}")) for name in "01"] == [[0, 2, 3]] * 2
    assert run.dropped == {}


def test_layers_that_cannot_be_seen_are_counted_and_said(
    run: tv.Run, settle: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    net = Net()
    around = compiled(lambda x: net(x))
    around(X[0]).sum().backward()
    scene = Compiled(run, net, settle)
    for step in range(6):
        scene.step(X[step % 5], around)
    assert run.dropped == {"layers_unseen": 1}
    assert "call watch before the first step" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_compiled_optimizer_step_moves_the_clock(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    optimizer = scene.optimizer
    optimizer_step = torch.compile(lambda: optimizer.step(), backend="aot_eager")
    for step in range(3):
        optimizer.zero_grad()
        CRITERION(scene.model(X[step]), Y).backward()
        optimizer_step()
        settle()
        run.log({"metric": step})
    run.finish()
    assert transport.values("metric") == {0: 0, 1: 1, 2: 2}
    assert list(transport.values("update_norm/head.weight")) == [0, 2]


def test_unwatch_leaves_no_hook_and_the_model_compiles_as_if_it_had_never_been_watched(
    run: tv.Run, settle: Callable[[], None]
) -> None:
    scene = Compiled(run, Net(), settle)
    for step in range(3):
        scene.step(X[step])
    run.unwatch(scene.net)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in scene.net.modules())
    graph = torch._dynamo.explain(scene.net)(X[0])
    assert graph.graph_count == 1
    assert "trainvitals" not in str(graph.graphs[0].graph)


def test_graphs_stay_where_the_run_ends_inside_a_forward_pass(run: tv.Run, settle: Callable[[], None]) -> None:
    scene = Compiled(run, Net(), settle)
    scene.step(X[0])
    forward = Net.forward.__code__

    scene.net.head.register_forward_pre_hook(lambda module, arguments: run.finish())
    before = len(_debug_get_cache_entry_list(forward))
    scene.net(X[0])
    assert before == len(_debug_get_cache_entry_list(forward)) == 1


def test_exported_traced_and_copied_models_hold_nothing_of_the_watch(run: tv.Run, settle: Callable[[], None]) -> None:
    scene = Compiled(run, Net(), settle)
    scene.step(X[0])
    scene.step(X[1])
    exported = torch.export.export(scene.net, (X[0],))
    assert not any("trainvitals" in str(node.target) for node in exported.graph.nodes)
    copied = compiled(copy.deepcopy(scene.net))
    assert torch.equal(copied(X[0]), scene.net(X[0]))
    assert pickle.dumps(scene.net).count(b"trainvitals") == 0


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_scripted_and_traced_models_show_their_parameters(
    run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]
) -> None:
    net = Net()
    net.blocks[0] = torch.jit.script(Block())
    net.blocks[1] = torch.jit.trace(Block(), X[0])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    run.watch(net, optimizer)
    CRITERION(net(X[0]), Y).backward()
    optimizer.step()
    run.finish()
    assert {"update_norm/blocks.0.linear.weight", "update_norm/blocks.1.linear.weight"} <= transport.series()
    assert list(transport.values("activation_mean/head")) == [0]
