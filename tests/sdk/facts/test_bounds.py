"""Whatever the batch, what is copied and told stays small; and none of it is the data itself."""

import json

import numpy as np
import pytest
import torch
from lesson import Lesson, classifier
from torch import nn

from trainvitals.capture.rows import ELEMENTS_MAX, elements_of, rows_of


@pytest.mark.parametrize("shape", [(4, 50_257, 8), (2, 300_000), (4096, 3000), (4096, 5)])
def test_an_output_of_any_width_is_copied_in_part(shape: tuple[int, ...]) -> None:
    output = torch.empty(shape)
    rows = rows_of(output, 1)
    assert rows.values.numel() <= ELEMENTS_MAX and len(rows.values) >= 1
    assert rows.whole == (shape[1] <= ELEMENTS_MAX) and rows.width == shape[1]


def test_rows_of_scores_and_their_labels_belong_together() -> None:
    output = torch.arange(600 * 50, dtype=torch.float64).reshape(600, 50, 1).expand(600, 50, 7)
    labels = torch.arange(600).view(600, 1).expand(600, 7)
    rows = rows_of(output, 1)
    taken = elements_of(labels, len(rows.values))
    assert len(rows.values) == 256
    assert torch.equal(rows.values[:, 0].long() // 50, taken.values[0])


def test_inputs_with_a_million_features_are_summed_up_briefly(lesson: Lesson) -> None:
    model = nn.Sequential(nn.AdaptiveAvgPool1d(4), nn.Linear(4, 2))
    lesson.train(model, nn.CrossEntropyLoss(), [(torch.randn(4, 1_000_000), torch.randint(0, 2, (4,)))])
    fact = lesson.last("input")
    assert fact["features"] == 1_000_000 and fact["features_seen"] <= 8192
    assert fact["mean"] == pytest.approx(0, abs=0.05) and fact["std"] == pytest.approx(1, abs=0.05)
    assert len(json.dumps(fact)) < 2000


def test_fifty_thousand_classes_make_no_long_facts(lesson: Lesson) -> None:
    model = nn.Sequential(nn.Linear(6, 1), nn.Linear(1, 50_000))
    lesson.train(model, nn.CrossEntropyLoss(), [(torch.randn(2000, 6), torch.randint(0, 50_000, (2000,)))])
    fact = lesson.last("labels")
    assert len(fact["label_counts"]) == 1000 < fact["labels_seen"] and fact["classes"] == 50_000
    assert all(len(json.dumps(fact)) < 20_000 for report in lesson.transport.reports for fact in report.facts)
    assert lesson.values("prediction_accuracy")


def test_no_value_of_the_data_but_its_extremes_leaves_the_process(lesson: Lesson) -> None:
    inputs, targets = torch.randn(32, 6), torch.randn(32, 3)
    lesson.train(classifier(), nn.MSELoss(), [(inputs, targets)])
    lesson.run.finish()
    facts = json.dumps([fact for report in lesson.transport.reports for fact in report.facts])
    numbers = {
        float(value) for report in lesson.transport.reports for frame in report.frames for value in frame.values.ravel()
    }
    assert "input_hash" in facts and len(numbers) > 40
    for values in (inputs, targets):
        extremes = {float(values.min()), float(values.max())}
        inner = {float(value) for value in values.ravel()} - extremes
        assert not inner & numbers
        assert not any(repr(value) in facts or repr(np.float32(value)) in facts for value in inner)
