"""Why a parameter stands still: the reasons that frozen parameters are told by."""

from dataclasses import dataclass

from trainvitals_wire.records import Severity


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a parameter does not move."""

    cause: str
    says: str
    remedy: str
    worst: Severity = "warning"
    first_step: int = 0


NOT_TRAINABLE = Verdict(
    "frozen_parameters", "is not trainable (requires_grad is off)", "Nothing, if on purpose.", "note"
)
NOT_IN_OPTIMIZER = Verdict(
    "not_in_optimizer",
    "is trainable but in no optimizer",
    "Give it to the optimizer (model.parameters() of the whole model), or set requires_grad = False.",
)
NO_GRADIENT = Verdict(
    "no_gradient",
    "never gets a gradient: it is detached, or not on the way to the loss",
    "Look for detach(), .data, no_grad, argmax or numpy between it and the loss, or an output that is not used.",
)
ZERO_GRADIENT = Verdict(
    "no_gradient",
    "gets a gradient of exactly zero",
    "Look at what follows it: dead or saturated units, a multiplication by 0, or a constant output.",
)
DEAD = Verdict(
    "dead_units",
    "gets a gradient of exactly zero: no unit of {} is ever positive",
    "Start the bias of the layer before at 0 and its weights with He initialisation; LeakyReLU lets units recover.",
)
ALL_ZERO = Verdict(
    "bad_initialisation",
    "starts at zero, and so does a weight behind it: no gradient comes through",
    "Start weights at random with mean 0 (the layer's default, He, Xavier); only biases may start at zero.",
)
ZEROED = Verdict(
    "no_gradient",
    "has a gradient after the backward pass, and none when the optimizer steps",
    "Call optimizer.zero_grad() before loss.backward(), not between it and optimizer.step().",
)
ONE_STEP = Verdict(
    "input_ignored",
    "gets a gradient of exactly zero, and what the layer is fed gets one: only its first step reaches the loss",
    "Use the output of the last step (output[:, -1] with batch_first=True, output[-1] without), or a mean over all.",
)
ONE_STEP_BACK = Verdict(
    ONE_STEP.cause,
    "gets a gradient of exactly zero: of the way back only its first step, the last of the sequence, reaches the loss",
    "Use h_n of both directions, or a mean over all steps; output[:, -1] holds one step of the way back.",
    "note",
)
NOT_ROUTED = Verdict(
    "no_gradient",
    "has no gradient, unlike its equals: nothing is routed to it",
    "Nothing, if few samples reach each expert; else balance the load of the experts.",
    "note",
)
NOT_CALLED = Verdict(
    "no_gradient",
    "never gets a gradient: its layer has not been called",
    "Nothing, if its turn comes later (another head, another stage); else call it in forward().",
    "note",
)
RATE_ZERO = Verdict(
    "frozen_parameters",
    "has a learning rate of 0",
    "Set the learning rate above 0; look at the scheduler's first value and at each parameter group.",
)
