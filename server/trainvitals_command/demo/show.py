"""Trains the demo's networks one after another, with a progress bar and a link each."""

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import trainvitals as tv
from trainvitals_command.demo.training import Training

PROJECT = "demo"
CORES_FOR_THE_SERVER = 1


def show(trainings: list[Training], server: str, *, steps: int | None, console: Console) -> list[str]:
    """Train each for `steps` steps, or as many as it asks for; returns the identifiers of the runs."""
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads - CORES_FOR_THE_SERVER))
    try:
        with _progress(console) as progress:
            return [_train(training, server, steps or training.steps, progress) for training in trainings]
    finally:
        torch.set_num_threads(threads)


def _train(training: Training, server: str, steps: int, progress: Progress) -> str:
    with tv.init(
        project=PROJECT,
        name=training.name,
        config={**training.config, "steps": steps},
        tags=training.tags,
        notes=training.notes,
        server=server,
        terminal="warnings",
    ) as run:
        progress.console.print(f"{training.name}: {run.url}", soft_wrap=True, highlight=False)
        task = progress.add_task(training.name, total=steps, loss="")
        training.train(run, steps=steps, on_step=lambda step, loss: _advance(progress, task, step, loss))
    return run.id


def _advance(progress: Progress, task: int, step: int, loss: float) -> None:
    progress.update(task, completed=step + 1, loss=f"loss {loss:.3g}")  # type: ignore[arg-type]


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<26}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]:<12}"),
        TimeRemainingColumn(),
        console=console,
    )
