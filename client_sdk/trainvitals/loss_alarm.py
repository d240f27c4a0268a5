"""The loss as a reason to look closer: not finite, or far above what it was."""

import math

SPIKE_RATIO = 3.0
"""A loss so many times its running mean asks for samples."""
NEW_SHARE = 0.1
"""What the running mean takes of each new loss."""


class LossAlarm:
    """Hears of losses in the order they were logged."""

    def __init__(self) -> None:
        self._usual: float | None = None

    def see(self, value: float) -> str | None:
        """Why to look closer, if there is a reason."""
        usual = self._usual
        if not math.isfinite(value):
            return "the loss is not finite"
        self._usual = value if usual is None else (1 - NEW_SHARE) * usual + NEW_SHARE * value
        if usual is not None and usual > 0 and value > SPIKE_RATIO * usual:
            return f"the loss rose to {value:.3g} from about {usual:.3g}"
        return None
