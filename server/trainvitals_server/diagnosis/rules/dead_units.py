"""Dead units: units that are never positive, so that no gradient passes them."""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from trainvitals_server.diagnosis.emptied import emptied
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, candidates, stretches

RULE = Rule(
    title="Dead units",
    shows="The share of a layer's units that were zero for every sample of the batch, over most of the last samples; "
    "where the rectifier is a function, units that are never positive, in a layer that hardly any gradient "
    "reaches, or of which zeros alone come out behind two layers and more.",
    matters="A rectified unit that is never positive has no gradient and never comes back; a layer of them stops all "
    "learning before it.",
    todo="Lower the learning rate where units died in training; where they are dead from the start, look at the bias "
    "and the initialisation. Leaky ReLU lets them recover.",
    source="Maas, Hannun and Ng 2013; Lu et al. 2019, Dying ReLU and Initialization",
    thresholds={
        "share": Threshold(0.5, "half of a layer; single dead units are common in healthy networks (Lu et al. 2019)"),
        "blocking_share": Threshold(0.9, "so few living units pass hardly any gradient (Lu et al. 2019)"),
        "starved": Threshold(
            1e-2, "a gradient so weak beside the strongest: behind a function it shows that units died"
        ),
        "onset_share": Threshold(0.95, "the share of zeros comes this close to that of dead units when they die"),
    },
    needs=("layers", "dead_unit_fraction or nonpositive_unit_fraction"),
    scope="layer",
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden layer; a share of zeros is not death, only units that are always zero count."""
    layers = signals.at_start("layers with dead units", lambda: _rectified(signals))
    suspects = candidates(signals, "dead_unit_fraction", layers, lambda last: last >= thresholds["share"])
    table = signals.table("dead_unit_fraction", suspects)
    found = stretches(signals, table, table.values >= thresholds["share"])
    shelf = signals.shelf(thresholds)
    for layer, stretch in found.items():
        # Of a stretch that goes on it is told once: the share of dead units moves, and what the zeros say with it.
        onset = shelf.remember(layer, stretch.first_step, partial(_onset, signals, layer, stretch, thresholds))
        told = onset, stretch.value >= thresholds["blocking_share"]
        yield shelf.keep(layer, told, partial(_finding, layer, stretch, onset, thresholds))
    yield from _behind_functions(signals, thresholds)
    yield from _cut(signals, thresholds["blocking_share"])


def _rectified(signals: Signals) -> list[str]:
    known = signals.owners("dead_unit_fraction")
    return [layer["name"] for layer in signals.network.hidden if layer["name"] in known]


def _behind_functions(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """The same where the rectifier is a function (`F.relu`): units never positive, and hardly a gradient to them.

    Where no rectifier follows, units below 0 have a gradient like all others.
    """
    known = signals.owners("nonpositive_unit_fraction")
    layers = [layer for layer in signals.network.before_functions if layer in known]
    share = thresholds["blocking_share"]
    suspects = candidates(signals, "nonpositive_unit_fraction", layers, lambda last: last >= share)
    if not suspects:
        return
    table = signals.table("nonpositive_unit_fraction", suspects)
    for layer, stretch in stretches(signals, table, table.values >= share).items():
        if _starved(signals, layer, thresholds["starved"]):
            # Told from several batches: what was so when it was first told was so before.
            first = int(signals.of("nonpositive_unit_fraction", layer).finite().steps[0])
            onset = 0 if stretch.first_step <= first < signals.thresholds["warm_up"]["steps"] else stretch.first_step
            found = _finding(layer, stretch, onset, thresholds)
            series = f"nonpositive_unit_fraction/{layer}"
            yield replace(found, series=series, remedy=found.remedy.replace("the layer before", layer))


def _cut(signals: Signals, share: float) -> Iterator[Finding]:
    """At most one finding: a function gives 0 for what is positive as well, behind one layer after the other."""
    places = signals.once(emptied)
    if not places or signals.first("nonpositive_unit_fraction", places[0]) >= share:
        return
    layer, most = places[0], float(signals.of("activation_absmax", places[0]).finite().values.max())
    why = f"nothing but zeros comes out of what follows {', '.join(places)}, though {layer} gives up to {most:.2g}"
    yield Finding(
        layer=layer,
        series=f"activation_absmax/{layer}",
        first_step=0,
        last_step=signals.step,
        value=1.0,
        threshold="below 50%",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("dead_units", f"{why}: its units are dead from the start", 0),),
        remedy=f"Take the threshold out of the function that follows {layer}, or lower it: relu(x) lets half through.",
        expect="Fewer than a tenth of the units are dead after 100 steps of a new run.",
        worst="warning",
        by_definition=True,
        blocking=True,
        aspect="cut",
    )


def _starved(signals: Signals, layer: str, share: float) -> bool:
    """Whether hardly any gradient reaches the weights of a layer, by its last sample."""
    weights = signals.network.weights
    norms = signals.last("gradient_norm", [weight.name for weight in weights], 1)
    if not norms.shape[1] or not np.isfinite(norms[:, 0]).any():
        return False
    size = norms[:, 0] / np.sqrt([math.prod(weight.shape) for weight in weights])
    own = [size[place] for place, weight in enumerate(weights) if weight.layer == layer]
    return bool(own and own[0] <= share * np.nanmax(size))


def _onset(signals: Signals, layer: str, stretch: Stretch, thresholds: Thresholds) -> int:
    """When the units died. Death is told over a window of steps; the share of zeros shows when it began.

    Units that live are zero in part as well, about as often as at first.
    """
    before = signals.of("activation_zero_fraction", layer).between(0, stretch.first_step)
    zeros = before.values
    usual = (1 - stretch.value) * (zeros[0] if len(zeros) else 0.0)
    alive = np.flatnonzero(zeros < thresholds["onset_share"] * stretch.value + usual)
    since = int(alive[-1]) + 1 if len(alive) else 0
    return int(before.steps[since]) if since < len(zeros) else stretch.first_step


def _finding(layer: str, stretch: Stretch, first_step: int, thresholds: Thresholds) -> Finding:
    when = f"since step {first_step}" if first_step else "before the first update"
    return Finding(
        layer=layer,
        series=f"dead_unit_fraction/{layer}",
        first_step=first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"below {thresholds['share']:.0%}",
        summary=f"{stretch.value:.0%} of the units of {layer} are dead {when}",
        causes=(
            Cause("dead_units", f"{stretch.value:.0%} of the units of {layer} are never positive {when}", first_step),
        ),
        remedy="Divide the learning rate by 3, or use LeakyReLU."
        if first_step
        else "Start the bias of the layer before at 0 and its weights with He initialisation.",
        expect="Fewer than a tenth of the units are dead after 100 steps of a new run.",
        worst="warning",
        blocking=stretch.value >= thresholds["blocking_share"],
    )
