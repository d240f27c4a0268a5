"""Labels unrelated to the inputs: the network works, and there is nothing to be learned."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainvitals_server.diagnosis.epoch import fewer_than_they_can_tell
from trainvitals_server.diagnosis.feed import evaluated_in_training_mode, last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.network import is_matrix
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.stairs import stairs
from trainvitals_server.diagnosis.turn import turned_above_chance
from trainvitals_server.diagnosis.updates import over_weights, rate_factor
from trainvitals_server.diagnosis.window import trend

RULE = Rule(
    title="Labels unrelated to the inputs",
    shows="A loss that stays at chance while the weights move, the output follows the input, and predictions hit no "
    "more often than the most frequent label; or training samples that "
    "are learned while those held out are hit by chance alone, or a loss that only falls where samples come again.",
    matters="Inputs and labels do not belong together, as after shuffling one without the other: there is nothing to "
    "learn but the samples by heart.",
    todo="Look at a few inputs with their labels just before the network. Shuffle both with one permutation; sort "
    "files of both by one key.",
    source="Karpathy, A Recipe for Training Neural Networks; Zhang et al. 2017, Understanding deep learning requires "
    "rethinking generalization (random labels)",
    thresholds={
        "moves": Threshold(1e-4, "below a tenth of the usual update ratio the weights hardly move (Karpathy, CS231n)"),
        "variation": Threshold(0.01, "an output that differs by less between samples has collapsed"),
        "errors": Threshold(3.0, "standard errors above the most frequent label's share, or no correlation: learned"),
        "errors_chance": Threshold(1.0, "within so many of them predictions are no better; between the two none knows"),
        "classes": Threshold(
            4, "who knows nothing gives whole classes alike: of more their number counts, not samples"
        ),
        "correlation": Threshold(0.1, "it explains a hundredth of the variance: what chance leaves in few samples"),
        "general": Threshold(0.5, "less than half of what was learned holds for what is held out"),
        "looks": Threshold(8, "looks at predictions in one mean"),
        "evaluations": Threshold(6, "validation losses that are all no better than chance: by their noise once in 2^6"),
        "learned": Threshold(
            0.93, "below this share of chance something was learned; what is general shows in both losses"
        ),
        "samples": Threshold(3200, "seen before anything is said, 100 of the usual batches of 32 (Bengio 2012)"),
        "pass_steps": Threshold(12, "steps of a pass over the data: in fewer nothing general would show either"),
        "passes": Threshold(4, "passes over the data that are compared"),
        "first_pass": Threshold(
            0.97, "share of the loss that is left after the first pass, in which nothing can be learned by heart"
        ),
        "kept": Threshold(0.8, "share of the first loss down to which the passes are compared"),
        "fall": Threshold(3.5, "standard errors by which the last pass must be lower than the first"),
        "steady": Threshold(3.0, "standard errors that the loss within a pass must lie above a steady fall"),
        "rate_kept": Threshold(0.1, "a learning rate that fell below this share of its height for half of the run"),
    },
    needs=("loss", "layers"),
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: by heart, which is decisive, or stuck at chance with healthy insides, which needs harm."""
    loss = signals.loss
    if loss.windows is None or loss.game or not _seen_enough(signals, thresholds):
        return
    by_heart = _by_heart(signals, thresholds) or _in_stairs(signals, thresholds)
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
        f"or sort both by one permutation. To tell the network from the data, overfit ten samples.{_slow(signals)}",
        expect="The loss falls clearly below chance within the first pass over the data.",
        by_definition=by_heart is not None,
        aspect="by heart" if by_heart else "",
    )


def _slow(signals: Signals) -> str:
    """What to try before that where updates are smaller than is right: then it may be the rate, if less likely."""
    rate, usual = signals.once(Rate), signals.thresholds["updates"]["fitting_ratio"]
    if not len(rate.ratio) or not 0 < rate.late < usual / 2:
        return ""
    factor = rate_factor(rate.late, signals.thresholds["updates"])
    return f" Updates are only {rate.late:.2g} of the weights: first multiply the learning rate by {factor:.2g}."


def _seen_enough(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether so many samples went by that what they share could have been learned."""
    shape = signals.criterion.get("target_shape") or (thresholds["samples"],)
    return signals.step * max(1, int(shape[0])) >= thresholds["samples"]


def _stuck(signals: Signals, thresholds: Thresholds) -> tuple[str, int] | None:
    """No better than chance, though everything that could keep the network from learning is sound: the last resort.

    Predictions that hit by chance alone say that it was so from the start; a loss alone does not say why it stays.
    """
    harm = signals.loss.harm
    if harm is None or harm.kind not in ("at_chance", "no_progress") or signals.loss.may_wait or _lost_again(signals):
        return None
    if not _moves(signals, thresholds) or not _follows_input(signals, thresholds) or _blown_up(signals):
        return None
    why, hits = f"{harm.why}, though the weights move", _hits(signals, "", thresholds)
    if hits is None:
        # Nothing is known of predictions: large updates are then as likely a reason.
        return (why, harm.first_step) if signals.once(Rate).side is None else None
    return (f"{why}: {hits.words}", 0) if hits.verdict == "chance" else None


def _lost_again(signals: Signals) -> bool:
    """Whether the loss was clearly below chance for a while: there was something to learn, and it was lost.

    Of a noisy loss the lowest of many short means lies far below the loss itself.
    """
    loss, n = signals.loss, int(signals.loss.windowing["points_min"])
    if loss.chance is None or len(loss.finite) < n:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(loss.finite.values, n)
    at_most = windows.mean(axis=1) + loss.windowing["significance"] * windows.std(axis=1, ddof=1) / math.sqrt(n)
    return bool(at_most.min() < loss.thresholds["learned_share"] * loss.chance)


def _blown_up(signals: Signals) -> bool:
    """Whether large updates threw the layers out of their band, or replaced the weights and threw up the loss.

    What is left of the network says nothing of the labels.
    """
    rate = signals.once(Rate)
    thrown = rate.side == "high" and rate.jolted and rate.rise >= rate.thresholds["loss_rise"]
    return thrown or (rate.side == "high" and rate.blown_up is not None)


def _moves(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether all weights are trained, at a rate that lets most of them move all along, and keep what they learn."""
    rate, given = signals.once(Rate), signals.learning_rate.finite().values
    if not len(rate.ratio) or rate.side == "low" or rate.as_drawn or rate.rewrites:
        return False
    if _frozen(signals) or _epsilon_dominates(signals):
        return False
    if len(given) and median(given) < thresholds["rate_kept"] * float(given.max()):
        return False
    return median(rate.ratio.values) > thresholds["moves"] and rate.late_fastest > thresholds["moves"]


def _frozen(signals: Signals) -> bool:
    """Whether a weight matrix is not trained: what it makes of the input may not tell the labels apart."""
    return any(is_matrix(parameter) for _, parameter in signals.network.left_out)


def _epsilon_dominates(signals: Signals) -> bool:
    share = over_weights(signals, "epsilon_dominated_fraction").values
    return len(share) > 0 and median(share) >= signals.thresholds["adam_epsilon"]["share"]


def _follows_input(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether inputs differ and the output with them, as far as that is known."""
    if last_told(signals, "input").get("constant_fraction") == 1.0:
        return False
    variation = signals.history("output_variation").last(int(thresholds["looks"])).values
    return not len(variation) or median(variation) > thresholds["variation"]


def _by_heart(signals: Signals, thresholds: Thresholds) -> tuple[str, int] | None:
    """What is trained on is learned, and what is held out hit by chance alone, at each evaluation: nothing general.

    Whoever knows samples by heart is sure of what is wrong: held out, the loss is then above chance.
    """
    if evaluated_in_training_mode(signals):
        return None
    held_out, trained_on = _hits(signals, "eval/", thresholds), _hits(signals, "", thresholds)
    if held_out is None or held_out.verdict != "chance" or fewer_than_they_can_tell(signals):
        return None
    hit = trained_on is not None and trained_on.verdict == "learned"
    if not (hit or _learned(signals, thresholds) or turned_above_chance(signals)):
        return None
    losses = signals.validation_loss.finite().values
    chance = signals.loss.chance
    if len(losses) and chance is not None:
        # A validation loss that ever beat chance was of something learned, and lost again.
        ever = losses.min() < signals.loss.thresholds["learned_share"] * chance
        late = median(losses[-int(thresholds["evaluations"]) :])
        few = int(thresholds["evaluations"]) // 2
        # Each of three signs may come by chance, or from a wild start; hardly two of them.
        falls = len(losses) >= 2 * few and losses[-few:].mean() < losses[-2 * few : -few].mean()
        general = sum((bool(falls), late < chance, _hits_grow(signals, thresholds)))
        if ever or general > 1 or chance - late > thresholds["general"] * _gain(signals, chance):
            return None
    return f"what is trained on is learned, and of what is held out {held_out.words}", 0


def _in_stairs(signals: Signals, thresholds: Thresholds) -> tuple[str, int] | None:
    """The same told from the training loss alone, where nothing is held out: it falls only where samples come again."""
    # What no layer can do, or where labels have errors, only a part is learned by heart.
    found = None if _frozen(signals) or not _moves(signals, thresholds) else stairs(signals, thresholds)
    if found is None or _hits_beyond_chance(signals, thresholds):
        return None
    return (
        f"the loss stayed at chance in the first pass over the data ({found.steps} steps), then fell by "
        f"{found.fall:.2g} in {found.passes - 1} passes, and only between them: within a pass it rose by "
        f"{found.rise:.2g}, as where samples are learned by heart",
        0,
    )


def _hits_beyond_chance(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether what is held out shows that something general is learned."""
    held_out = _hits(signals, "eval/", thresholds)
    return held_out is not None and held_out.verdict == "learned"


def _hits_grow(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether held-out predictions hit more and more often, beyond the scatter of the evaluations.

    Of many classes it says nothing: whole classes are hit by luck, more and more of them while outputs take shape.
    """
    known = signals.history("eval/prediction_accuracy").finite()
    few = len(last_told(signals, "labels").get("label_counts", ())) < thresholds["classes"]
    return few and len(known) > 2 and trend(known) > signals.thresholds["windows"]["significance"]


def _gain(signals: Signals, chance: float) -> float:
    """By how much the training loss lies below chance."""
    return chance - signals.loss.windows[1].mean if signals.loss.windows else 0.0


def _learned(signals: Signals, thresholds: Thresholds) -> bool:
    loss, chance = signals.loss, signals.loss.chance
    return chance is not None and loss.windows is not None and loss.windows[1].mean < thresholds["learned"] * chance


@dataclass(frozen=True, slots=True)
class Hits:
    """How well predictions hit: beyond chance, by chance alone, or too near to tell; in words."""

    verdict: Literal["learned", "chance", "unsure"]
    words: str


def _hits(signals: Signals, phase: str, thresholds: Thresholds) -> Hits | None:
    """What the later looks at predictions show, None where nothing is known."""
    labels = last_told(signals, "labels")
    accuracy = _late(signals, f"{phase}prediction_accuracy", thresholds)
    if accuracy is not None and labels.get("count"):
        share = max(labels["label_counts"].values()) / labels["count"]
        # A network that knows nothing names one label for all samples that look alike: classes hit or miss as one.
        many = len(labels["label_counts"])
        independent = many if many >= thresholds["classes"] else _predicted(signals, accuracy)
        error = math.sqrt(share * (1 - share) / min(independent, _predicted(signals, accuracy)))
        found = float(accuracy.values.mean())
        words = f"predictions are right in {found:.1%} of cases, always naming the most frequent label in {share:.1%}"
        return Hits(_verdict(found - share, error, thresholds), words)
    correlation = _late(signals, f"{phase}prediction_correlation", thresholds)
    if correlation is None:
        return None
    found = float(correlation.values.mean())
    error = max(1 / math.sqrt(_predicted(signals, correlation)), thresholds["correlation"])
    return Hits(_verdict(found, error, thresholds), f"outputs and targets correlate by {found:.2g}, which is chance")


def _verdict(above: float, error: float, thresholds: Thresholds) -> Literal["learned", "chance", "unsure"]:
    if above > thresholds["errors"] * error:
        return "learned"
    return "chance" if above <= thresholds["errors_chance"] * error else "unsure"


def _late(signals: Signals, statistic: str, thresholds: Thresholds) -> History | None:
    """The later half of the looks at predictions; None where they are too few."""
    known = signals.history(statistic).finite()
    least = int(thresholds["evaluations" if statistic.startswith("eval/") else "looks"])
    return known.last(max(least, len(known) // 2)) if len(known) >= least else None


def _predicted(signals: Signals, looks: History) -> int:
    """How many samples these looks were of at least: no more than those of a training batch, of which 256 are seen."""
    shape = signals.criterion.get("target_shape") or [1]
    return len(looks) * max(1, min(256, int(shape[0])))
