"""Which modules of a model are layers, what they are called, and which parameters are theirs."""

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import nn

from trainvitals_wire.limits import KEY_LENGTH_MAX
from trainvitals_wire.records import Layer, Parameter

WHOLE = (nn.MultiheadAttention,)
"""Modules whose children do not go through `__call__`: hooked as one layer."""
SHELVES = (nn.ParameterList, nn.ParameterDict)
"""Modules that never run: whoever holds one computes with its parameters."""
PASSED_THROUGH = (nn.Identity, nn.Flatten, nn.Unflatten, nn.Sequential, nn.ModuleList, nn.ModuleDict, *SHELVES)
"""Leaves that change no number or never run."""
WRAPPERS = re.compile(r"^(module\.)+|(^|(?<=\.))(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
ATTRIBUTES = """
in_features out_features in_channels out_channels kernel_size stride padding groups num_features num_embeddings
embedding_dim hidden_size num_layers num_heads eps momentum p negative_slope approximate batch_first affine
"""
"""Settings of a module that a rule or a reader may want to know."""
KEY_ROOM = 64
"""Characters left for the statistic in front of a dotted name."""


@dataclass(slots=True)
class WatchedParameter:
    """A weight tensor with a row of its own, under the first of its names."""

    name: str
    known: Any
    home: Mapping[str, Any]
    key: str
    in_optimizer: bool = True

    @property
    def tensor(self) -> Any:
        """What its module has under its name now: it may be replaced between two looks at the whole model."""
        found = self.home.get(self.key)
        return self.known if found is None else found


@dataclass(slots=True)
class WatchedLayer:
    """A module with a row of its own; its parameters by their one name, also where they are tied to another layer's."""

    name: str
    module: Any
    parameters: list[str]
    aliases: list[str] = field(default_factory=list)
    order: int | None = None
    output_shape: list[int] | None = None


def clean(name: str) -> str:
    """A dotted name without the prefixes of data parallelism and compilation."""
    while (stripped := WRAPPERS.sub("", name)) != name:
        name = stripped
    return "" if name in ("module", "_orig_mod") else name


def hookable(module: Any) -> bool:
    """Scripted modules run outside Python: their parameters can be watched, their outputs cannot."""
    return not isinstance(module, torch.jit.ScriptModule)


def unwrapped(model: Any) -> Any:
    """The user's own module inside DistributedDataParallel, DataParallel and compilation."""
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def type_name(module: Any) -> str:
    """The name of a module's class as the user wrote it: FSDP2 puts one of its own, `FSDPLinear`, in front."""
    kind = type(module)
    return next(base.__name__ for base in kind.__mro__ if not _is_of_fsdp(base))


def _is_of_fsdp(kind: type[Any]) -> bool:
    return any(base.__name__ == "FSDPModule" for base in (kind, *kind.__bases__))


def is_sharded(tensor: Any) -> bool:
    """Whether this process holds only a part of a distributed tensor; its own attributes tell, torch need not."""
    return any(placement.is_shard() for placement in getattr(tensor, "placements", ()))


class Patterns:
    """The user's choice of names: shell patterns, none of them meaning all."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._include, self._exclude = include, exclude
        self.unmatched = {*include, *exclude}
        """Those that no name has matched so far."""

    def chosen(self, *names: str) -> bool:
        included = self._matches(self._include, names) or not self._include
        return included and not self._matches(self._exclude, names)

    def _matches(self, patterns: Sequence[str], names: Sequence[str]) -> bool:
        matching = {pattern for pattern in patterns if any(fnmatchcase(name, pattern) for name in names)}
        self.unmatched -= matching
        return bool(matching)


def find(
    model: Any, optimized: Collection[int] | None, prefix: str | None, patterns: Patterns
) -> tuple[list[WatchedLayer], list[WatchedParameter]]:
    """The layers of a model in the order of registration, and its parameters, each tensor once.

    A layer is a leaf, a module that runs as a whole, or a module with parameters of its own, also in a list or
    dictionary of parameters. `optimized` are the ids of the optimizer's tensors; without an optimizer nothing is known
    against a parameter.
    """
    root = unwrapped(model)
    start = f"{prefix}." if prefix else ""
    layers: dict[int, WatchedLayer] = {}
    parameters: dict[int, WatchedParameter] = {}
    hidden: list[str] = []
    for path, module in root.named_modules(remove_duplicate=False):
        name = (start + clean(path)) if path else (prefix or type_name(root))
        if any(path.startswith(f"{parent}.") for parent in hidden):
            continue
        if isinstance(module, WHOLE):
            hidden.append(path)
        own = list(module.named_parameters(recurse=isinstance(module, WHOLE)))
        if not _is_layer(module, own) or len(name) > KEY_LENGTH_MAX - KEY_ROOM:
            continue
        if id(module) in layers:
            layers[id(module)].aliases.append(name)
            continue
        layer = WatchedLayer(name, module, [])
        for own_name, tensor in own:
            called = f"{start + clean(path)}.{own_name}" if path else start + own_name
            _add_parameter(layer, called, tensor, parameters, _home(module, own_name, tensor))
        layers[id(module)] = layer
    for parameter in parameters.values():
        parameter.in_optimizer = optimized is None or id(parameter.tensor) in optimized
    return _choose(list(layers.values()), list(parameters.values()), patterns)


def _is_layer(module: Any, own: Sequence[Any]) -> bool:
    if isinstance(module, (torch.jit.ScriptModule, *PASSED_THROUGH)):
        return bool(own)
    children = list(module.children())
    return (
        bool(own) or isinstance(module, WHOLE) or not children or any(isinstance(child, SHELVES) for child in children)
    )


def _home(module: Any, own_name: str, tensor: Any) -> Mapping[str, Any]:
    """Where a module keeps a parameter; FSDP2 puts another one there for the time of a pass."""
    if not hookable(module) or is_sharded(tensor):
        return {}
    home: Mapping[str, Any] = module.get_submodule(own_name.rpartition(".")[0])._parameters
    return home


def _add_parameter(
    layer: WatchedLayer, name: str, tensor: Any, parameters: dict[int, WatchedParameter], home: Mapping[str, Any]
) -> None:
    known = parameters.get(id(tensor))
    if known is None:
        known = parameters[id(tensor)] = WatchedParameter(name, tensor, home, name.rpartition(".")[2])
    elif known.name != name:
        layer.aliases.append(name)
    layer.parameters.append(known.name)


def _choose(
    layers: list[WatchedLayer], parameters: list[WatchedParameter], patterns: Patterns
) -> tuple[list[WatchedLayer], list[WatchedParameter]]:
    owners = {name: layer.name for layer in layers for name in layer.parameters}
    parameters = [p for p in parameters if patterns.chosen(p.name, owners[p.name])]
    kept = {parameter.name for parameter in parameters}
    layers = [layer for layer in layers if patterns.chosen(layer.name) or kept.intersection(layer.parameters)]
    for layer in layers:
        layer.parameters = [name for name in layer.parameters if name in kept]
    return layers, parameters


def free_prefix(start: str, taken: Collection[str]) -> str:
    """`start2`, `start3`, ...: the first that no taken layer begins with."""
    return next(
        name
        for name in (f"{start}{number}" for number in itertools.count(2))
        if not any(other == name or other.startswith(f"{name}.") for other in taken)
    )


def describe(layers: Sequence[WatchedLayer], parameters: Sequence[WatchedParameter]) -> tuple[Layer, ...]:
    """The layers as reports carry them, in forward order as far as it is known."""
    known = {parameter.name: _describe_parameter(parameter) for parameter in parameters}
    late = len(layers)
    ordered = sorted(enumerate(layers), key=lambda item: (late if item[1].order is None else item[1].order, item[0]))
    return tuple(_describe_layer(layer, order, known) for order, (_, layer) in enumerate(ordered))


def _describe_layer(layer: WatchedLayer, order: int, known: dict[str, Parameter]) -> Layer:
    found: Layer = {
        "name": layer.name,
        "type": type_name(layer.module),
        "order": order,
        "output_shape": layer.output_shape,
        "parameters": [known[name] for name in layer.parameters],
    }
    if layer.aliases:
        found["aliases"] = layer.aliases
    attributes = {name: getattr(layer.module, name, None) for name in ATTRIBUTES.split()}
    plain = {name: _plain(value) for name, value in attributes.items()}
    if any(value is not None for value in plain.values()):
        found["attributes"] = {name: value for name, value in plain.items() if value is not None}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return list(value)
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def _describe_parameter(parameter: WatchedParameter) -> Parameter:
    tensor = parameter.tensor
    found: Parameter = {
        "name": parameter.name,
        "shape": list(tensor.shape) if not isinstance(tensor, nn.parameter.UninitializedTensorMixin) else [],
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "trainable": bool(tensor.requires_grad),
        "in_optimizer": parameter.in_optimizer,
    }
    if is_sharded(tensor):
        found["sharded"] = True
    return found
