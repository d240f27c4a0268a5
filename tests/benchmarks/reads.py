"""Reads: what it costs to look at long runs, beside a table with a row a point, measured in the same run.

Runs are written as the SDK sends them and compacted as the server does; each question is asked several times, and the
median is printed. `python tests/benchmarks/reads.py --quick` asks of runs a tenth as long.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from ingest import postgres, sqlite
from row_a_point import CURVE, HEAT_MAP, Rows
from sqlalchemy import Engine, func, select

import trainvitals_migrations
from trainvitals_server.storage.compactor import Compactor
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Axis, Chunk
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Layer
from trainvitals_wire.report import Report

sys.path.insert(0, str(Path(__file__).parents[1] / "postgres"))

REPORT_STEPS = 4096
ASKED = 9
RUNS = 100
LAYERS = 100


def write(store: Store, keys: tuple[str, ...], steps: int, **run: object) -> str:
    """A finished run of some series; numbers that wander, as those of a training do."""
    created = store.create_run(NewRun("benchmark", "reads", **run))  # type: ignore[arg-type]
    generator = np.random.default_rng(0)
    known: set[str] = set()
    waiting = []
    for sequence, first in enumerate(range(0, steps, REPORT_STEPS), start=1):
        numbers = np.arange(first, min(first + REPORT_STEPS, steps))
        values = (1 + 0.03 * generator.normal(size=(len(numbers), len(keys)))).astype(np.float32)
        times = 1.7e9 + 0.1 * numbers + 0.01 * generator.random(len(numbers))
        body = encode(Report(created.writer_id, sequence, (Frame(keys, numbers, times, values),)), known)
        waiting.append(store.append(created.id, body))
        if len(waiting) > 8:
            waiting.pop(0).result()
    for future in waiting:
        future.result()
    store.set_status(created.id, "finished")
    return created.id


def layers() -> tuple[Layer, ...]:
    """As many layers as the heat map has rows."""
    return tuple(
        Layer(name=f"blocks.{n}", type="Linear", order=n, output_shape=None, parameters=[]) for n in range(LAYERS)
    )


def milliseconds(question: Callable[[], object], asked: int = ASKED) -> float:
    """The median time of a question, asked once before."""
    question()
    taken = []
    for _ in range(asked):
        start = time.perf_counter()
        question()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def bytes_a_point(engine: Engine, run_id: str) -> float:
    """Stored bytes of chunks and axes for each point of a run."""
    blobs = (Chunk.summary, Chunk.coarse, Chunk.middle, Chunk.fine, Chunk.values)
    size = sum((func.coalesce(func.length(blob), 0) for blob in blobs), start=func.length(Chunk.axis_id) + 100)
    with engine.connect() as connection:
        of_run = select(func.sum(size), func.sum(Chunk.size)).where(Chunk.run_id == run_id)
        stored, points = connection.execute(of_run).one()
        axes = select(func.sum(func.length(Axis.steps) + func.length(Axis.times))).where(Axis.run_id == run_id)
        return float((stored + connection.execute(axes).scalar()) / points)


def measured(engine: Engine, scale: int) -> Iterator[tuple[str, float, str]]:
    """What was measured: a name, a number, its unit."""
    trainvitals_migrations.upgrade(engine)
    store = Store(engine)
    store.start()
    reader = StorageReader(store, str)
    runs = {steps: write(store, ("loss",), steps) for steps in (10**5 // scale, 10**6 // scale, 10**7 // scale)}
    keys = tuple(f"activation_std/blocks.{n}" for n in range(LAYERS))
    wide = write(store, keys, 10**5 // scale, layers=layers())
    many = [write(store, ("loss",), 10**4 // scale) for _ in range(RUNS)]
    start = time.perf_counter()
    Compactor(store).settle()
    yield "compaction of everything", time.perf_counter() - start, "s"
    short, middle, longest = runs
    whole = {steps: milliseconds(lambda r=run_id: reader.data(r, ["loss"])) for steps, run_id in runs.items()}  # type: ignore[misc]
    for steps, taken in whole.items():
        yield f"whole series of {steps:,} steps", taken, "ms"
    yield f"{longest:,} steps over {short:,} (goal: 1.5)", whole[longest] / whole[short], "x"
    zooms = {steps: list(zoomed(reader, runs[steps], steps)) for steps in (middle, longest)}
    for steps, found in zooms.items():
        for share, taken in found:
            yield f"1/{share} of {steps:,} steps", taken, "ms"
    slowest = max(whole[middle], *(taken for _, taken in zooms[middle]))
    yield f"slowest zoom of {middle:,} steps (goal: 20)", slowest, "ms"
    shape = f"{LAYERS} layers x {10**5 // scale:,} steps"
    yield f"heat map {shape} (goal: 50)", milliseconds(lambda: reader.heatmap(wide, "activation_std")), "ms"
    window = {"first_step": 10**5 // scale // 3, "last_step": 10**5 // scale // 2}
    yield f"heat map {shape}, zoomed", milliseconds(lambda: reader.heatmap(wide, "activation_std", **window)), "ms"  # type: ignore[arg-type]
    together = milliseconds(lambda: reader.data_of_runs(many, ["loss"], points=300))
    yield f"{RUNS} runs x 1 metric (goal: 150)", together, "ms"
    yield f"series of {LAYERS} layers", milliseconds(lambda: reader.series(wide)), "ms"
    yield "statistics with pyramid (goal: 8)", bytes_a_point(engine, wide), "bytes a point"
    start = time.perf_counter()
    store.delete_run(runs[longest])
    yield f"deleting {longest:,} points (goal: 1000)", 1000 * (time.perf_counter() - start), "ms"
    store.close()
    yield from in_rows(engine, scale)


def zoomed(reader: StorageReader, run_id: str, steps: int) -> Iterator[tuple[int, float]]:
    """Shares of a long series, and the milliseconds for each."""
    for share in (2, 10, 100, 1000, 10000):
        first = steps // 3 + 1
        window = {"first_step": first, "last_step": first + steps // share}
        yield share, milliseconds(lambda window=window: reader.data(run_id, ["loss"], **window))  # type: ignore[misc]


def in_rows(engine: Engine, scale: int) -> Iterator[tuple[str, float, str]]:
    """The same questions of a row a point."""
    rows, steps = Rows(engine), 10**6 // scale
    rows.fill("long", 1, steps)
    rows.fill("wide", LAYERS, steps // 10)
    curve, heat_map = CURVE.format(width=steps // 1000), HEAT_MAP.format(width=steps // 10 // 500)
    yield f"in rows: whole series of {steps:,} steps", milliseconds(lambda: rows.ask(curve), 3), "ms"
    shape = f"{LAYERS} layers x {steps // 10:,} steps"
    yield f"in rows: heat map {shape}", milliseconds(lambda: rows.ask(heat_map), 3), "ms"
    yield "in rows: stored", rows.bytes_a_point(), "bytes a point"
    start = time.perf_counter()
    rows.delete()
    yield f"in rows: deleting {LAYERS * steps // 10:,} points", 1000 * (time.perf_counter() - start), "ms"


def main() -> None:
    """Print a line a question for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="runs a tenth as long")
    parser.add_argument("--database", choices=("sqlite", "postgres"), action="append", help="only this one")
    arguments, _ = parser.parse_known_args()
    for name, database in (("sqlite", sqlite), ("postgres", postgres)):
        if arguments.database and name not in arguments.database:
            continue
        try:
            with database() as new_engine:
                for what, number, unit in measured(new_engine(), 10 if arguments.quick else 1):
                    print(f"{name:9} {what:50} {number:10.2f} {unit}", flush=True)
        except (ImportError, RuntimeError) as error:
            print(f"{name:9} not measured: {error}")


if __name__ == "__main__":
    main()
