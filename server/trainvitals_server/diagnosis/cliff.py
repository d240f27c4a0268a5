"""Where the first updates brought a recurrence to a cliff of the loss, told before the loss has risen."""

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import UNGATED, Weight
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds


def cliff(signals: Signals, exploding: Thresholds) -> tuple[Weight, float, int] | None:
    """Weight, sensitivity of the loss to it, and step, where nothing clips (Pascanu et al. 2013); None without one.

    What is seen once the loss has risen may be the doing of any blow-up. `exploding`: the thresholds of the rule
    exploding_gradient. Gates hold a gradient by themselves.
    """
    reference, factor = signals.loss.reference, signals.history("gradient_clip_factor").finite().values
    if reference is None or reference <= 0 or (len(factor) and float(factor.min()) < 1):
        return None
    ungated = [weight for weight in signals.network.weights if weight.layer_type in UNGATED]
    until = _quiet_until(signals, reference) if ungated else 0
    found = list[tuple[Weight, float, int]]()
    for weight in ungated:
        product = _products(signals, weight).first(int(exploding["settled_samples"])).between(0, until)
        if len(product):
            place = int(np.argmax(product.values))
            found.append((weight, float(product.values[place]) / reference, int(product.steps[place])))
    steepest = max(found, key=lambda entry: entry[1], default=None)
    return steepest if steepest is not None and steepest[1] > exploding["cliff"] else None


def _quiet_until(signals: Signals, reference: float) -> int:
    """The last step before the loss first lay clearly above that of an untrained network."""
    loss = signals.loss.history
    risen = np.flatnonzero(~(loss.values <= signals.thresholds["learning_rate"]["loss_rise"] * reference))
    return int(loss.steps[risen[0]]) - 1 if len(risen) else signals.step


def _products(signals: Signals, weight: Weight) -> History:
    """Norm of gradient times norm of weight at each step where both are known."""
    gradient, size = signals.of("gradient_norm", weight.name).beside(signals.of("weight_norm", weight.name))
    return History(gradient.steps, gradient.values * size.values).finite()
