"""Frozen parameters: weights that do not move, with the exact reason."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.frozen_whole import frozen_whole
from trainvitals_server.diagnosis.routing import routed
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.stillness import (
    ALL_ZERO,
    DEAD,
    NO_GRADIENT,
    NOT_CALLED,
    NOT_IN_OPTIMIZER,
    NOT_ROUTED,
    NOT_TRAINABLE,
    ONE_STEP,
    ONE_STEP_BACK,
    RATE_ZERO,
    ZERO_GRADIENT,
    ZEROED,
    Verdict,
)
from trainvitals_server.diagnosis.tables import read_past_the_graph
from trainvitals_server.diagnosis.unmoved import unmoved
from trainvitals_server.diagnosis.unregistered import unregistered

RULE = Rule(
    title="Frozen parameters",
    shows="Weights that stay as they are: not trainable, not in the optimizer, without gradient, with a gradient of "
    "exactly zero, with a learning rate of zero, or frozen as they were drawn while hardly anything is learned; "
    "layers and tensors that the model does not register, such as those of a plain list.",
    matters="A part of the network that was meant to learn does not; the loss often still falls, and nobody notices.",
    todo="Do what the reason says; where it is on purpose, set `requires_grad = False`, which makes this a note.",
    source="Exact check of the parameters; Karpathy, A Recipe for Training Neural Networks",
    thresholds={
        "samples": Threshold(10, "ten gradients of exactly zero in a row are no accident of the batch"),
        "steps": Threshold(20, "a warm-up may begin with a learning rate of 0 for some steps"),
        "dead_share": Threshold(0.999, "a layer without a living unit passes no gradient at all"),
        "zeroed_samples": Threshold(5, "backward passes that left a gradient of which the step found nothing"),
        "drawn": Threshold(4.0, "standard errors of a std from that of the default initialisation"),
        "elements": Threshold(256, "frozen weights: of fewer the std is not known to a tenth"),
    },
    needs=("layers",),
    scope="layer",
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a layer and reason, naming all of its parameters concerned."""
    found = dict[str, dict[Verdict, list[str]]]()
    told = set[str]()
    zeroed = _zeroed(signals, thresholds)
    still = zeroed or _still(signals, thresholds)
    for layer, name, verdict in (*_left_out(signals), *still, *_without_rate(signals, thresholds)):
        if name not in told:
            found.setdefault(layer, {}).setdefault(verdict, []).append(name)
            told.add(name)
    yield from unregistered(signals)
    yield from unmoved(signals)
    yield from frozen_whole(signals)
    yield from read_past_the_graph(signals)
    for layer, verdicts in found.items():
        for verdict, names in verdicts.items():
            make = partial(_finding, signals.step, layer, verdict, names)
            yield signals.shelf(thresholds).keep((layer, verdict), tuple(names), make)


def _left_out(signals: Signals) -> Iterator[tuple[str, str, Verdict]]:
    """Layer, parameter and reason of each parameter that is not meant to move, or that no optimizer has.

    What moves all the same is in an optimizer that is not watched.
    """
    for layer, parameter in signals.network.left_out:
        if not parameter.get("trainable", True):
            yield layer, parameter["name"], NOT_TRAINABLE
            continue
        norm = signals.of("weight_norm", parameter["name"]).finite().values
        if not len(norm) or (len(norm) > 1 and norm.min() == norm.max()):
            yield layer, parameter["name"], NOT_IN_OPTIMIZER


def _still(signals: Signals, thresholds: Thresholds) -> Iterator[tuple[str, str, Verdict]]:
    """Layer, parameter and reason of each weight matrix that should learn and has no gradient."""
    if signals.step < thresholds["steps"]:
        return
    samples = int(thresholds["samples"])
    moving = _moving(signals, samples)
    still = [(layer, name) for layer, name in signals.network.learning if name not in moving]
    never = _all_zero(signals, "gradient_norm", still)
    empty = _all_zero(signals, "weight_norm", still)
    counts = dict(zip(never, signals.finite_counts("gradient_norm", tuple(never)), strict=True))
    for layer, name in still:
        verdict = _gradient_verdict(signals, name, samples, counts.get(name))
        if verdict is ZERO_GRADIENT:
            verdict = _one_step(name, moving) or verdict
        if verdict is ZERO_GRADIENT:
            verdict = ALL_ZERO if name in empty else _dead_behind(signals, layer, thresholds["dead_share"]) or verdict
        if verdict is not None:
            yield layer, name, verdict


def _one_step(name: str, moving: frozenset[str]) -> Verdict | None:
    """That a recurrent layer is asked for its first step alone: the state is 0 then, and its matrix of no matter."""
    if "weight_hh" not in name or name.replace("weight_hh", "weight_ih") not in moving:
        return None
    return ONE_STEP_BACK if name.endswith("_reverse") else ONE_STEP


def _all_zero(signals: Signals, statistic: str, parameters: list[tuple[str, str]]) -> dict[str, None]:
    """The parameters of which all that is remembered of a statistic is exactly zero."""
    known = signals.owners(statistic)
    names = [name for _, name in parameters if name in known]
    return {name: None for name, zero in zip(names, signals.zero(statistic, names), strict=True) if zero}


def _dead_behind(signals: Signals, layer: str, share: float) -> Verdict | None:
    """That the first rectifying layer behind without a living unit explains a gradient that is zero from the start.

    So does one just before: where every input is 0 no weight has a gradient, whatever comes back from the loss.
    """
    dead, place = signals.once(_dead_from_start)(share), signals.network.place(layer)
    behind = bisect_left(dead, place)
    if behind < len(dead):
        return _dead(signals.network.layers[dead[behind]]["name"])
    weighty = signals.network.weight_places
    before = bisect_left(weighty, place) - 1
    if not dead or before < 0 or dead[-1] < weighty[before]:
        return None
    return _dead(signals.network.layers[dead[-1]]["name"])


@lru_cache
def _dead(layer: str) -> Verdict:
    return replace(DEAD, says=DEAD.says.format(layer))


def _dead_from_start(signals: Signals) -> Callable[[float], list[int]]:
    """Share -> the places of the rectifying layers of which so many units were dead at each of their first samples.

    Where the rectifier is a function it is the layer before it whose units are never positive.
    """
    order, before = signals.network.order, frozenset(signals.network.before_functions)
    least = _least(signals, "dead_unit_fraction", order) | _least(signals, "nonpositive_unit_fraction", before)
    return cache(lambda share: sorted(order[name] for name, dead in least.items() if share <= dead <= 1))


def _least(signals: Signals, statistic: str, layers: Collection[str]) -> dict[str, float]:
    """The least value of each of these layers among its first samples."""
    known = signals.owners(statistic)
    names = tuple(name for name in signals.network.order if name in known and name in layers)
    table = signals.table(statistic, names)
    begun = table.values[:, :10]
    if begun.shape[1] == 10 and np.isfinite(begun).all():
        least = begun.min(axis=1).tolist()
    else:
        least = [table.history(place).first(10).values.min(initial=np.inf) for place in range(len(names))]
    return dict(zip(names, least, strict=True))


def _moving(signals: Signals, samples: int) -> frozenset[str]:
    """The parameters that had a gradient in their last samples, told at once."""
    owners = signals.at_start("owners of gradients", lambda: tuple(sorted(signals.owners("gradient_norm"))))
    last = signals.last("gradient_norm", owners, samples)
    moves = (np.isfinite(last) & (last != 0)).any(axis=1).tolist()
    return frozenset(owner for owner, moving in zip(owners, moves, strict=True) if moving)


def _gradient_verdict(signals: Signals, name: str, samples: int, zeros: int | None) -> Verdict | None:
    """Why a parameter does not move; `zeros` is how many gradients it had where all of them were exactly zero."""
    if zeros is not None:
        if zeros < samples:
            return None
        return NOT_ROUTED if routed(signals, name) else ZERO_GRADIENT
    norm = signals.of("gradient_norm", name)
    if not len(norm):
        return _without_gradient(signals, name, samples)
    if len(norm) < samples or norm.last(samples).values.any():
        return None
    if routed(signals, name):
        return NOT_ROUTED
    # It had a gradient once: staged freezing and dying networks are told apart by harm, not by definition.
    first = int(norm.steps[int(norm.values.nonzero()[0][-1]) + 1])
    return Verdict(ZERO_GRADIENT.cause, ZERO_GRADIENT.says, ZERO_GRADIENT.remedy, first_step=first)


def _without_gradient(signals: Signals, name: str, samples: int) -> Verdict | None:
    since = _trainable_since(signals, name)
    if since is None:
        return None
    # Without a watched optimizer gradients are looked at when something is logged, and may be zeroed by then.
    named = signals.facts("optimizer") and any(
        fact["step"] >= since and name in fact.get("parameters", ()) for fact in signals.facts("no_gradient")
    )
    sampled = any(
        signals.count("gradient_norm", owner) >= samples
        and (not since or len(signals.of("gradient_norm", owner).finite().between(since, signals.step)) >= samples)
        for owner in signals.owners("gradient_norm")
    )
    if not (named or sampled):
        return None
    if not _called(signals, name):
        return NOT_CALLED
    return NOT_ROUTED if routed(signals, name) else NO_GRADIENT


def _trainable_since(signals: Signals, name: str) -> int | None:
    """The step at which a parameter was unfrozen, 0 for one that was never frozen, None while it still is.

    Layers tell of no step, and may run ahead of the numbers.
    """
    since, frozen, count = 0, frozenset[str](), 0
    for fact in signals.facts("parameters"):
        told = fact["details"]
        now, left = frozenset(told.get("not_trainable", ())), int(told.get("not_trainable_count") or 0)
        # Of a long list the names are cut off: any may be among those that were unfrozen.
        if name not in now and (name in frozen or len(frozen) < count > left):
            since = fact["step"]
        frozen, count = now, left
    return None if name in frozen else since


def _called(signals: Signals, name: str) -> bool:
    """Whether the layer of a parameter gave any output, as far as outputs are looked at."""
    seen = signals.owners("activation_std")
    return not seen or signals.network.owner[name] in seen


def _zeroed(signals: Signals, thresholds: Thresholds) -> list[tuple[str, str, Verdict]]:
    """All weights, where backward passes leave gradients that are gone at the step: seen between the two."""
    before = signals.history("gradient_norm_unclipped").finite().last(int(thresholds["zeroed_samples"]))
    if len(before) < thresholds["zeroed_samples"] or not (before.values > 0).all():
        return []
    since, until = int(before.steps[0]), int(before.steps[-1])
    total = signals.history("gradient_norm_total").between(since, until).values
    learning = [name for _, name in signals.network.learning]
    # Gradients set to None are told by name; where gradients are not looked at, neither is known.
    named = {name for fact in signals.facts("no_gradient") for name in fact.get("parameters", ())}
    if total.any() or not (len(total) or (learning and named.issuperset(learning))):
        return []
    norms = (signals.of("gradient_norm", name).between(since, until).values for name in learning)
    if any(norm.any() for norm in norms):
        return []
    return [(layer, name, ZEROED) for layer, name in signals.network.learning]


def _without_rate(signals: Signals, thresholds: Thresholds) -> Iterator[tuple[str, str, Verdict]]:
    """Each weight matrix of a parameter group whose learning rate is 0 all along."""
    first = _rate_is_zero(signals, "learning_rate", thresholds)
    later: Mapping[str, list[str]] = next(
        (fact["details"].get("group", {}) for fact in reversed(signals.facts("parameters"))), {}
    )
    group = {name: number for number, names in later.items() for name in names}
    zero = {number for number in later if _rate_is_zero(signals, f"learning_rate/group{number}", thresholds)}
    if not (first or zero):
        return
    for layer, name in ((layer, matrix["name"]) for layer, matrix in signals.network.matrices):
        if (group[name] in zero) if name in group else first:
            yield layer, name, RATE_ZERO


def _rate_is_zero(signals: Signals, key: str, thresholds: Thresholds) -> bool:
    """A warm-up begins at 0 for a step, and a schedule may end there: only a rate that never was more counts."""
    rate = signals.history(key)
    return len(rate) >= thresholds["samples"] and signals.step >= thresholds["steps"] and not rate.values.any()


def _finding(step: int, layer: str, verdict: Verdict, names: list[str]) -> Finding:
    which = names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"
    lost_later = verdict.first_step > 0
    since = f" since step {verdict.first_step}" if lost_later else ""
    return Finding(
        layer=layer,
        series=f"update_norm/{names[0]}",
        first_step=verdict.first_step,
        last_step=step,
        threshold="every trainable weight moves",
        summary=f"{which} {verdict.says}{since}",
        causes=(Cause(verdict.cause, f"{which} {verdict.says}{since}", verdict.first_step),),
        remedy=verdict.remedy,
        expect="Its update ratio is above 0 from the first step.",
        worst=verdict.worst,
        by_definition=not lost_later,
    )
