"""Recurrent layers: tuples as outputs, packed sequences, cells called once a time step."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import sgd
from scene import Loss, Scene, prove
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Recurrent(nn.Module):
    def __init__(self, kind: Any, packed: bool) -> None:
        super().__init__()
        self.body, self.head, self.packed = kind(6, 8, batch_first=True, num_layers=2), nn.Linear(8, 2), packed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.packed:
            return self.head(self.body(x)[0][:, -1])  # type: ignore[no-any-return]
        lengths = torch.tensor([5, 4, 4, 2])
        out, _ = self.body(pack_padded_sequence(x, lengths, batch_first=True))
        padded, _ = pad_packed_sequence(out, batch_first=True)
        return self.head(padded.mean(1))  # type: ignore[no-any-return]


def recurrent(scene: Scene, kind: Any, packed: bool) -> Generator[Loss, None, None]:
    model = Recurrent(kind, packed)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "body", "head")
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.randn(4, 5, 6)), torch.randint(0, 2, (4,)))
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers_show_their_outputs_packed_or_not(kind: Any, packed: bool) -> None:
    proof = prove(lambda scene: recurrent(scene, kind, packed), rel=1e-4)
    assert set(proof.values("activation_std/body")) == {0, 1, 2}
    assert "gradient_norm/body.weight_hh_l1" in proof.series


class Cells(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = None
        for part in x.unbind(1):
            state = self.cell(part, state)
        return state[0]  # type: ignore[index,no-any-return]


def cells(scene: Scene) -> Generator[Loss, None, None]:
    model = Cells()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "cell")
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.randn(4, 5, 6)), torch.randint(0, 2, (4,)))
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_cell_called_many_times_a_step_shows_its_first_output() -> None:
    assert set(prove(cells, rel=1e-4).values("activation_std/cell")) == {0, 1, 2}
