"""Without a criterion what the loss was fed is read from its gradient: as told with it, or not at all."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from lesson import classifier
from torch import Tensor, nn
from torch.nn import functional

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Loss = Callable[[Tensor, Tensor], Tensor]
Pairs = list[tuple[Tensor, Tensor]]
KINDS = ("criterion", "labels", "classes", "target", "batch", "input")
SERIES = ("prediction_", "output_", "target_", "rare_class_recall")
APART = ("read_from", "value", "label_smoothing")
"""What facts of the gradient say beside those of a criterion."""


def told(build: Callable[[], nn.Module], batches: Pairs, loss: Loss, criterion: Any = None, **how: Any) -> MemoryTransport:
    """What came of a training with this loss; the criterion is watched where there is one."""
    torch.manual_seed(11)
    model, transport = build(), MemoryTransport()
    optimizer = how.get("optimizer", torch.optim.Adam)(model.parameters(), lr=how.get("lr", 0.01))
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(model, optimizer, criterion, log_freq=1)
        for inputs, targets in batches:
            optimizer.zero_grad()
            loss(how.get("called", lambda output: output)(model(inputs)), targets).backward()
            optimizer.step()
            for watch in run._watches:
                watch._worker.settle(10.0)
    return transport


def facts(transport: MemoryTransport, kind: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in (fact["details"] | {"step": fact["step"]}).items() if name not in APART}
        for fact in transport.facts(kind)
    ]


def numbers(transport: MemoryTransport) -> dict[str, dict[int, float]]:
    return {key: transport.values(key) for key in transport.series() if key.startswith(SERIES)}


def silent(transport: MemoryTransport) -> bool:
    return not any(transport.facts(kind) for kind in ("criterion", "labels", "target", "classes"))


def labelled(size: int = 32, classes: int = 5, looks: int = 20, seed: int = 3) -> Pairs:
    g = torch.Generator().manual_seed(seed)
    shares = torch.arange(1.0, classes + 1)
    return [
        (torch.randn(size, 6, generator=g), torch.multinomial(shares, size, replacement=True, generator=g))
        for _ in range(looks)
    ]


def numbered(size: int = 32, units: int = 1, scale: float = 3.0, looks: int = 20) -> Pairs:
    g = torch.Generator().manual_seed(4)
    inputs = [torch.randn(size, 6, generator=g) for _ in range(looks)]
    return [(x, scale * x[:, :units].sin() + 0.3 * torch.randn(size, units, generator=g)) for x in inputs]


def truths(batches: Pairs) -> Pairs:
    return [(x, (y > 2).float()[:, None]) for x, y in batches]


def by_hand(z: Tensor, y: Tensor) -> Tensor:
    return -z.softmax(1).log()[torch.arange(len(y)), y].mean()


OF_LABELS: dict[str, tuple[nn.Module, Loss, nn.Module]] = {
    "cross_entropy": (nn.Identity(), functional.cross_entropy, nn.CrossEntropyLoss()),
    "cross entropy by hand": (nn.Identity(), by_hand, nn.CrossEntropyLoss()),
    "nll of log softmax": (nn.LogSoftmax(1), functional.nll_loss, nn.NLLLoss()),
    "a softmax too many": (nn.Softmax(1), functional.cross_entropy, nn.CrossEntropyLoss()),
    "a sum": (
        nn.Identity(),
        lambda z, y: functional.cross_entropy(z, y, reduction="sum"),
        nn.CrossEntropyLoss(reduction="sum"),
    ),
}
OF_TRUTHS: dict[str, tuple[nn.Module, Loss, nn.Module]] = {
    "logits": (nn.Identity(), functional.binary_cross_entropy_with_logits, nn.BCEWithLogitsLoss()),
    "probabilities": (nn.Sigmoid(), functional.binary_cross_entropy, nn.BCELoss()),
}
OF_NUMBERS: dict[str, tuple[nn.Module, Loss, nn.Module]] = {
    "mse_loss": (nn.Identity(), functional.mse_loss, nn.MSELoss()),
    "own arithmetic": (nn.Identity(), lambda z, t: ((z - t) ** 2).mean(), nn.MSELoss()),
    "a sum": (nn.Identity(), lambda z, t: (z - t).square().sum(), nn.MSELoss(reduction="sum")),
}


def assert_alike(read: MemoryTransport, asked: MemoryTransport) -> None:
    for kind in KINDS:
        one, other = facts(read, kind), facts(asked, kind)
        assert len(one) == len(other), kind
        for mine, its in zip(one, other, strict=True):
            assert mine.keys() == its.keys() | (mine.keys() & {"ignore_index"}), kind
            for name, value in its.items():
                if name == "target_hash":
                    continue
                near = pytest.approx(value, rel=1e-4, abs=1e-5) if isinstance(value, float) else value
                assert mine[name] == near, (kind, name)
    one_by_name, other_by_name = numbers(read), numbers(asked)
    assert one_by_name.keys() == other_by_name.keys() != set()
    for key, values in other_by_name.items():
        assert one_by_name[key] == pytest.approx(values, rel=1e-3, abs=1e-4), key


@pytest.fixture(autouse=True)
def _faults_are_raised(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TRAINVITALS_ON_FAULT", "raise")
    yield


@pytest.mark.parametrize("name", OF_LABELS)
def test_labels_are_told_as_with_the_criterion(name: str) -> None:
    end, loss, criterion = OF_LABELS[name]

    def build() -> nn.Module:
        return nn.Sequential(classifier(classes=5), end)

    assert_alike(told(build, labelled(), loss), told(build, labelled(), criterion, criterion))


@pytest.mark.parametrize("name", OF_TRUTHS)
def test_truths_are_told_as_with_the_criterion(name: str) -> None:
    end, loss, criterion = OF_TRUTHS[name]

    def build() -> nn.Module:
        return nn.Sequential(classifier(classes=1), end)

    batches = truths(labelled())
    assert_alike(told(build, batches, loss), told(build, batches, criterion, criterion))


@pytest.mark.parametrize("name", OF_NUMBERS)
@pytest.mark.parametrize("units", [1, 3])
def test_numbers_are_told_as_with_the_criterion(name: str, units: int) -> None:
    end, loss, criterion = OF_NUMBERS[name]

    def build() -> nn.Module:
        return nn.Sequential(classifier(classes=units), end)

    batches = numbered(units=units)
    assert_alike(told(build, batches, loss, lr=1e-3), told(build, batches, criterion, criterion, lr=1e-3))
