"""How diabetes went on within a year: [n, 10] and standardised targets [n, 1], half of whose variance is noise."""

import torch
from sklearn.datasets import load_diabetes

from ..task import Task, standardised


def task() -> Task:
    """The 442 patients of scikit-learn, features and target standardised."""
    source = load_diabetes()
    features = standardised(torch.tensor(source.data, dtype=torch.float32), dim=0)
    target = standardised(torch.tensor(source.target, dtype=torch.float32)[:, None])
    return Task("diabetes", "number", features, target, outputs=1, steps=150)
