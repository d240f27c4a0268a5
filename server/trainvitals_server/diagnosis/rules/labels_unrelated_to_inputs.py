"""Labels unrelated to the inputs: the network works, and there is nothing to be learned."""

import math
from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Labels unrelated to the inputs",
    shows="A loss that stays at chance while the weights move, the output follows the input, and predictions hit no "
    "more often than the most frequent label; or training samples that "
    "are learned while those held out are hit by chance alone.",
    matters="Inputs and labels do not belong together, as after shuffling one without the other: there is nothing to "
    "learn but the samples by heart.",
    todo="Look at a few inputs with their labels just before the network. Shuffle both with one permutation; sort "
    "files of both by one key.",
    source="Karpathy, A Recipe for Training Neural Networks; Zhang et al. 2017, Understanding deep learning requires "
    "rethinking generalization (random labels)",
    thresholds={
        "moves": Threshold(1e-4, "below a tenth of the usual update ratio the weights hardly move (Karpathy, CS231n)"),
        "variation": Threshold(0.01, "an output that differs by less between samples has collapsed"),
        "errors": Threshold(3.0, "standard errors above the most frequent label's share, or above no correlation"),
        "looks": Threshold(8, "looks at predictions in one mean"),
        "evaluations": Threshold(6, "validation losses that are all no better than chance: by their noise once in 2^6"),
        "learned": Threshold(
            0.93, "below this share of chance something was learned; what is general shows in both losses"
        ),
        "untrained_high": Threshold(1.3, "a first validation loss farther above chance is on a scale of its own"),
    },
    needs=("loss", "layers"),
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: by heart, which is decisive, or stuck at chance with healthy insides, which needs harm."""
    loss = signals.loss
    if loss.windows is None or loss.game:
        return
    by_heart = _by_heart(signals, thresholds)
    found = by_heart or _stuck(signals, thresholds)
    if found is None:
        return
    why, step = found
    yield Finding(
        series=loss.key,
        first_step=step,
        last_step=signals.step,
        value=loss.windows[1].mean,
        threshold=f"below chance of {loss.chance:.3g}" if loss.chance is not None else "a fall beyond the noise",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("labels_unrelated_to_inputs", why, step),),
        remedy="Check that inputs and labels belong together: print a few pairs just before model(x), and shuffle "
        "or sort both by one permutation. To tell the network from the data, overfit ten samples.",
        expect="The loss falls clearly below chance within the first pass over the data.",
        by_definition=by_heart is not None,
        aspect="by heart" if by_heart else "",
    )


def _stuck(signals: Signals, thresholds: Thresholds) -> tuple[str, int] | None:
    """No better than chance, though everything that could keep the network from learning is sound.

    Predictions that hit by chance alone say that it was so from the start; a loss alone does not say why it stays.
    """
    harm = signals.loss.harm
    if harm is None or harm.kind not in ("at_chance", "no_progress"):
        return None
    if not _moves(signals, thresholds) or not _follows_input(signals, thresholds):
        return None
    why, hits = f"{harm.why}, though the weights move", _hits(signals, "", thresholds)
    if hits is None:
        # Nothing is known of predictions: large updates are then as likely a reason.
        return (why, harm.first_step) if signals.once(Rate).side is None else None
    return (f"{why}: {hits}", 0) if hits else None


def _moves(signals: Signals, thresholds: Thresholds) -> bool:
    rate = signals.once(Rate)
    return len(rate.fastest) > 0 and rate.late_fastest > thresholds["moves"]


def _follows_input(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether inputs differ and the output with them, as far as that is known."""
    if last_told(signals, "input").get("constant_fraction") == 1.0:
        return False
    variation = signals.history("output_variation").last(int(thresholds["looks"])).values
    return not len(variation) or float(np.median(variation)) > thresholds["variation"]


def _by_heart(signals: Signals, thresholds: Thresholds) -> tuple[str, int] | None:
    """What is trained on is predicted, and what is held out by chance alone, at each evaluation: nothing general."""
    held_out = _hits(signals, "eval/", thresholds)
    if not held_out or not (_learned(signals, thresholds) or _hits(signals, "", thresholds) == ""):
        return None
    losses = signals.validation_loss.finite().values
    chance = signals.loss.chance
    # A validation loss that ever beat chance was of something learned, and lost again.
    if len(losses) and chance is not None and losses.min() < signals.loss.thresholds["chance_share"] * chance:
        return None
    return f"what is trained on is learned, and of what is held out {held_out}", 0


def _learned(signals: Signals, thresholds: Thresholds) -> bool:
    loss, chance = signals.loss, signals.loss.chance
    return chance is not None and loss.windows is not None and loss.windows[1].mean < thresholds["learned"] * chance


def _hits(signals: Signals, phase: str, thresholds: Thresholds) -> str | None:
    """What shows that predictions hit by chance alone; empty where they do better, None where nothing is known."""
    labels, errors = last_told(signals, "labels"), thresholds["errors"]
    accuracy = _late(signals, f"{phase}prediction_accuracy", thresholds)
    if accuracy is not None and labels.get("count"):
        share = max(labels["label_counts"].values()) / labels["count"]
        limit = share + errors * math.sqrt(share * (1 - share) / _predicted(signals, accuracy))
        found = float(accuracy.values.mean())
        told = f"predictions are right in {found:.1%} of cases, always naming the most frequent label in {share:.1%}"
        return told if found <= limit else ""
    correlation = _late(signals, f"{phase}prediction_correlation", thresholds)
    if correlation is None:
        return None
    found = float(correlation.values.mean())
    limit = errors / math.sqrt(_predicted(signals, correlation))
    return f"outputs and targets correlate by {found:.2g}, which is chance" if found <= limit else ""


def _late(signals: Signals, statistic: str, thresholds: Thresholds) -> History | None:
    """The later half of the looks at predictions; None where they are too few."""
    known = signals.history(statistic).finite()
    least = int(thresholds["evaluations" if statistic.startswith("eval/") else "looks"])
    return known.last(max(least, len(known) // 2)) if len(known) >= least else None


def _predicted(signals: Signals, looks: History) -> int:
    """How many samples these looks were of at least: no more than those of a training batch, of which 256 are seen."""
    shape = signals.criterion.get("target_shape") or [1]
    return len(looks) * max(1, min(256, int(shape[0])))
