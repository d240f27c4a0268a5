"""Where the ink of an image lies: images [n, 1, 8, 8] and standardised targets [n, 1]."""

from dataclasses import replace

import torch

from ..task import Task, standardised
from . import digits


def task() -> Task:
    """The height of the ink's centre of mass times its spread in width, from the images of `digits`."""
    source = digits.task()
    ink = source.inputs[:, 0] - source.inputs.min()
    places = torch.arange(8.0)
    share = ink / ink.sum((1, 2), keepdim=True)
    height = (share.sum(2) * places).sum(1)
    middle = (share.sum(1) * places).sum(1, keepdim=True)
    width = (share.sum(1) * (places - middle) ** 2).sum(1)
    return replace(source, name="ink", kind="number", targets=standardised((height * width)[:, None]), outputs=1)
