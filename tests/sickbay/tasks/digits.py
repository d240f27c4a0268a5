"""Images of the ten digits: [n, 1, 8, 8] and labels [n]."""

import torch
from sklearn.datasets import load_digits

from ..task import Task, standardised


def task() -> Task:
    """The 1797 images of scikit-learn."""
    source = load_digits()
    images = standardised(torch.tensor(source.images, dtype=torch.float32)[:, None])
    return Task("digits", "classes", images, torch.tensor(source.target), outputs=10)
