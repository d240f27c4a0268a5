"""What waits for a backward pass: handed on when one begins, in its order, and without one when it is asked for."""

import threading

import torch
from torch import nn

import trainvitals as tv
from trainvitals.capture.lull import Lull
from trainvitals.transport.memory import MemoryTransport


def test_what_waits_is_handed_on_when_a_backward_pass_begins_and_not_before() -> None:
    delivered: list[str] = []
    lull: Lull[str] = Lull(delivered.append)
    weight = torch.ones(2, requires_grad=True)
    lull.put("first")
    loss = (weight * 2).sum()
    lull.listen(loss)
    assert delivered == []
    loss.backward()
    assert delivered == ["first"]


def test_without_a_backward_pass_it_is_handed_on_by_the_next_one_that_waits_or_at_the_end() -> None:
    delivered: list[str] = []
    lull: Lull[str] = Lull(delivered.append)
    lull.put("first")
    lull.listen(torch.ones(2))
    lull.put("second")
    assert delivered == ["first"]
    lull.end()
    assert delivered == ["first", "second"]


def test_nothing_hangs_on_an_output_while_nothing_waits() -> None:
    lull: Lull[str] = Lull(lambda item: None)
    output = torch.ones(2, requires_grad=True) * 2
    lull.listen(output)
    assert not output._backward_hooks


def test_the_last_step_of_a_training_arrives_while_no_further_step_is_made(
    run: tv.Run, transport: MemoryTransport
) -> None:
    arrived = threading.Event()
    told = transport.send

    def send(*arguments: object, **options: object) -> object:
        answer = told(*arguments, **options)  # type: ignore[arg-type]
        if "weight_norm/weight" in transport.series():
            arrived.set()
        return answer

    transport.send = send  # type: ignore[method-assign, assignment]
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer)
    model(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    assert arrived.wait(30)
