"""The `criterion` fact: settings of the loss, shapes, and shapes that broadcast."""

import torch
from lesson import Lesson, classifier
from torch import nn


def test_the_settings_of_the_loss_are_told(lesson: Lesson) -> None:
    criterion = nn.CrossEntropyLoss(
        weight=torch.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1, reduction="sum", ignore_index=7
    )
    lesson.train(classifier(), criterion, [(torch.randn(8, 6), torch.randint(0, 3, (8,)))])
    details = lesson.last("criterion")
    assert details["reduction"] == "sum" and details["label_smoothing"] == 0.1 and details["ignore_index"] == 7
    assert (details["weight_min"], details["weight_max"], details["weight_count"]) == (0.5, 2.0, 3)
    assert details["input_shape"] == [8, 6] and details["output_dtype"] == "float32"


def test_shapes_that_broadcast_are_told(lesson: Lesson) -> None:
    def loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (output - target).square().mean()

    class Squares(nn.Module):
        def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
            return loss(output, target)

    lesson.train(classifier(classes=1), Squares(), [(torch.randn(8, 6), torch.randn(8))])
    details = lesson.last("criterion")
    assert details["broadcast"] and details["output_shape"] == [8, 1] and details["target_shape"] == [8]


def test_it_is_told_where_nothing_else_is_captured(lesson: Lesson) -> None:
    batches = [(torch.randn(8, 6), torch.randint(0, 3, (8,)))] * 2
    lesson.train(classifier(), nn.CrossEntropyLoss(), batches, log=None)
    assert lesson.last("criterion")["classes"] == 3
    assert set(lesson.values("prediction_accuracy")) == {0, 1}


def test_it_is_told_again_only_when_shapes_change(lesson: Lesson) -> None:
    batches = [(torch.randn(size, 6), torch.randn(size, 3)) for size in (8, 8, 5)]
    lesson.train(classifier(), nn.MSELoss(), batches)
    (details,) = lesson.details("criterion")
    assert not details["broadcast"] and "classes" not in details


def test_a_target_of_data_requires_no_gradient(lesson: Lesson) -> None:
    data = torch.randn(8, 3)
    lesson.train(classifier(), nn.MSELoss(), [(torch.randn(8, 6), data)])
    assert "target_requires_grad" not in lesson.last("criterion")


def test_a_target_that_the_network_makes_is_told_apart_from_data(lesson: Lesson) -> None:
    model = classifier()
    lesson.train(model, nn.MSELoss(), [(torch.randn(8, 6), model(torch.randn(8, 6)))])
    assert lesson.last("criterion")["target_requires_grad"] is True
