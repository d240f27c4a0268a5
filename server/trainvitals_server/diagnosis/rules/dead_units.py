"""Dead units: units that are never positive, so that no gradient passes them."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, sustained

RULE = Rule(
    title="Dead units",
    shows="The share of a layer's units that were zero for every sample of the batch, over most of the last samples.",
    matters="A rectified unit that is never positive has no gradient and never comes back; a layer of them stops all "
    "learning before it.",
    todo="Lower the learning rate where units died in training; where they are dead from the start, look at the bias "
    "and the initialisation. Leaky ReLU lets them recover.",
    source="Maas, Hannun and Ng 2013; Lu et al. 2019, Dying ReLU and Initialization",
    thresholds={"share": 0.5},
    needs=("dead_unit_fraction",),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden layer; a share of zeros is not death, only units that are always zero count."""
    known = signals.owners("dead_unit_fraction")
    for layer in signals.network.hidden:
        if layer["name"] in known:
            dead = signals.of("dead_unit_fraction", layer["name"]).finite()
            if (stretch := sustained(dead, dead.values >= thresholds["share"])) is not None:
                yield _finding(layer["name"], stretch, thresholds)


def _finding(layer: str, stretch: Stretch, thresholds: Thresholds) -> Finding:
    from_start = stretch.first_step == 0
    when = "before the first update" if from_start else f"since step {stretch.first_step}"
    return Finding(
        layer=layer,
        series=f"dead_unit_fraction/{layer}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"below {thresholds['share']:.0%}",
        summary=f"{stretch.value:.0%} of the units of {layer} are dead {when}",
        causes=(
            Cause(
                "dead_units",
                f"{stretch.value:.0%} of the units of {layer} are never positive {when}",
                stretch.first_step,
            ),
        ),
        remedy="Start the bias of the layer before at 0 and its weights with He initialisation."
        if from_start
        else "Divide the learning rate by 3, or use LeakyReLU.",
        expect="Fewer than a tenth of the units are dead after 100 steps of a new run.",
        worst="warning",
    )
