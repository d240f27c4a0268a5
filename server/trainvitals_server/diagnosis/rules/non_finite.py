"""Non-finite values: NaN or infinity in the loss, an activation or a gradient."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.nonfinite import Outbreak, causes, outbreak
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio, rate_advice

RULE = Rule(
    title="Non-finite values",
    shows="The first step and the first place at which a NaN or an infinity appears: input, layer, loss or gradient.",
    matters="One NaN in an update makes every weight NaN, and nothing after it is training.",
    todo="Look at the place named: what came first decides between the input, the loss, a layer and the learning rate.",
    source="Goodfellow, Bengio and Courville 2016, chapters 4 and 8; Pascanu, Mikolov and Bengio 2013",
    thresholds={
        "growth": Threshold(10.0, "growth by an order of magnitude before the outbreak, as a rate too high brings"),
        "growth_steps": Threshold(20, "a rate too high blows up within 5 to 20 steps"),
        "early_steps": Threshold(100, "Bengio 2012, section 3.1: a NaN in the first 100 steps"),
        "wild_ratio": Threshold(0.1, "updates of a tenth of the weights, ten times the upper end of update_ratio"),
        "moderate": Threshold(
            100.0, "scores from which log-softmax is finite; exp overflows at 89, and is no sound loss"
        ),
        "overflowing": Threshold(1e10, "near enough to the 1.8e19 whose square overflows float32"),
    },
    needs=("loss or gradient_norm_total",),
    by_definition=True,
)
REMEDIES = {
    "non_finite_input": "Check the batch of that step: torch.isfinite(x).all(). Clean or drop such samples.",
    "unstable_loss": "Keep log, sqrt and division in the loss away from 0: use losses on logits, or clamp.",
    "unstable_layer": "Keep log, square root and division in forward() away from 0: add a small epsilon.",
    "exploding_gradient": "Clip the global gradient norm to 1.0.",
    "exploding_activation": "Initialise with He or Xavier weights, or put a normalisation layer between the layers.",
    "precision_underflow": "Keep the weights in float32, and compute in float16 with torch.autocast and a GradScaler.",
    "bad_initialisation": "Initialise every parameter: torch.empty leaves what the memory held.",
    "learning_rate_too_high": "Divide the learning rate by 3 until 100 steps bring no NaN; use 1/1 to 1/10 of that.",
}


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, at the first place of the first step: what follows from it is no finding of its own."""
    first = outbreak(signals)
    if first is None:
        return
    found = causes(signals, first, thresholds)
    remedy = REMEDIES.get(found[0].cause, "Look at what this step's batch holds, and at the place named.")
    if found[0].cause == "learning_rate_too_high" and len(
        ratio := network_ratio(signals).between(0, first.step).finite()
    ):
        remedy = f"{rate_advice(signals, float(ratio.values.max()))} {remedy}"
    yield Finding(
        layer=first.layer,
        series=first.series,
        first_step=first.step,
        last_step=signals.step,
        threshold="finite",
        summary=_summary(first),
        causes=found,
        remedy=remedy,
        expect="Loss and gradients stay finite.",
        worst="critical" if first.lasting else "warning",
        by_definition=True,
    )


def _summary(first: Outbreak) -> str:
    where = {
        "input": "the input",
        "weight": "the weights",
        "activation": f"the output of {first.layer}",
        "loss": "the loss",
        "gradient": f"the gradient of {first.layer}" if first.layer else "the gradient",
    }[first.where]
    return f"NaN or infinity at step {first.step}, first in {where}{first.element}"
