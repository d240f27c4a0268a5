"""Over-regularised: weight decay pulls harder than the data, or dropout leaves too little through."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import over_weights

RULE = Rule(
    title="Over-regularised",
    shows="The pull of weight decay beside that of the data, and the share of its input that a dropout layer lets "
    "through.",
    matters="Weights that are pulled to zero faster than the data moves them carry no signal; with nine units of ten "
    "blanked out each step trains another network on almost nothing.",
    todo="Divide the weight decay by 100 (1e-4 for SGD and 0.01 for AdamW are usual); use a dropout of 0.1 to 0.5.",
    source="Krogh and Hertz 1991 (weight decay); Srivastava et al. 2014, Dropout (keep 0.5 to 0.8)",
    thresholds={
        "decay": Threshold(1.0, "decay pulls harder than the data's gradient"),
        "samples": Threshold(10, "first samples, before decay and data come to balance"),
        "shrunk": Threshold(0.3, "of their size: weights that the data holds up keep most of it"),
        "holds": Threshold(0.5, "decay pulls half as hard as the data to this day: no gradient is left over"),
        "left": Threshold(
            0.25, "share of chance above which such a loss stopped far from learned, as left of degradation_with_depth"
        ),
        "hardly_any": Threshold(
            0.85, "one unit of seven or fewer left: far beyond any that helped (Srivastava et al. 2014)"
        ),
        "dropped": Threshold(0.7, "Srivastava et al. 2014 drop 0.2 of the inputs and 0.5 of the hidden units"),
    },
    needs=("layers", "weight_decay_ratio or activation_zero_fraction"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding each for weight decay and dropout."""
    if (pull := _pull(signals, thresholds)) is not None:
        why = f"weight decay pulls {pull:.2g} times as hard as the data in the first steps"
        shrunk = _shrunk(signals, thresholds["shrunk"])
        if shrunk is not None:
            why = f"{why}, and the weights have shrunk to {shrunk:.2g} of their size"
        stalled = shrunk is not None and _stalled(signals, thresholds)
        yield _finding(
            signals, why, pull, "weight_decay_ratio", "Divide the weight decay by 100.", by_definition=stalled
        )
    if (dropped := _dropped(signals, thresholds)) is not None:
        layer, share = dropped
        why = f"{layer} drops {share:.0%} of its input"
        hardly = share > thresholds["hardly_any"] and _hardly_learns(signals)
        yield _finding(signals, why, share, "dropout", "Lower the dropout to 0.1 to 0.5.", by_definition=hardly)


def _pull(signals: Signals, thresholds: Thresholds) -> float | None:
    """The median over the weights in the first samples; later decay and data are in balance in any run."""
    first = over_weights(signals, "weight_decay_ratio").first(int(thresholds["samples"])).values
    if len(first) < thresholds["samples"]:
        return None
    pull = float(np.median(first))
    return pull if pull > thresholds["decay"] else None


def _shrunk(signals: Signals, limit: float) -> float | None:
    """What is left of the norm of most weight matrices, None where it is more than the limit."""
    norms = [signals.of("weight_norm", weight.name).finite().values for weight in signals.network.weights]
    left = [values[-1] / values[0] for values in norms if len(values) and values[0] > 0]
    share = float(np.median(left)) if left else 1.0
    return share if share < limit else None


def _stalled(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the loss has stopped falling with more than half of chance left, or a quarter where decay holds it there.

    A start above chance excuses nothing.
    """
    loss, limits = signals.loss, signals.thresholds["loss"]
    if loss.windows is None or not loss.chance or loss.game or signals.step < limits["settling"] * loss.warm_up_steps:
        return False
    late = loss.windows[1]
    last = over_weights(signals, "weight_decay_ratio").last(int(thresholds["samples"])).values
    held = float(np.median(last)) > thresholds["holds"]
    share = thresholds["left"] if held else limits["stalled_share"]
    return not loss.falling and late.mean - 2 * late.error > share * loss.chance


def _dropped(signals: Signals, thresholds: Thresholds) -> tuple[str, float] | None:
    """The strongest dropout, by its probability, else by the zeros that it adds to those of the layer before."""
    found: list[tuple[str, float]] = []
    layers = signals.network.layers
    for before, layer in pairwise(layers):
        if "Dropout" not in layer["type"]:
            continue
        if (given := layer.get("attributes", {}).get("p")) is not None:
            found.append((layer["name"], float(given)))
            continue
        if before["output_shape"] != layer["output_shape"]:
            continue
        zeros, already = (_zeros(signals, one["name"]) for one in (layer, before))
        if zeros is not None and already is not None and already < 1:
            found.append((layer["name"], 1 - (1 - zeros) / (1 - already)))
    strongest = max(found, key=lambda entry: entry[1], default=None)
    return strongest if strongest is not None and strongest[1] > thresholds["dropped"] else None


def _hardly_learns(signals: Signals) -> bool:
    """Whether the warm-up is over and most of the loss at chance, or else at the start, is left."""
    windows, level = signals.loss.windows, signals.loss.chance or signals.loss.start
    if windows is None or signals.warming_up or not level:
        return False
    return windows[1].mean > signals.thresholds["loss"]["learned_left"] * level


def _zeros(signals: Signals, layer: str) -> float | None:
    points = signals.of("activation_zero_fraction", layer).finite().first(30).values
    return float(np.median(points)) if len(points) else None


def _finding(
    signals: Signals, why: str, value: float, aspect: str, remedy: str, *, by_definition: bool = False
) -> Finding:
    return Finding(
        series=None,
        first_step=0,
        last_step=signals.step,
        value=value,
        threshold="data before regularisation",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("over_regularised", why, 0),),
        remedy=remedy,
        expect="The training loss falls clearly below that of chance.",
        by_definition=by_definition,
        blocking=True,
        aspect=aspect,
    )
