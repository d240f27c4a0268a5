"""What the modules of a model hold beside what they register: layers and tensors in plain lists, tensors as attributes.

`nn.Module` registers what is assigned to it, and no more: neither `model.parameters()` nor `model.to()`, nor a saved
state, knows what stands in a list or is a bare tensor.
"""

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from trainvitals.capture.layers import clean

DEPTH_MAX = 3
"""Of containers in containers."""
ITEMS_MAX = 512
"""A longer container holds data, and no layers."""
LOOKED_AT_MAX = 4096
"""Values of all modules together."""
_OWN = frozenset(vars(nn.Module()))
_PLAIN = (int, float, str, bytes, type, ModuleType, nn.Module)
"""A module that is an attribute is registered, or hidden on purpose."""


class Held(NamedTuple):
    """A leaf tensor that could be trained. `attribute` is where it is held, `name` the tensor itself, both dotted.

    `module`: the layer that registers it; None for a tensor that stands by itself.
    """

    attribute: str
    name: str
    tensor: Any
    module: Any


def held(root: Any) -> Iterator[Held]:
    """What all modules of a model hold so; what is registered elsewhere is among it."""
    left = LOOKED_AT_MAX
    for path, module in root.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            continue
        for key, value in vars(module).items():
            if key in _OWN or value is None or isinstance(value, _PLAIN):
                continue
            attribute = ".".join(filter(None, (clean(path), key)))
            for name, found in _inside(attribute, value, 0):
                left -= 1
                yield from _trainable(attribute, name, found)
                if left <= 0:
                    return


def _inside(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The value itself, and each value that it contains."""
    yield name, value
    if depth < DEPTH_MAX and not isinstance(value, torch.Tensor | nn.Module):
        for key, item in _items(value):
            if isinstance(item, nn.Module) or not isinstance(item, _PLAIN):
                yield from _inside(f"{name}.{key}", item, depth + 1)
            else:
                yield name, None


def _items(value: Any) -> list[tuple[Any, Any]]:
    """Of a list, a mapping, or an object whose class forgot to be a module: `__dict__` runs no code of its own."""
    if isinstance(value, list | tuple):
        return list(enumerate(value)) if len(value) <= ITEMS_MAX else []
    if not isinstance(value, Mapping):
        value = getattr(value, "__dict__", None)
    return list(value.items()) if isinstance(value, Mapping) and len(value) <= ITEMS_MAX else []


def _trainable(attribute: str, name: str, found: Any) -> Iterator[Held]:
    if isinstance(found, nn.Module):
        for path, module in found.named_modules():
            for key, tensor in module._parameters.items():
                if tensor is not None and tensor.requires_grad:
                    yield Held(attribute, ".".join(filter(None, (name, path, key))), tensor, module)
    elif isinstance(found, torch.Tensor) and found.requires_grad and found.is_leaf:
        yield Held(attribute, name, found, None)
