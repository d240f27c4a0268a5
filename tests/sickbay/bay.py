"""The sick bay: cases in, results out, in a few worker processes that train and judge."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Literal

from . import baseline
from .case import Case
from .judgement import Judgement, judge
from .recording import Course, course_of, load, record, save, sdk_fingerprint

Training = Literal["stale", "all", "none"]
"""Which cases are trained: those whose recording is missing or made from other files, all, or none at all."""


@dataclass(frozen=True)
class Result:
    """How a case went, and what the diagnosis and the naive rules say of it."""

    case: Case
    course: Course
    judged: Judgement
    naive: Judgement


@dataclass(frozen=True)
class Plan:
    """What a worker is told beside the case."""

    train: Training = "stale"
    log_freq: int | None = None


def examine(case: Case, plan: Plan) -> Result | None:
    """Train a case where the plan asks for it, and judge it; None where it is not recorded and may not be trained."""
    if needs_training(case, plan):
        course, reports = record(case, plan.log_freq)
        save(case, course, reports)
    kept = load(case)
    if kept is None:
        return None
    course, reports = kept
    return Result(case, course, judge(reports), baseline.judge(reports))


def needs_training(case: Case, plan: Plan) -> bool:
    """Whether a case is to be trained before it is judged."""
    if plan.train == "none":
        return False
    course = course_of(case)
    made_from = (case.fingerprint, sdk_fingerprint(), plan.log_freq)
    return plan.train == "all" or course is None or (course.fingerprint, course.sdk, course.log_freq) != made_from


def examine_all(
    cases: Iterable[Case], plan: Plan, workers: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Result]:
    """The results in the order of the cases."""
    waiting = list(dict.fromkeys(cases))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures = [pool.submit(examine, case, plan) for case in waiting]
        for done, future in enumerate(futures, 1):
            result = future.result()
            progress(done, len(waiting))
            if result is not None:
                yield result
