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


def told(
    build: Callable[[], nn.Module], batches: Pairs, loss: Loss, criterion: Any = None, **how: Any
) -> MemoryTransport:
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
    "of one residual": (nn.Identity(), lambda z, t: (r := z.squeeze(0) - t).mul(r).mean(), nn.MSELoss()),
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


@pytest.mark.parametrize("name", ["cross_entropy", "nll of log softmax"])
def test_labels_of_batches_of_one_class_are_told_as_with_the_criterion(name: str) -> None:
    end, loss, criterion = OF_LABELS[name]

    def build() -> nn.Module:
        return nn.Sequential(classifier(classes=5), end)

    ordered = [(inputs, torch.full_like(labels, look // 4)) for look, (inputs, labels) in enumerate(labelled())]
    assert_alike(told(build, ordered, loss), told(build, ordered, criterion, criterion))


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


def classes(count: int = 5) -> Callable[[], nn.Module]:
    return lambda: classifier(classes=count)


def mixed_up(z: Tensor, y: Tensor) -> Tensor:
    return 0.7 * functional.cross_entropy(z, y) + 0.3 * functional.cross_entropy(z, y.flip(0))


def soft(z: Tensor, y: Tensor) -> Tensor:
    shares = functional.softmax(3.0 * functional.one_hot(y, 5) + 0.1 * torch.arange(5.0), 1)
    return functional.kl_div(z.log_softmax(1), shares, reduction="batchmean")


def td_error(z: Tensor, y: Tensor) -> Tensor:
    return functional.mse_loss(z.gather(1, y[:, None])[:, 0], y.float())


def rewarded(z: Tensor, y: Tensor) -> Tensor:
    chosen = z.log_softmax(1).gather(1, y[:, None])[:, 0]
    return -(chosen * (y > 2).float()).mean()


def weighed(z: Tensor, y: Tensor) -> Tensor:
    return (functional.cross_entropy(z, y, reduction="none") * (1.0 + y)).mean()


def pinball(z: Tensor, t: Tensor) -> Tensor:
    return torch.maximum(0.9 * (t - z), 0.1 * (z - t)).mean()


CLASSES_UNCERTAIN: dict[str, Loss] = {
    "label smoothing": lambda z, y: functional.cross_entropy(z, y, label_smoothing=0.1),
    "mixup": mixed_up,
    "distillation": soft,
    "a penalty on the output": lambda z, y: functional.cross_entropy(z, y) + 0.01 * z.square().mean(),
    "a temperature": lambda z, y: functional.cross_entropy(z / 2.0, y),
    "weights of samples": weighed,
    "focal": lambda z, y: ((1 - (c := -functional.cross_entropy(z, y, reduction="none")).exp()) ** 2 * -c).mean(),
    "rewards of 0 and 1": rewarded,
    "temporal differences": td_error,
    "a robust loss of the probability": lambda z, y: (1 - z.softmax(1).gather(1, y[:, None])).mean(),
    "raw scores as logarithms": functional.nll_loss,
    "samples left out": lambda z, y: functional.cross_entropy(z, y.where(y > 1, torch.tensor(-100))),
    "used twice, with other labels": lambda z, y: (
        functional.cross_entropy(z, y) + functional.cross_entropy(z, y.flip(0))
    ),
}
NUMBERS_UNCERTAIN: dict[str, Loss] = {
    "absolute": functional.l1_loss,
    "squares of the outputs": lambda z, t: z.square().mean(),
    "one value for all": lambda z, t: (z - 7.0).square().mean(),
    "huber": functional.smooth_l1_loss,
    "pinball": pinball,
    "a penalty": lambda z, t: functional.mse_loss(z, t) + 0.01 * z.square().mean(),
    "weights of samples": lambda z, t: ((1.0 + t.abs()) * (z - t) ** 2).mean(),
    "a mask": lambda z, t: (((z - t) ** 2) * (t > 0)).mean(),
    "broadcast": lambda z, t: ((z - t[:, 0]) ** 2).mean(),
    "spread of the errors": lambda z, t: (z - t).var(unbiased=False),
    "mean of the outputs": lambda z, t: (z.mean() - t.mean()) ** 2,
    "pairs": lambda z, t: ((z[::2] - z[1::2] - (t[::2] - t[1::2])) ** 2).mean(),
    "a size": lambda z, t: functional.mse_loss(z.abs(), t),
    "a power": lambda z, t: ((z - t) ** 4).mean(),
    "a parameter of the loss": lambda z, t: functional.mse_loss(z, t * torch.ones(1, requires_grad=True)),
    "root": lambda z, t: functional.mse_loss(z, t).sqrt(),
    "logarithm": lambda z, t: functional.mse_loss(z, t).log(),
    "log cosh": lambda z, t: (z - t).cosh().log().mean(),
    "a likelihood": lambda z, t: functional.gaussian_nll_loss(z, t, t.abs() + 0.5),
}


@pytest.mark.parametrize("name", CLASSES_UNCERTAIN)
def test_uncertain_labels_are_not_told(name: str) -> None:
    assert silent(told(classes(), labelled(), CLASSES_UNCERTAIN[name]))


@pytest.mark.parametrize("name", NUMBERS_UNCERTAIN)
def test_uncertain_numbers_are_not_told(name: str) -> None:
    assert silent(told(classes(1), numbered(), NUMBERS_UNCERTAIN[name], lr=1e-3))


def test_distances_of_embeddings_are_no_targets() -> None:
    """Of a distance e to something else the gradient of e^2 has the size of e, as that of a squared error has."""
    torch.manual_seed(11)
    model, transport = classifier(classes=4), MemoryTransport()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(model, optimizer, log_freq=1)
        for inputs, labels in labelled():
            optimizer.zero_grad()
            away = (model(inputs) - model(inputs.flip(0))).square().sum(1)
            same = (labels == labels.flip(0)).float()
            (same * away + (1 - same) * functional.relu(1.0 - (away + 1e-8).sqrt()).square()).mean().backward()
            optimizer.step()
            for watch in run._watches:
                watch._worker.settle(10.0)
    assert silent(transport)


def test_samples_of_one_output_axis_are_read() -> None:
    batches = [(x, t[:, 0]) for x, t in numbered()]

    def build() -> nn.Module:
        return nn.Sequential(classifier(classes=1), nn.Flatten(0))

    criterion = nn.MSELoss()
    assert_alike(*(told(build, batches, criterion, watched, lr=1e-3) for watched in (None, criterion)))


def test_an_output_that_is_squeezed_behind_the_model_is_read() -> None:
    batches = [(x, t[:, 0]) for x, t in numbered(scale=50.0)]
    read = told(classes(1), batches, functional.mse_loss, called=lambda output: output.squeeze(1))
    told_of = facts(read, "target")[-1]
    targets = torch.cat([t for _, t in batches[:16]])
    assert told_of["mean"] == pytest.approx(float(targets.mean()), rel=1e-3)
    assert told_of["std"] == pytest.approx(float(targets.std(unbiased=False)), rel=1e-3)


def test_a_half_and_a_factor_of_the_backward_pass_change_no_target() -> None:
    batches = numbered()
    torch.manual_seed(11)
    model, transport = classifier(classes=1), MemoryTransport()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(model, optimizer, log_freq=1)
        for inputs, targets in batches:
            optimizer.zero_grad()
            (0.5 * functional.mse_loss(model(inputs), targets)).backward(torch.tensor(0.5))
            optimizer.step()
            for watch in run._watches:
                watch._worker.settle(10.0)
    targets = torch.cat([t for _, t in batches[:16]])
    assert facts(transport, "target")[-1]["std"] == pytest.approx(float(targets.std(unbiased=False)), rel=1e-3)
    assert facts(transport, "criterion")[0]["reduction"] is None


def test_all_say_that_they_were_read_from_the_gradient() -> None:
    read = told(classes(), labelled(), functional.cross_entropy)
    for kind in ("criterion", "labels", "classes"):
        assert {fact["details"].get("read_from") for fact in read.facts(kind)} == {"gradient"}, kind
    asked = told(classes(), labelled(), nn.CrossEntropyLoss(), nn.CrossEntropyLoss())
    assert not any("read_from" in fact["details"] for kind in KINDS for fact in asked.facts(kind))


def test_one_look_is_not_believed_and_yet_told_of() -> None:
    read = told(classes(), labelled(looks=1), functional.cross_entropy)
    assert silent(read)
    assert len(read.facts("batch")) == len(read.facts("loss_gradient")) == 1


def test_another_loss_on_the_way_ends_the_reading() -> None:
    calls = iter(range(100))

    def turning(z: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(z, y) if next(calls) < 5 else functional.nll_loss(z.softmax(1), y)

    read = told(classes(), labelled(), turning)
    assert [fact["details"]["looks"] for fact in read.facts("labels")] == [1, 2, 4]
    assert max(read.values("prediction_accuracy")) == 4


def test_padded_places_of_a_text_are_no_labels() -> None:
    g = torch.Generator().manual_seed(2)
    batches = [(torch.randn(4, 10, 6, generator=g), torch.randint(0, 5, (4, 10), generator=g)) for _ in range(6)]
    for _, labels in batches:
        labels[:, 7:] = -100

    def loss(z: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(z.flatten(0, 1), y.flatten())

    of_four = facts(told(classes(), batches, loss), "labels")[-1]
    assert (of_four["count"], of_four["ignored"]) == (4 * 28, 4 * 12)
    shown = torch.cat([labels[:, :7].flatten() for _, labels in batches[:4]])
    assert of_four["label_counts"] == {str(label): int((shown == label).sum()) for label in range(5)}


def test_a_batch_that_is_got_right_beyond_doubt_is_not_told() -> None:
    batches = labelled(classes=3)
    scores = [(120.0 * functional.one_hot(y, 3).float() + torch.randn(32, 3), y) for _, y in batches[2:]]

    def build() -> nn.Module:
        model = nn.Linear(3, 3, bias=False)
        nn.init.eye_(model.weight)
        return model

    first = [(torch.randn(32, 3), y) for _, y in batches[:2]]
    read = told(build, first + scores, functional.cross_entropy, lr=1e-6)
    assert set(read.values("prediction_accuracy")) == {0, 1}


def test_the_first_batch_of_several_that_are_accumulated_is_read() -> None:
    batches = labelled(looks=12)
    torch.manual_seed(11)
    model, transport = classifier(classes=5), MemoryTransport()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(model, optimizer, log_freq=1)
        for number, (inputs, labels) in enumerate(batches):
            (functional.cross_entropy(model(inputs), labels) / 3).backward()
            if number % 3 == 2:
                optimizer.step()
                optimizer.zero_grad()
                for watch in run._watches:
                    watch._worker.settle(10.0)
    shown = torch.cat([labels for _, labels in batches[::3]])
    last = facts(transport, "labels")[-1]
    assert last["label_counts"] == {str(label): int((shown == label).sum()) for label in range(5)}
    assert facts(transport, "criterion")[0]["reduction"] is None


def test_the_scale_of_a_scaler_is_taken_out() -> None:
    def trained(loss: Loss, batches: Pairs, units: int) -> MemoryTransport:
        torch.manual_seed(11)
        model, transport = classifier(classes=units), MemoryTransport()
        optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.01), torch.amp.GradScaler("cpu", init_scale=1024.0)
        with tv.init(project="reading", transport=transport, terminal="nothing") as run:
            run.watch(model, optimizer, log_freq=1)
            for inputs, targets in batches:
                optimizer.zero_grad()
                scaler.scale(loss(model(inputs), targets)).backward()
                scaler.step(optimizer)
                scaler.update()
                for watch in run._watches:
                    watch._worker.settle(10.0)
        return transport

    of_classes = trained(functional.cross_entropy, labelled(), 5)
    of_numbers = trained(functional.mse_loss, numbered(), 1)
    assert [facts(found, "criterion")[0]["reduction"] for found in (of_classes, of_numbers)] == ["mean", "mean"]
    shown = torch.cat([labels for _, labels in labelled()[:16]])
    assert facts(of_classes, "labels")[-1]["label_counts"]["4"] == int((shown == 4).sum())
    targets = torch.cat([t for _, t in numbered()[:16]])
    assert facts(of_numbers, "target")[-1]["mean"] == pytest.approx(float(targets.mean()), rel=1e-3, abs=1e-3)


def test_an_evaluation_has_no_gradient_and_tells_nothing() -> None:
    torch.manual_seed(11)
    model, transport = classifier(classes=5), MemoryTransport()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(model, optimizer, log_freq=1)
        for inputs, labels in labelled(looks=6):
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
            with torch.no_grad():
                functional.cross_entropy(model(inputs), labels)
    assert transport.facts("labels")
    assert not any(key.startswith(("eval/prediction", "eval/output")) for key in transport.series())


def test_only_the_model_whose_loss_is_that_of_the_run_is_read() -> None:
    torch.manual_seed(11)
    first, second, transport = classifier(classes=5), classifier(classes=5), MemoryTransport()
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in (first, second)]
    with tv.init(project="reading", transport=transport, terminal="nothing") as run:
        run.watch(first, optimizers[0], log_freq=1)
        run.watch(second, optimizers[1], log_freq=1, name="second")
        for inputs, labels in labelled(looks=6):
            first(inputs).exp().mean().backward()
            functional.cross_entropy(second(inputs), labels).backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
    assert not transport.facts("labels") and not transport.facts("criterion")
