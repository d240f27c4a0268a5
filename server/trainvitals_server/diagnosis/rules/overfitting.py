"""Overfitting: the validation loss turns while the training loss goes on falling."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.feed import one_label_a_sample
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.turn import Turn, turned
from trainvitals_wire.loss_names import VALIDATION_WORDS, words

RULE = Rule(
    title="Overfitting",
    shows="The validation loss since its best, beside the training loss over the same steps. A note while held-out "
    "predictions are as often right as at a good best, and less than half of the gain is lost: the network is only too "
    "sure.",
    matters="From its best on the network learns the training samples by heart: what it gains there it loses on "
    "all others.",
    todo="Stop at the best validation loss, get more data or augment it, or add dropout and weight decay.",
    source="Prechelt 1998, Early stopping - but when?; Goodfellow, Bengio and Courville 2016, section 7.8; "
    "Guo et al. 2017, On Calibration of Modern Neural Networks",
    thresholds={
        "points": Threshold(8, "fewer evaluations do not tell a turn from noise"),
        "gain_lost": Threshold(0.1, "a tenth of what the validation loss had gained (after Prechelt 1998)"),
        "half_lost": Threshold(0.5, "too sure of itself a network loses less, as long as it is as often right"),
        "hits_lost": Threshold(0.01, "one held-out sample in a hundred is within the noise (Guo et al. 2017)"),
        "noise": Threshold(3.0, "times the scatter of the validation loss, and standard errors of the training loss"),
        "by_heart": Threshold(
            0.01, "a training loss of a hundredth of the held-out one: samples are known, not the rule"
        ),
        "smoothed": Threshold(3, "evaluations in one median: a single bad one turns nothing"),
    },
    needs=("val_loss", "loss"),
    by_definition=True,
)


ACCURACY_WORDS = frozenset({"acc", "accuracy", "top1"})


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, while the training loss is clearly lower than at the turn."""
    if (turn := signals.once(turned)) is not None and _waits(signals, turn):
        return
    if turn is not None:
        why = f"the validation loss rose from {turn.best:.3g} at step {turn.step} to {turn.now:.3g}"
        why = f"{why}; the training loss fell"
    elif (turn := _by_heart(signals, thresholds)) is not None:
        left = f"{signals.loss.windows[1].mean:.2g}" if signals.loss.windows else ""
        why = f"the training loss is {left} and the validation loss {turn.now:.3g}, of {turn.start:.3g} at chance"
    else:
        return
    yield Finding(
        series=signals.validation_loss_key,
        first_step=turn.step,
        last_step=signals.step,
        value=turn.now,
        threshold=f"within {thresholds['gain_lost']:.0%} of what it gained",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("overfitting", why, turn.step),),
        remedy=f"Stop at step {turn.step}, or add data, augmentation, dropout or weight decay.",
        expect="The validation loss stays at its best while the training loss falls.",
        worst="note" if _too_sure(signals, turn, thresholds) else "warning",
        by_definition=True,
    )


def _waits(signals: Signals, turn: Turn) -> bool:
    """Whether a recurrent network has found nothing general yet: it may learn some samples by heart before it does."""
    loss = signals.loss
    if not (loss.recurrent and loss.may_wait) or loss.chance is None:
        return False
    return turn.best >= loss.thresholds["learned_share"] * loss.chance


def _too_sure(signals: Signals, turn: Turn, thresholds: Thresholds) -> bool:
    """Whether only the loss turned, of a network that had learned: held-out predictions hit as often as at its best.

    Of texts the likelihood is what counts.
    """
    hits, few = _hits(signals), int(thresholds["smoothed"])
    general = turn.best < signals.loss.thresholds["stalled_share"] * turn.start and turn.lost < thresholds["half_lost"]
    if not general or len(hits) < 2 * few:
        return False
    middle = int(np.searchsorted(hits.steps, turn.step))
    then = hits.values[max(0, middle - few // 2) : middle + few // 2 + 1]
    return len(then) > 0 and float(np.median(hits.last(few).values)) >= float(np.median(then)) - thresholds["hits_lost"]


def _hits(signals: Signals) -> History:
    """How often held-out predictions are right: what the user logs, else what was seen of a class a sample."""
    logged = [key for key in sorted(signals.metrics) if words(key) & ACCURACY_WORDS and words(key) & VALIDATION_WORDS]
    if logged:
        found = signals.history(logged[0]).finite()
        in_percent = len(found) > 0 and float(found.values.max()) > 1
        return History(found.steps, found.values / 100) if in_percent else found
    seen = signals.history("eval/prediction_accuracy").finite()
    return seen if one_label_a_sample(signals) else seen.first(0)


def _by_heart(signals: Signals, thresholds: Thresholds) -> Turn | None:
    """Samples are known to the last digit, and more than half of the loss at chance is left on all others.

    It need not rise for that: what it might have learned was lost to learning by heart from the start.
    """
    held_out, chance, windows = signals.validation_loss.finite(), signals.loss.chance, signals.loss.windows
    if len(held_out) < thresholds["points"] or chance is None or windows is None or signals.loss.game:
        return None
    now, best = float(np.median(held_out.last(int(thresholds["points"])).values)), int(np.argmin(held_out.values))
    least = float(held_out.values[best])
    share = signals.loss.thresholds["stalled_share"]
    if windows[1].mean > thresholds["by_heart"] * now or not share * chance < least <= now <= 2 * chance:
        return None
    return Turn(int(held_out.steps[best]), least, now, 1.0, chance)
