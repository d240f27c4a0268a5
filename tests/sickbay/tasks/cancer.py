"""Benign or malignant: [n, 30] and targets [n, 1] of 0 and 1."""

import torch
from sklearn.datasets import load_breast_cancer

from ..task import Task, standardised


def task() -> Task:
    """The 569 samples of scikit-learn, each feature standardised."""
    source = load_breast_cancer()
    features = standardised(torch.tensor(source.data, dtype=torch.float32), dim=0)
    return Task("cancer", "binary", features, torch.tensor(source.target, dtype=torch.float32)[:, None], outputs=1)
