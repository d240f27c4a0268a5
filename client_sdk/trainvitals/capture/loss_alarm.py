"""The loss as a reason to look closer: not finite, or far above what it was."""

import math
from collections.abc import Callable

SPIKE_RATIO = 3.0
"""A loss so many times its running mean asks for samples."""
NEW_SHARE = 0.1
"""What the running mean takes of each new loss."""


class LossAlarm:
    """Calls `on_alarm(reason)`; hears of losses in the order they were logged."""

    def __init__(self, on_alarm: Callable[[str], None]) -> None:
        self._on_alarm = on_alarm
        self._usual: float | None = None

    def see(self, value: float) -> None:
        usual = self._usual
        if not math.isfinite(value):
            self._on_alarm("the loss is not finite")
            return
        if usual is not None and usual > 0 and value > SPIKE_RATIO * usual:
            self._on_alarm(f"the loss rose to {value:.3g} from about {usual:.3g}")
        self._usual = value if usual is None else (1 - NEW_SHARE) * usual + NEW_SHARE * value
