"""The `classes` fact and `rare_class_recall`: a classifier that never names the rare class."""

import pytest
import torch
from lesson import Lesson
from torch import nn


class Reader(nn.Module):
    """Scores are the input itself, so that the test decides every prediction."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        return scores * self.gain


def test_recall_of_the_rarest_class_is_counted_over_the_window(lesson: Lesson) -> None:
    labels = torch.tensor([0] * 30 + [1] * 8 + [2] * 2)
    guesses = torch.tensor([0] * 30 + [1] * 6 + [0] * 2 + [0, 2])
    scores = nn.functional.one_hot(guesses, 3).float()
    model = Reader()
    lesson.train(
        model, nn.CrossEntropyLoss(), [(scores, labels)] * 8, torch.optim.SGD(model.parameters(), lr=0.0), log_freq=1
    )
    recall = lesson.values("rare_class_recall")
    fact = lesson.last("classes")
    assert min(recall) == 3, "eight labels of the rare class are four batches"
    assert set(recall.values()) == {0.5}
    assert fact["rarest"] == {"label": 2, "count": 16, "recall": 0.5}
    assert fact["most_frequent"] == {"label": 0, "count": 240, "recall": 1.0}
    assert fact["accuracy"] == pytest.approx(37 / 40) and fact["recall"]["1"] == 0.75
    assert lesson.values("prediction_accuracy")[7] == pytest.approx(37 / 40)
    assert lesson.values("prediction_majority_fraction")[0] == pytest.approx(33 / 40)
