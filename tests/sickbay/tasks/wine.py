"""Chemical analyses of three wines: [n, 13] and labels [n]."""

import torch
from sklearn.datasets import load_wine

from ..task import Task, standardised


def task() -> Task:
    """The 178 wines of scikit-learn, each feature standardised."""
    source = load_wine()
    features = standardised(torch.tensor(source.data, dtype=torch.float32), dim=0)
    return Task("wine", "classes", features, torch.tensor(source.target), outputs=3, batch_size=32)
