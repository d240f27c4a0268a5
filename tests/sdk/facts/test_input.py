"""The `input` fact and series, against the whole of the inputs in float64."""

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn

SCALES = torch.tensor([1.0, 0.01, 300.0, 1.0, 1.0, 1.0])
SHIFTS = torch.tensor([0.0, 5.0, 0.0, 0.0, 0.0, 2.0])


def test_features_are_summed_up_over_all_looks(lesson: Lesson) -> None:
    batches = [(torch.randn(16, 6) * SCALES + SHIFTS, torch.randint(0, 3, (16,))) for _ in range(4)]
    lesson.train(classifier(), nn.CrossEntropyLoss(), batches)
    whole = torch.cat([inputs for inputs, _ in batches]).double()
    mean, std = whole.mean(0), whole.std(0, unbiased=False)
    facts = lesson.details("input")
    assert [fact["looks"] for fact in facts] == [1, 2, 4]
    last = facts[-1]
    assert last["rows"] == 64 and last["features"] == last["features_seen"] == 6 and last["shape"] == [16, 6]
    assert last["feature_mean_std_ratio_max"] == pytest.approx(float((mean.abs() / std).max()), rel=1e-6)
    assert last["feature_std_min"] == pytest.approx(float(std.min()), rel=1e-6)
    assert last["feature_scale_ratio"] == pytest.approx(float(std.max() / std.min()), rel=1e-6)
    assert last["mean"] == pytest.approx(float(whole.mean())) and last["std"] == pytest.approx(
        float(whole.std(unbiased=False))
    )
    assert (last["min"], last["max"]) == (float(whole.min()), float(whole.max()))
    first = batches[0][0].double()
    assert lesson.values("input_mean")[0] == pytest.approx(float(first.mean()), rel=1e-5)
    assert lesson.values("input_std")[0] == pytest.approx(float(first.std(unbiased=False)), rel=1e-5)


def test_features_of_images_are_their_channels(lesson: Lesson) -> None:
    images = torch.randn(8, 3, 6, 6) * torch.tensor([1.0, 10.0, 100.0]).view(3, 1, 1) + 7
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(64, 2))
    lesson.train(model, nn.CrossEntropyLoss(), [(images, torch.randint(0, 2, (8,)))])
    fact = lesson.last("input")
    std = images.double().transpose(0, 1).reshape(3, -1).std(1, unbiased=False)
    assert fact["features"] == 3 and fact["feature_axis"] == 1
    assert fact["feature_scale_ratio"] == pytest.approx(float(std.max() / std.min()), rel=1e-6)


def test_constant_binary_and_non_finite_inputs_show(lesson: Lesson) -> None:
    inputs = torch.randint(0, 2, (16, 6)).float()
    inputs[:, 1] = 1.0
    inputs[0, 0] = float("nan")
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(inputs, torch.randint(0, 3, (16,)))])
    fact = lesson.last("input")
    assert fact["feature_constant_fraction"] == pytest.approx(1 / 6) == fact["constant_fraction"]
    assert fact["nonfinite_fraction"] == pytest.approx(1 / 96)
    assert fact["zero_fraction"] == pytest.approx(float((inputs == 0).double().mean()))


def test_pixels_and_tokens_are_integer_valued(lesson: Lesson) -> None:
    tokens = torch.randint(0, 50, (4, 12))
    model = nn.Sequential(nn.Embedding(50, 8), nn.Flatten(), nn.Linear(96, 3))
    lesson.train(model, nn.CrossEntropyLoss(), [(tokens, torch.randint(0, 3, (4,)))])
    fact = lesson.last("input")
    assert fact["integer_valued"] and not fact["binary"] and fact["dtype"] == "int64"
    assert (fact["min"], fact["max"]) == (float(tokens.min()), float(tokens.max()))
    assert "feature_scale_ratio" not in fact


def test_inputs_are_seen_without_a_criterion_and_by_keyword(lesson: Lesson) -> None:
    class Keyword(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(6, 1)

        def forward(self, *, features: torch.Tensor) -> torch.Tensor:
            return self.layer(features)

    model = Keyword()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer)
    inputs = torch.randn(5, 6)
    model(features=inputs).sum().backward()
    optimizer.step()
    fact = lesson.last("input")
    assert fact["shape"] == [5, 6] and fact["max"] == float(inputs.max())
    assert "output_mean" not in lesson.transport.series()
