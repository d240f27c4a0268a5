"""Oscillating: the loss swings about a level far from learned, beyond the noise of its batches."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import rate_advice

RULE = Rule(
    title="Oscillating",
    shows="The spread of the loss about its trend over the last part of the run, and whether neighbouring steps swing "
    "together or against each other, as the noise of batches does not.",
    matters="Updates overshoot: what one step gains the next ones lose, and the loss stays where it is.",
    todo="Divide the learning rate by 3, or let it decay; a larger batch where the batches are tiny.",
    source="Bengio 2012, Practical recommendations, section 3.1; Bartlett 1946 (error of an autocorrelation)",
    thresholds={
        "spread": Threshold(0.15, "swings below this share of the loss are the noise of usual batches"),
        "left": Threshold(0.25, "nearer its end any spread is large beside the loss"),
        "significance": Threshold(
            5.0, "standard errors of an autocorrelation (Bartlett 1946): it is asked again at each report"
        ),
        "lasting": Threshold(0.25, "share of the swings that the earlier half of the points has at least"),
        "points": Threshold(60, "fewer points do not tell swings from noise"),
        "points_max": Threshold(500, "the last part of the run: earlier swings may have ended"),
    },
    needs=("loss",),
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, while the loss neither falls nor is near its end, where any spread is large beside it."""
    loss = signals.loss
    points = loss.finite.last(min(int(thresholds["points_max"]), len(loss.finite) // 3))
    if loss.game or loss.signed or len(points) < thresholds["points"] or loss.falling:
        return
    if (loss.share_left or 0.0) < thresholds["left"]:
        return
    rest, level = _detrended(points), float(np.abs(points.values.mean()))
    spread, swing = float(rest.std()) / max(level, 1e-12), _autocorrelation(rest)
    swings = abs(swing) * np.sqrt(len(rest)) >= thresholds["significance"]
    rate = signals.once(Rate)
    # Swings that have only just begun are how a network leaves a plateau.
    first_half = float(rest[: len(rest) // 2].std())
    if first_half < thresholds["lasting"] * float(rest.std()):
        return
    if spread >= thresholds["spread"] and (swings or (rate.side == "high" and rate.stalls)):
        yield _finding(rate, points, spread, swing, bool(swings), thresholds)


def _detrended(points: History) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What a straight line leaves over."""
    x = points.steps - points.steps.mean()
    values = points.values - points.values.mean()
    return np.asarray(values - x * (x @ values) / (x @ x), np.float64)


def _autocorrelation(rest: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Of neighbouring points: near 0 for noise, above for swings over several steps, below for a jump at each."""
    return float(rest[1:] @ rest[:-1]) / max(float(rest @ rest), 1e-30)


def _finding(rate: Rate, points: History, spread: float, swing: float, swings: bool, thresholds: Thresholds) -> Finding:
    first = int(points.steps[0])
    how = "from step to step" if swing < 0 else "over several steps"
    why = f"the loss swings {how} by {spread:.0%} about {points.values.mean():.3g}, and does not fall"
    high, signals = rate.side == "high", rate.signals
    causes = [Cause("oscillating", why, first)]
    if high:
        large = f"{why}; updates were {rate.size:.2g} of the weights at first"
        causes.insert(0, Cause("learning_rate_too_high", large, first))
    return Finding(
        series=signals.loss.key,
        first_step=first,
        last_step=signals.step,
        value=spread,
        threshold=f"a spread below {thresholds['spread']:.0%} of the loss",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=tuple(causes),
        remedy=rate_advice(signals, rate.size) if high else "Divide the learning rate by 3, or use larger batches.",
        expect="The swings become smaller within about 100 steps, and the loss falls on.",
        # Measured swings and updates together leave no doubt; the swings alone need a stall beside them.
        by_definition=high and swings,
        blocking=True,
    )
