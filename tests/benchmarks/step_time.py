"""How much longer a watched training step takes than a bare one, on the three reference models.

Bare and watched steps alternate in blocks within one process, on copies of the same model, so that both see the same
machine. The figure is the median of the blocks' ratios with a bootstrap 95 % interval; a second bare copy beside the
first gives the noise floor. Run: `python tests/benchmarks/step_time.py [--seconds 90] [--server http://...]`.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
from networks import cnn, gpt, mlp
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

MODELS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Any], int]] = {
    "mlp": (mlp.Mlp, mlp.batch, 100),
    "cnn": (cnn.Cnn, cnn.batch, 10),
    "gpt": (gpt.Gpt, gpt.batch, 10),
}
"""Model, batch, and steps a block: as many as the widest sampling interval, or a median would pass the samples over."""
WARM_UP_STEPS = 30
"""Left out: the first steps are sampled densely, and caches are cold."""
BLOCKS_MIN = 8
RESAMPLES = 2000


class Trainer:
    """One copy of a model and its optimizer."""

    def __init__(self, make: Callable[[], nn.Module], batch: Callable[[], Any], run: tv.Run | None) -> None:
        torch.manual_seed(0)
        self.model, self.criterion = make(), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)
        self.batch, self.run = batch(), run
        if run is not None:
            run.watch(self.model, self.optimizer, self.criterion)

    def block(self, steps: int) -> float:
        """Seconds for some steps."""
        inputs, targets = self.batch
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.criterion(self.model(inputs), targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            if self.run is not None:
                self.run.log({"loss": loss})
        return time.perf_counter() - start


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """The median, and the bootstrap 95 % interval around it."""
    values = np.array(ratios)
    draws = np.random.default_rng(0).choice(values, (RESAMPLES, len(values)))
    low, high = np.percentile(np.median(draws, axis=1), [2.5, 97.5])
    return float(np.median(values)), float(low), float(high)


def measure(name: str, seconds: float, server: str | None) -> str:
    """One line of the table."""
    make, batch, steps = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        way: Any = {"server": server} if server else {"transport": MemoryTransport()}
        run = tv.init(project="benchmark", name=f"step time {name}", dir=folder, terminal="nothing", **way)
        trainers = [Trainer(make, batch, None), Trainer(make, batch, run), Trainer(make, batch, None)]
        times: list[list[float]] = [[], [], []]
        warm_up = -(-WARM_UP_STEPS // steps)
        end = time.monotonic() + seconds
        gc.disable()
        while time.monotonic() < end or len(times[0]) < warm_up + BLOCKS_MIN:
            for place in np.random.default_rng(len(times[0])).permutation(3):
                times[place].append(trainers[place].block(steps))
        gc.enable()
        capture = run._watches.state()
        run.finish()
    bare, watched, second = (kept[warm_up:] for kept in times)
    watched_ratio = interval([b / a for a, b in zip(bare, watched, strict=True)])
    floor_ratio = interval([b / a for a, b in zip(bare, second, strict=True)])
    step = statistics.median(bare) / steps * 1000
    return (
        f"{name:4} {step:9.2f} ms {watched_ratio[0]:8.3f} [{watched_ratio[1]:.3f}, {watched_ratio[2]:.3f}]"
        f" {floor_ratio[0]:8.3f} [{floor_ratio[1]:.3f}, {floor_ratio[2]:.3f}]"
        f" {capture['interval']:6} {capture['deep_interval']:6} {len(bare):6}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Step time watched against bare.")
    parser.add_argument("--seconds", type=float, default=90.0, help="for each model")
    parser.add_argument("--server", help="send to this server instead of into memory")
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print("model  bare step   watched / bare            bare / bare               sampled each  deep  blocks")
    for name in chosen.models:
        print(measure(name, chosen.seconds, chosen.server), flush=True)


if __name__ == "__main__":
    main()
