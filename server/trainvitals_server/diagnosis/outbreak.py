"""Where non-finite values broke out first: the step, and the first place in the order of training."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.loss_series import logged_loss, logged_terms
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import series_key
from trainvitals_wire.records import Fact

Where = Literal["input", "weight", "activation", "loss", "gradient"]
LAYER_STATISTICS = ("activation_std", "activation_mean")
SKIPS_MAX = 10
"""A GradScaler halves its scale at each step it skips: after ten of them the scale was not at fault."""
MASK_SAMPLES = 5
"""Samples before the outbreak that show whether a layer is never finite."""
RECOVERED = 3
"""Without a scaler a gradient that is finite again within so many samples is the user's own skipping."""


@dataclass(frozen=True, slots=True)
class Outbreak:
    """The first step with a non-finite value, and the first place of it in the order of `Where`.

    `lasting` is whether the run is still not finite; `sampled` whether the layers were looked at in that very step;
    `details` are those of the SDK's fact, where it found the element.
    """

    step: int
    where: Where
    layer: str | None
    series: str | None
    lasting: bool
    sampled: bool = True
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def element(self) -> str:
        """Which element it is, where the SDK found it: ` (element [3, 5] is nan, 1 of 1920)`."""
        if "index" not in self.details:
            return ""
        size = int(np.prod(self.details.get("shape", [0])))
        count = f", {self.details.get('count', 1)} of {size} are not finite" if size else ""
        return f" (element {self.details['index']} is {self.details.get('value', 'nan')}{count})"


def outbreak(signals: Signals) -> Outbreak | None:
    """The first outbreak that matters, None where all that matters is finite.

    Infinities that a mask puts into an activation while loss and gradient stay finite are none, nor are gradients of
    steps that a GradScaler skipped.
    """
    (key, loss), total = _loss(signals), signals.history("gradient_norm_total")
    bad_loss = _first_bad(loss)
    lost = bad_loss is not None and not np.isfinite(loss.values[-1])
    bad_gradient = _lasting_since(total, 1 if lost else _patience(signals))
    if bad_loss is None and bad_gradient is None:
        return None
    step = min(found for found in (bad_loss, bad_gradient) if found is not None)
    lasting = not all(np.isfinite(history.values[-1]) for history in (loss, total) if len(history))
    sampled = _sampled(signals, step)
    if (fact := _bad_input(signals, step, sampled)) is not None:
        return Outbreak(step, "input", None, None, lasting, sampled, _details(fact))
    if (fact := _told(signals, "weight", step)) is not None:
        name = fact.get("owner", "")
        series = series_key("weight_norm", name)
        return Outbreak(step, "weight", signals.network.owner.get(name), series, lasting, sampled, _details(fact))
    if (found := _bad_layer(signals, step)) is not None:
        return Outbreak(step, "activation", *found[:2], lasting, sampled, found[2])
    if bad_loss == step:
        return Outbreak(step, "loss", None, key, lasting, sampled)
    weight = _bad_weight(signals, step)
    series = series_key("gradient_norm", weight[1]) if weight else "gradient_norm_total"
    details = _details(_told(signals, "gradient", step) or {})
    return Outbreak(step, "gradient", weight[0] if weight else None, series, lasting, sampled, details)


def _loss(signals: Signals) -> tuple[str, History]:
    """The judged loss; another that the user logs where only that is not finite.

    Where none is judged a term will do. One that a batch has no samples for is NaN by right, and never infinite.
    """
    judged = signals.loss.key, signals.loss.history
    if len(judged[1]):
        own = logged_loss(signals.history, signals.metrics)
        return (own, signals.history(own)) if own and _first_bad(judged[1]) is None else judged
    terms = ((key, signals.history(key)) for key in logged_terms(signals.history, signals.metrics))
    return next(((key, term) for key, term in terms if _broken(signals, term)), judged)


def _broken(signals: Signals, term: History) -> bool:
    """Whether a term was infinite several times, or is not finite as long as a state is looked at."""
    lasts = int(signals.thresholds["persistence"]["points"])
    infinite = int(np.isinf(term.values).sum()) >= signals.thresholds["loss"]["non_finite_points"]
    return infinite or int((~np.isfinite(term.values[-lasts:])).sum()) == lasts


def _first_bad(history: History) -> int | None:
    bad = np.flatnonzero(~np.isfinite(history.values))
    return int(history.steps[bad[0]]) if len(bad) else None


def _lasting_since(total: History, samples: int) -> int | None:
    """Since when the gradient is not finite, None where that is for fewer than so many samples."""
    good = np.flatnonzero(np.isfinite(total.values))
    first = int(good[-1]) + 1 if len(good) else 0
    return int(total.steps[first]) if len(total) - first >= samples else None


def _patience(signals: Signals) -> int:
    """How many samples with such gradients may be skipped on purpose, while the loss is finite."""
    scaled = len(signals.history("gradient_scale")) > 0 or bool(signals.facts("skipped_step"))
    return SKIPS_MAX if scaled else RECOVERED


def _told(signals: Signals, where: str, step: int) -> Fact | None:
    """What the SDK says of a place at a step."""
    return next((f for f in signals.facts("nonfinite") if f.get("where") == where and f["step"] == step), None)


def _details(fact: Fact) -> dict[str, Any]:
    return fact.get("details", {}) or {}


def _bad_input(signals: Signals, step: int, sampled: bool) -> Fact | None:
    """The first input that was not finite, where it is what the run died of.

    An input with a NaN that the model copes with is followed by a finite loss. One seen only later counts where
    nobody looked at the step itself.
    """
    for fact in sorted(_bad_inputs(signals), key=lambda fact: fact["step"]):
        seen = fact["step"]
        if seen > step and sampled:
            return None
        coped = signals.loss.history.between(seen, max(seen, step - 1))
        if seen >= step or not np.isfinite(coped.values).any():
            return fact
    return None


def _bad_inputs(signals: Signals) -> Iterator[Fact]:
    yield from (fact for fact in signals.facts("nonfinite") if fact.get("where") == "input")
    yield from (fact for fact in signals.facts("input") if _details(fact).get("nonfinite_fraction"))


def _bad_layer(signals: Signals, step: int) -> tuple[str, str, dict[str, Any]] | None:
    """The first layer whose output was not finite at the step itself, and was before."""
    fact = _told(signals, "activation", step) or _told(signals, "layer", step)
    if fact is not None and fact.get("owner") and not _always_bad(signals, fact["owner"], step):
        return fact["owner"], series_key("activation_std", fact["owner"]), _details(fact)
    for layer in signals.network.layers:
        name = layer["name"]
        if (series := _bad_series(signals, name, step)) is not None and not _always_bad(signals, name, step):
            return name, series, {}
    return None


def _bad_series(signals: Signals, layer: str, step: int) -> str | None:
    for statistic in LAYER_STATISTICS:
        at = signals.of(statistic, layer).between(step, step)
        if len(at) and not np.isfinite(at.values[0]):
            return series_key(statistic, layer)
    count = signals.of("nonfinite_count", layer).between(step, step)
    return series_key("nonfinite_count", layer) if len(count) and count.values[0] > 0 else None


def _always_bad(signals: Signals, layer: str, step: int) -> bool:
    """Whether a layer is a mask: its output was not finite at earlier steps either, and the loss was."""
    before = signals.of("activation_std", layer).between(0, step - 1).last(MASK_SAMPLES)
    return any(_bad_series(signals, layer, int(at)) for at in before.steps)


def _sampled(signals: Signals, step: int) -> bool:
    owners = signals.owners("activation_std")
    return any(len(signals.of("activation_std", owner).between(step, step)) for owner in owners)


def _bad_weight(signals: Signals, step: int) -> tuple[str | None, str] | None:
    """Layer and name of the first weight in backward order whose gradient was not finite at the step."""
    for weight in reversed(signals.network.weights):
        at = signals.of("gradient_norm", weight.name).between(step, step)
        if len(at) and not np.isfinite(at.values[0]):
            return weight.layer, weight.name
    return None
