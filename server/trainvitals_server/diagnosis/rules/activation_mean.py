"""Activation mean far from 0: layers behind it get an offset instead of a signal."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.network import SATURATING, is_norm
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, stretches
from trainvitals_server.diagnosis.table import Table
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Activation mean far from 0",
    shows="The mean of a hidden layer's output beside its standard deviation, over most of the last samples.",
    matters="What is nearly the same for all units and samples acts as a second bias: the weights behind it are pushed "
    "in one direction, and learning zigzags.",
    todo="Put a batch norm before the activation, or use ELU; replace a sigmoid by tanh, which is centred at 0.",
    source="LeCun et al. 1998, Efficient BackProp; Clevert et al. 2016 (ELU); Ioffe and Szegedy 2015",
    thresholds={
        "offset": Threshold(
            3.0, "standard deviations; a rectified unit normal has 0.68, and inputs are judged by 3 too"
        ),
    },
    needs=("layers", "activation_mean", "activation_std"),
    scope="layer",
    severity="note",
)
SKIPPED = frozenset({"Softmax", "LogSoftmax", "Dropout", "Flatten", "Identity"})


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One note a hidden layer; it never warns, for many networks learn all the same."""
    layers = signals.at_start("layers with a mean", lambda: _judged_layers(signals))
    suspects = _suspects(signals, tuple(layers), thresholds["offset"])
    offset = _offset(signals, suspects)
    for name, stretch in stretches(signals, offset, offset.values > thresholds["offset"]).items():
        make = partial(_finding, layers[name], stretch, thresholds)
        yield signals.shelf(thresholds).keep(name, stretch.first_step, make)


def _judged_layers(signals: Signals) -> dict[str, Layer]:
    known = signals.owners("activation_mean") & signals.owners("activation_std")
    return {layer["name"]: layer for layer in signals.network.hidden if layer["name"] in known and _judged(layer)}


def _judged(layer: Layer) -> bool:
    return layer["type"] not in SKIPPED and "Pool" not in layer["type"] and not is_norm(layer)


def _suspects(signals: Signals, layers: tuple[str, ...], limit: float) -> tuple[str, ...]:
    """The layers with an offset at the very last sample, or not known there."""
    mean, std = (signals.last(statistic, layers, 1) for statistic in ("activation_mean", "activation_std"))
    if mean.shape[1] != 1 or std.shape[1] != 1:
        return layers
    fine = np.abs(mean[:, 0]) <= limit * std[:, 0]
    return tuple(layer for layer, well in zip(layers, fine.tolist(), strict=True) if not well)


def _offset(signals: Signals, layers: tuple[str, ...]) -> Table:
    """Mean over standard deviation [layers, steps]; not known where the output is constant."""
    mean, std = signals.table("activation_mean", layers), signals.table("activation_std", layers)
    if not np.array_equal(mean.steps, std.steps):
        return Table(layers, mean.steps, np.full(mean.values.shape, np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.abs(mean.values) / std.values
    found[~np.isfinite(found)] = np.nan
    return Table(layers, mean.steps, found)


def _finding(layer: Layer, stretch: Stretch, thresholds: Thresholds) -> Finding:
    squashing = layer["type"] in SATURATING
    return Finding(
        layer=layer["name"],
        series=f"activation_mean/{layer['name']}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"within {thresholds['offset']:g} standard deviations of 0",
        summary=f"The mean of {layer['name']} is {stretch.value:.2g} standard deviations from 0 since step "
        f"{stretch.first_step}",
        causes=(),
        remedy="Use tanh instead of a sigmoid, or a ReLU."
        if squashing
        else "Put a batch norm before the activation, or use ELU.",
        expect="The mean lies within one standard deviation of 0.",
        worst="note",
    )
