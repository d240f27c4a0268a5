"""Training in a thread that is not the main one, and two runs side by side."""

import threading
from collections.abc import Callable, Generator
from typing import Any

import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove, settled
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport


def in_thread(act: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join(30)
    return found[0]


def training(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    in_thread(lambda: scene.watch(model, optimizer))
    scene.expect_outputs(model, "first")

    def one() -> Loss:
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        return loss

    for _ in range(3):
        yield in_thread(one)


def test_training_in_another_thread_is_watched() -> None:
    assert set(prove(training).values("gradient_norm/first.weight")) == {0, 1, 2}


def test_two_runs_in_two_threads_keep_to_their_own_numbers() -> None:
    transports = [MemoryTransport(), MemoryTransport()]
    runs = [tv.init(project="threads", transport=transport, terminal="nothing") for transport in transports]
    turn = threading.Barrier(2, timeout=30)

    def train(run: tv.Run, scale: float) -> None:
        model = small()
        optimizer = sgd(model)
        run.watch(model, optimizer)
        for _ in range(5):
            turn.wait()
            optimizer.zero_grad()
            (model(torch.ones(4, 6)) * scale).sum().backward()
            optimizer.step()
            run.log({"loss": scale})
            settled(run)
        run.finish()

    threads = [threading.Thread(target=train, args=(run, 1.0 + at)) for at, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for at, (run, transport) in enumerate(zip(runs, transports, strict=True)):
        assert run.dropped == {}
        assert set(transport.values("loss").values()) == {1.0 + at}
        assert set(transport.values("weight_norm/first.weight")) == set(range(5))
