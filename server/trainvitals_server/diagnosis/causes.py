"""Ranks causes: a root before the symptoms it explains, and nothing general where something specific is known."""

from collections.abc import Iterable

from trainvitals_server.diagnosis.finding import Cause

_BROKEN_FORWARD = frozenset({"exploding_activation", "dead_units", "saturated_units", "non_finite"})
_BROKEN_BACKWARD = frozenset({"vanishing_gradient", "exploding_gradient", "no_gradient"})
OUTCOMES = frozenset({"no_progress", "diverging", "oscillating", "non_finite"})
"""They say that it goes wrong, not why: first only where nothing more specific is known."""

EXPLAINS: dict[str, frozenset[str]] = {
    "non_finite_input": frozenset({"unstable_loss", "unstable_layer", "learning_rate_too_high"})
    | _BROKEN_FORWARD
    | _BROKEN_BACKWARD,
    "unstable_loss": frozenset({"exploding_gradient"}),
    "unstable_layer": frozenset({"exploding_gradient"}),
    "learning_rate_too_high": _BROKEN_FORWARD | _BROKEN_BACKWARD | {"unstable_loss", "learning_rate_too_low"},
    "bad_initialisation": _BROKEN_FORWARD | _BROKEN_BACKWARD | {"learning_rate_too_high", "learning_rate_too_low"},
    "vanishing_gradient": frozenset({"learning_rate_too_low", "frozen_parameters"}),
    "exploding_activation": frozenset({"exploding_gradient", "saturated_units"}),
    "saturated_units": frozenset({"vanishing_gradient", "no_gradient", "learning_rate_too_low"}),
    "dead_units": frozenset({"vanishing_gradient", "no_gradient", "learning_rate_too_low", "frozen_parameters"}),
    "exploding_gradient": frozenset({"learning_rate_too_high"}),
    "frozen_parameters": frozenset({"learning_rate_too_low"}),
    "not_in_optimizer": frozenset({"frozen_parameters", "learning_rate_too_low"}),
    "no_gradient": frozenset({"frozen_parameters", "not_in_optimizer", "learning_rate_too_low", "vanishing_gradient"}),
}
"""Root -> what it brings about, when it is seen no later. (DESIGN.md section 6.)"""


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
        return root.cause not in OUTCOMES
    if symptom.cause not in EXPLAINS.get(root.cause, ()):
        return False
    if root.cause == "learning_rate_too_high":
        # The update of step s shows in the activations and gradients of step s + 1.
        return root.first_step < symptom.first_step
    return root.first_step <= symptom.first_step and not (
        symptom.cause == "learning_rate_too_high" and explains(symptom, root)
    )
