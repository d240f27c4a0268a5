"""Missing non-linearity: two linear layers in a row, which are one linear layer."""

from collections.abc import Iterator
from itertools import pairwise

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Missing non-linearity",
    shows="Two linear layers, or two convolutions with the same window, that follow each other with nothing between, "
    "by the graph of the first forward pass or by their places in a plain `nn.Sequential`; or a whole network "
    "without any non-linear layer.",
    matters="However many there are, together they are one linear layer: depth buys nothing.",
    todo="Put an activation (ReLU, GELU) between them.",
    source="Goodfellow, Bengio and Courville 2016, section 6.1; Zhang et al. 2020 (a common fault of programs)",
    thresholds={},
    needs=("layers",),
    scope="layer",
    by_definition=True,
)


MAPS = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d"})
PASSING = frozenset({"Flatten", "Unflatten", "Identity", "Dropout", "Dropout2d"}) | frozenset(
    {"AvgPool1d", "AvgPool2d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d"}
)
"""Linear for a given sample; a norm is not, for it divides by what it measures."""
WEIGHTY_MIN = 2


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a pair, or one on a network that is linear as a whole.

    A bottleneck between two layers factorises on purpose, and is left alone; what may do so is a note.
    """
    if (last := _linear_network(signals.network)) is not None:
        yield _whole(signals, last)
        return
    if (weight := _linear_recurrence(signals)) is not None:
        yield _recurrence(signals, weight)
        return
    pairs = [pair for pair in _followers(signals) if _both_linear(*pair) or _both_convolve(*pair)]
    linear = _mostly_linear(signals, len(pairs))
    for first, second in pairs:
        chosen = _apart(signals, first["name"], second["name"]) or _projects(first, linear)
        yield _finding(signals, first["name"], second["name"], chosen)


def _mostly_linear(signals: Signals, pairs: int) -> bool:
    """Whether more than half of the places where an activation could stand have none, or nothing is non-linear."""
    return _linear_graph(signals) or 2 * pairs > len(signals.network.weights) - 1


def _linear_graph(signals: Signals) -> bool:
    """Whether no function of the whole graph is non-linear."""
    return any(fact["details"].get("linear") for fact in signals.facts("wiring"))


def _linear_recurrence(signals: Signals) -> str | None:
    """A weight that is applied again and again in a network that nothing else bends, None where there is none.

    A sum with a constant, as where steps are added up from 0, is no reason to doubt it here.
    """
    for fact in signals.facts("wiring"):
        repeated: dict[str, int] = fact["details"].get("repeated") or {}
        known = [name for name in repeated if name in signals.network.owner]
        if known and fact["details"].get("linear_but_sums"):
            return known[0]
    return None


def _projects(first: Layer, linear: bool) -> bool:
    """Whether the first of a pair may be a projection on purpose: it narrows in a network that is not linear, as
    before a head, or its bias was turned off. No one widens without an activation on purpose.
    """
    inner, inputs = first["parameters"][0]["shape"][:2]
    unbiased = first["type"] == "Linear" and len(first["parameters"]) == 1
    return not linear and bool(inner < inputs or unbiased)


def _apart(signals: Signals, first: str, second: str) -> bool:
    """Whether two layers belong to two parts of a network that is not linear: an encoder that ends in a linear layer,
    and a decoder or a predictor that begins with one."""
    parts = [name.rpartition(".")[0].split(".")[:1] for name in (first, second)]
    return not _linear_graph(signals) and parts[0] != parts[1]


def _followers(signals: Signals) -> Iterator[tuple[Layer, Layer]]:
    """Layers of which the second is fed nothing but the first, and takes all that it gives."""
    network = signals.network
    found = list(signals.at_start("adjacent", lambda: [pair for pair in pairwise(network.layers) if _adjacent(*pair)]))
    for fact in signals.facts("wiring"):
        for names in fact["details"]["pairs"]:
            owners = [network.owner[name] for name in names if name in network.owner]
            if len(owners) == len(names):
                first, second = (network.layers[network.order[owner]] for owner in owners)
                found.append((first, second))
    return iter({(first["name"], second["name"]): (first, second) for first, second in found}.values())


def _linear_network(network: Network) -> str | None:
    """The second layer with weights of a plain Sequential without any non-linear layer, None where there is one."""
    layers = network.layers
    weighty = [layer for layer in layers if layer["parameters"] and layer["type"] in MAPS]
    plain = all(layer["name"].isdecimal() and layer["type"] in MAPS | PASSING for layer in layers)
    if len(weighty) < WEIGHTY_MIN or not plain or any(map(_narrow, pairwise(weighty))):
        return None
    return weighty[1]["name"]


def _narrow(pair: tuple[Layer, Layer]) -> bool:
    """Whether the first of two layers has fewer units than both what it takes and what the second gives."""
    (inner, inputs), outer = pair[0]["parameters"][0]["shape"][:2], pair[1]["parameters"][0]["shape"][0]
    return bool(inner < min(inputs, outer))


def _whole(signals: Signals, layer: str) -> Finding:
    why = "there is no non-linear layer between the layers with weights: the whole network is one linear map"
    return Finding(
        layer=layer,
        first_step=0,
        last_step=signals.step,
        threshold="an activation between layers with weights",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("missing_nonlinearity", why, 0),),
        remedy="Put an activation such as nn.ReLU() behind each layer with weights but the last.",
        expect="The network fits more than a linear model does.",
        by_definition=True,
    )


def _recurrence(signals: Signals, weight: str) -> Finding:
    why = (
        f"{weight} is applied at each time step with nothing non-linear between: all steps together are one linear map"
    )
    return Finding(
        layer=signals.network.owner[weight],
        first_step=0,
        last_step=signals.step,
        threshold="an activation between time steps",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("missing_nonlinearity", why, 0),),
        remedy="Put torch.tanh around what becomes the next state, or use nn.RNN, nn.GRU or nn.LSTM.",
        expect="The network fits more than a linear model does.",
        # A linear system may be what is to be found.
        blocking=True,
    )


def _adjacent(first: Layer, second: Layer) -> bool:
    """Whether nothing can hide between two layers.

    Only the children of a root that is a Sequential are named by bare numbers and called one after the other; those
    of a ModuleList have its name in front, and any function may be called between them.
    """
    names = first["name"], second["name"]
    return all(name.isdecimal() for name in names) and int(names[1]) == int(names[0]) + 1


def _both_linear(first: Layer, second: Layer) -> bool:
    types = first["type"], second["type"]
    return types == ("Linear", "Linear") and bool(first["parameters"]) and not _narrow((first, second))


def _both_convolve(first: Layer, second: Layer) -> bool:
    """Whether two full convolutions with one window follow each other.

    Depthwise and pointwise ones, and those of 1 x k and k x 1, factorise on purpose.
    """
    if first["type"] != second["type"] or not first["type"].startswith("Conv") or first["type"] not in MAPS:
        return False
    shapes = [layer["parameters"][0]["shape"] for layer in (first, second) if layer["parameters"]]
    full = all(layer.get("attributes", {}).get("groups", 1) == 1 for layer in (first, second))
    same = len(shapes) == 2 and shapes[0][2:] == shapes[1][2:] and min(shapes[0][2:]) > 1
    return full and same and not _narrow((first, second))


def _finding(signals: Signals, first: str, second: str, chosen: bool) -> Finding:
    """`chosen`: it may be meant, as a projection is."""
    why = f"the linear layers {first} and {second} follow each other without an activation"
    unless = f"Nothing, if {first} is a projection on purpose. Else put" if chosen else "Put"
    return Finding(
        layer=second,
        first_step=0,
        last_step=signals.step,
        threshold="an activation between linear layers",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("missing_nonlinearity", why, 0),),
        remedy=f"{unless} an activation such as nn.ReLU() between {first} and {second}.",
        expect="The network fits more than it did with the two as one linear layer.",
        worst="note" if chosen else "warning",
        by_definition=True,
    )
