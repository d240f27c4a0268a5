"""The `labels` fact: priors over several batches, and what shuffling would have given."""

import math

import numpy as np
import pytest
import torch
from lesson import Lesson, classifier
from torch import nn


def batches(labels: torch.Tensor, size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(torch.randn(size, 6), part) for part in labels.split(size)]


def test_labels_are_counted_over_all_looks(lesson: Lesson) -> None:
    labels = torch.randint(0, 3, (64,))
    lesson.train(classifier(), nn.CrossEntropyLoss(), batches(labels, 16))
    fact = lesson.last("labels")
    counts = torch.bincount(labels, minlength=3)
    assert fact["label_counts"] == {str(at): int(count) for at, count in enumerate(counts)}
    prior = counts.double() / 64
    assert fact["prior_entropy"] == pytest.approx(float(-(prior * prior.log()).sum()))
    assert fact["looks"] == 4 and fact["count"] == 64 and fact["classes"] == 3
    assert fact["single_label_batches"] == fact["sorted_batches"] == 0


def test_unshuffled_data_shows_beside_what_shuffling_would_give(lesson: Lesson) -> None:
    labels = torch.arange(4).repeat_interleave(32)
    lesson.train(classifier(classes=4), nn.CrossEntropyLoss(), batches(labels, 16))
    fact = lesson.last("labels")
    assert fact["single_label_batches"] == 8 and fact["distinct_mean"] == 1.0
    assert fact["distinct_expected"] == pytest.approx(4 * (1 - (3 / 4) ** 16))
    shuffled = np.random.default_rng(0).permutation(labels.numpy())
    drawn = np.mean([len(np.unique(part)) for part in shuffled.reshape(8, 16)])
    assert fact["distinct_expected"] == pytest.approx(drawn, abs=0.3)


def test_a_sorted_batch_is_counted_and_ignored_labels_are_left_out(lesson: Lesson) -> None:
    ordered = torch.tensor([-100, 0, 0, 1, 1, 2, -100, 2])
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(torch.randn(8, 6), ordered)])
    fact = lesson.last("labels")
    assert fact["ignored"] == 2 and fact["sorted_batches"] == 1 and "-100" not in fact["label_counts"]
    assert fact["count"] == 6


def test_binary_targets_are_labels_too(lesson: Lesson) -> None:
    targets = (torch.arange(20) % 10 == 0).float().view(-1, 1)
    lesson.train(classifier(classes=1), nn.BCEWithLogitsLoss(), [(torch.randn(20, 6), targets)])
    fact = lesson.last("labels")
    assert fact["label_counts"] == {"0": 18, "1": 2} and fact["classes"] == 2
    assert fact["prior_entropy"] == pytest.approx(-(0.9 * math.log(0.9) + 0.1 * math.log(0.1)))
