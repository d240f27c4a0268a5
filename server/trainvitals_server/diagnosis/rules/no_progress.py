"""No progress: the loss stays where it was, or gets worse."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="No progress",
    shows="The loss is no better than chance, does not change beyond its own noise, or diverges.",
    matters="Nothing is learned: every further step is wasted until the cause is found.",
    todo="Look at the causes named beside it. Where there are none: check that inputs and labels belong together, then "
    "try to overfit ten samples.",
    source="Karpathy, A Recipe for Training Neural Networks; Welch 1947 (comparing two means)",
    thresholds={},
    needs=("loss",),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding while the loss shows harm that is not its being non-finite (which is a rule of its own)."""
    harm = signals.loss.harm
    if harm is None or harm.kind == "non_finite":
        return
    chance = signals.loss.chance
    diverging = harm.kind == "diverging"
    yield Finding(
        series=signals.loss.key,
        first_step=harm.first_step,
        last_step=signals.step,
        value=harm.value,
        threshold=f"chance is {chance:.3g}" if chance is not None else "a fall beyond the noise",
        summary=f"{harm.why[0].upper()}{harm.why[1:]}",
        causes=(Cause("diverging" if diverging else "no_progress", harm.why, harm.first_step),),
        remedy="Stop, and go back to the last step before the loss rose with a lower learning rate."
        if diverging
        else "Try to overfit ten samples: if that fails, the network or the loss is wrong; if not, the data.",
        expect="The loss falls clearly below its start within a few hundred steps.",
        worst=harm.worst,
        by_definition=True,
    )
