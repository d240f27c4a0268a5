"""A training script that is run twice, bare and watched: the two are compared, and the capture with the bare truth."""

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Loss = Any
Script = Callable[["Scene"], Generator[Loss, None, None]]
"""Builds a model, calls `scene.watch`, yields the loss of each step after the optimizer moved."""
EXACT, ROUNDED = 1e-5, 2e-2
"""Relative error of the truth: float32 arithmetic, and tensors of half precision."""


class Scene:
    """What a script is given. In the bare run `watch` does nothing and the truth is written down in float64."""

    def __init__(self, run: tv.Run, *, bare: bool) -> None:
        self.run = run
        self.bare = bare
        self.models: list[nn.Module] = []
        self.truth: dict[str, dict[int, float]] = {}
        self.current = 0
        self.training = True
        """Off while the script makes a pass that is no training though gradients are on."""
        self.without_gradients = False
        """On where parts of a training pass run without gradients."""
        self._prefixes: list[tuple[nn.Module, str]] = []

    def watch(self, model: Any, *companions: Any, **options: Any) -> None:
        self.models.append(model)
        name = options.get("name")
        self._prefixes.append((model, f"{name}." if name else ""))
        self.run.watch(model, *companions, **options)

    def expect(self, key: str, value: Any) -> None:
        """The first value told of a series in a step is its truth, if this is the bare run."""
        if self.bare:
            self.truth.setdefault(key, {}).setdefault(self.current, float(value))

    def expect_outputs(self, model: nn.Module, *names: str, prefix: str = "") -> None:
        """The mean and spread of what these modules give first in each step, taken without any hook."""
        for name in names if self.bare else ():
            module = model.get_submodule(name)
            object.__setattr__(module, "forward", self._told(module.forward, prefix + name))

    def step(self, optimizer: Any, act: Callable[[], Any] | None = None) -> None:
        """One optimizer step, with the gradients, weights and updates that it shows."""
        before = self._weights()
        if self.bare:
            self._expect_gradients()
        (act or optimizer.step)()
        if self.bare:
            self._expect_weights(before)
        self.current += 1

    def _told(self, forward: Callable[..., Any], owner: str) -> Callable[..., Any]:
        def told(*arguments: Any, **options: Any) -> Any:
            output = forward(*arguments, **options)
            tensor = first_tensor(output)
            gradients = torch.is_grad_enabled() or self.without_gradients
            if gradients and self.training and tensor is not None:
                exact = tensor.detach().double()
                self.expect(f"activation_mean/{owner}", exact.mean())
                self.expect(f"activation_std/{owner}", exact.std(correction=0))
            return output

        return told

    def _weights(self) -> dict[str, Any]:
        return {
            prefix + name: tensor.detach().double().clone()
            for model, prefix in self._prefixes
            for name, tensor in model.named_parameters()
            if self.bare and tensor.is_floating_point() and not tensor.is_meta and tensor.numel()
        }

    def _expect_gradients(self) -> None:
        for model, prefix in self._prefixes:
            for name, tensor in model.named_parameters():
                grad = tensor.grad
                if grad is not None and grad.layout == torch.strided and grad.is_floating_point() and grad.numel():
                    self.expect(f"gradient_norm/{prefix}{name}", grad.double().norm())

    def _expect_weights(self, before: dict[str, Any]) -> None:
        for name, weight in self._weights().items():
            self.expect(f"weight_norm/{name}", weight.norm())
            self.expect(f"update_norm/{name}", (weight - before[name]).norm())


@dataclass
class Proof:
    """What a watched script left behind."""

    transport: MemoryTransport
    truth: dict[str, dict[int, float]]
    losses: list[float]

    def values(self, key: str) -> dict[int, float]:
        return self.transport.values(key)

    @property
    def series(self) -> set[str]:
        return self.transport.series()

    @property
    def layers(self) -> dict[str, Any]:
        return layers(self.transport)

    def facts(self, kind: str) -> list[Any]:
        return self.transport.facts(kind)


def prove(script: Script, *, rel: float = EXACT, dropped: Sequence[str] = (), terminal: str = "nothing") -> Proof:
    """Training is bitwise what it is unwatched, what was captured is the truth, and nothing went wrong."""
    transport = MemoryTransport()
    bare, bare_losses, bare_states = _played(script, tv.init(mode="disabled"), bare=True)
    run = tv.init(project="compatibility", transport=transport, terminal=terminal)
    watched, losses, states = _played(script, run, bare=False)
    run.finish()
    assert _same(bare_losses, losses), "watching changed a loss"
    assert bare_states == states, "watching changed a random state"
    for model, twin in zip(watched.models, bare.models, strict=True):
        kept, expected = _tensors(model), _tensors(twin)
        assert kept.keys() == expected.keys() and _same([*kept.values()], [*expected.values()]), "other weights"
    assert set(run.dropped) == set(dropped), f"counted as dropped: {run.dropped}"
    for key, expected_values in bare.truth.items():
        found = transport.values(key)
        close = found == pytest.approx(expected_values, rel=rel, abs=rel * 0.1, nan_ok=True)
        assert close, f"{key}: captured {found}, in truth {expected_values}"
    return Proof(transport, bare.truth, [float(loss) for loss in losses])


def _played(script: Script, run: tv.Run, *, bare: bool) -> tuple[Scene, list[Any], Any]:
    for seed in (torch.manual_seed, np.random.seed, random.seed):
        seed(11)
    scene, losses = Scene(run, bare=bare), []
    for loss in script(scene):
        losses.append(torch.as_tensor(loss, device="cpu").detach().clone())
        run.log({"loss": loss})
        settled(run)
    return scene, losses, (torch.get_rng_state().tolist(), str(np.random.get_state()), random.getstate())


def settled(run: tv.Run) -> None:
    """Wait for the worker, so that the next step finds a free buffer set however busy the machine is."""
    for watch in getattr(run, "_watches", ()):
        assert watch._worker.settle(8)


def _tensors(model: Any) -> dict[str, Any]:
    return {
        name: value.detach().clone()
        for name, value in (*model.named_parameters(), *model.named_buffers())
        if not value.is_meta
    }


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Bit for bit, NaN too."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.numpy(force=True).tobytes() == b.numpy(force=True).tobytes()
        if a.dtype != torch.bfloat16
        else torch.equal(a, b)
        for a, b in zip(one, other, strict=True)
    )


def first_tensor(output: Any) -> Any:
    """The first floating tensor of an output, found in a way of its own."""
    if isinstance(output, torch.Tensor):
        return output if output.is_floating_point() and output.numel() else None
    if is_dataclass(output) and not isinstance(output, dict):
        output = {field.name: getattr(output, field.name) for field in fields(output)}
    parts = output.values() if isinstance(output, dict) else output if isinstance(output, tuple | list) else ()
    return next((found for part in parts if (found := first_tensor(part)) is not None), None)


def layers(transport: MemoryTransport) -> dict[str, Any]:
    """The layers as the last report told them, by name."""
    last = [report.layers for report in transport.reports if report.layers is not None][-1]
    return {layer["name"]: layer for layer in last}
