"""Does what a card advises, where a program can: each kind of advice is one file in `remedies/`."""

import pkgutil
from importlib import import_module

from . import remedies
from .training import Training

MODULES = [import_module(f"{remedies.__name__}.{found.name}") for found in pkgutil.iter_modules(remedies.__path__)]


def understood(advice: str) -> bool:
    """Whether some file knows how to do it."""
    return any(module.PATTERN.search(advice) for module in MODULES)


def apply(advice: str, training: Training) -> None:
    """Change a training as the advice says; nothing where no file understands it."""
    for module in MODULES:
        if found := module.PATTERN.search(advice):
            module.apply(training, found)
            return
