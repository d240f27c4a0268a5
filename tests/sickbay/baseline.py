"""The baseline: each threshold of DIAGNOSIS.md section 2 alone, without gate, life or incident."""

import pkgutil
from importlib import import_module

import numpy as np

from trainvitals_wire.report import Report

from . import naive
from .judgement import Judgement
from .naive_record import NaiveRecord

RULES = {found.name: import_module(f"{naive.__name__}.{found.name}") for found in pkgutil.iter_modules(naive.__path__)}


def judge(reports: list[Report]) -> Judgement:
    """What fires, in the order of its first step; the causes in that order too."""
    record = NaiveRecord(reports)
    with np.errstate(all="ignore"):
        fired = {name: step for name, rule in RULES.items() if (step := rule.fires(record)) is not None}
    order = sorted(fired, key=lambda name: fired[name])
    causes = tuple(dict.fromkeys(RULES[name].CAUSE for name in order))
    return Judgement(fired[order[0]] if order else None, causes, {name: fired[name] for name in order})
