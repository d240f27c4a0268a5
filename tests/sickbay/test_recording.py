"""A recording keeps what a server would get."""

from pathlib import Path

import numpy as np
import pytest

from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report

from . import recording
from .bay import Plan, needs_training
from .case import Case
from .recording import Course, load, save, sdk_fingerprint

CASE = Case("sick", "zero_grad_missing", "mlp digits", 0)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FOLDER", tmp_path)


def report(steps: int) -> Report:
    numbers = np.arange(steps)
    frame = Frame(("loss",), numbers, numbers + 1.7e9, numbers[:, None] * 0.5)
    facts = ({"kind": "early", "step": 3}, {"kind": "late", "step": steps - 1})
    return Report("writer", 1, (frame,), facts=facts, layers=())


def test_a_recording_comes_back_as_it_was_saved() -> None:
    course = Course(0.5, 1.25, "files", "sdk", None)
    save(CASE, course, [report(7), report(30)])
    kept = load(CASE)
    assert kept is not None and kept[0] == course
    assert [len(found.frames[0].steps) for found in kept[1]] == [7, 30]
    assert np.array_equal(kept[1][1].frames[0].values, report(30).frames[0].values)
    assert kept[1][1].facts == report(30).facts


def test_what_is_recorded_from_the_same_files_is_not_trained_again() -> None:
    assert needs_training(CASE, Plan())
    save(CASE, Course(0.5, 1.0, CASE.fingerprint, sdk_fingerprint(), None), [report(3)])
    assert not needs_training(CASE, Plan())
    assert needs_training(CASE, Plan("all")) and needs_training(CASE, Plan(log_freq=5))
    assert not needs_training(CASE, Plan("none", log_freq=5))
    save(CASE, Course(0.5, 1.0, CASE.fingerprint, "another SDK", None), [report(3)])
    assert needs_training(CASE, Plan())
