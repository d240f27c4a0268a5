"""Vanishing gradient: it shrinks by orders of magnitude on its way back to the first layers, or the first steps."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.fading import STEEPEST, Fading, fading
from trainvitals_server.diagnosis.feed import copies, last_told, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import depth_profile
from trainvitals_server.diagnosis.network import SATURATING
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import squashed
from trainvitals_server.diagnosis.sustained import Stretch, sustained

RULE = Rule(
    title="Vanishing gradient",
    shows="The gradient of the first layer is a tiny share of that of the last ones (root mean square an element); or "
    "the loss stays at chance in a recurrence of sigmoids that can pass on no more to where a sequence begins.",
    matters="The first layers hardly learn, so the later ones work on features that stay random. A recurrence learns "
    "nothing of what came early.",
    todo="Use ReLU-like activations with He initialisation, normalisation layers, or residual connections; in a "
    "recurrence gates (LSTM, GRU), or tanh with an orthogonal matrix.",
    source="Hochreiter 1991; Glorot and Bengio 2010; He et al. 2015",
    thresholds={
        "first_to_last": Threshold(1e-3, "as five sigmoids pass on at most (1/4 each; Hochreiter 1991)"),
    },
    needs=("layers", "gradient_norm"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one along the depth and one along the time."""
    yield from _along_depth(signals, thresholds)
    yield from _along_time(signals, thresholds)


def _along_depth(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, on the first layer in backward order that the gradient hardly reaches."""
    profile = signals.once(depth_profile)
    if profile is None or len(profile.weights) < signals.thresholds["depth"]["layers_min"]:
        return
    ratio = profile.first_to_last()
    stretch = sustained(signals, ratio, ratio.values < thresholds["first_to_last"])
    if stretch is None:
        return
    weak = profile.weak_layer(thresholds["first_to_last"])
    first, last = profile.weights[0].layer, profile.weights[-1].layer
    when = "already before the first update" if stretch.first_step == 0 else f"since step {stretch.first_step}"
    ratio_words = f"the gradient of {first} is {stretch.value:.1g} of that of the layers up to {last}"
    lost = stretch.first_step == 0 and _nothing_arrives(signals)
    alike = ", and the output is the same for all samples" if lost else ""
    why = f"{ratio_words}, {when}{_squashing(signals)}{alike}"
    yield Finding(
        layer=weak.layer,
        series=f"gradient_norm/{profile.weights[0].name}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"first to last above {thresholds['first_to_last']:g}",
        summary=f"The gradient shrinks to {stretch.value:.1g} on its way back to {first}; at {weak.layer} it is lost",
        causes=(Cause("vanishing_gradient", why, stretch.first_step),),
        remedy="Replace sigmoid or tanh by ReLU with He initialisation, or add normalisation or residual connections.",
        expect="The gradients of all layers come within a factor of 100 of each other from the first step.",
        worst="warning" if lost else "critical",
        by_definition=lost,
        blocking=True,
    )


def _along_time(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, on a recurrence that cannot carry a gradient back to where its sequences begin.

    Only of a loss that has stayed at chance for longer than a plateau: what comes late in a sequence is learned all
    the same. Where weights hardly move that is the reason.
    """
    loss, fade = signals.loss, signals.once(fading)
    if fade is None or loss.harm is None or loss.harm.kind not in ("at_chance", "no_progress") or loss.may_wait:
        return
    stretch = sustained(signals, fade.passed, fade.passed.values < thresholds["first_to_last"])
    if stretch is not None and signals.once(Rate).side != "low":
        yield _faded(fade, stretch, thresholds)


def _faded(fade: Fading, stretch: Stretch, thresholds: Thresholds) -> Finding:
    slope = STEEPEST[fade.function]
    why = (
        f"{fade.weight} is applied {fade.times} times in a row, with a {fade.function.lower()} between that passes on "
        f"at most {slope:g} of the gradient: {stretch.value:.1g} of it can come back to the first"
    )
    return Finding(
        layer=fade.layer,
        series=f"weight_std/{fade.weight}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"first to last above {thresholds['first_to_last']:g}",
        summary=f"No more than {stretch.value:.1g} of the gradient can come back through the {fade.times} steps of "
        f"{fade.layer}",
        causes=(Cause("vanishing_gradient", why, stretch.first_step),),
        remedy="Use an LSTM or a GRU, or tanh in place of the sigmoid with an orthogonal recurrent matrix "
        "(nn.init.orthogonal_).",
        expect="The loss comes below chance: what lies at the beginning of a sequence is learned.",
        worst="critical",
        aspect="time",
    )


def _nothing_arrives(signals: Signals) -> bool:
    """Whether the output is the same for all samples, though they differ: the signal is lost as the gradient is."""
    limits, outputs = signals.thresholds["input_ignored"], signals.history("output_variation").values
    batches = [batch for _, batch in signals.once(training_batches)]
    alike = last_told(signals, "input").get("constant_fraction", 1.0) == 1 or (batches and all(map(copies, batches)))
    return not alike and len(outputs) >= limits["looks"] and bool((outputs < limits["variation"]).all())


def _squashing(signals: Signals) -> str:
    """How many squashing activations lie on the way: each sigmoid passes on at most a quarter of the gradient."""
    modules = sum(layer["type"] in SATURATING for layer in signals.network.hidden)
    count = modules + len(signals.once(squashed))
    return f"; {count} squashing activations lie on the way" if count else ""
