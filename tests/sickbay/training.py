"""A training as a user writes it, each part of it open to a fault."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from trainvitals.run import Run

from .task import Task, task

Batch = tuple[Tensor, Tensor]
VALIDATED_EACH_STEPS = 25
Hook = Callable[["Training"], None]
Change = Callable[["Training"], None]


def shuffled(training: "Training") -> Iterator[Batch]:
    """Batches without end, in another order each epoch."""
    inputs, targets = training.samples
    generator = torch.Generator().manual_seed(training.seed)
    while True:
        for chosen in torch.randperm(len(inputs), generator=generator).split(training.batch_size):
            yield inputs[chosen], targets[chosen]


def compared(training: "Training", outputs: Tensor, targets: Tensor) -> Tensor:
    """What the criterion says; the places of a sequence count as samples."""
    if targets.dim() > 1 and outputs.dim() > 2:
        outputs, targets = outputs.flatten(0, 1), targets.flatten(0, 1)
    loss: Tensor = training.criterion(outputs, targets)
    return loss


@dataclass
class Training:
    """Network, data, loss, optimizer and loop. Faults change a part before `run` is called."""

    network: str
    task: Task
    seed: int
    model: nn.Module
    criterion: nn.Module
    optimizer_class: Callable[..., Optimizer]
    options: dict[str, Any]
    samples: Batch
    held_out: Batch
    batch_size: int
    steps: int
    zero_grad: bool = True
    accumulation: int = 1
    validates: bool = False
    batches: Callable[["Training"], Iterator[Batch]] = shuffled
    forward: Callable[["Training", Tensor], Tensor] = lambda training, inputs: training.model(inputs)
    loss: Callable[["Training", Tensor, Tensor], Tensor] = compared
    parameters: Callable[[nn.Module], Iterable[Any]] = lambda model: model.parameters()
    schedule: Callable[[Optimizer], LRScheduler] | None = None
    before_update: list[Hook] = field(default_factory=list)
    after_step: list[Hook] = field(default_factory=list)
    before_validation: Hook = lambda training: training.model.eval()
    after_validation: Hook = lambda training: training.model.train()
    metrics: dict[str, Any] = field(default_factory=dict)
    loop: Callable[["Training", Run, Mapping[str, Any]], None] = lambda training, run, watch: training.fit(run, watch)
    judged_by: Callable[["Training"], float] = lambda training: training.task_score()
    optimizer: Any = None
    step: int = 0

    def rebuild(self, **knobs: Any) -> None:
        """Build the network again with other knobs."""
        torch.manual_seed(self.seed)
        self.model = import_module(f"{__package__}.networks.{self.network}").build(self.task, **knobs)

    def feed(self, change: Callable[[Batch], Batch]) -> None:
        """Change every sample that is trained on and held out."""
        self.samples, self.held_out = change(self.samples), change(self.held_out)

    def each_batch(self, change: Callable[[int, Batch], Batch]) -> None:
        """Change the batches that are trained on: `change(number, batch)`."""
        before = self.batches
        self.batches = lambda made: (change(number, batch) for number, batch in enumerate(before(made)))

    def use(self, optimizer: Callable[..., Optimizer], **options: Any) -> None:
        """Train with another optimizer."""
        self.optimizer_class, self.options = optimizer, options

    def finish_with(self, *layers: nn.Module) -> None:
        """Put layers behind the output layer."""
        self.model = nn.Sequential(self.model, *layers)

    def change_head(self, change: Callable[[nn.Module], nn.Module]) -> None:
        """Put something in the place of the output layer."""
        head = self.weights()[-1]
        name = next(name for name, part in self.model.named_modules() if part is head)
        parent, _, leaf = name.rpartition(".")
        setattr(self.model.get_submodule(parent), leaf, change(head))

    def scale_rate(self, factor: float) -> None:
        """Multiply every learning rate; a schedule keeps its shape."""
        self.options["lr"] *= factor

    def weights(self) -> list[nn.Module]:
        """The linear and convolutional layers in order, the output layer last."""
        return [part for part in self.model.modules() if isinstance(part, nn.Linear | nn.Conv2d)]

    def run(self, run: Run, watch: Mapping[str, Any]) -> float:
        """Train, watched as by a user; gives the score, from 0 to 1."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.loop(self, run, watch)
            return self.judged_by(self)

    def fit(self, run: Run, watch: Mapping[str, Any]) -> None:
        """The usual loop."""
        self.optimizer = self.optimizer_class(self.parameters(self.model), **self.options)
        scheduler = self.schedule(self.optimizer) if self.schedule else None
        run.watch(self.model, self.optimizer, self.criterion, **watch)
        batches = self.batches(self)
        for step in range(self.steps):
            self.step = step
            loss = self.update(batches)
            if scheduler:
                scheduler.step()
            for hook in self.after_step:
                hook(self)
            run.log({"loss": loss, **self.metrics, **self.validated()})

    def update(self, batches: Iterator[Batch]) -> Tensor:
        """One step of the optimizer; the loss that it followed."""
        if self.zero_grad:
            self.optimizer.zero_grad()
        for _ in range(self.accumulation):
            inputs, targets = next(batches)
            loss = self.loss(self, self.forward(self, inputs), targets) / self.accumulation
            if loss.requires_grad:
                loss.backward()
        for hook in self.before_update:
            hook(self)
        self.optimizer.step()
        return loss.detach() * self.accumulation

    def validated(self) -> dict[str, float]:
        """The loss on what is held out, now and then."""
        if not self.validates or self.step % VALIDATED_EACH_STEPS:
            return {}
        self.before_validation(self)
        with torch.no_grad():
            found = self.loss(self, self.forward(self, self.held_out[0]), self.held_out[1])
        self.after_validation(self)
        return {"val_loss": float(found)}

    def learn(self, steps: int) -> None:
        """Train unwatched, for what begins with a trained network."""
        self.optimizer = self.optimizer_class(self.model.parameters(), **self.options)
        batches = self.batches(self)
        for _ in range(steps):
            self.update(batches)

    def predicted(self) -> Tensor:
        """What the trained network says of what is held out."""
        self.model.eval()
        with torch.no_grad():
            return self.forward(self, self.held_out[0])

    def task_score(self) -> float:
        """How well the network does on what is held out, from 0 to 1."""
        return self.task.score(self.predicted(), self.held_out[1])


OPTIMIZERS: dict[Any, tuple[Callable[..., Optimizer], dict[str, Any]]] = {
    "mlp": (torch.optim.Adam, {"lr": 2e-3}),
    "cnn": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    ("cnn", "number"): (torch.optim.SGD, {"lr": 0.005, "momentum": 0.9}),
    "rnn": (torch.optim.Adam, {"lr": 5e-3}),
    "transformer": (torch.optim.AdamW, {"lr": 2e-3}),
}
VALIDATING = frozenset({"mlp", "rnn"})


def training(network: str, task_name: str, seed: int) -> Training:
    """A healthy training of a network on a task."""
    chosen = task(task_name)
    optimizer, options = (
        OPTIMIZERS[network, chosen.kind] if (network, chosen.kind) in OPTIMIZERS else OPTIMIZERS[network]
    )
    trained_on, held_out = chosen.parts()
    made = Training(
        network=network,
        task=chosen,
        seed=seed,
        model=nn.Identity(),
        criterion=chosen.criterion(),
        optimizer_class=optimizer,
        options=dict(options),
        samples=trained_on,
        held_out=held_out,
        batch_size=chosen.batch_size,
        steps=chosen.steps,
        validates=network in VALIDATING,
    )
    made.rebuild()
    return made
