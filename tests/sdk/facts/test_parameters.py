"""The `parameters` and `optimizer` facts: who is trained, and changes in the middle of a run."""

import torch
from lesson import Lesson
from torch import nn

INPUTS, TARGETS = torch.randn(8, 6), torch.randn(8, 2)


class Parts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(6, 4), nn.Linear(4, 2)
        self.spare, self.still = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        hidden = self.body(inputs)
        return self.head(hidden) + 0.0 * self.still(hidden.detach())


def test_each_reason_for_standing_still_has_its_list(lesson: Lesson) -> None:
    model = Parts()
    model.body.bias.requires_grad_(False)
    chosen = [model.body.weight, *model.spare.parameters(), *model.still.parameters(), model.head.weight]
    lesson.train(model, nn.MSELoss(), [(INPUTS, TARGETS)], torch.optim.SGD(chosen, lr=0.1))
    details = lesson.last("parameters")
    assert details["count"] == 8
    assert details["not_trainable"] == ["body.bias"] and details["not_in_optimizer"] == ["head.bias"]
    assert details["without_gradient"] == ["spare.weight", "spare.bias"]
    assert details["zero_gradient"] == ["still.weight", "still.bias"]
    assert details["zero_gradient_count"] == 2


def test_staged_unfreezing_and_a_new_group_are_told_when_they_happen(lesson: Lesson) -> None:
    model, criterion = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2)), nn.MSELoss()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD(model[1].parameters(), lr=0.1)
    batches = [(INPUTS, TARGETS)] * 3
    lesson.train(model, criterion, batches, optimizer, log_freq=1)
    model[0].requires_grad_(True)
    optimizer.add_param_group({"params": list(model[0].parameters()), "lr": 0.01, "weight_decay": 0.5})
    lesson.train(model, criterion, batches * 4, optimizer)
    facts = lesson.transport.facts("parameters") if lesson.details("parameters") else []
    before, *_, after = facts
    assert before["details"]["not_trainable"] == ["0.weight", "0.bias"] and before["details"]["group"] == {}
    assert after["details"]["not_trainable"] == [] and after["details"]["group"] == {"1": ["0.weight", "0.bias"]}
    assert 3 <= after["step"] <= 4
    groups = lesson.transport.facts("optimizer")[-1]["details"]["groups"]
    assert [group["parameters"] for group in groups] == [2, 2] and groups[1]["weight_decay"] == 0.5
    steps = [fact["step"] for fact in lesson.transport.facts("optimizer")]
    assert len(steps) == len(set(steps)) == 2


def test_nothing_is_told_twice_of_a_steady_run(lesson: Lesson) -> None:
    model = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2))
    lesson.train(model, nn.MSELoss(), [(INPUTS, TARGETS)] * 8)
    assert len(lesson.details("parameters")) == len(lesson.details("optimizer")) == 1


def test_lists_of_names_are_bounded(lesson: Lesson) -> None:
    model = nn.ModuleList(nn.Linear(1, 1) for _ in range(200))
    optimizer = torch.optim.SGD(model[0].parameters(), lr=0.1)
    lesson.run.watch(model, optimizer)
    model[0](torch.ones(1, 1)).sum().backward()
    optimizer.step()
    details = lesson.last("parameters")
    assert details["not_in_optimizer_count"] == 398 and len(details["not_in_optimizer"]) == 256


def test_an_optimizer_of_a_head_that_was_replaced_is_told_with_how_many_of_its_tensors_look_alike(
    lesson: Lesson,
) -> None:
    model = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2))
    optimizer = torch.optim.SGD([*model[1].parameters(), nn.Parameter(torch.randn(3, 64, 64))], lr=0.1)
    model[1] = nn.Linear(4, 2)
    lesson.run.watch(model, optimizer, nn.MSELoss())
    nn.functional.mse_loss(model(INPUTS), TARGETS).backward()
    lesson.run.log({"loss": 1.0})
    assert lesson.details("optimizer_elsewhere") == [{"type": "SGD", "tensors": 3, "alike": 2}]
