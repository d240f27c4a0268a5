"""The filters of the first convolution, as a fact."""

import base64
from typing import Any

import numpy as np
import torch
from torch import nn

import trainvitals as tv
from trainvitals.capture.filters import kernels
from trainvitals.transport.memory import MemoryTransport


class Backwards(nn.Module):
    """The convolution that runs first is registered last."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Conv2d(8, 2, 3)
        self.first = nn.Conv2d(3, 8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.second(self.first(x))
        return found


def train(run: tv.Run, model: nn.Module, rate: float, steps: int) -> list[torch.Tensor]:
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    run.watch(model, optimizer, log_freq=1)
    before = []
    for _ in range(steps):
        before.append(model.first.weight.detach().clone())  # type: ignore[union-attr]
        optimizer.zero_grad()
        model(torch.randn(2, 3, 9, 9)).square().mean().backward()
        optimizer.step()
        for watch in run._watches:
            assert watch._worker.settle(30)
    run.finish()
    return before


def values(fact: dict[str, Any]) -> np.ndarray:
    details = fact["details"]
    grey = np.frombuffer(base64.b64decode(details["values"]), np.uint8).reshape(details["shape"])
    found: np.ndarray = details["low"] + grey * ((details["high"] - details["low"]) / 255)
    return found


def test_filters_are_those_of_the_first_convolution_before_the_step(run: tv.Run, transport: MemoryTransport) -> None:
    before = train(run, Backwards(), 0.5, 41)
    facts = transport.facts("filters")
    assert [fact["step"] for fact in facts] == [0, 10, 20, 30]
    assert {fact["owner"] for fact in facts} == {"first"}
    for fact in facts:
        true = before[fact["step"]].numpy()
        assert np.abs(values(fact) - true).max() <= (true.max() - true.min()) / 255 / 2 + 1e-6
    details = facts[0]["details"]
    assert (details["parameter"], details["shape"]) == ("first.weight", [8, 3, 5, 5])
    assert (details["filters"], details["channels"]) == (8, 3)


def test_filters_that_do_not_change_are_told_once(run: tv.Run, transport: MemoryTransport) -> None:
    train(run, Backwards(), 0.0, 21)
    assert [fact["step"] for fact in transport.facts("filters")] == [0]


def test_pictures_grow_rarer_so_that_a_long_run_has_few() -> None:
    from trainvitals.capture.filters import GROWTH

    step, count = 0, 0
    while step < 10_000_000:
        step, count = int((step + 1) * GROWTH) + 1, count + 1
    assert count < 70


def test_what_is_no_small_picture_is_left_out() -> None:
    assert kernels(torch.zeros(8, 3, 1, 1)) is None
    assert kernels(torch.zeros(8, 3, 13, 13)) is None
    assert kernels(torch.zeros(100)) is None
    large = kernels(torch.randn(200, 512, 3, 3))
    assert large is not None and tuple(large.shape) == (64, 1, 3, 3)
