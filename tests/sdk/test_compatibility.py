"""The ways in which people train: each situation of SDK.md that a hook could break."""

import contextlib
import copy
import io
import pickle
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Train = Callable[..., None]


def sgd(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=0.1)


def layers(transport: MemoryTransport) -> dict[str, Any]:
    last = [report.layers for report in transport.reports if report.layers is not None][-1]
    return {layer["name"]: layer for layer in last}


def small() -> nn.Sequential:
    return nn.Sequential(OrderedDict(first=nn.Linear(6, 8), act=nn.ReLU(inplace=True), last=nn.Linear(8, 2)))


X, Y = torch.randn(16, 6), torch.randint(0, 2, (16,))


def test_accumulation_is_one_step_with_the_summed_gradient(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer, criterion)
    for part in range(3):
        criterion(model(X[part::3]), Y[part::3]).backward()
    expected = float(model.first.weight.grad.norm())
    optimizer.step()
    run.finish()
    assert transport.values("gradient_norm/first.weight") == {0: pytest.approx(expected, rel=1e-5)}
    assert list(transport.values("criterion_loss")) == [0]


@pytest.mark.parametrize("fused", [False, True])
def test_a_gradient_scaler_shows_true_gradients_and_its_skipped_steps_are_no_steps(
    run: tv.Run, transport: MemoryTransport, fused: bool
) -> None:
    torch.manual_seed(1)
    model, criterion = small(), nn.CrossEntropyLoss()
    twin = copy.deepcopy(model)
    criterion(twin(X), Y).backward()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    run.watch(model, optimizer, criterion)
    for fault in (1.0, float("inf"), 1.0):
        optimizer.zero_grad()
        scaler.scale(criterion(model(X), Y) * fault).backward()
        scaler.step(optimizer)
        scaler.update()
        run.log({"loss": 1.0})
    run.finish()
    assert transport.values("gradient_norm/first.weight")[0] == pytest.approx(
        float(twin.first.weight.grad.norm()), rel=1e-4
    )
    assert set(transport.values("loss")) == {0, 1}
    assert len(transport.facts("skipped_step")) == (1 if fused else 0)


def test_clipped_gradients_are_seen_as_the_optimizer_sees_them(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    criterion(model(X) * 100, Y).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    run.finish()
    assert transport.values("gradient_norm_total")[0] == pytest.approx(0.5, rel=1e-3)


def test_evaluation_is_a_phase_of_its_own(run: tv.Run, transport: MemoryTransport, train: Train) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer, criterion)
    train(model, optimizer, criterion, X, Y, count=2)
    model.eval()
    with torch.no_grad():
        criterion(model(X * 1000), Y)
    model.train()
    train(model, optimizer, criterion, X, Y, count=1)
    run.finish()
    assert list(transport.values("eval/activation_std/first")) == [1]
    assert transport.values("eval/activation_std/first")[1] > 50
    assert max(transport.values("activation_std/first").values()) < 10
    assert len(transport.values("activation_std/first")) == 3
    assert list(transport.values("criterion_loss")) == [0, 1, 2]


def test_an_evaluation_that_raises_does_not_end_the_others(
    run: tv.Run, transport: MemoryTransport, train: Train
) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    for width in (7, 6):
        train(model, optimizer, criterion, X, Y, count=1)
        with contextlib.suppress(RuntimeError), torch.no_grad():
            model(torch.ones(2, width))
    run.finish()
    assert list(transport.values("eval/activation_std/last")) == [1]
    assert set(transport.values("activation_std/last")) == {0, 1}


def test_a_forward_pass_without_gradients_in_training_mode_is_no_training(
    run: tv.Run, transport: MemoryTransport, train: Train
) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    with torch.no_grad():
        model(X * 1000)
    train(model, optimizer, criterion, X, Y, count=1)
    run.finish()
    assert transport.values("activation_std/first")[0] < 10


def test_a_model_trained_in_evaluation_mode_is_watched_from_its_second_step(
    run: tv.Run, transport: MemoryTransport, train: Train
) -> None:
    model, criterion = small().eval(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    train(model, optimizer, criterion, X, Y, count=3)
    run.finish()
    assert {1, 2} <= set(transport.values("activation_std/first"))


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(10, 6), nn.Linear(6, 10, bias=False)
        self.head.weight = self.embed.weight
        self.again = self.embed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(x) + self.embed(x))  # type: ignore[no-any-return]


def test_tied_weights_have_one_row_and_list_their_aliases(run: tv.Run, transport: MemoryTransport) -> None:
    model = Tied()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    model(torch.arange(10)).sum().backward()
    optimizer.step()
    run.finish()
    norms = {key for key in transport.series() if key.startswith("weight_norm/")}
    assert norms == {"weight_norm/embed.weight"}
    found = layers(transport)
    assert found["embed"]["aliases"] == ["again"]
    assert found["head"]["aliases"] == ["head.weight"]
    assert found["head"]["parameters"][0]["name"] == "embed.weight"
    assert len(transport.values("activation_std/embed")) == 1


class Mixed(nn.Module):
    """An LSTM (tuple), attention (children that fire no hooks), and a part that gives a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.part = Dictionary()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out, _ = self.lstm(x)
        out, _ = self.attention(out, out, out)
        return self.part(out)["logits"].mean(1)  # type: ignore[no-any-return]


class Dictionary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x: torch.Tensor) -> dict[str, Any]:
        return {"ids": torch.arange(3), "logits": x * self.scale}


def test_tuples_dictionaries_recurrent_and_attention_layers_give_one_row_each(
    run: tv.Run, transport: MemoryTransport, train: Train
) -> None:
    model = Mixed()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    train(model, optimizer, nn.CrossEntropyLoss(), torch.randn(4, 5, 6), torch.randint(0, 8, (4,)))
    run.finish()
    found = layers(transport)
    assert set(found) == {"lstm", "attention", "part"}
    assert found["part"]["output_shape"] == [4, 5, 8]
    assert {"activation_std/lstm", "activation_std/attention", "activation_std/part"} <= transport.series()
    assert "gradient_norm/attention.out_proj.weight" in transport.series()


class Checkpointed(nn.Module):
    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.first, self.last, self.reentrant = nn.Linear(6, 6), nn.Linear(6, 2), reentrant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.last(checkpoint(self.first, x, use_reentrant=self.reentrant))
        return x


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointing_fires_twice_and_counts_once(
    run: tv.Run, transport: MemoryTransport, train: Train, reentrant: bool
) -> None:
    model = Checkpointed(reentrant)
    optimizer = sgd(model)
    run.watch(model, optimizer)
    train(model, optimizer, nn.CrossEntropyLoss(), X.clone().requires_grad_(), Y, count=2)
    run.finish()
    assert set(transport.values("activation_std/first")) == {0, 1}


def test_a_copied_or_pickled_model_is_unwatched_and_still_works(run: tv.Run) -> None:
    model = small()
    run.watch(model, sgd(model))
    twin = copy.deepcopy(model)
    again = pickle.loads(pickle.dumps(model))
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    loaded = torch.load(buffer, weights_only=False)
    for other in (twin, again, loaded):
        assert torch.equal(other(X), model(X))


def test_a_saved_model_loads_where_the_sdk_is_not_installed(run: tv.Run, tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU())
    run.watch(model, sgd(model))
    torch.save(model, tmp_path / "model.pt")
    program = (
        "import sys; sys.modules['trainvitals'] = None; import torch; "
        f"model = torch.load({str(tmp_path / 'model.pt')!r}, weights_only=False); print(model(torch.ones(1, 6)).shape)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_sampled_is_left_aside(run: tv.Run, transport: MemoryTransport) -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(20, 4, sparse=True)
            self.empty = nn.Parameter(torch.zeros(0))
            self.wave = nn.Parameter(torch.ones(4, dtype=torch.complex64))
            self.whole = nn.Parameter(torch.ones(3, dtype=torch.int64), requires_grad=False)
            self.narrow = nn.Linear(4, 4).to(torch.bfloat16)
            self.wide = nn.Linear(4, 4).double()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.table(x)
            x = self.narrow(x.bfloat16()).double()
            return (self.wide(x) * self.wave.abs()).sum()

    model = Odd()
    dense = [p for name, p in model.named_parameters() if not name.startswith("table")]
    optimizer = torch.optim.SGD(dense, lr=0.1)
    run.watch(model, optimizer)
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.arange(8)).backward()
        optimizer.step()
    run.finish()
    found = transport.series()
    assert {"weight_norm/narrow.weight", "weight_norm/wide.weight", "gradient_norm/narrow.weight"} <= found
    assert not {"weight_norm/empty", "weight_norm/wave", "weight_norm/whole", "gradient_norm/table.weight"} & found
    assert run.dropped == {}


def test_lbfgs_is_read_after_its_closure(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
    run.watch(model, optimizer)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = criterion(model(X), Y)
        loss.backward()
        return loss  # type: ignore[no-any-return]

    for _ in range(2):
        optimizer.step(closure)
    run.finish()
    assert set(transport.values("gradient_norm/first.weight")) == {0, 1}
    assert set(transport.values("weight_norm/first.weight")) == {0, 1}
    assert set(transport.values("activation_std/first")) == {0, 1}
    assert all(value > 0 for value in transport.values("update_norm/first.weight").values())


def test_data_loader_workers_are_silent(run: tv.Run, transport: MemoryTransport, train: Train) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer)

    class Logging(torch.utils.data.Dataset[Any]):
        def __len__(self) -> int:
            return 8

        def __getitem__(self, at: int) -> Any:
            run.log({"from_worker": 1.0})
            return X[at], Y[at]

    loader = torch.utils.data.DataLoader(Logging(), batch_size=4, num_workers=1, multiprocessing_context="fork")
    with contextlib.suppress(DeprecationWarning):
        for x, y in loader:
            train(model, optimizer, criterion, x, y, count=1, run=run)
    run.finish()
    assert set(transport.values("loss")) == {0, 1}
    assert "from_worker" not in transport.series()


def test_channels_last_and_transposed_outputs_are_sampled_without_a_copy(
    run: tv.Run, transport: MemoryTransport
) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)).to(memory_format=torch.channels_last)
    images = torch.randn(2, 3, 16, 16).to(memory_format=torch.channels_last)
    expected = float(model[0](images).detach().std(correction=0))
    optimizer = sgd(model)
    run.watch(model, optimizer)
    model(images).sum().backward()
    optimizer.step()
    run.finish()
    assert transport.values("activation_std/0")[0] == pytest.approx(expected, rel=0.1)


def test_names_lose_the_prefixes_of_wrappers(run: tv.Run, transport: MemoryTransport, train: Train) -> None:
    model = nn.DataParallel(small())
    optimizer = sgd(model)
    run.watch(model, optimizer)
    train(model, optimizer, nn.CrossEntropyLoss(), X, Y, count=1)
    run.finish()
    assert set(layers(transport)) == {"first", "act", "last"}
    assert "gradient_norm/first.weight" in transport.series()


def test_a_second_model_has_a_prefix_and_follows_the_first_clock(run: tv.Run, transport: MemoryTransport) -> None:
    one, two = small(), small()
    first, second = sgd(one), sgd(two)
    run.watch(one, first)
    run.watch(two, second, name="critic")
    for _ in range(3):
        for model, optimizer in ((two, second), (one, first)):
            optimizer.zero_grad()
            model(X).sum().backward()
            optimizer.step()
        run.log({"loss": 1.0})
    run.finish()
    assert set(transport.values("loss")) == {0, 1, 2}
    assert set(transport.values("weight_norm/critic.first.weight")) == {0, 1, 2}
    assert set(transport.values("weight_norm/first.weight")) == {0, 1, 2}


def test_both_models_stay_in_the_layers_of_the_run(run: tv.Run, transport: MemoryTransport) -> None:
    one, two = small(), small()
    run.watch(one, sgd(one))
    run.watch(two, sgd(two), name="critic")
    run.finish()
    assert {"first", "critic.first"} <= set(layers(transport))


def test_frozen_detached_and_forgotten_parameters_are_told(run: tv.Run, transport: MemoryTransport) -> None:
    model = small()
    model.first.weight.requires_grad_(False)
    optimizer = torch.optim.SGD([model.first.weight, model.first.bias, model.last.weight], lr=0.1)
    run.watch(model, optimizer)
    (model.last(model.act(model.first(X)).detach())).sum().backward()
    optimizer.step()
    run.finish()
    assert [fact["parameters"] for fact in transport.facts("no_gradient")] == [["first.bias"]]
    parameters = {p["name"]: p for layer in layers(transport).values() for p in layer["parameters"]}
    assert not parameters["first.weight"]["trainable"] and parameters["first.bias"]["trainable"]
    assert not parameters["last.bias"]["in_optimizer"] and parameters["last.weight"]["in_optimizer"]


def test_without_an_optimizer_each_log_is_a_step(run: tv.Run, transport: MemoryTransport) -> None:
    model = small()
    run.watch(model)
    for _ in range(3):
        model(X).sum().backward()
        run.log({"loss": 1.0})
    run.finish()
    assert set(transport.values("activation_std/first")) == {0, 1, 2}
    assert set(transport.values("gradient_norm/first.weight")) == {0, 1, 2}


def test_a_compiled_model_trains_and_its_parameters_are_watched(
    run: tv.Run, transport: MemoryTransport, train: Train
) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    run.watch(compiled, optimizer)
    train(compiled, optimizer, criterion, X, Y, count=2)
    run.finish()
    assert set(transport.values("gradient_norm/first.weight")) == {0, 1}


def test_a_scripted_model_is_watched_as_far_as_it_shows_itself(run: tv.Run, transport: MemoryTransport) -> None:
    with pytest.warns(DeprecationWarning):
        model = torch.jit.script(nn.Sequential(nn.Linear(6, 2)))
    optimizer = sgd(model)
    run.watch(model, optimizer)
    model(X).sum().backward()
    optimizer.step()
    run.finish()
    assert "weight_norm/0.weight" in transport.series()


def test_nothing_is_left_on_the_model_after_unwatch(run: tv.Run) -> None:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    run.watch(model, optimizer, criterion)
    run.unwatch(model)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in (*model.modules(), criterion))
    assert not optimizer._optimizer_step_pre_hooks and not optimizer._optimizer_step_post_hooks
