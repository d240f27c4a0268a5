"""How long the recurrences of a network are, whether a layer of PyTorch or written by hand."""

from trainvitals_server.diagnosis.network import Network, is_recurrent
from trainvitals_wire.records import Layer

SEQUENCE_AXES = 3


def time_steps(network: Network) -> int:
    """How many steps the longest recurrence takes, 0 where that is not known.

    The graph tells it of what PyTorch unrolls, the shape of its output of a layer that runs as a whole.
    """
    layers = [_steps_of(layer) for layer in network.layers if is_recurrent(layer)]
    return max([*network.repeated.values(), *layers], default=0)


def _steps_of(layer: Layer) -> int:
    """The axis of time of an output [batch, time, units], or [time, batch, units]."""
    shape = layer["output_shape"] or []
    if len(shape) != SEQUENCE_AXES:
        return 0
    batch_first = layer.get("attributes", {}).get("batch_first")
    return min(shape[:2]) if batch_first is None else int(shape[1 if batch_first else 0])
