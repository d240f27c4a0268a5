"""Non-finite input: a NaN or an infinity in what the network is fed."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Non-finite input",
    shows="The first batch whose input holds a NaN or an infinity, and which share of the inputs is so.",
    matters="One NaN in a batch makes its loss NaN, and one update later every weight.",
    todo="Look for missing values, for divisions by a spread of zero and logarithms of zero in the preparation of the "
    "data; fill or drop such samples.",
    source="Goodfellow, Bengio and Courville 2016, section 11.5; IEEE 754 (NaN spreads through every sum)",
    thresholds={},
    needs=("input",),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. A network may be made for missing values: more than a note only where the loss breaks."""
    found = [fact["step"] for fact in signals.facts("nonfinite") if fact.get("where") == "input"]
    seen = [
        fact["step"]
        for fact in signals.facts("input")
        if not fact.get("owner") and fact["details"].get("nonfinite_fraction", 0.0) > 0
    ]
    if not found and not seen:
        return
    step = min(found or seen)
    share = last_told(signals, "input").get("nonfinite_fraction") or 0.0
    why = f"an input of step {step} is not finite"
    if share > 0:
        why = f"{why}; {share:.2g} of all input values looked at so far are not"
    yield Finding(
        first_step=step,
        last_step=signals.step,
        value=share,
        threshold="finite",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("non_finite_input", why, step),),
        remedy="Check the data of that batch: torch.isfinite(x).all(). Fill, clean or drop such samples.",
        expect="Loss and gradients stay finite.",
        worst="critical",
        by_definition=signals.loss.harm is not None and signals.loss.harm.kind == "non_finite",
    )
