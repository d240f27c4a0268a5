"""Finds the trainings of the demo by their folder."""

import importlib
import pkgutil

import torch

from trainvitals_command.demo import trainings
from trainvitals_command.demo.training import Training


def all_trainings() -> list[Training]:
    """Every training of the folder, in the order of the file names: a healthy one, then its sick twin."""
    names = sorted(module.name for module in pkgutil.iter_modules(trainings.__path__))
    modules = [importlib.import_module(f"{trainings.__name__}.{name}") for name in names]
    _finish_imports()
    return [module.TRAINING for module in modules]


def _finish_imports() -> None:
    """Make the first optimizer: it makes torch import 800 modules, and a Ctrl-C that falls into them may be lost."""
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.0)
