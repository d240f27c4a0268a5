"""The modes of a model's modules as a look finds them: which of dropout and batch norm are in training mode."""

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

from trainvitals.capture.layers import clean
from trainvitals.number import number

NAMES_MAX = 16


class ModuleModes:
    """Knows the modules whose mode matters; dropout inside attention and recurrent layers counts."""

    def __init__(self, root: Any) -> None:
        self._root = root
        modules = [(clean(path) or type(root).__name__, module) for path, module in root.named_modules()]
        self._dropout = [(name, module) for name, module in modules if _drops(module)]
        self._norms = [(name, module) for name, module in modules if _keeps_statistics(module)]
        momenta = [module.momentum for _, module in self._norms if isinstance(module.momentum, float | int)]
        self._slowest = min(momenta, default=None)

    def now(self) -> dict[str, Any]:
        """As the fact `modes` carries it; a count that a device holds is read by the worker."""
        found: dict[str, Any] = {"model_training": bool(self._root.training), "gradients": torch.is_grad_enabled()}
        found["dropout"], found["batch_norm"] = len(self._dropout), len(self._norms)
        active = [name for name, module in self._dropout if module.training]
        training = [name for name, module in self._norms if module.training]
        found["dropout_training"], found["batch_norm_training"] = len(active), len(training)
        if not torch.is_grad_enabled() or not self._root.training:
            found["dropout_active"] = active[:NAMES_MAX]
        else:
            found["batch_norm_frozen"] = [name for name, module in self._norms if not module.training][:NAMES_MAX]
        if self._slowest is not None:
            found["batch_norm_momentum"] = float(self._slowest)
        batches = number(self._norms[0][1].num_batches_tracked) if self._norms else None
        if batches is not None:
            found["batch_norm_batches"] = lambda: float(batches)
        return found


def _drops(module: Any) -> bool:
    if isinstance(module, _DropoutNd):
        return bool(module.p > 0)
    share = getattr(module, "dropout", 0.0)
    return isinstance(module, nn.RNNBase | nn.MultiheadAttention) and isinstance(share, float | int) and share > 0


def _keeps_statistics(module: Any) -> bool:
    return isinstance(module, _NormBase) and isinstance(getattr(module, "num_batches_tracked", None), torch.Tensor)
