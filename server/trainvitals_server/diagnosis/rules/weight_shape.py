"""The shape of weights: many at one value, or heavy tails on both sides."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.shape import Shape
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Weights do not look Gaussian",
    shows="The last histogram of a weight matrix: the share of weights that lie at one value, and its kurtosis.",
    matters="Weights drift towards a Gaussian while they are trained. Many at one value are clamped, pruned or stuck; "
    "heavy tails on both sides belong to weights that run away.",
    todo="Look for a clamp, a mask, or units that get no gradient where weights pile up; at the learning rate and the "
    "weight decay where the tails are heavy.",
    source="Deeplearning4j visualisation guide (histograms of parameters); Martin and Mahoney 2021 (heavy tails)",
    thresholds={
        "spike": Threshold(0.3, "five times what the fullest bucket, a quarter of an octave, holds of a Gaussian"),
        "kurtosis": Threshold(30.0, "ten times a Gaussian's; Laplace 6, Student's t with five degrees of freedom 9"),
        "tail": Threshold(1e-3, "of each side beyond four std: thirty times a Gaussian's 3e-5"),
        "weights": Threshold(1000, "the kurtosis of fewer is too noisy to say so (standard error sqrt(24 / n))"),
    },
    needs=("layers", "histograms"),
    scope="layer",
    after_warm_up=True,
    severity="note",
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One note a weight matrix; it never warns, for pruned, clamped and quantised weights are meant to be so."""
    for weight in signals.network.weights:
        shape = signals.shapes.get(f"weight/{weight.name}")
        if shape is None or shape.count < thresholds["weights"]:
            continue
        value, share = shape.spike
        if share > thresholds["spike"]:
            words = f"{share:.0%} of the weights of {weight.name} lie at about {value:.2g}"
            yield _finding(signals, weight, shape, share, words, f"below {thresholds['spike']:.0%} at one value")
        elif shape.kurtosis > thresholds["kurtosis"] and min(shape.tails) > thresholds["tail"]:
            words = f"the weights of {weight.name} have heavy tails on both sides (kurtosis {shape.kurtosis:.0f})"
            threshold = f"a kurtosis below {thresholds['kurtosis']:g}"
            yield _finding(signals, weight, shape, shape.kurtosis, words, threshold)


def _finding(signals: Signals, weight: Weight, shape: Shape, value: float, words: str, threshold: str) -> Finding:
    return Finding(
        layer=weight.layer,
        series=f"weight_std/{weight.name}",
        first_step=shape.step,
        last_step=signals.step,
        value=value,
        threshold=threshold,
        summary=f"{words[0].upper()}{words[1:]}",
        causes=(),
        remedy="Look at the histogram of the weights over time: what piles up is clamped, pruned or stuck, and what "
        "runs away on both sides asks for a lower learning rate or for weight decay.",
        expect="The histogram of the weights becomes one bell around 0.",
        worst="note",
    )
