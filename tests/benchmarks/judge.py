"""What judging costs the server: all rules on a run of 200 layers, for a report of one second of training.

Each state of the run is judged over many reports, as the server does it: a report each second is taken in and judged,
news are made into warnings and incidents at once, numbers that only moved every five seconds, when they are written.
The store itself is left out. The median of the reports and the mean, in which the writing has its share, are told
beside the goal of 5 ms.

    python tests/benchmarks/judge.py [--layers 200] [--reports 60]
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np

from trainvitals_server.diagnosis import Diagnosis
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.storage.contract import Committed, Listener, Position, RunTraits
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Fact, Layer, Mute, RunStatus, Warnings
from trainvitals_wire.report import Report

STEPS_A_REPORT, SAMPLED_EACH = 100, 10
"""A second of training at 100 steps a second, the statistics sampled every tenth."""
LAYER_STATISTICS = ("activation_mean", "activation_std", "activation_zero_fraction", "dead_unit_fraction")
PARAMETER_STATISTICS = (
    "weight_mean",
    "weight_std",
    "weight_norm",
    "gradient_mean",
    "gradient_std",
    "gradient_norm",
    "update_norm",
    "update_ratio",
)
USUAL = {
    "activation_mean": 0.1,
    "activation_std": 1.0,
    "activation_zero_fraction": 0.5,
    "dead_unit_fraction": 0.0,
    "weight_mean": 0.01,
    "weight_std": 0.1,
    "weight_norm": 10.0,
    "gradient_mean": 1e-4,
    "gradient_std": 1e-3,
    "gradient_norm": 0.1,
    "update_norm": 0.01,
    "update_ratio": 1e-3,
}
GOAL_MILLISECONDS = 5.0
CRITERION: Fact = {
    "kind": "criterion",
    "step": 0,
    "type": "CrossEntropyLoss",
    "details": {
        "classes": 10,
        "output_shape": [64, 10],
        "target_shape": [64],
        "label_counts": dict.fromkeys("0123456789", 6),
    },
}  # type: ignore[typeddict-unknown-key]

Loss = Callable[[np.ndarray], np.ndarray]
"""Steps -> the loss at each."""


def layer(place: int) -> Layer:
    """A linear layer of a block, with its bias."""
    name = f"blocks.{place // 4}.fc{place % 4}"
    return {
        "name": name,
        "type": "Linear",
        "order": place,
        "output_shape": [64, 256],
        "parameters": [
            {"name": f"{name}.{part}", "shape": shape, "dtype": "float32", "trainable": True, "in_optimizer": True}
            for part, shape in (("weight", [256, 256]), ("bias", [256]))
        ],
    }


def keys_of(layers: list[Layer]) -> tuple[str, ...]:
    """Every statistic of every layer and parameter."""
    found = [f"{statistic}/{one['name']}" for one in layers for statistic in LAYER_STATISTICS]
    names = [parameter["name"] for one in layers for parameter in one["parameters"]]
    return (*found, *(f"{statistic}/{name}" for name in names for statistic in PARAMETER_STATISTICS))


def reports(layers: list[Layer], count: int, values: dict[str, float], loss: Loss) -> list[Report]:
    """The reports of a training whose statistics lie about `values`."""
    random = np.random.default_rng(0)
    keys = keys_of(layers)
    centre = np.array([{**USUAL, **values}[key.partition("/")[0]] for key in keys], np.float32)
    made = []
    for number in range(count):
        steps = np.arange(number * STEPS_A_REPORT, (number + 1) * STEPS_A_REPORT)
        sampled = steps[::SAMPLED_EACH]
        noise = np.exp(random.normal(0, 0.05, (len(sampled), len(keys)))).astype(np.float32)
        logged = np.column_stack(
            [loss(steps) + random.normal(0, 0.02, len(steps)), loss(steps), np.full(len(steps), 0.1)]
        )
        frames = (
            Frame(keys, sampled, 1.7e9 + sampled / 100, centre * noise),
            Frame(("loss", "criterion_loss", "learning_rate"), steps, 1.7e9 + steps / 100, logged),
            Frame(("gradient_norm_total",), steps, 1.7e9 + steps / 100, np.exp(random.normal(0, 0.1, (len(steps), 1)))),
        )
        first = {"layers": tuple(layers), "facts": (CRITERION, {"kind": "optimizer", "step": 0})} if not number else {}
        made.append(Report("writer", number + 1, frames, **first))  # type: ignore[arg-type]
    return made


def falling(steps: np.ndarray) -> np.ndarray:
    return np.asarray(2.3 * np.exp(-steps / 4000))


def flat(steps: np.ndarray) -> np.ndarray:
    return np.full(len(steps), 2.302)


STATES: dict[str, tuple[dict[str, float], Loss]] = {
    "healthy": ({}, falling),
    "every layer a note": ({"activation_std": 3.1}, falling),
    "every layer a warning": ({"activation_std": 30.0, "update_ratio": 1e-5}, flat),
    "dead, and no gradient": ({"dead_unit_fraction": 0.95, "gradient_norm": 0.0, "update_ratio": 0.0}, flat),
}


class Nowhere:
    """A store that keeps the reports, and of the warnings the last."""

    def __init__(self) -> None:
        self.found: Warnings = {"warnings": [], "incidents": []}
        self._kept: list[Report] = []
        self._listeners: list[Listener] = []

    def commit(self, report: Report) -> None:
        self._kept.append(report)
        for listener in self._listeners:
            listener(Committed("run", len(self._kept), report))

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def position(self, run_id: str) -> Position:
        return Position(len(self._kept), "epoch")

    def reports(self, run_id: str) -> Iterator[Report]:
        return iter(self._kept)

    def warnings(self, run_id: str) -> Warnings:
        return self.found

    def replace_warnings(self, run_id: str, found: Warnings) -> None:
        self.found = found

    def mutes(self, run_id: str) -> list[Mute]:
        return []

    def traits(self, run_id: str) -> RunTraits:
        return RunTraits()

    def silent_runs(self, seconds: float, statuses: tuple[RunStatus, ...]) -> list[str]:
        return []


def measure(name: str, layers: list[Layer], count: int) -> None:
    """One line for one state of the run."""
    values, loss = STATES[name]
    store, seconds, now = Nowhere(), list[float](), [0.0]
    diagnosis = Diagnosis(store, clock=lambda: now[0])
    for report in reports(layers, count, values, loss):
        now[0] += 1.0
        begun = time.thread_time()
        store.commit(report)
        diagnosis.settle()
        diagnosis.new_warnings("run", "writer")
        seconds.append(time.thread_time() - begun)
    # The first reports meet the run in its warm-up.
    late = 1e3 * np.array(seconds[count // 3 :])
    firing = sum(warning["state"] == "firing" for warning in store.found["warnings"])
    print(f"{name:24} {firing:4} warnings   {np.median(late):6.2f} ms a report, {late.mean():6.2f} on average")


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of judging a run.")
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--reports", type=int, default=60)
    chosen, _ = parser.parse_known_args()
    layers = [layer(place) for place in range(chosen.layers)]
    rules, series = len(declared_rules()), len(keys_of(layers))
    print(f"{rules} rules, {chosen.layers} layers, {series} series; goal {GOAL_MILLISECONDS:g} ms of processor time")
    for name in STATES:
        measure(name, layers, chosen.reports)


if __name__ == "__main__":
    main()
