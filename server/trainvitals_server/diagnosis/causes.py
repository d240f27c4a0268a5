"""Makes one story of the causes that were named: the root first, then what it brought about, nothing that denies it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from trainvitals_server.diagnosis.finding import Cause

CAUSES_MAX = 3
"""A card names the root and at most two more."""

STORIES_MAX = 4096
"""Stories that are remembered."""

_BROKEN_FORWARD = frozenset({"exploding_activation", "dead_units", "saturated_units", "non_finite"})
_BROKEN_BACKWARD = frozenset({"vanishing_gradient", "exploding_gradient", "no_gradient"})
_STARVED = (_BROKEN_FORWARD | _BROKEN_BACKWARD) - {"non_finite", "exploding_gradient"}
"""What layers look like to which no signal comes."""
_RATE = frozenset({"learning_rate_too_high", "learning_rate_too_low"})
_NOTHING_TO_LEARN = frozenset({"labels_unrelated_to_inputs"})
"""What a loss at chance suggests where nothing keeps the network from learning."""

OUTCOMES = frozenset({"no_progress", "diverging", "oscillating", "non_finite"})
"""They say that it goes wrong, not why: first only where nothing more specific is known."""

READINGS = (
    _RATE
    | _NOTHING_TO_LEARN
    | {"frozen_parameters", "not_in_optimizer", "no_gradient", "loss_at_init", "class_imbalance"}
)
"""What an update, a stillness, a level or the labels of some batches suggest by themselves. Where a cause explains it,
the reading was wrong."""

_IN_LAYERS = _BROKEN_FORWARD | _BROKEN_BACKWARD
BY_UPDATES = frozenset(
    {"learning_rate_too_high", "loss_sign", "missing_zero_grad", "noisy_gradient", "over_regularised"}
)
"""They work through the updates: what layers show before the first one has another cause."""

EXPLAINS: dict[str, frozenset[str]] = {
    "non_finite_input": frozenset({"learning_rate_too_high"}) | _BROKEN_FORWARD | _BROKEN_BACKWARD,
    "rank_divergence": frozenset({"unstable_loss", "unstable_layer", "non_finite_input"})
    | _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE,
    "unstable_loss": frozenset({"exploding_gradient"}),
    "unstable_layer": frozenset({"exploding_gradient"}),
    "learning_rate_too_high": _BROKEN_FORWARD | _BROKEN_BACKWARD | {"unstable_loss", "learning_rate_too_low"},
    "bad_initialisation": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"loss_at_init", "input_ignored", "degradation_with_depth", "loss_sign", "clipping_always_on"}
    # Decay pulls by the size of the weights, and beside a gradient: where units are all alike theirs cancel.
    | {"over_regularised"},
    "vanishing_gradient": _RATE | {"frozen_parameters", "dead_units", "exploding_activation", "loss_sign"},
    "exploding_activation": frozenset(
        {"exploding_gradient", "saturated_units", "dead_units", "loss_at_init", "loss_sign"}
    )
    | _RATE,
    "degradation_with_depth": frozenset({"vanishing_gradient", "no_gradient", "frozen_parameters", "dead_units"})
    | _RATE
    | {"input_ignored"},
    "saturated_units": frozenset({"vanishing_gradient", "no_gradient", "exploding_activation", "loss_sign"}) | _RATE,
    "dead_units": frozenset({"vanishing_gradient", "no_gradient", "frozen_parameters"}) | _RATE,
    "exploding_gradient": _RATE | {"loss_at_init"},
    "frozen_parameters": frozenset({"learning_rate_too_low"}),
    "not_in_optimizer": frozenset({"frozen_parameters", "learning_rate_too_low"}),
    "no_gradient": frozenset({"frozen_parameters", "not_in_optimizer", "learning_rate_too_low", "vanishing_gradient"}),
    "loss_output_mismatch": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"loss_at_init", "class_imbalance", "input_ignored"},
    "shape_broadcast": _RATE | {"loss_at_init"},
    "single_label_batches": _BROKEN_FORWARD | _BROKEN_BACKWARD | _RATE | {"class_imbalance"},
    "constant_input": _STARVED | _RATE | {"frozen_parameters", "loss_at_init", "input_ignored"},
    "input_ignored": _STARVED | _RATE | {"frozen_parameters", "loss_at_init"},
    "input_not_normalised": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"bad_initialisation", "frozen_parameters", "loss_at_init", "unstable_loss", "unstable_layer", "input_ignored"},
    "repeated_batch": _RATE | {"overfitting", "class_imbalance"},
    "unshuffled_data": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"class_imbalance", "loss_at_init", "single_label_batches"},
    "labels_unrelated_to_inputs": frozenset(
        {"learning_rate_too_high", "overfitting", "exploding_gradient", "noisy_gradient"}
    ),
    "loss_at_init": frozenset(
        {"learning_rate_too_high", "exploding_activation", "exploding_gradient", "dead_units", "no_gradient"}
    ),
    "target_not_scaled": _BROKEN_FORWARD | _BROKEN_BACKWARD | _RATE | {"loss_at_init", "unstable_loss"},
    "missing_zero_grad": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"loss_at_init", "loss_sign", "unstable_loss", "overfitting"},
    "loss_sign": _BROKEN_FORWARD
    | _BROKEN_BACKWARD
    | _RATE
    | {"loss_at_init", "loss_scale", "unstable_loss", "over_regularised"},
    "loss_reduction": _BROKEN_FORWARD | _BROKEN_BACKWARD | _RATE | {"unstable_loss", "loss_at_init"},
    "loss_scale": _BROKEN_FORWARD | _BROKEN_BACKWARD | _RATE | {"unstable_loss", "loss_at_init", "over_regularised"},
    "over_regularised": _STARVED | _RATE | {"frozen_parameters", "exploding_gradient", "capacity_too_small"},
    "clipping_always_on": frozenset({"learning_rate_too_low", "capacity_too_small"}),
    "precision_underflow": frozenset({"learning_rate_too_low", "frozen_parameters", "capacity_too_small"}),
    "noisy_gradient": frozenset({"learning_rate_too_high", "exploding_gradient", "dead_units"}),
    "capacity_too_small": frozenset({"dead_units", "saturated_units"}),
    "train_eval_mode": frozenset({"input_ignored", "learning_rate_too_low", "overfitting"}),
}
"""Root -> what it brings about, when it is seen no later. (DESIGN.md section 6.)"""

LEARNS_ALL_THE_SAME = (
    OUTCOMES | _NOTHING_TO_LEARN | {"learning_rate_too_high", "overfitting", "normalisation_order", "repeated_batch"}
)
"""They do not make it look as if there were nothing to be learned; all others do, whenever they are seen. (The rule
about labels asks for sound updates itself.)"""

DENIES: dict[str, frozenset[str]] = {
    "learning_rate_too_high": frozenset({"learning_rate_too_low"}),
    "learning_rate_too_low": frozenset({"exploding_activation", "exploding_gradient", "dead_units"}),
    "vanishing_gradient": frozenset({"exploding_gradient", "exploding_activation", *_RATE}),
    "dead_units": frozenset({"exploding_gradient"}),
}
"""Of two causes that deny each other (either way round) only the one that ranks first is told."""

BREAKS_NOTHING = frozenset(
    {
        "not_in_optimizer",
        "frozen_parameters",
        "no_gradient",
        "learning_rate_too_low",
        "vanishing_gradient",
        "dead_units",
        "missing_nonlinearity",
        "normalisation_order",
        "train_eval_mode",
        "clipping_always_on",
        "precision_underflow",
        "capacity_too_small",
        "shape_broadcast",
        "class_imbalance",
        "overfitting",
        "constant_input",
        "input_ignored",
        "repeated_batch",
        "labels_unrelated_to_inputs",
    }
)
"""They keep a network from learning, or from generalising; no loss leaps or overflows because of them."""

STRUCTURAL = frozenset(
    {
        "not_in_optimizer",
        "missing_nonlinearity",
        "normalisation_order",
        "train_eval_mode",
        "precision_underflow",
        "shape_broadcast",
        "loss_output_mismatch",
        "class_imbalance",
        "overfitting",
        "input_not_normalised",
        "target_not_scaled",
        "repeated_batch",
        "unshuffled_data",
    }
)
"""Seen in how the training is built or fed, whenever looked at: that two of them begin together says nothing."""


def story(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """The ranked causes without wrong readings and without what denies one before it; at most three."""
    given = tuple(causes)
    if len(given) < 2 or (len(given) == 2 and given[0] is given[1]):
        return given[:1]
    return tuple(given[place] for place in _told(tuple((cause.cause, cause.first_step) for cause in given)))


@lru_cache(maxsize=STORIES_MAX)
def _told(signs: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
    """Which of several causes are told, in order; forty layers ask for the same story."""
    given = [Cause(cause, "", first_step) for cause, first_step in signs]
    places = {id(cause): place for place, cause in enumerate(given)}
    told: list[Cause] = []
    for cause in ranked(given):
        misread = cause.cause in READINGS and any(explains(other, cause) for other in told)
        if not misread and not any(deny(other.cause, cause.cause) for other in told):
            told.append(cause)
    return tuple(places[id(cause)] for cause in told[:CAUSES_MAX])


def ranked(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each cause once, roots first.

    Outcomes come last. Among the others one that an earlier or simultaneous cause explains comes after it; what
    remains is ordered by onset, then by how much it explains. What is seen before the first update (step 0) cannot
    come from the learning rate.
    """
    unique: dict[str, Cause] = {}
    for cause in causes:
        known = unique.get(cause.cause)
        if known is None or cause.first_step < known.first_step:
            unique[cause.cause] = cause
    present = list(unique.values())

    def place(cause: Cause) -> tuple[bool, int, int, int]:
        explained = sum(explains(other, cause) for other in present)
        explaining = sum(explains(cause, other) for other in present)
        # What the update of a step does shows at the next one.
        seen = cause.first_step + (cause.cause == "learning_rate_too_high")
        return cause.cause in OUTCOMES, explained, seen, -explaining

    return tuple(sorted(present, key=place))


def explains(root: Cause, symptom: Cause) -> bool:
    """Whether one cause may have brought about the other: the kinds fit and it was not seen later."""
    if symptom.cause in OUTCOMES:
        return root.cause not in OUTCOMES and (symptom.cause == "no_progress" or root.cause not in BREAKS_NOTHING)
    if symptom.cause in _NOTHING_TO_LEARN:
        return root.cause not in LEARNS_ALL_THE_SAME
    if symptom.cause not in EXPLAINS.get(root.cause, ()):
        return False
    if root.cause == "learning_rate_too_high" or (root.cause in BY_UPDATES and symptom.cause in _IN_LAYERS):
        # The update of step s shows in the activations and gradients of step s + 1.
        return root.first_step < symptom.first_step
    if root.cause == "loss_at_init" and symptom.cause in {"exploding_activation", "exploding_gradient"}:
        # What explodes before the first update is no doing of the level of the loss; what grows to undo it is.
        return root.first_step < symptom.first_step
    return root.first_step <= symptom.first_step and not (
        symptom.cause == "learning_rate_too_high" and explains(symptom, root)
    )


def deny(one: str, other: str) -> bool:
    """Whether two causes contradict each other."""
    return other in DENIES.get(one, ()) or one in DENIES.get(other, ())


def apart(one: Sequence[Cause], other: Sequence[Cause]) -> bool:
    """Whether two findings' first causes are faults of their own, however close their onsets."""
    if not one or not other or one[0].cause == other[0].cause:
        return False
    both = one[0].cause in STRUCTURAL and other[0].cause in STRUCTURAL
    return both and not explains(one[0], other[0]) and not explains(other[0], one[0])
