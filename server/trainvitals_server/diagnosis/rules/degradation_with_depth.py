"""Degradation with depth: a deep plain network that learns nothing, because hardly any signal passes its depth."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import depth_profile
from trainvitals_server.diagnosis.network import SATURATING
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import squashed

RULE = Rule(
    title="Degradation with depth",
    shows="The gradient of the first layer beside that of the last ones before the first update, and how much the "
    "outputs differ between samples, in a deep network of plain rectified layers without norms.",
    matters="Each plain layer passes on less of the differences between samples, and less gradient: a deep plain "
    "network trains worse than a shallow one, even on the data it has seen.",
    todo="Add residual connections, with normalisation layers in their branches, or take away layers.",
    source="He et al. 2016, Deep residual learning; Balduzzi et al. 2017, The shattered gradients problem",
    thresholds={
        "layers": Threshold(10, "plain networks of ten layers and less are trained with care (VGG-11; He et al. 2016)"),
        "first_to_last": Threshold(
            1e-2, "ten times that of vanishing_gradient: the network has no norm to help itself"
        ),
        "variation": Threshold(1e-2, "outputs that differ by less than 1 % between samples: all are alike"),
        "deep": Threshold(
            30, "the deepest plain network that careful initialisation was shown to train (He et al. 2015, section 2.2)"
        ),
    },
    needs=("layers", "gradient_norm"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding; it is no more than a note while the network learns."""
    network, weights = signals.network, signals.network.weights
    if len(weights) < thresholds["layers"] or network.normalised or network.recurrent:
        return
    # What squashes lets the gradient fade by itself: that is vanishing_gradient's to tell.
    if any(layer["type"] in SATURATING for layer in signals.network.hidden) or signals.once(squashed):
        return
    profile = signals.once(depth_profile)
    ratio = profile.first_to_last().first(1) if profile is not None else None
    # What is exactly zero did not fade: a layer without a living unit cuts it off.
    known = ratio is not None and len(ratio) > 0 and ratio.steps[0] == 0
    weak = ratio is not None and known and 0 < ratio.values[0] < thresholds["first_to_last"]
    alike = _alike(signals, thresholds)
    when = "before the first update"
    if not weak and alike is None and (found := _soon_alike(signals, thresholds)) is not None:
        step, alike = found
        when = f"at step {step}"
    if not weak and alike is None:
        return
    signs = []
    if weak and ratio is not None:
        signs.append(f"the gradient of {weights[0].layer} is {ratio.values[0]:.1g} of that of the last layers")
    if alike is not None:
        signs.append(f"its outputs differ by {alike:.1g} of their size between samples")
    why = f"{len(weights)} plain layers lie in a row, without norm; {when} {' and '.join(signs)}"
    yield Finding(
        layer=weights[0].layer,
        series=f"gradient_norm/{weights[0].name}",
        first_step=0,
        last_step=signals.step,
        value=float(ratio.values[0]) if weak and ratio is not None else alike,
        threshold=f"fewer than {thresholds['layers']:g} plain layers, or first to last above "
        f"{thresholds['first_to_last']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("degradation_with_depth", why, 0),),
        remedy="Add residual connections with normalisation layers in their branches, or take away layers.",
        expect="The gradients of all layers come within a factor of 100 of each other from the first step.",
        worst="critical",
        blocking=True,
    )


def _soon_alike(signals: Signals, thresholds: Thresholds) -> tuple[int, float] | None:
    """Step and variation where the first updates made the outputs of a very deep network, that nothing skips, alike."""
    joins = [fact["details"].get("joins") for fact in signals.facts("wiring")[-1:]]
    if len(signals.network.weights) < thresholds["deep"] or joins != [0]:
        return None
    soon = signals.history("output_variation").between(0, signals.warm_up_steps).finite()
    found = np.flatnonzero((soon.values > 0) & (soon.values < thresholds["variation"]))
    return (int(soon.steps[found[0]]), float(soon.values[found[0]])) if len(found) else None


def _alike(signals: Signals, thresholds: Thresholds) -> float | None:
    """How much the first outputs differ between samples, where that is hardly at all."""
    first = signals.history("output_variation").finite().first(3).values
    return float(np.median(first)) if len(first) and 0 < np.median(first) < thresholds["variation"] else None
