"""Input not normalised: what goes in is far from mean 0 and standard deviation 1, and the network does not mend it."""

import math
from collections.abc import Iterator

from trainvitals_server.diagnosis.feed import Details, last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import is_embedding, is_matrix, is_norm
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Input not normalised",
    shows="Mean, spread and range of the input beside mean 0 and standard deviation 1, and what the first layer makes "
    "of it.",
    matters="The gradient of the first layer grows with its input. Large inputs saturate and kill units and make "
    "the first loss large; of features of different scales one learning rate is too high for some and too low "
    "for others.",
    todo="Subtract each feature's mean and divide by its standard deviation, both taken from the training data; "
    "divide pixels by 255.",
    source="LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3; Schoop et al. 2021, UMLAUT",
    thresholds={
        "size": Threshold(10.0, "a root mean square ten times that of normalised inputs, for which layers start"),
        "suspect_size": Threshold(3.0, "normalised features lie within three standard deviations of 0"),
        "tiny_size": Threshold(0.01, "a hundredth of what layers are initialised for"),
        "tiny_range": Threshold(
            0.1, "sparse inputs (counts, one-hot, tf-idf) are small in the mean, not in their range"
        ),
        "scaled_up": Threshold(
            0.3, "the least a first layer makes of normalised inputs; of tiny ones its bias alone leaves less"
        ),
        "passed_on": Threshold(
            3.0, "a first layer starts between 0.3 and 1.5 times its input's size; below, it was mended"
        ),
        "lstm": Threshold(0.25, "of 1 to 64 inputs: with saturated gates its output is 0.35 to 0.5, else 0.05 to 0.14"),
        "gru": Threshold(0.45, "of 1 to 64 inputs: with saturated gates its output is 0.65 to 0.95, else 0.1 to 0.3"),
        "rnn": Threshold(0.7, "of 1 to 64 inputs: saturated its output is 0.9 to 1, else 0.2 to 0.5"),
        "offset": Threshold(3.0, "a mean of so many standard deviations: what all samples share drowns what differs"),
        "uneven": Threshold(100.0, "no learning rate fits two features whose scales differ by so much"),
        "pixels_above": Threshold(100.0, "whole numbers from 0 to above this, and at most 255, are bytes of an image"),
    },
    needs=("input",),
)
PIXEL_MAX = 255
RECURRENT_BOUND = {"LSTM": "lstm", "LSTMCell": "lstm", "GRU": "gru", "GRUCell": "gru", "RNN": "rnn", "RNNCell": "rnn"}
"""What bounds the output of a recurrent first layer: not its size but saturated gates tell of large inputs."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: by definition where large inputs reach the hidden layers, else with harm only."""
    seen = last_told(signals, "input")
    size = _size(seen)
    if size is None or _are_codes(signals, seen):
        return
    tiny = _tiny(seen, size, thresholds)
    if (size < thresholds["suspect_size"] and not tiny) or _mended(signals, seen, tiny, thresholds):
        return
    extreme = size >= thresholds["size"]
    step = next((fact["step"] for fact in signals.facts("input")), 0)
    why = f"inputs lie between {seen['min']:.4g} and {seen['max']:.4g}, with mean {seen['mean']:.4g}"
    why = f"{why} and std {seen['std']:.4g}{_features(seen, thresholds)}"
    yield Finding(
        series="input_std",
        first_step=step,
        last_step=signals.step,
        value=size,
        threshold="mean 0 and std 1",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("input_not_normalised", why, step),),
        remedy=_remedy(seen, thresholds),
        expect="Inputs have mean 0 and std 1, the first loss is near chance, and it falls from the first steps.",
        by_definition=extreme,
        blocking=not tiny,
    )


def _size(seen: Details) -> float | None:
    """The root mean square of the input, None where there is none to judge: nothing, or zeros and ones."""
    if any(seen.get(name) is None for name in ("mean", "std", "min", "max")):
        return None
    if seen.get("binary") or seen.get("constant_fraction") == 1.0:
        return None
    return math.hypot(seen["mean"], seen["std"])


def _are_codes(signals: Signals, seen: Details) -> bool:
    """Whether the numbers name something (tokens, classes) and measure nothing."""
    measured = str(seen.get("dtype", "")).startswith(("float", "bfloat", "uint8"))
    embedded = any(is_embedding(layer) for layer in signals.network.layers)
    return not measured or (embedded and bool(seen.get("integer_valued")))


def _tiny(seen: Details, size: float, thresholds: Thresholds) -> bool:
    reach = max(abs(seen["min"]), abs(seen["max"]))
    return 0 < size < thresholds["tiny_size"] and bool(reach < thresholds["tiny_range"])


def _mended(signals: Signals, seen: Details, tiny: bool, thresholds: Thresholds) -> bool:
    """Whether the network normalises the input itself: a norm before the second weight, or a first output of fair size.

    A norm over the features of a sample leaves what all samples share, and no norm after the first weight brings back
    features that others drown. The first output is looked at before any update can have changed it.
    """
    offset = abs(seen["mean"]) > thresholds["offset"] * seen["std"]
    for layer in _entry(signals):
        if is_norm(layer) and not _uneven(seen, thresholds) and (not offset or layer["type"].startswith("BatchNorm")):
            return True
    first = next(iter(signals.network.weights), None)
    size = _first_output(signals, first.layer) if first else None
    if tiny:
        return size is not None and size >= thresholds["scaled_up"]
    fair = thresholds[RECURRENT_BOUND.get(first.layer_type, "passed_on")] if first else 0.0
    return size is not None and size < fair


def _entry(signals: Signals) -> Iterator[Layer]:
    """The layers up to the second weight."""
    weights = 0
    for layer in signals.network.layers:
        weights += not is_norm(layer) and any(map(is_matrix, layer["parameters"]))
        if weights > 1:
            return
        yield layer


def _uneven(seen: Details, thresholds: Thresholds) -> bool:
    """Whether some features are far larger than others, as far as all were seen; rare pixels and words vary little."""
    ratio, known = seen.get("feature_scale_ratio") or 1.0, seen.get("features_seen", 0)
    measured = 1 < seen.get("features", 0) <= known and (seen.get("feature_std_max") or 0.0) >= thresholds["size"]
    return bool(measured and ratio > thresholds["uneven"])


def _first_output(signals: Signals, layer: str) -> float | None:
    mean, std = signals.first("activation_mean", layer), signals.first("activation_std", layer)
    return math.hypot(mean, std) if math.isfinite(mean) and math.isfinite(std) else None


def _features(seen: Details, thresholds: Thresholds) -> str:
    ratio = seen.get("feature_scale_ratio")
    return f"; the spread of its features differs by a factor of {ratio:.2g}" if _uneven(seen, thresholds) else ""


def _remedy(seen: Details, thresholds: Thresholds) -> str:
    pixels = seen.get("integer_valued") and seen["min"] >= 0 and thresholds["pixels_above"] < seen["max"] <= PIXEL_MAX
    if pixels:
        return "Normalise the pixels: divide by 255, then subtract the mean and divide by the std of each channel."
    return "Standardise: subtract each feature's mean and divide by its std, both taken from the training data."
