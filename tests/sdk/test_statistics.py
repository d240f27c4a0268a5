"""Each statistic of a real step against a slow, plain twin in float64."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

TOLERANCE = 1e-5
Settle = Callable[[], None]


class Twin:
    """A small network that keeps what a step saw; every tensor is small enough to be sampled whole."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.model = nn.Sequential(
            nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, 4), nn.Sigmoid()
        )
        with torch.no_grad():
            self.model[0].bias[:5] = -100.0
            self.model[2].weight *= 20
            self.model[4].weight *= 30
        self.inputs, self.targets = torch.randn(32, 8), torch.rand(32, 4)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.5, momentum=0.9)

    def outputs(self) -> list[np.ndarray]:
        found, value = [], self.inputs
        with torch.no_grad():
            for part in self.model:
                value = part(value)
                found.append(value.double().numpy())
        return found

    def weights(self) -> dict[str, np.ndarray]:
        return {name: value.detach().double().numpy().copy() for name, value in self.model.named_parameters()}

    def step(self) -> None:
        loss = nn.functional.mse_loss(self.model(self.inputs), self.targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


@pytest.fixture
def step(
    run: tv.Run, transport: MemoryTransport
) -> tuple[Twin, dict[str, float], list[np.ndarray], dict[str, np.ndarray]]:
    twin = Twin()
    outputs, before = twin.outputs(), twin.weights()
    run.watch(twin.model, twin.optimizer)
    twin.step()
    run.finish()
    return (
        twin,
        {key: transport.values(key)[0] for key in transport.series() if 0 in transport.values(key)},
        outputs,
        before,
    )


def near(expected: float) -> object:
    return pytest.approx(expected, rel=TOLERANCE, abs=1e-7)


def test_activation_statistics_are_those_of_the_whole_output(step) -> None:  # type: ignore[no-untyped-def]
    _, found, outputs, _ = step
    for layer, output in enumerate(outputs):
        assert found[f"activation_mean/{layer}"] == near(output.mean())
        assert found[f"activation_std/{layer}"] == near(output.std())
        assert found[f"activation_zero_fraction/{layer}"] == near((output == 0).mean())
    assert found["activation_zero_fraction/1"] >= 5 / 16


def test_saturation_is_the_share_of_pre_activations_beyond_the_limit(step) -> None:  # type: ignore[no-untyped-def]
    _, found, outputs, _ = step
    tanh, sigmoid = np.abs(outputs[2]) > 2.5, np.abs(outputs[4]) > 5
    assert 0 < tanh.mean() < 1 and 0 < sigmoid.mean() < 1
    assert found["activation_saturated_fraction/3"] == near(tanh.mean())
    assert found["activation_saturated_fraction/5"] == near(sigmoid.mean())
    assert "activation_saturated_fraction/1" not in found


def test_gradient_statistics_are_those_the_optimizer_saw(step) -> None:  # type: ignore[no-untyped-def]
    twin, found, _, _ = step
    squares = 0.0
    for name, parameter in twin.model.named_parameters():
        gradient = parameter.grad.double().numpy()
        squares += float((gradient**2).sum())
        assert found[f"gradient_mean/{name}"] == near(gradient.mean())
        assert found[f"gradient_std/{name}"] == near(gradient.std())
        assert found[f"gradient_norm/{name}"] == near(math.sqrt((gradient**2).sum()))
    assert found["gradient_norm_total"] == near(math.sqrt(squares))


def test_weight_and_update_statistics_are_those_of_the_step(step) -> None:  # type: ignore[no-untyped-def]
    twin, found, _, before = step
    for name, after in twin.weights().items():
        change = after - before[name]
        assert found[f"weight_mean/{name}"] == near(after.mean())
        assert found[f"weight_std/{name}"] == near(after.std())
        assert found[f"weight_norm/{name}"] == near(math.sqrt((after**2).sum()))
        assert found[f"update_norm/{name}"] == pytest.approx(math.sqrt((change**2).sum()), rel=1e-4)
        ratio = math.sqrt((change**2).sum()) / math.sqrt((before[name] ** 2).sum())
        assert found[f"update_ratio/{name}"] == pytest.approx(ratio, rel=1e-4)
        assert found[f"nonfinite_count/{name}"] == 0


def test_dead_units_are_those_never_positive_in_the_window(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    twin = Twin()
    twin.optimizer.param_groups[0]["lr"] = 0.0
    run.watch(twin.model, twin.optimizer, log_freq=1)
    for _ in range(12):
        twin.inputs = torch.randn(32, 8)
        twin.step()
        settle()
    run.finish()
    values = transport.values("dead_unit_fraction/1")
    assert min(values) >= 3
    assert values[max(values)] == near(5 / 16)


def test_a_dead_unit_is_a_channel_after_a_convolution(run: tv.Run, transport: MemoryTransport, settle: Settle) -> None:
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    images = torch.randn(16, 1, 6, 6)
    model(images)
    with torch.no_grad():
        model[1].bias[:2] = -1000.0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    run.watch(model, optimizer, log_freq=1)
    for _ in range(5):
        model(images).sum().backward()
        optimizer.step()
        settle()
    run.finish()
    assert set(transport.values("dead_unit_fraction/2").values()) == {0.25}


def test_large_tensors_are_estimated_within_a_few_percent(run: tv.Run, transport: MemoryTransport) -> None:
    torch.manual_seed(0)
    model = nn.Linear(512, 512)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs = torch.randn(256, 512)
    run.watch(model, optimizer)
    model(inputs).square().mean().backward()
    optimizer.step()
    weight = model.weight.detach().double()
    run.finish()
    assert transport.values("weight_norm/weight")[0] == pytest.approx(float(weight.norm()), rel=0.05)
    assert transport.values("weight_std/weight")[0] == pytest.approx(float(weight.std()), rel=0.05)
    assert transport.values("gradient_norm/weight")[0] == near(float(model.weight.grad.double().norm()))


def test_histograms_count_every_sampled_value(run: tv.Run, transport: MemoryTransport) -> None:
    twin = Twin()
    run.watch(twin.model, twin.optimizer)
    twin.step()
    run.finish()
    found = {histogram.key: histogram for report in transport.reports for histogram in report.histograms}
    assert {"activation/0", "gradient/0.weight", "weight/0.weight", "update/0.weight"} <= set(found)
    assert int(found["weight/0.weight"].counts.sum()) == 8 * 16
    assert found["update/4.bias"].step == 0
