"""Noisy gradient: the batch is so small that successive gradients point anywhere, and the loss does not fall."""

import math
from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.feed import one_output_a_sample, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import over_weights

RULE = Rule(
    title="Noisy gradient",
    shows="The cosine of successive gradients, and the spread of the loss from batch to batch, where batches are "
    "small.",
    matters="The gradient of a batch is that of the data plus noise. Where the noise is many times larger, a step of "
    "usual size undoes what the last one did.",
    todo="Use a larger batch (32 to 256), accumulate gradients, or divide the learning rate by the factor that the "
    "batch is smaller by.",
    source="McCandlish et al. 2018, An Empirical Model of Large-Batch Training (gradient noise scale); Masters and "
    "Luschi 2018 (2 to 32 samples)",
    thresholds={
        "batch": Threshold(4, "Masters and Luschi 2018: batches of 2 to 32 work; of one or two only at a low rate"),
        "noise": Threshold(10.0, "the noise scale in batches: so many would be needed for as much signal as noise"),
        "spread": Threshold(0.3, "the loss of a batch says little of the loss"),
        "usual_batch": Threshold(32, "Masters and Luschi 2018: a rate that suits it is too high for a smaller one"),
        "least_cosine": Threshold(0.01, "a median of so many cosines is known no better"),
        "samples": Threshold(20, "fewer cosines have no median to speak of"),
        "noise_of_few": Threshold(2.0, "the same where a step of usual size is taken for each sample or two"),
        "few": Threshold(2, "a step for each sample or two, as large as a usual batch may take, is wrong as such"),
        "steps": Threshold(150, "before that the first updates count too much"),
    },
    needs=("batch or criterion", "gradient_cosine", "loss", "update_ratio"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, after the warm-up; without a stall beside it a note.

    Small batches warm up for long: where each sample throws the weights about there is nothing to wait for.
    """
    batch, passes = _batch_size(signals), signals.history("backward_passes").values
    accumulated = batch * (float(np.median(passes)) if len(passes) else 1.0)
    windows = signals.loss.windows
    if not 0 < accumulated <= thresholds["batch"] or windows is None or signals.loss.game:
        return
    late = windows[1]
    cosine = _cosine(signals, int(thresholds["samples"]))
    # Of batches with signal G and noise S the cosine is G^2 / (G^2 + S^2).
    noise = 1 / max(cosine, thresholds["least_cosine"]) - 1 if cosine is not None else 0.0
    spread = late.std / max(abs(late.mean), 1e-12)
    thrown = _thrown_by_noise(signals, accumulated, thresholds)
    certain = thrown is not None and _sample_by_sample(signals, accumulated, thresholds)
    limit = thresholds["noise_of_few" if certain else "noise"]
    if noise < limit or (spread < thresholds["spread"] and thrown is None):
        return
    if not certain and signals.warming_up:
        return
    samples = f"{batch} sample{'s' if batch > 1 else ''}"
    why = f"batches are of {samples}, and their gradients are {noise:.0f} parts noise to one of signal{thrown or ''}"
    yield Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=noise,
        threshold=f"noise scale below {limit:g} batches",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("noisy_gradient", why, 0),),
        remedy="Use a batch of 32 or more, or accumulate gradients; else divide the learning rate by 10.",
        expect="The loss of successive batches agrees, and falls.",
        by_definition=certain,
        # At its floor a loss leaves nothing but noise in any gradient.
        blocking=thrown is not None,
    )


def _sample_by_sample(signals: Signals, batch: float, thresholds: Thresholds) -> bool:
    """Whether a step is taken for a sample or two: a text or an image with a target at each place is many samples.

    Where no criterion was seen at work, a loss that is known to be of classes has one target a score vector, and any
    has at most one where the network gives one number a sample; that what it learns is lost is asked there as well.
    """
    seen, size = signals.criterion.get("target_shape"), _batch_size(signals)
    of_classes = signals.loss.chance is not None and one_output_a_sample(signals, size)
    targets = math.prod(seen) if seen else size if of_classes or _one_number_unlearned(signals, size) else 0
    return batch <= thresholds["few"] and 0 < targets <= thresholds["batch"] and signals.step >= thresholds["steps"]


def _one_number_unlearned(signals: Signals, size: int) -> bool:
    """Whether the network gives one number a sample, and its loss has not come down clearly."""
    if not one_output_a_sample(signals, size) or signals.loss.learned:
        return False
    network = signals.network
    return math.prod(network.layers[network.output_place]["output_shape"] or []) == size


def _thrown_by_noise(signals: Signals, batch: float, thresholds: Thresholds) -> str | None:
    """Updates too large for so small a batch, and not for a usual one: noise falls with the root of its size.

    The network that they ruined may stand still by now, with a loss of hardly any spread.
    """
    rate = signals.once(Rate)
    if not len(rate.smooth) or float(rate.smooth.values.max()) < rate.thresholds["high"]:
        return None
    # What would rewrite the weights with a usual batch, too, is too large as such.
    if rate.size * math.sqrt(batch / thresholds["usual_batch"]) >= rate.thresholds["very_high"]:
        return None
    return f"; updates were {rate.size:.2g} of the weights, too large for so few"


def _batch_size(signals: Signals) -> int:
    sizes = [int(batch.get("size") or 0) for _, batch in signals.once(training_batches)]
    shape = signals.criterion.get("input_shape") or signals.criterion.get("output_shape")
    return int(np.median(sizes)) if sizes else int(shape[0]) if shape else 0


def _cosine(signals: Signals, samples: int) -> float | None:
    found = over_weights(signals, "gradient_cosine")
    return float(np.median(found.values)) if len(found) >= samples else None
