"""Twelve prey animals told by their bones: a ReLU network with a hand-made initialisation and SGD."""

import torch
from torch import nn

from ...program import Program

ANIMALS, BONES = 12, 24


class PelletNet(nn.Module):
    def __init__(self, head_std):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(BONES, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU())
        self.head = nn.Linear(100, ANIMALS)
        for layer in self.body:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.head.weight, std=head_std)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        return self.head(self.body(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    animal = torch.randint(0, ANIMALS, (3000,))
    means = 0.7 * torch.randn(2 * ANIMALS, BONES)
    variant = torch.randint(0, 2, (3000,))
    bones = means[animal + ANIMALS * variant] + 0.8 * torch.randn(3000, BONES)
    bones = (bones - bones.mean(0)) / bones.std(0)
    model = PelletNet(head_std=4.0 if sick else 0.05)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    cross_entropy = nn.CrossEntropyLoss()
    run.watch(model, optimizer, cross_entropy)
    for epoch in range(8):
        for rows in torch.randperm(2400).split(40):
            loss = cross_entropy(model(bones[rows]), animal[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (model(bones[2400:]).argmax(1) == animal[2400:]).float().mean().item()
        run.log({"epoch": epoch, "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("loss_at_init", "bad_initialisation"))
