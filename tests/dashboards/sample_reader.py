"""A reader over made-up runs in memory: a GPT of twelve blocks whose gradients explode, and its healthy twin."""

import base64
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainvitals_wire.histogram import EDGES
from trainvitals_wire.reader import NotFound
from trainvitals_wire.records import (
    Fact,
    Heatmap,
    HistogramColumns,
    Layer,
    Mute,
    Parameter,
    Points,
    RunDetail,
    RunPage,
    SeriesEntry,
    Warnings,
)

BLOCKS, PARTS = 12, ("ln_1", "attn.qkv", "attn.proj", "mlp.fc", "mlp.proj")


@dataclass
class SampleRun:
    """`series` maps a key to (steps, values)."""

    detail: RunDetail
    layers: list[Layer] = field(default_factory=list)
    series: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    spread: dict[str, np.ndarray] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    mutes: list[Mute] = field(default_factory=list)
    warnings: Warnings = field(default_factory=lambda: Warnings(warnings=[], incidents=[]))


def detail(run_id: str, name: str, **changes: Any) -> RunDetail:
    """A run with plausible fields."""
    now = time.time()
    run: dict[str, Any] = {
        "id": run_id, "project": "gpt", "name": name, "status": "running", "group": None, "tags": ["baseline"],
        "notes": None, "archived": False, "pinned": False, "created_at": now - 600, "last_seen_at": now - 1,
        "finished_at": None, "last_step": None, "config": {"lr": 3e-4, "layers": 12, "optimizer": "AdamW"},
        "summary": {}, "warnings": {"critical": 0, "warning": 0, "note": 0}, "overhead_fraction": 0.013,
        "url": f"http://127.0.0.1:8765/runs/{run_id}", "environment": {"python": "3.11"}, "dropped": {},
        "error": None, "capture": {"interval": 5, "samples": 1024},
    }  # fmt: skip
    return {**run, **changes}  # type: ignore[typeddict-item]


def _parameter(name: str, shape: list[int]) -> Parameter:
    return {"name": name, "shape": shape, "dtype": "float32", "trainable": True, "in_optimizer": True}


def gpt_layers() -> list[Layer]:
    names = [f"blocks.{block}.{part}" for block in range(BLOCKS) for part in PARTS]
    return [
        Layer(
            name=name, type="LayerNorm" if "ln" in name else "Linear", order=order, output_shape=[8, 64, 128],
            parameters=[
                _parameter(f"{name}.weight", [128, 128]),
                _parameter(f"{name}.bias", [128]),
            ],
        )
        for order, name in enumerate(names)
    ]  # fmt: skip


def gpt_run(run_id: str = "sick", name: str = "gpt-60l-lr3e-4", *, sick: bool = True, steps: int = 1000) -> SampleRun:
    """A run as in the picture of the design."""
    rng = np.random.default_rng(7 if sick else 8)
    at = np.arange(steps)
    loss = 2.0 + 4.2 * np.exp(-at / 160) + 0.06 * rng.standard_normal(steps)
    loss += np.where(sick & (at > 640), ((at - 640) / 360.0) ** 2 * 0.7, 0)
    rate = np.where(at < 60, at / 60, 0.5 + 0.5 * np.cos(math.pi * (at - 60) / (steps - 60))) * 3e-4
    sparse = at[::50]
    series = {
        "loss": (at, loss),
        "val_loss": (sparse, loss[::50] + 0.12),
        "learning_rate": (at, rate),
        "step_seconds": (at, 0.042 + 0.002 * rng.standard_normal(steps)),
        "overhead_fraction": (at, 0.013 + 0.001 * rng.standard_normal(steps)),
    }
    sampled = at[::5]
    total = np.zeros(len(sampled))
    spread = {}
    for order, layer in enumerate(gpt_layers()):
        series.update(_layer_series(layer, order, sampled, rng, sick))
        gradient = series[f"gradient_norm/{layer['name']}.weight"][1]
        total += gradient**2
        for family, size in (("gradient", gradient), ("weight", 0.3 + 0 * gradient), ("update", gradient * 3e-4)):
            spread[f"{family}/{layer['name']}.weight"] = size
        spread[f"activation/{layer['name']}"] = series[f"activation_std/{layer['name']}"][1]
    series["gradient_norm_total"] = (sampled, np.sqrt(total))
    counts = {"critical": 2, "warning": 1, "note": 1} if sick else {"critical": 0, "warning": 0, "note": 0}
    summary = {"loss": {"last": float(loss[-1]), "min": float(loss.min()), "max": float(loss.max())}}
    run = detail(run_id, name, last_step=steps - 1, warnings=counts, summary=summary)
    found = SampleRun(run, gpt_layers(), series, spread, [filters("blocks.0.ln_1", step) for step in (0, 40, 400)])
    if sick:
        found.warnings = sick_warnings()
    return found


def filters(owner: str, step: int) -> Fact:
    """Five colour filters of 3 x 3, brighter with each step."""
    values = np.clip(np.arange(5 * 3 * 3 * 3) + step // 10, 0, 255).astype(np.uint8)
    details = {
        "parameter": f"{owner}.weight", "shape": [5, 3, 3, 3], "filters": 5, "channels": 3, "low": -0.5, "high": 0.5,
        "values": base64.b64encode(values.tobytes()).decode(),
    }  # fmt: skip
    return {"kind": "filters", "step": step, "owner": owner, "details": details}


def _layer_series(layer: Layer, order: int, at: np.ndarray, rng: np.random.Generator, sick: bool) -> dict[str, Any]:
    name, weight, noise = layer["name"], f"{layer['name']}.weight", lambda: np.exp(0.12 * rng.standard_normal(len(at)))
    gradient = 0.03 * (1 + order / 40) * (1 + 6 * np.exp(-at / 150)) * noise()
    std = 1.0 + 0.2 * rng.random() + 0.01 * rng.standard_normal(len(at))
    ratio = 1e-3 * (1 + 2 * rng.random()) * noise()
    if sick and name.startswith(("blocks.6.mlp", "blocks.7")):
        distance = abs(order - 36)
        growth = np.exp(np.clip((at - 600) / 400, 0, 1) * max(0.8, 5.6 - distance))
        gradient, ratio = gradient * growth, ratio * np.sqrt(growth)
    if sick and name == "blocks.8.attn.qkv":
        std = np.where(at < 430, std, 0.004 + std * np.exp(-(at - 430) / 20))
    if sick and name.startswith("blocks.0"):
        ratio = ratio / 20
    return {
        f"gradient_norm/{weight}": (at, gradient),
        f"activation_std/{name}": (at, np.abs(std)),
        f"activation_mean/{name}": (at, 0.1 * rng.standard_normal(len(at))),
        f"dead_unit_fraction/{name}": (at, np.full(len(at), 0.02)),
        f"update_ratio/{weight}": (at, ratio),
        f"weight_norm/{weight}": (at, 12 + at / 500),
    }


def sick_warnings() -> Warnings:
    """Two critical incidents, a warning and a note."""
    plan = [
        ("exploding_gradient", "critical", "blocks.7.attn.qkv", 640, "Gradient norm is 31 x its median since step 640"),
        ("exploding_gradient", "critical", "blocks.7.ln_1", 650, "Gradient norm is 18 x its median since step 650"),
        (
            "exploding_gradient",
            "critical",
            "blocks.7.attn.proj",
            655,
            "Gradient norm is 15 x its median since step 655",
        ),
        ("activation_std", "critical", "blocks.8.attn.qkv", 430, "Activation std 0.004 is below 0.5 since step 430"),
        ("exploding_gradient", "warning", "blocks.6.mlp.fc", 690, "Gradient norm is 6 x its median since step 690"),
        ("update_ratio", "warning", "blocks.0.ln_1", 40, "Update ratio 5e-5 is below 1e-4 since step 40"),
        ("update_ratio", "warning", "blocks.0.attn.qkv", 45, "Update ratio 6e-5 is below 1e-4 since step 45"),
        ("dead_units", "note", "blocks.9.mlp.fc", 300, "2 % of the units were never active since step 300"),
    ]
    causes = {
        "exploding_gradient": [
            {"cause": "learning_rate_too_high", "why": "update ratio rose 30 x over the 20 steps before"},
            {"cause": "exploding_gradient", "why": "the norm grows in neighbouring layers from the same step on"},
        ],
        "activation_std": [{"cause": "saturated_units", "why": "the output of every unit is nearly constant"}],
        "update_ratio": [
            {"cause": "learning_rate_too_low", "why": "updates stay below a ten-thousandth of the weights"}
        ],
        "dead_units": [{"cause": "dead_units", "why": "units that are never positive get no gradient"}],
    }
    groups = {"exploding_gradient": "i1", "activation_std": "i2", "update_ratio": "i3", "dead_units": "i4"}
    titles = {"i1": "Gradients exploding", "i2": "Activations collapsed", "i3": "Updates too small", "i4": "Dead units"}
    remedies = {
        "i1": "Divide the learning rate by 3, or clip the gradient norm at 1.0.",
        "i2": "Look at the initialisation of this layer, and at the scale of what comes in.",
        "i3": "Multiply the learning rate of these parameters by 3.",
        "i4": "Nothing yet: watch whether the share grows.",
    }
    warnings = [
        {
            "id": f"w{place}", "rule": rule, "severity": severity, "state": "firing", "layer": layer,
            "series": f"gradient_norm/{layer}.weight", "first_step": step, "last_step": 999, "value": 3.1,
            "threshold": "0.5 to 2.0", "summary": summary, "causes": causes[rule], "remedy": remedies[groups[rule]],
            "expect": "Back in the band within about 100 steps.", "source": "Pascanu et al. 2013",
            "incident": groups[rule],
        }
        for place, (rule, severity, layer, step, summary) in enumerate(plan)
    ]  # fmt: skip
    incidents = []
    for group in ("i1", "i2", "i3", "i4"):
        own = [warning for warning in warnings if warning["incident"] == group]
        incidents.append(
            {
                "id": group, "severity": own[0]["severity"], "state": "firing", "title": titles[group],
                "first_step": own[0]["first_step"], "layer": own[0]["layer"], "causes": own[0]["causes"],
                "remedy": remedies[group], "warnings": [warning["id"] for warning in own],
            }
        )  # fmt: skip
    return {"warnings": warnings, "incidents": incidents}  # type: ignore[typeddict-item]


class SampleReader:
    """`trainvitals_wire.reader.Reader` over runs in memory."""

    def __init__(self, *runs: SampleRun) -> None:
        self.found = {run.detail["id"]: run for run in runs}

    def _run(self, run_id: str) -> SampleRun:
        if run_id not in self.found:
            raise NotFound("run_not_found", f"There is no run {run_id}.")
        return self.found[run_id]

    def runs(
        self, *, project: str | None = None, status: str | None = None, tag: str | None = None,
        group: str | None = None, search: str | None = None, archived: bool = False, sort: str = "-created_at",
        limit: int = 100, cursor: str | None = None,
    ) -> RunPage:  # fmt: skip
        chosen = [
            run.detail
            for run in self.found.values()
            if (not project or run.detail["project"] == project)
            and (not status or run.detail["status"] == status)
            and (not tag or tag in run.detail["tags"])
            and (not search or search.lower() in run.detail["name"].lower())
        ]
        chosen.sort(key=lambda run: str(run[sort.removeprefix("-")]), reverse=sort.startswith("-"))  # type: ignore[literal-required]
        first, last = int(cursor or 0), int(cursor or 0) + limit
        more = str(last) if last < len(chosen) else None
        return {"runs": chosen[first:last], "next_cursor": more, "total": len(chosen)}  # type: ignore[typeddict-item]

    def run(self, run_id: str) -> RunDetail:
        return self._run(run_id).detail

    def series(self, run_id: str) -> list[SeriesEntry]:
        return [
            SeriesEntry(
                key=key, kind="statistic" if "/" in key else "metric", unit="", first_step=int(steps[0]),
                last_step=int(steps[-1]), last_value=float(values[-1]), count=len(steps),
            )
            for key, (steps, values) in self._run(run_id).series.items()
        ]  # fmt: skip

    def data(
        self, run_id: str, keys: Sequence[str], *, first_step: int | None = None, last_step: int | None = None,
        points: int = 1000,
    ) -> Points:  # fmt: skip
        run = self._run(run_id)
        entries = []
        for key in keys:
            if key not in run.series:
                raise NotFound("series_not_found", f"Run {run_id} has no series {key}.")
            steps, values = run.series[key]
            window = (steps >= (first_step or 0)) & (steps <= (2**53 if last_step is None else last_step))
            entries.append(_buckets(key, steps[window], values[window], points, run.detail["created_at"]))
        return {"series": entries, "last_step": run.detail["last_step"]}  # type: ignore[typeddict-item]

    def histograms(
        self, run_id: str, key: str, *, first_step: int | None = None, last_step: int | None = None, columns: int = 200
    ) -> HistogramColumns:
        run = self._run(run_id)
        if key not in run.spread:
            raise NotFound("series_not_found", f"Run {run_id} has no histogram {key}.")
        places = np.unique(np.linspace(0, len(run.spread[key]) - 1, columns).astype(int))
        edges = np.asarray(EDGES[1:-1])
        counts = [_normal_counts(edges, float(run.spread[key][place])) for place in places]
        return {
            "key": key, "edges": edges.tolist(), "steps": [int(place) * 5 for place in places],
            "counts": [column.tolist() for column in counts], "nonfinite": [0] * len(places),
        }  # fmt: skip

    def heatmap(
        self, run_id: str, statistic: str, *, first_step: int | None = None, last_step: int | None = None,
        columns: int = 500,
    ) -> Heatmap:  # fmt: skip
        run = self._run(run_id)
        rows, names, at = [], [], np.zeros(0)
        for layer in run.layers:
            key = next((f"{statistic}/{owner}" for owner in (layer["name"], f"{layer['name']}.weight")
                        if f"{statistic}/{owner}" in run.series), None)  # fmt: skip
            if key:
                at, values = run.series[key]
                window = (at >= (first_step or 0)) & (at <= (2**53 if last_step is None else last_step))
                stride = max(1, math.ceil(int(window.sum()) / columns))
                at, values = at[window][::stride], values[window]
                rows.append([float(values[i : i + stride].max()) for i in range(0, len(values), stride)])
                names.append(layer["name"])
        return {"layers": names, "steps": [int(step) for step in at], "values": rows}  # type: ignore[typeddict-item]

    def layers(self, run_id: str) -> list[Layer]:
        return self._run(run_id).layers

    def facts(self, run_id: str, kind: str, *, owner: str | None = None) -> list[Fact]:
        found = self._run(run_id).facts
        return [fact for fact in found if fact["kind"] == kind and owner in (None, fact.get("owner"))]

    def warnings(self, run_id: str) -> Warnings:
        return self._run(run_id).warnings

    def mutes(self, run_id: str) -> list[Mute]:
        return self._run(run_id).mutes


def _buckets(key: str, steps: np.ndarray, values: np.ndarray, points: int, start: float) -> dict[str, Any]:
    stride = max(1, math.ceil(len(steps) / points))
    parts = [values[i : i + stride] for i in range(0, len(values), stride)]
    firsts = [int(step) for step in steps[::stride]]
    clean = [[float(value) if math.isfinite(value) else None for value in part] for part in parts]
    kept = [[value for value in part if value is not None] for part in clean]
    return {
        "key": key, "steps": firsts, "times": [start + 0.5 * step for step in firsts],
        "min": [min(part, default=None) for part in kept], "max": [max(part, default=None) for part in kept],
        "mean": [sum(part) / len(part) if part else None for part in kept], "last": [part[-1] for part in clean],
        "count": [len(part) for part in clean], "nonfinite": [part.count(None) for part in clean],
    }  # fmt: skip


def _normal_counts(edges: np.ndarray, scale: float) -> np.ndarray:
    share = 0.5 * (1 + np.array([math.erf(edge / scale / math.sqrt(2)) for edge in edges]))
    counts: np.ndarray = np.round(1024 * np.diff(share)).astype(int)
    return counts
