"""A stored run judged anew, from its first report to its last."""

from collections.abc import Iterable

from trainvitals_server.diagnosis.judge import Judge
from trainvitals_wire.report import Report

EVALUATIONS = 50
"""A replayed run is judged so often on the way, so that what came and went is found again."""


def replay(judge: Judge, reports: Iterable[Report], count: int) -> None:
    """Give the judge the `count` reports of a run, and have it judge on the way."""
    stride = max(1, count // EVALUATIONS)
    for number, report in enumerate(reports):
        judge.add(report)
        # What is written on the way decides which incident a later warning joins.
        if number % stride == stride - 1 and judge.look():
            judge.written()
