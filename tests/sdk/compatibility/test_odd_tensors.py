"""Parameters and outputs that are complex, meta, quantised, empty, integer, nested, or laid out in odd ways."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import batch, sgd
from scene import Loss, Scene, prove
from torch import nn


class Odd(nn.Module):
    """A sum of parts of which each has a kind of number of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = nn.Linear(6, 4)
        self.empty = nn.Parameter(torch.zeros(0))
        self.wave = nn.Parameter(torch.ones(4, dtype=torch.complex64))
        self.whole = nn.Parameter(torch.ones(3, dtype=torch.int64), requires_grad=False)
        self.abstract = nn.Parameter(torch.ones(5, device="meta"))
        self.scalar = nn.Parameter(torch.tensor(2.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.plain(x) * self.wave.abs() * self.scalar + self.empty.sum()  # type: ignore[no-any-return]


def odd(scene: Scene) -> Generator[Loss, None, None]:
    model = Odd()
    optimizer = torch.optim.SGD([p for p in model.parameters() if not p.is_meta and p.is_floating_point()], lr=0.01)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "plain")
    for _ in range(2):
        optimizer.zero_grad()
        loss = model(batch()[0]).square().mean()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_parameters_without_real_numbers_are_left_aside_without_a_fault() -> None:
    proof = prove(odd)
    told = {key for key in proof.series if key.startswith(("weight_norm/", "gradient_norm/"))}
    assert {key.partition("/")[2] for key in told} == {"plain.weight", "plain.bias", "scalar"}


class Giving(nn.Module):
    def __init__(self, made: Any) -> None:
        super().__init__()
        self.made, self.scale = made, nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> Any:
        return self.made(x * self.scale)


class Around(nn.Module):
    def __init__(self, made: Any) -> None:
        super().__init__()
        self.odd, self.last = Giving(made), nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.odd(x)
        return self.last(x)  # type: ignore[no-any-return]


MADE = {
    "complex": lambda x: torch.complex(x, x),
    "integer": lambda x: x.detach().long(),
    "boolean": lambda x: x > 0,
    "empty": lambda x: x[:0],
    "meta": lambda x: x.to("meta"),
    "sparse": lambda x: x.to_sparse(),
    "quantised": lambda x: torch.quantize_per_tensor(x.detach(), 0.1, 0, torch.qint8),
    "nested": lambda x: torch.nested.nested_tensor([x.detach(), x.detach()[:2]], layout=torch.jagged),
    "eight bits": lambda x: x.detach().to(torch.float8_e4m3fn),
}


def giving(scene: Scene, kind: str) -> Generator[Loss, None, None]:
    model = Around(MADE[kind])
    optimizer = torch.optim.SGD(model.last.parameters(), lr=0.1)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "last")
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.filterwarnings("ignore:.*nested tensor:UserWarning", "ignore:.*quantize:UserWarning")
@pytest.mark.parametrize("kind", MADE)
def test_outputs_without_dense_real_numbers_are_no_fault(kind: str) -> None:
    assert set(prove(lambda scene: giving(scene, kind)).values("activation_std/last")) == {0, 1}


def layouts(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3)).to(memory_format=torch.channels_last)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "0", "1")
    for _ in range(2):
        optimizer.zero_grad()
        loss = model(torch.randn(2, 3, 8, 8).to(memory_format=torch.channels_last)).square().mean()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_channels_last_outputs_and_gradients_are_sampled_without_a_copy() -> None:
    assert set(prove(layouts, rel=1e-4).values("activation_std/0")) == {0, 1}


class Views(nn.Module):
    """Outputs that are transposed, strided with gaps, or one number seen many times."""

    def __init__(self) -> None:
        super().__init__()
        self.turned, self.thinned, self.spread = (Giving(made) for made in (torch.t, _thinned, _spread))
        self.last = nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.turned(x).t()).sum() + self.thinned(x).sum() + self.spread(x).sum()  # type: ignore[no-any-return]


def _thinned(x: torch.Tensor) -> torch.Tensor:
    return x[:, ::2]


def _spread(x: torch.Tensor) -> torch.Tensor:
    return x[:, :1].expand(16, 9)


def viewing(scene: Scene) -> Generator[Loss, None, None]:
    model = Views()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "turned", "thinned", "spread", "last")
    for _ in range(2):
        optimizer.zero_grad()
        loss = model(batch()[0]).square()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_transposed_thinned_and_expanded_outputs_are_seen_as_they_are() -> None:
    assert set(prove(viewing, rel=1e-4).values("activation_std/spread")) == {0, 1}


class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.LazyLinear(8), nn.LazyLinear(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.first(x).tanh())  # type: ignore[no-any-return]


def lazy(scene: Scene) -> Generator[Loss, None, None]:
    model = Lazy()
    optimizer = sgd(model)
    if not scene.bare:
        scene.watch(model, optimizer)
    for step in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        if scene.bare and step == 0:
            scene.watch(model, optimizer)
        scene.step(optimizer)
        yield loss


def test_lazy_layers_are_watched_from_the_pass_that_makes_them() -> None:
    proof = prove(lazy)
    assert proof.layers["first"]["parameters"][0]["shape"] == [8, 6]
    assert set(proof.values("weight_norm/first.weight")) == {0, 1}
