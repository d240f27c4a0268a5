"""A layer whose output grew out of its band in the first steps of large updates: what they did to it."""

from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.signals import Signals


@dataclass(frozen=True, slots=True)
class BlowUp:
    """The layer that grew most, with the std of its output then and at first."""

    layer: str
    std: float
    start: float

    @property
    def times(self) -> float:
        """By what factor it grew, 0 where it began with nothing."""
        return self.std / self.start if self.start > 0 else 0.0


def blow_up(signals: Signals, onset: int) -> BlowUp | None:
    """By an order of magnitude within the steps in which a loss would rise; None where nothing did, or too late to say.

    What a norm or a squashing layer takes in goes no further.
    """
    rise_steps = signals.thresholds["learning_rate"]["rise_steps"]
    if onset > rise_steps:
        return None
    until = int(onset + rise_steps)
    if signals.step < until:
        return _grown_most(signals, until)
    return signals.at_start(("blow-up", until), lambda: _grown_most(signals, until))


def _grown_most(signals: Signals, until: int) -> BlowUp | None:
    limits, outliers = signals.thresholds["activation_std"], int(signals.thresholds["learning_rate"]["outliers"])
    known = signals.owners("activation_std") - signals.network.held
    layers = [layer["name"] for layer in signals.network.hidden if layer["name"] in known]
    table = signals.table("activation_std", layers)
    soon = table.values[:, : int(np.searchsorted(table.steps, until))]
    if not layers or soon.shape[1] <= outliers or not np.isfinite(soon).all():
        return None
    start = np.array([signals.first("activation_std", layer) for layer in layers])
    grown = np.sort(soon, axis=1)[:, -1 - outliers]
    times = np.where(grown > limits["high"], grown / np.maximum(start, limits["constant_std"]), 0.0)
    most = int(np.argmax(np.nan_to_num(times)))
    return (
        BlowUp(layers[most], float(grown[most]), float(start[most])) if times[most] > limits["extreme_factor"] else None
    )
