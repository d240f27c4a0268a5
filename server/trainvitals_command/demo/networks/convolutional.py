"""A convolutional network for 8 x 8 grey images."""

from collections import OrderedDict

from torch import nn


def convolutional_network(classes: int) -> nn.Sequential:
    """Four convolutions and two linear layers: images [n, 1, 8, 8] to scores [n, classes]."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 32, 3, padding=1),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(32, 64, 3, padding=1),
            relu2=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv3=nn.Conv2d(64, 128, 3, padding=1),
            relu3=nn.ReLU(),
            conv4=nn.Conv2d(128, 128, 3, padding=1),
            relu4=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            hidden=nn.Linear(512, 128),
            relu5=nn.ReLU(),
            output=nn.Linear(128, classes),
        )
    )
