"""What is told of the output that the criterion is fed."""

import math

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn
from torch.nn import functional


def test_ranges_and_row_sums_are_those_of_the_output(lesson: Lesson) -> None:
    model, inputs = classifier(), torch.randn(16, 6)
    with torch.no_grad():
        output = model(inputs).double()
    lesson.train(model, nn.CrossEntropyLoss(), [(inputs, torch.randint(0, 3, (16,)))])
    found = {name: lesson.values(f"output_{name}")[0] for name in ("mean", "std", "min", "max", "row_sum_error")}
    assert found["mean"] == pytest.approx(float(output.mean()), rel=1e-5)
    assert found["std"] == pytest.approx(float(output.std(unbiased=False)), rel=1e-5)
    assert (found["min"], found["max"]) == pytest.approx((float(output.min()), float(output.max())))
    assert found["row_sum_error"] == pytest.approx(float((output.sum(1) - 1).abs().max()), rel=1e-5)


def test_rows_behind_a_softmax_sum_to_one(lesson: Lesson) -> None:
    model = nn.Sequential(classifier(), nn.Softmax(dim=1))
    lesson.train(model, nn.CrossEntropyLoss(), [(torch.randn(16, 6), torch.randint(0, 3, (16,)))])
    assert lesson.values("output_row_sum_error")[0] < 1e-6
    assert lesson.values("output_min")[0] >= 0


def test_an_output_that_ignores_the_input_does_not_vary(lesson: Lesson) -> None:
    model = classifier()
    with torch.no_grad():
        model[0].weight.zero_()
    lesson.train(model, nn.CrossEntropyLoss(), [(torch.randn(16, 6), torch.randint(0, 3, (16,)))])
    assert lesson.values("output_variation")[0] == pytest.approx(0, abs=1e-6)


def test_of_a_function_too_it_is_told_whether_the_output_depends_on_the_sample(lesson: Lesson) -> None:
    model, inputs, labels = classifier(), torch.randn(16, 6), torch.randint(0, 3, (16,))
    output = model(inputs).detach().double()
    expected = math.sqrt(float(output.var(0, unbiased=False).mean())) / math.sqrt(float(output.square().mean()))
    lesson.train(model, functional.cross_entropy, [(inputs, labels)])
    assert lesson.values("output_variation")[0] == pytest.approx(expected, rel=1e-5)
    assert lesson.values("output_min") == {}


def test_variation_is_the_spread_across_samples_over_the_size(lesson: Lesson) -> None:
    model, inputs = classifier(), torch.randn(16, 6)
    output = model(inputs).detach().double()
    expected = math.sqrt(float(output.var(0, unbiased=False).mean())) / math.sqrt(float(output.square().mean()))
    lesson.train(model, nn.CrossEntropyLoss(), [(inputs, torch.randint(0, 3, (16,)))])
    assert lesson.values("output_variation")[0] == pytest.approx(expected, rel=1e-5)


def test_evaluation_has_series_of_its_own_averaged_over_its_first_batches(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    batches = [(torch.randn(8, 6) + at, torch.randint(0, 3, (8,))) for at in range(6)]
    means = [float(model(inputs).detach().double().mean()) for inputs, _ in batches[:4]]
    lesson.train(model, criterion, batches[:1], torch.optim.SGD(model.parameters(), lr=0.0))
    model.eval()
    lesson.evaluate(model, criterion, batches)
    assert lesson.values("eval/output_mean")[0] == pytest.approx(sum(means) / 4, rel=1e-5)
    assert set(lesson.values("criterion_loss")) == {0}
