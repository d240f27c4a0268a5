"""Which series stands for a layer, where a statistic belongs to parameters."""

from math import prod

from trainvitals_wire.names import STATISTICS_BY_NAME, series_key
from trainvitals_wire.records import Layer


def largest_parameter(layer: Layer) -> str | None:
    """The parameter with the most elements, the one that the pages show for its layer."""
    parameters = layer["parameters"]
    return max(parameters, key=lambda parameter: prod(parameter["shape"]))["name"] if parameters else None


def layer_key(statistic: str, layer: Layer) -> str:
    """The series of a statistic that stands for a layer: the layer's own, or that of its largest parameter."""
    known = STATISTICS_BY_NAME.get(statistic)
    if known is not None and known.owner == "parameter":
        return series_key(statistic, largest_parameter(layer) or layer["name"])
    return series_key(statistic, layer["name"])


def histogram_key(family: str, layer: Layer) -> str:
    """The histogram of a family that stands for a layer."""
    return f"{family}/{layer['name'] if family == 'activation' else largest_parameter(layer) or layer['name']}"
