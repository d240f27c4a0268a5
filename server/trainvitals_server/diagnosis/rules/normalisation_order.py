"""Dropout before batch norm: the variance that the norm learns is not the one it meets in evaluation."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import EVALUATION_PREFIX
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Dropout before batch norm",
    shows="A dropout directly before a batch norm, and the std of the norm's output in training beside that in "
    "evaluation.",
    matters="Dropout raises the variance in training only. The norm's running variance is then too large in "
    "evaluation, and every activation after it comes out too small.",
    todo="Put the dropout after the last batch norm.",
    source="Li et al. 2019, Understanding the disharmony between dropout and batch normalization by variance shift",
    thresholds={
        "shift": Threshold(0.1, "a smaller shift is the noise between two sets of batches"),
        "samples": Threshold(20, "last samples of each phase that are compared"),
    },
    needs=("layers",),
    scope="layer",
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a pair: a note of the order; a warning where the shift in evaluation is measured."""
    for dropout, norm in pairwise(signals.network.layers):
        if _drops(dropout) and norm["type"].startswith("BatchNorm") and _parent(dropout) == _parent(norm):
            yield _finding(signals, dropout["name"], norm["name"], thresholds)


def _drops(layer: Layer) -> bool:
    return layer["type"] in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout") and (
        float(layer.get("attributes", {}).get("p", 0.5)) > 0
    )


def _parent(layer: Layer) -> str:
    return layer["name"].rpartition(".")[0]


def _finding(signals: Signals, dropout: str, norm: str, thresholds: Thresholds) -> Finding:
    shift = _shift(signals, norm, int(thresholds["samples"]))
    shifted = shift is not None and abs(shift - 1) > thresholds["shift"]
    seen = f", whose output in evaluation has {shift:.2f} times the std of training" if shift is not None else ""
    why = f"{dropout} drops units directly before the batch norm {norm}{seen}"
    return Finding(
        layer=norm,
        series=f"activation_std/{norm}",
        first_step=0,
        last_step=signals.step,
        value=shift,
        threshold=f"a std in evaluation within {thresholds['shift']:.0%} of training",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("normalisation_order", why, 0),),
        remedy=f"Move {dropout} behind {norm}, or behind the last batch norm of the network.",
        expect="Loss and activation std in evaluation come close to those in training.",
        worst="warning" if shifted else "note",
        by_definition=True,
    )


def _shift(signals: Signals, norm: str, samples: int) -> float | None:
    """The std of the norm's output in evaluation beside that in training, over the last samples of each."""
    training = signals.of("activation_std", norm).finite().last(samples)
    evaluation = signals.of(f"{EVALUATION_PREFIX}activation_std", norm).finite().last(samples)
    if not len(training) or not len(evaluation) or not training.values.any():
        return None
    return float(np.median(evaluation.values) / np.median(training.values))
