"""A run is judged at the same steps however its reports are packed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.stretches import stretches
from trainvitals_server.storage.bounds import BOUNDS
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report

from .conftest import MakeReport, linear

STEPS = 400


def passing(report: MakeReport) -> Report:
    """The loss blows up in the middle of a training and is as good as before at its end."""
    steps = np.arange(STEPS)
    loss = np.where((steps > 150) & (steps < 190), 1e4, 2.3 * np.exp(-steps / 100))
    loss[160:170] = np.nan
    return report({"loss": loss, "activation_std/fc1": np.ones(STEPS)}, layers=[linear("fc1", 0)])


def packed(report: Report, steps: int) -> Iterator[Report]:
    """The same in reports of so many steps."""
    for start in range(0, STEPS, steps):
        part = slice(start, start + steps)
        frames = tuple(Frame(f.keys, f.steps[part], f.times[part], f.values[part]) for f in report.frames)
        yield replace(report, sequence=start + 1, frames=frames, layers=report.layers if start == 0 else None)


def test_the_parts_of_a_report_are_the_report() -> None:
    steps = np.array([0, 3, 9, 10, 250, 251, 100_000, 10**12])
    frame = Frame(("loss",), steps, steps + 1.7e9, steps[:, None] * 0.5)
    sparse = Frame(("accuracy",), steps[::4], steps[::4] + 1.7e9, steps[::4, None] * 2.0)
    facts = ({"kind": "early", "step": 3}, {"kind": "between", "step": 40}, {"kind": "late", "step": 10**13})
    whole = Report("writer", 1, (frame, sparse), layers=(), facts=facts)
    parts = list(stretches(whole))
    assert [number for number, _ in parts] == sorted({number for number, _ in parts})
    for key, told in (("loss", frame), ("accuracy", sparse)):
        found = [f for _, part in parts for f in part.frames if f.keys == (key,)]
        assert np.array_equal(np.concatenate([f.steps for f in found]), told.steps)
        assert np.array_equal(np.concatenate([f.values for f in found]), told.values)
    places = {fact["kind"]: place for place, (_, part) in enumerate(parts) for fact in part.facts}
    assert places == {"early": 0, "between": 2, "late": len(parts) - 1}
    assert [part.layers for _, part in parts] == [(), *[None] * (len(parts) - 1)]


def test_a_report_of_few_steps_stays_whole(report: MakeReport) -> None:
    short = report({"loss": np.ones(5)}, layers=[])
    assert [part for _, part in stretches(short)] == [short]
    nothing = replace(short, frames=(), facts=({"kind": "end", "step": 7},))
    assert [part for _, part in stretches(nothing)] == [nothing]


def test_a_million_steps_are_a_hundred_stretches() -> None:
    assert np.diff(BOUNDS[:11]).max() == 10
    assert np.searchsorted(BOUNDS, 10**6) < 120
    assert (np.diff(BOUNDS) > 0).all()


@pytest.mark.parametrize("steps", [1, 7, 64, STEPS])
def test_what_came_and_went_is_found_however_it_was_packed(report: MakeReport, steps: int) -> None:
    once, judge = Judge(), Judge()
    for part in packed(passing(report), 10):
        once.follow(part)
    for part in packed(passing(report), steps):
        judge.follow(part)
    expected, found = once.evaluate(), judge.evaluate()
    kinds = [
        {(entry["rule"], entry["state"], entry["severity"], entry["first_step"]) for entry in warnings}
        for warnings in (expected["warnings"], found["warnings"])
    ]
    assert any(severity == "critical" for _, _, severity, _ in kinds[0])
    assert kinds[0] == kinds[1]


def test_a_look_tells_of_news_that_came_on_the_way(report: MakeReport) -> None:
    judge = Judge()
    judge.follow(passing(report))
    assert judge.look()
    assert not judge.look()


def test_a_run_that_is_judged_at_each_report_is_not_judged_again_on_the_way(report: MakeReport) -> None:
    judge, looks = Judge(), []
    judge.signals.rest = lambda: looks.append(judge.signals.step)  # type: ignore[method-assign]
    for part in packed(report({"loss": np.ones(STEPS)}, layers=[linear("fc1", 0)]), 20):
        judge.follow(part)
        judge.look()
    late = [step for step in looks if step >= 200]
    assert late == sorted(set(late)) and len(late) <= 10 + 3
