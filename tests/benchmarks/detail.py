"""The same detail that `run.watch` captures, by plain torch: what a script hands to a peer.

Per layer: mean, std, share of zeros, values that are not finite; share of dead units where it rectifies. Per parameter:
mean, std and norm of gradient and weight, norm of the update and its ratio to the weight, what is not finite.
Learning rate and seconds of every step. Histograms of all four families at each deep step. Numbers stay on their device
until all are logged in one go.
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn


class Detail:
    """Collects what one step shows; `tensors` (of histograms) are those of a deep step.

    `interval` and `deep_interval` are those of our own run, so that peers are measured at its cadence.
    """

    def __init__(self, interval: int, deep_interval: int, gradient_and_weight_histograms: bool = True) -> None:
        self._interval = interval
        self._deep_interval = deep_interval
        self._own_histograms = gradient_and_weight_histograms
        self._model: nn.Module = nn.Identity()
        self._optimizer: Any = None
        self._done_at = time.perf_counter()
        self._handles: list[Any] = []
        self._weights: dict[str, Any] = {}
        self._found: dict[str, Any] = {}
        self.step = -1
        self.tensors: dict[str, Any] = {}
        self.captured = 0

    def follow(self, model: nn.Module, optimizer: Any) -> None:
        self._model, self._optimizer = model, optimizer

    @property
    def sampled(self) -> bool:
        return self.step % self._interval == 0 or self.deep

    @property
    def deep(self) -> bool:
        return self.step % self._deep_interval == 0

    def step_begins(self) -> None:
        """At a sampled step the leaves get hooks."""
        self.step += 1
        self._found, self.tensors = {}, {}
        if self.sampled:
            leaves = ((name, leaf) for name, leaf in self._model.named_modules() if not list(leaf.children()))
            self._handles = [leaf.register_forward_hook(self._on_output(name, leaf)) for name, leaf in leaves]

    def backward_done(self) -> None:
        """Gradients are there and the weights are those before the step."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        if not self.sampled:
            return
        with torch.no_grad():
            for name, parameter in self._model.named_parameters():
                self._weights[name] = parameter.detach().clone()
                if parameter.grad is not None:
                    self._describe("gradient", name, parameter.grad, norm=True)
                    self._histogram("gradient", name, parameter.grad, self._own_histograms)

    @torch.no_grad()
    def step_done(self) -> dict[str, float]:
        """Every number of the step by its name; learning rate and time alone where it is not sampled."""
        before, self._done_at = self._done_at, time.perf_counter()
        every = {"step_seconds": self._done_at - before, "learning_rate": self._optimizer.param_groups[0]["lr"]}
        self.captured += len(every)
        return every | self._sampled() if self.sampled else every

    def _sampled(self) -> dict[str, float]:
        for name, parameter in self._model.named_parameters():
            before = self._weights[name]
            update = parameter.detach() - before
            self._describe("weight", name, parameter.detach(), norm=True, nonfinite=False)
            norm = torch.linalg.vector_norm(update)
            self._found[f"update_norm/{name}"] = norm
            self._found[f"update_ratio/{name}"] = norm / torch.linalg.vector_norm(before)
            self._histogram("weight", name, parameter.detach(), self._own_histograms)
            self._histogram("update", name, update)
        names, values = list(self._found), torch.stack([value.float() for value in self._found.values()])
        self.captured += len(names) + len(self.tensors) + self._histograms_elsewhere()
        return dict(zip(names, values.tolist(), strict=True))

    def _on_output(self, name: str, leaf: nn.Module) -> Callable[..., None]:
        rectifies = isinstance(leaf, nn.ReLU | nn.GELU | nn.SiLU)

        @torch.no_grad()
        def on_output(module: nn.Module, arguments: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor) and output.is_floating_point():
                self._describe("activation", name, output)
                self._found[f"activation_zero_fraction/{name}"] = (output == 0).float().mean()
                if rectifies:
                    unit = 1 if output.dim() == 4 else output.dim() - 1
                    others = [axis for axis in range(output.dim()) if axis != unit]
                    self._found[f"dead_unit_fraction/{name}"] = (output.amax(others) <= 0).float().mean()
                self._histogram("activation", name, output)

        return on_output

    def _describe(self, family: str, name: str, tensor: Any, norm: bool = False, nonfinite: bool = True) -> None:
        std, mean = torch.std_mean(tensor.float(), correction=0)
        self._found[f"{family}_mean/{name}"], self._found[f"{family}_std/{name}"] = mean, std
        if nonfinite:
            self._found[f"nonfinite_count/{name}"] = (~torch.isfinite(tensor)).sum()
        if norm:
            self._found[f"{family}_norm/{name}"] = torch.linalg.vector_norm(tensor)

    def _histogram(self, family: str, name: str, tensor: Any, wanted: bool = True) -> None:
        if self.deep and wanted:
            self.tensors[f"{family}/{name}"] = tensor.detach()

    def _histograms_elsewhere(self) -> int:
        """Those of gradients and weights that the peer takes by itself."""
        return 2 * len(self._weights) if self.deep and not self._own_histograms else 0
