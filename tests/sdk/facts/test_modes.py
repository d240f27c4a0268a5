"""The `modes` fact: dropout and batch norm against the phase."""

import torch
from lesson import Lesson
from torch import nn


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3))


BATCH = torch.randn(8, 6), torch.randint(0, 3, (8,))


def test_the_modes_of_each_phase_are_told_once(lesson: Lesson) -> None:
    model, criterion = network(), nn.CrossEntropyLoss()
    lesson.train(model, criterion, [BATCH] * 3)
    model.eval()
    lesson.evaluate(model, criterion, [BATCH] * 3)
    training, evaluation = lesson.details("modes")
    assert training["phase"] == "training" and training["model_training"] and training["gradients"]
    assert (training["dropout_training"], training["batch_norm_training"]) == (1, 1)
    assert evaluation["phase"] == "evaluation" and not evaluation["model_training"] and not evaluation["gradients"]
    assert (evaluation["dropout_training"], evaluation["batch_norm_training"]) == (0, 0)
    assert evaluation["dropout_active"] == [] and evaluation["batch_norm_batches"] == 3


def test_the_least_momentum_of_the_norms_is_told(lesson: Lesson) -> None:
    model = nn.Sequential(nn.BatchNorm1d(6), network(), nn.BatchNorm1d(3, momentum=None))
    model[0].momentum = 1e-4
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH])
    assert lesson.last("modes")["batch_norm_momentum"] == 1e-4


def test_an_evaluation_in_training_mode_names_the_dropout_that_is_on(lesson: Lesson) -> None:
    model, criterion = network(), nn.CrossEntropyLoss()
    lesson.train(model, criterion, [BATCH])
    lesson.evaluate(model, criterion, [BATCH])
    evaluation = lesson.last("modes")
    assert evaluation["model_training"] and evaluation["dropout_active"] == ["2"]


def test_an_evaluation_in_inference_mode_leaves_the_next_steps_as_they_were(lesson: Lesson) -> None:
    model, criterion = network(), nn.CrossEntropyLoss()
    optimizer = lesson.train(model, criterion, [BATCH])
    model.eval()
    with torch.inference_mode():
        lesson.evaluate(model, criterion, [BATCH])
    model.train()
    lesson.train(model, criterion, [BATCH], optimizer)
    assert [fact["phase"] for fact in lesson.details("modes")] == ["training", "evaluation"]
    assert len(lesson.details("batch")) == 3


def test_a_norm_that_is_frozen_in_training_is_named(lesson: Lesson) -> None:
    model = network()
    model[1].eval()
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH])
    assert lesson.last("modes")["batch_norm_frozen"] == ["1"]
