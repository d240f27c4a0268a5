"""The `batch` fact: sizes, hashes that repeat, and order within a batch."""

import torch
from lesson import Lesson, classifier
from torch import nn


def test_a_repeated_batch_has_the_hash_of_the_first_and_names_its_step(lesson: Lesson) -> None:
    first, second = (torch.randn(8, 6), torch.randint(0, 3, (8,))), (torch.randn(8, 6), torch.randint(0, 3, (8,)))
    lesson.train(classifier(), nn.CrossEntropyLoss(), [first, second, first, first])
    facts = lesson.details("batch")
    assert [fact["input_seen_step"] for fact in facts] == [None, None, 0, 2]
    assert facts[0]["input_hash"] == facts[2]["input_hash"] != facts[1]["input_hash"]
    assert [fact["size"] for fact in facts] == [8] * 4


def test_input_and_target_have_hashes_of_their_own(lesson: Lesson) -> None:
    labels = torch.randint(0, 3, (32,))
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(torch.randn(32, 6), labels) for _ in range(3)])
    facts = lesson.details("batch")
    assert len({fact["input_hash"] for fact in facts}) == 3
    assert [fact["target_seen_step"] for fact in facts] == [None, 0, 1]


def test_one_changed_element_of_a_small_batch_changes_the_hash(lesson: Lesson) -> None:
    inputs, labels = torch.randn(8, 6), torch.randint(0, 3, (8,))
    changed = inputs.clone()
    changed[7, 5] += 1e-6 + 1e-3
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(inputs, labels), (changed, labels)])
    one, other = lesson.details("batch")
    assert one["input_hash"] != other["input_hash"]


def test_equal_samples_and_ordered_labels_show(lesson: Lesson) -> None:
    inputs = torch.randn(2, 6).repeat(4, 1)
    ordered, mixed = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2]), torch.tensor([0, 2, 1, 0, 1, 2, 2, 0])
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(inputs, ordered), (torch.randn(8, 6), mixed)])
    one, other = lesson.details("batch")
    assert (one["distinct_rows"], other["distinct_rows"]) == (0.25, 1.0)
    assert (one["labels_sorted"], other["labels_sorted"]) == (True, False)
    assert one["labels_distinct"] == 3


def test_samples_of_an_earlier_batch_are_known_again_in_another_order(lesson: Lesson) -> None:
    inputs, labels = torch.randn(16, 6), torch.randint(0, 3, (16,))
    order = torch.randperm(16)
    mixed, new = torch.cat([inputs[order[:8]], torch.randn(8, 6)]), torch.randn(16, 6)
    lesson.train(classifier(), nn.CrossEntropyLoss(), [(rows, labels) for rows in (inputs, new, inputs[order], mixed)])
    assert [fact["rows_seen"] for fact in lesson.details("batch")] == [0.0, 0.0, 1.0, 0.5]


def test_samples_that_differ_at_their_ends_alone_are_others(lesson: Lesson) -> None:
    inputs = torch.zeros(8, 1200)
    inputs[:, 600:] = torch.randn(8, 600)
    model, labels = nn.Linear(1200, 3), torch.randint(0, 3, (8,))
    lesson.train(model, nn.CrossEntropyLoss(), [(inputs, labels), (inputs.roll(1, 1), labels)])
    assert [(fact["distinct_rows"], fact["rows_seen"]) for fact in lesson.details("batch")] == [(1.0, 0.0)] * 2


def test_batches_of_the_two_phases_are_told_apart(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    batch = torch.randn(8, 6), torch.randint(0, 3, (8,))
    lesson.train(model, criterion, [batch])
    model.eval()
    lesson.evaluate(model, criterion, [batch] * 6)
    phases = [fact["phase"] for fact in lesson.details("batch")]
    assert phases == ["training"] + ["evaluation"] * 4
