"""What the type of the weights can hold: the coarse ones lose small numbers."""

from trainvitals_server.diagnosis.signals import Signals

COARSE = frozenset({"bfloat16", "float16"})
ROUNDED_TO_ZERO = 2.0**-25
"""Half of the least number above 0 of float16 (IEEE 754): what is not larger becomes 0."""


def coarse(signals: Signals) -> str | None:
    """The type of most weight matrices where it is a coarse one."""
    types = {p["name"]: str(p["dtype"]) for one in signals.network.layers for p in one["parameters"]}
    kinds = [types[weight.name].removeprefix("torch.") for weight in signals.network.weights]
    usual = max(sorted(set(kinds)), key=kinds.count, default="")
    return usual if usual in COARSE else None


def epsilon_lost(signals: Signals) -> str | None:
    """Why an optimizer divides 0 by 0, in words: its epsilon is 0 in float16, and so is the square of a small gradient.

    The state of an optimizer has the type of its weights.
    """
    if coarse(signals) != "float16":
        return None
    groups = [group for fact in signals.facts("optimizer") for group in fact.get("details", {}).get("groups", ())]
    lost = [size for group in groups if isinstance(size := group.get("eps"), float | int) and size <= ROUNDED_TO_ZERO]
    if not lost:
        return None
    return f"epsilon ({lost[0]:g}) is 0 in float16, and an update divides 0 by 0 where a gradient's square is 0 too"
