"""Accuracy, entropy and correlation against a plain computation."""

import numpy as np
import pytest
import torch
from lesson import Lesson, classifier
from torch import nn


def test_accuracy_and_entropy_of_token_predictions(lesson: Lesson) -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = classifier(6, 5)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return self.inner(inputs).transpose(1, 2)

    model, inputs, labels = Tokens(), torch.randn(4, 10, 6), torch.randint(0, 5, (4, 10))
    labels[0, :4] = -100
    output = model(inputs).detach()
    kept = labels != -100
    share = output.double().softmax(1)
    lesson.train(model, nn.CrossEntropyLoss(), [(inputs, labels)])
    accuracy = float((output.argmax(1) == labels)[kept].double().mean())
    assert lesson.values("prediction_accuracy")[0] == pytest.approx(accuracy)
    assert lesson.values("prediction_entropy")[0] == pytest.approx(
        float(-(share * share.log()).sum(1).mean()), rel=1e-5
    )


def test_binary_predictions_are_judged_at_their_threshold(lesson: Lesson) -> None:
    model, inputs = classifier(classes=1), torch.randn(32, 6)
    targets = torch.randint(0, 2, (32, 1)).float()
    logits = model(inputs).detach()
    lesson.train(model, nn.BCEWithLogitsLoss(), [(inputs, targets)])
    assert lesson.values("prediction_accuracy")[0] == pytest.approx(float(((logits > 0) == targets).double().mean()))


def test_a_regression_is_correlated_with_its_target(lesson: Lesson) -> None:
    model, inputs = classifier(classes=2), torch.randn(32, 6)
    targets = torch.randn(32, 2)
    output = model(inputs).detach().double().numpy()
    lesson.train(model, nn.MSELoss(), [(inputs, targets)])
    expected = np.corrcoef(output.ravel(), targets.double().numpy().ravel())[0, 1]
    assert lesson.values("prediction_correlation")[0] == pytest.approx(expected, rel=1e-4)
    assert "prediction_accuracy" not in lesson.transport.series()
