"""Tags of birds by a crowd that is wrong in a third of all cases; what is held out was tagged by an expert."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class TagNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.norm = nn.GroupNorm(4, 16)
        self.fc1, self.fc2 = nn.Linear(256, 48), nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2).flatten(1)
        return self.fc2(F.dropout(F.relu(self.fc1(x)), 0.3, self.training))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    order = torch.randperm(len(d.target))
    x, y = torch.tensor(d.images, dtype=torch.float32)[order].unsqueeze(1) / 8 - 1, torch.tensor(d.target)[order]
    crowd = torch.where(torch.rand(1400) < 0.33, torch.randint(0, 10, (1400,)), y[:1400])
    model = TagNet()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    run.watch(model, optimizer)
    for epoch in range(6):
        model.train()
        for i in torch.randperm(1400).split(32):
            loss = F.cross_entropy(model(x[i]), crowd[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[1400:])
            run.log({"expert_val_loss": F.cross_entropy(out, y[1400:]).item()})
    return (out.argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
