"""Update ratio outside 1e-4 to 1e-2."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.median import running_medians
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.rate import Rate, Side
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, last_points, stretches
from trainvitals_server.diagnosis.table import Table
from trainvitals_server.diagnosis.updates import rate_advice, rolling_median, weight_ratio

RULE = Rule(
    title="Update ratio far from 1e-3",
    shows="How large a step's change of a weight matrix is beside the matrix itself, as a median over 20 samples.",
    matters="Above 1e-2 the weights are rewritten faster than the loss can guide them; below 1e-4 they hardly move.",
    todo="Scale the learning rate so that the ratio comes near 1e-3. Where only some layers are off, look at their "
    "gradient first.",
    source="Karpathy, CS231n: ratio of weights to updates about 1e-3",
    thresholds={
        "low": Threshold(1e-4, "a tenth of 1e-3 (Karpathy, CS231n)"),
        "high": Threshold(1e-2, "ten times 1e-3 (Karpathy, CS231n)"),
        "samples": Threshold(20, "a median of so many: single updates leap with their batch"),
    },
    needs=("layers", "update_ratio"),
    scope="layer",
    after_warm_up=True,
)


LOOKED_BACK = 128
"""Samples looked at; an earlier onset is known from when they were looked at before."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a trainable weight matrix; silent in the warm-up, and about small steps of a run that has learned."""
    rate = signals.once(Rate)
    side = None if rate.waits else rate.side
    suspects = {weight.name: weight for weight in _suspects(signals, thresholds)}
    medians = _medians(signals, tuple(suspects), int(thresholds["samples"]))
    bad = medians.values > thresholds["high"]
    if not signals.loss.learned:
        bad |= (medians.values < thresholds["low"]) & (medians.values > 0)
    shelf = signals.shelf(thresholds)
    looked_from = int(medians.steps[0]) if len(medians.steps) else 0
    for name, found in stretches(signals, medians, bad).items():
        onset = shelf.onset(name, found.first_step, found.last_step, looked_from)
        stretch = found if onset == found.first_step else Stretch(onset, found.last_step, found.value)
        told = stretch.first_step, stretch.value > thresholds["high"], side
        make = partial(_finding, signals, suspects[name], stretch, side, thresholds)
        yield shelf.keep(name, told, make)


def _medians(signals: Signals, names: tuple[str, ...], samples: int) -> Table:
    """The running medians of the last samples of each weight [weights, steps]."""
    # Where a weight has gaps, or may only just have begun to move, its finite samples are counted one by one.
    clear = LOOKED_BACK + int(signals.thresholds["updates"]["zero_start_samples"])
    table = signals.running_medians("update_ratio", names, samples, clear)
    if table is None:
        single = [rolling_median(weight_ratio(signals, name).last(LOOKED_BACK), samples) for name in names]
        return Table.of(names, single)
    kept = LOOKED_BACK - samples + 1
    return Table(names, table.steps[-kept:], table.values[:, -kept:])


def _suspects(signals: Signals, thresholds: Thresholds) -> list[Weight]:
    """The weights whose last medians are outside the band, or not known together."""
    weights, samples = signals.network.hidden_weights, int(thresholds["samples"])
    points = samples + last_points(signals) - 1
    last = signals.last("update_ratio", [weight.name for weight in weights], points)
    if not len(weights) or last.shape[1] < points:
        return list(weights)
    # Of values within the band the medians are: most weights need none. What stands still is no ratio to judge.
    open_question = np.flatnonzero(~_within(last, thresholds) & last.any(axis=1))
    late = running_medians(last[open_question], samples)
    return [weights[place] for place in open_question[~_within(late, thresholds)]]


def _within(values: Floats, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Of which weights all values [weights, samples] lie in the band."""
    return np.asarray(((values >= thresholds["low"]) & (values <= thresholds["high"])).all(axis=1), np.bool_)


def _finding(signals: Signals, weight: Weight, stretch: Stretch, side: Side | None, thresholds: Thresholds) -> Finding:
    high = stretch.value > thresholds["high"]
    where, bound = ("above", thresholds["high"]) if high else ("below", thresholds["low"])
    why = f"the update of {weight.name} is {stretch.value:.2g} of the weight, about 1e-3 is right"
    # One layer that is off says nothing of the learning rate: only where network and loss agree it is a cause.
    blamed = side == ("high" if high else "low")
    return Finding(
        layer=weight.layer,
        series=f"update_ratio/{weight.name}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"{thresholds['low']:g} to {thresholds['high']:g}",
        summary=f"Update ratio {stretch.value:.2g} is {where} {bound:g} since step {stretch.first_step}",
        causes=(Cause(f"learning_rate_too_{side}", why, stretch.first_step),) if blamed else (),
        remedy=rate_advice(signals, stretch.value)
        if blamed
        else "Look at the gradient of this layer beside the others'.",
        expect="The ratio comes to about 1e-3 at once, and the loss falls steadily.",
        worst="warning" if blamed else "note",
    )
