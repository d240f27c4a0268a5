"""A recurrent network over the steps of a sequence, the rows of an image, or the characters of a text."""

from typing import Any

from torch import Tensor, nn

from ..task import Task

CELLS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Recurrent(nn.Module):
    """Sequences [n, time, features] or tokens [n, time] to [n, outputs], or [n, time, outputs] for tokens."""

    def __init__(self, task: Task, cell: str, width: int, layers: int) -> None:
        super().__init__()
        features = width if task.tokens else task.inputs.shape[-1]
        self.embedding = nn.Embedding(task.outputs, width) if task.tokens else nn.Identity()
        self.recurrent = CELLS[cell](features, width, layers, batch_first=True)
        self.output = nn.Linear(width, task.outputs)
        self.each_step = task.tokens

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.recurrent(self.embedding(x.squeeze(1)))
        scores: Tensor = self.output(states if self.each_step else states[:, -1])
        return scores


def build(task: Task, cell: str = "lstm", width: int = 48, layers: int = 1) -> Recurrent:
    """One layer of LSTM and a linear layer."""
    return Recurrent(task, cell, width, layers)
